//! The verdict of `verify` as one sentence, and its notices.

use crate::model::finding::FindingKind;
use crate::model::mismatch::{Class, Mismatch};
use crate::model::resources::Resource;
use crate::model::verification::{
    Conclusion, Depth, Notice, ObjectCounts, RegistryAnswers, ServedFrom, Share, VerifyOutcome,
};
use crate::report::text::{grouped, numbered};

/// Returns the verdict as one sentence without its full stop. It always states how many of how many.
pub fn verdict(outcome: &VerifyOutcome) -> String {
    let request = &outcome.request;
    let other = match outcome.registry {
        Some(_) => "the registry",
        None => "v2",
    };
    let head = match (outcome.conclusion(), request.depth) {
        (Conclusion::Match, _) if outcome.registry.is_some() => "v1 and the registry match",
        (Conclusion::Match, Depth::Content) => "v1 and v2 match",
        (Conclusion::Match, Depth::Entries) => "v1 and v2 match by names, sizes and CRC-32",
        (Conclusion::Match, Depth::Listing) => "v1 and v2 match by the listing alone",
        (Conclusion::Mismatch, _) => &format!("v1 and {other} do not match"),
        (Conclusion::NotProven, _) => &format!("v1 and {other} are not proven to match"),
    };
    let mut text = head.to_owned();
    if !request.sample.is_whole() {
        text += &format!(" in sample {}", request.sample);
    }
    if !request.scope.is_everything() {
        text += " in a part of v1";
    }
    if outcome.statics.is_some_and(|found| found.is_sampled()) {
        text += " with a sample of the static resources";
    }
    let as_expected = match outcome.conclusion() {
        Conclusion::Match => "",
        Conclusion::Mismatch | Conclusion::NotProven => " as expected",
    };
    let mut parts: Vec<String> = of_kinds(outcome)
        .into_iter()
        .map(|(good, total, exceptions)| {
            let head = format!("{good} of {total}{as_expected}");
            std::iter::once(head).chain(exceptions).collect::<Vec<_>>().join(", ")
        })
        .collect();
    let exceptions = exceptions(outcome);
    parts.extend((!exceptions.is_empty()).then(|| exceptions.join(", ")));
    parts.extend(outcome.registry.as_ref().map(|answers| compared(answers, request.depth)));
    parts.push(format!(
        "{}, {} read",
        numbered(outcome.file_count(), "file", "files"),
        numbered(outcome.reading.byte_len, "byte", "bytes"),
    ));
    // A clause on what is not as expected belongs to the kind before it.
    let separator = if as_expected.is_empty() { ", " } else { "; " };
    text += &format!(": {}", parts.join(separator));
    match others(outcome, Class::Information) {
        0 => text,
        count => {
            text + &format!("; v2 also has {}", numbered(count, "other object", "other objects"))
        }
    }
}

/// Returns how much of a registry's other answers was compared.
fn compared(answers: &RegistryAnswers, depth: Depth) -> String {
    let RegistryAnswers { archive_sizes, visible, categories, as_published, base_only, .. } =
        answers;
    let archives = match (depth, archive_sizes.compared) {
        (Depth::Content, _) => "archives by content".to_owned(),
        (Depth::Listing | Depth::Entries, 0) => "archives by their presence alone".to_owned(),
        (Depth::Listing | Depth::Entries, _) => {
            format!("archives by size ({})", share(*archive_sizes))
        }
    };
    let mut text = format!(
        "{archives}, {}, {}",
        numbered(*visible, "visible package", "visible packages"),
        numbered(*categories, "category", "categories"),
    );
    for (count, what) in [(as_published, "as published"), (base_only, "of the base alone")] {
        if *count > 0 {
            text += &format!(", {} {what}", grouped(*count));
        }
    }
    text
}

/// Returns the title of a report.
pub fn title(outcome: &VerifyOutcome) -> &'static str {
    match outcome.registry {
        Some(_) => "v1 against the registry",
        None => "v1 against v2",
    }
}

