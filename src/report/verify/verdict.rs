//! The verdict of `verify` as one sentence, and its notices.

use crate::model::finding::FindingKind;
use crate::model::mismatch::{Class, Mismatch};
use crate::model::verification::{Conclusion, Depth, Notice, VerifyOutcome};
use crate::report::text::{grouped, numbered};

/// Returns the verdict as one sentence without its full stop. It always states how many of how many.
pub fn verdict(outcome: &VerifyOutcome) -> String {
    let request = &outcome.request;
    let head = match (outcome.conclusion(), request.depth) {
        (Conclusion::Match, Depth::Content) => "v1 and v2 match",
        (Conclusion::Match, Depth::Entries) => "v1 and v2 match by names, sizes and CRC-32",
        (Conclusion::Match, Depth::Listing) => "v1 and v2 match by the listing alone",
        (Conclusion::Mismatch, _) => "v1 and v2 do not match",
        (Conclusion::NotProven, _) => "v1 and v2 are not proven to match",
    };
    let mut text = head.to_owned();
    if !request.sample.is_whole() {
        text += &format!(" in sample {}", request.sample);
    }
    if !request.scope.is_everything() {
        text += " in a part of v1";
    }
    let counts = outcome.revision_counts();
    text += &format!(
        ": {} of {}{}",
        grouped(counts.good),
        numbered(counts.to_check, "archive", "archives"),
        match outcome.conclusion() {
            Conclusion::Match => "",
            Conclusion::Mismatch | Conclusion::NotProven => " as expected",
        }
    );
    for clause in exceptions(outcome) {
        text += &format!(", {clause}");
    }
    text += &format!(
        ", {}, {} read",
        numbered(outcome.file_count(), "file", "files"),
        numbered(outcome.reading.byte_len, "byte", "bytes"),
    );
    match others(outcome, Class::Information) {
        0 => text,
        count => {
            text + &format!("; v2 also has {}", numbered(count, "other object", "other objects"))
        }
    }
}

/// Returns the reasons why a match is not proven, each with its count.
fn exceptions(outcome: &VerifyOutcome) -> Vec<String> {
    let counts = outcome.revision_counts();
    let reported = outcome.revisions().len() as u64;
    let numbers = [
        (counts.mismatch, "is not", "are not"),
        (counts.unknown, "could not be checked", "could not be checked"),
        (counts.to_check.saturating_sub(reported), "was not checked", "were not checked"),
        (reported.saturating_sub(counts.to_check), "is not in v1", "are not in v1"),
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
    let nonzero = numbers.into_iter().filter(|(count, ..)| *count > 0);
    let mut clauses: Vec<String> =
        nonzero.map(|(count, one, many)| numbered(count, one, many)).collect();
    if outcome.revisions().windows(2).any(|pair| pair[0].revision == pair[1].revision) {
        clauses.push("some were reported twice".to_owned());
    }
    if !outcome.knows_extras() {
        clauses.push("other objects in v2 are unknown".to_owned());
    }
    if counts.to_check == 0 {
        clauses.push("nothing was checked".to_owned());
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
    }
}