/// Describes a registry: its version, and what it serves packages from.
pub fn registry(answers: &RegistryAnswers) -> String {
    let version = answers.version.as_deref().unwrap_or("of unknown version");
    let sources: Vec<String> = answers.served_from.iter().map(ServedFrom::to_string).collect();
    match sources.as_slice() {
        [] => version.to_owned(),
        sources => format!("{version}, serving from {}", sources.join(" and ")),
    }
}

/// Returns how many of how many.
pub(super) fn share(share: Share) -> String {
    format!("{} of {}", grouped(share.compared), grouped(share.total))
}

/// Returns for each kind of object that was looked at: how many are good, the total with its noun, and the clauses on
/// the others.
fn of_kinds(outcome: &VerifyOutcome) -> Vec<(String, String, Vec<String>)> {
    let mut parts = Vec::new();
    if outcome.has(Resource::Archives) {
        let counts = outcome.archive_counts();
        let total = match outcome.registry {
            // Also the page of each, and its item in the list.
            Some(_) => numbered(counts.to_check, "revision", "revisions"),
            None => numbered(counts.to_check, "archive", "archives"),
        };
        parts.push((grouped(counts.good), total, clauses(counts)));
    }
    if let Some(found) = outcome.statics {
        let total = numbered(found.in_v1, "static resource", "static resources");
        let mut clauses = clauses(found.counts);
        if found.is_sampled() {
            clauses.push(format!("{} looked at", grouped(found.counts.to_check)));
        }
        parts.push((grouped(found.counts.good), total, clauses));
    }
    if let Some(found) = &outcome.index {
        let total = numbered(found.counts.to_check, "index entry", "index entries");
        let mut clauses = clauses(found.counts);
        if found.as_published > 0 {
            clauses.push(format!("{} as published", grouped(found.as_published)));
        }
        if found.base_only > 0 {
            clauses.push(format!("{} of the base alone", grouped(found.base_only)));
        }
        parts.push((grouped(found.counts.good), total, clauses));
    }
    if let Some(counts) = outcome.index_objects.as_ref().map(|found| found.counts) {
        let total = numbered(counts.to_check, "object of the index", "objects of the index");
        parts.push((grouped(counts.good), total, clauses(counts)));
    }
    if let Some(found) = &outcome.endpoint {
        let counts = found.counts();
        let total = numbered(counts.to_check, "object at the endpoint", "objects at the endpoint");
        parts.push((grouped(counts.good), total, clauses(counts)));
    }
    parts
}

/// Returns clauses on the objects that are not good.
fn clauses(counts: ObjectCounts) -> Vec<String> {
    let reported = counts.checked + counts.unknown;
    let numbers = [
        (counts.mismatch, "is not", "are not"),
        (counts.unknown, "could not be checked", "could not be checked"),
        (counts.to_check.saturating_sub(reported), "was not checked", "were not checked"),
        (reported.saturating_sub(counts.to_check), "is not in v1", "are not in v1"),
    ];
    let mut clauses: Vec<String> = numbered_clauses(&numbers);
    if counts.to_check == 0 {
        clauses.push("nothing was checked".to_owned());
    }
    clauses
}

fn numbered_clauses(numbers: &[(u64, &str, &str)]) -> Vec<String> {
    let nonzero = numbers.iter().filter(|(count, ..)| *count > 0);
    nonzero.map(|(count, one, many)| numbered(*count, one, many)).collect()
}

/// Returns the reasons why a match is not proven that are not about the expected objects, each with its count.
fn exceptions(outcome: &VerifyOutcome) -> Vec<String> {
    let of_index = |class| {
        let mismatches = outcome.of_index().iter();
        mismatches.filter(|mismatch| outcome.class(mismatch) == class).count() as u64
    };
    let numbers = [
        (of_index(Class::Mismatch), "other fault of the index", "other faults of the index"),
        (
            of_index(Class::Unknown),
            "part of the index could not be checked",
            "parts of the index could not be checked",
        ),
        (
            others(outcome, Class::Mismatch),
            "other object is unexpected",
            "other objects are unexpected",
        ),
        (
            others(outcome, Class::Unknown),
            "other object could not be checked",
            "other objects could not be checked",
        ),
    ];
    let mut clauses: Vec<String> = numbered_clauses(&numbers);
    if outcome.revisions().windows(2).any(|pair| pair[0].revision == pair[1].revision) {
        clauses.push("some were reported twice".to_owned());
    }
    if !outcome.knows_extras() {
        clauses.push("other objects in v2 are unknown".to_owned());
    }
    clauses
}

fn others(outcome: &VerifyOutcome, class: Class) -> u64 {
    let of_class = |other: &&Mismatch| outcome.class(other) == class;
    outcome.others().iter().filter(of_class).count() as u64
}

/// Returns a notice as one sentence without its full stop.
pub fn notice(notice: &Notice) -> String {
    match notice {
        Notice::NoRanges => {
            "the server does not support range requests: every archive was read in full".to_owned()
        }
        Notice::NotListed => "v2 cannot be listed: other objects in it are unknown".to_owned(),
        Notice::ReplacedObjects { object_count } => {
            FindingKind::ReplacedObjects { object_count: *object_count }.message()
        }
        Notice::GraftedCommits { commit_count } => {
            FindingKind::GraftedCommits { commit_count: *commit_count }.message()
        }
        Notice::LengthsOnly { object_count } => format!(
            "v2 provides no digest for {}: only the size was compared",
            numbered(*object_count, "object", "objects"),
        ),
        Notice::IndexByDigest { object_count } => format!(
            "the index was not read: {} compared with the plan, by size and digest; its entries need --depth entries",
            numbered(*object_count, "object was", "objects were"),
        ),
        Notice::IndexByName { object_count } => format!(
            "the index was not read: {} looked for; its digests need --plan, its entries --depth entries",
            numbered(*object_count, "object was", "objects were"),
        ),
        Notice::TypesUnknown { object_count } => format!(
            "the server states no content type for {}: it was not compared",
            numbered(*object_count, "object", "objects"),
        ),
        Notice::TypesNotListed { object_count } => format!(
            "no list has the content type and Cache-Control of {}: --depth entries looks at them",
            numbered(*object_count, "object", "objects"),
        ),
        Notice::NoLongerInV1 { names } => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("v1 does not have any more what these name: {}", names.join(", "))
        }
        Notice::UnknownRelease { version: Some(version), judged_as } => {
            format!("the registry's version {version} is unknown: it is judged like {judged_as}")
        }
        Notice::UnknownRelease { version: None, judged_as } => {
            format!("the registry reports no version: it is judged like {judged_as}")
        }
        Notice::ArchivesMadeOnRequest { object_count } => format!(
            "the registry makes {} at each request: only --depth content compares them",
            numbered(*object_count, "archive", "archives"),
        ),
        Notice::TypesNotJudged { extensions } => {
            let names: Vec<String> = extensions
                .iter()
                .map(|extension| match extension.as_str() {
                    "" => "files without an extension".to_owned(),
                    extension => format!(".{extension}"),
                })
                .collect();
            format!(
                "the content types of these files depend on the registry's host: {}",
                names.join(", ")
            )
        }
        Notice::ServedUnmigrated { revisions } => {
            let revisions: Vec<&str> = revisions.iter().map(String::as_str).collect();
            format!("served from folders of v1, and not migrated: {}", revisions.join(", "))
        }
    }
}

/// Returns the kinds of object that were not looked at, as one phrase; `None` if there are none.
pub fn left_out(outcome: &VerifyOutcome) -> Option<String> {
    // The pages of a registry are the entries of its index.
    let has = |kind| outcome.has(kind) || outcome.registry.is_some();
    let kinds = Resource::ALL.iter().filter(|kind| !has(**kind));
    let names: Vec<&str> = kinds
        .map(|kind| match kind {
            Resource::Archives => "archives",
            Resource::Static => "static resources",
            Resource::Index => "index",
        })
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}
