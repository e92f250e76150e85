//! The report of `verify` as an HTML page: the verdict, what was compared and how deeply, all mismatches, and the result
//! for each package.

use std::collections::BTreeMap;

use askama::Template;

use super::kinds::kinds;
use super::verdict::share;
use super::{left_out, notice, registry, title, verdict};
use crate::model::mismatch::{Class, Extras, Mismatch};
use crate::model::package::RevisionId;
use crate::model::verification::{
    CodeGroup, Conclusion, Depth, ObjectCounts, RegistryAnswers, RevisionStatus, VerifyOutcome,
    VerifyRequest,
};
use crate::report::html::bar::{Part, bar};
use crate::report::html::findings::{Group, Item};
use crate::report::html::text::{Text, size};
use crate::report::html::{Figure, Page};
use crate::report::text::grouped;

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    page: Page,
    tone: &'static str,
    word: &'static str,
    verdict: String,
    notices: Vec<Text>,
    figures: Vec<Figure>,
    bar: Vec<Part>,
    /// The revisions, and each kind of object that was looked at.
    objects: Vec<ObjectRow>,
    /// What was compared, and how.
    request: Vec<(&'static str, Text)>,
    groups: Vec<Group>,
    finding_count: String,
    packages: Vec<PackageRow>,
    stages: Vec<&'static str>,
}

struct ObjectRow {
    name: &'static str,
    counts: [String; 5],
}

struct PackageRow {
    name: Text,
    counts: [String; 5],
}

/// Renders the report as one HTML file.
pub fn render(outcome: &VerifyOutcome) -> String {
    VerifyPage::of(outcome).render().expect("writing to a String cannot fail")
}

impl VerifyPage {
    fn of(outcome: &VerifyOutcome) -> Self {
        let request = &outcome.request;
        let (tone, word) = match outcome.conclusion() {
            Conclusion::Match => ("good", "Match"),
            Conclusion::Mismatch => ("bad", "Mismatch"),
            Conclusion::NotProven => ("odd", "Not proven"),
        };
        let mut remarks: Vec<String> = outcome.notices().iter().map(notice).collect();
        remarks.extend(left_out(outcome).map(|kinds| format!("not looked at: {kinds}")));
        if let Some(found) = outcome.statics.filter(|found| found.is_sampled()) {
            let [looked_at, in_v1] = [found.counts.to_check, found.in_v1].map(grouped);
            remarks.push(format!("static resources: a sample, {looked_at} of {in_v1}"));
        }
        if let Some(found) = &outcome.index {
            remarks.extend(published("index entries", found.as_published, found.base_only));
        }
        let mut described = described(request);
        if let Some(answers) = &outcome.registry {
            described.extend(of_registry(answers));
            remarks.extend(published("entries", answers.as_published, answers.base_only));
        }
        VerifyPage {
            page: Page::of(title(outcome), &request.tool, &request.source),
            tone,
            word,
            verdict: verdict(outcome),
            notices: remarks.iter().map(|remark| Text::of(remark)).collect(),
            figures: figures(outcome),
            bar: parts(outcome),
            objects: objects(outcome),
            request: described,
            groups: outcome.by_code().iter().map(group).collect(),
            finding_count: grouped(outcome.mismatches().len() as u64),
            packages: packages(outcome),
            stages: Vec::new(),
        }
    }
}

/// Says how many entries of an index were left as published, or are of the base index alone.
fn published(what: &str, as_published: u64, base_only: u64) -> Option<String> {
    let [published, base] = [as_published, base_only].map(grouped);
    let text = format!("{what} left as published: {published}; of the base index alone: {base}");
    (as_published + base_only > 0).then_some(text)
}

/// Describes a registry and how many of its answers were compared.
fn of_registry(answers: &RegistryAnswers) -> Vec<(&'static str, Text)> {
    let rows = [
        ("Registry", registry(answers)),
        ("Revisions that it lists", grouped(answers.listed)),
        ("Pages compared", share(answers.pages)),
        ("Archive sizes compared", share(answers.archive_sizes)),
        ("Visible packages", grouped(answers.visible)),
        ("Categories", grouped(answers.categories)),
    ];
    rows.into_iter().map(|(name, text)| (name, Text::of(&text))).collect()
}

fn figures(outcome: &VerifyOutcome) -> Vec<Figure> {
    let counts = outcome.revision_counts();
    vec![
        Figure::counted(counts.to_check, "revision to check", "revisions to check"),
        Figure::counted(counts.good, "matches", "match").in_tone("good"),
        Figure::counted(counts.mismatch, "does not match", "do not match").in_tone("bad"),
        Figure::toned(counts.unknown, "unknown", "odd"),
        Figure::counted(outcome.reading.archive_count, "archive read", "archives read"),
        Figure::counted(outcome.file_count(), "file compared", "files compared"),
        Figure::of(size(outcome.reading.byte_len), "read"),
    ]
}

fn objects(outcome: &VerifyOutcome) -> Vec<ObjectRow> {
    let row = |(name, counts)| {
        let ObjectCounts { to_check, checked, good, mismatch, unknown } = counts;
        ObjectRow { name, counts: [to_check, checked, good, mismatch, unknown].map(grouped) }
    };
    kinds(outcome).into_iter().map(row).collect()
}

/// Divides a bar by the results; the last part is what was not checked.
fn parts(outcome: &VerifyOutcome) -> Vec<Part> {
    let ObjectCounts { to_check, good, mismatch, unknown, .. } = outcome.revision_counts();
    bar(&[
        ("good", "match", good),
        ("mismatch", "do not match", mismatch),
        ("unknown", "unknown", unknown),
        ("unchecked", "not checked", to_check.saturating_sub(good + mismatch + unknown)),
    ])
}

fn described(request: &VerifyRequest) -> Vec<(&'static str, Text)> {
    let depth = match request.depth {
        Depth::Listing if request.plan.is_some() => {
            "listing: that each object exists, with the size and digest of the plan where they are listed"
        }
        Depth::Listing => "listing: that each object exists",
        Depth::Entries => {
            "entries: name, size and CRC-32 of every file, from the archives' central directories"
        }
        Depth::Content => "content: every byte of every file",
    };
    let mut rows = vec![("Depth", depth.to_owned()), ("Place", request.place.to_string())];
    if !request.sample.is_whole() {
        rows.push(("Sample", request.sample.to_string()));
    }
    if !request.scope.is_everything() {
        rows.push(("Scope", request.scope.to_string()));
    }
    for (what, digest) in [("Decisions", request.resolutions), ("Plan", request.plan)] {
        rows.extend(digest.map(|digest| (what, format!("SHA-256 {digest}"))));
    }
    let places = [
        ("Index", &request.index),
        ("Base index", &request.base_index),
        ("Endpoint", &request.endpoint),
    ];
    for (what, place) in places {
        rows.extend(place.as_ref().map(|place| (what, place.to_string())));
    }
    let resources: Vec<String> = request.kinds.iter().map(ToString::to_string).collect();
    rows.push(("Resources", resources.join(", ")));
    if !request.statics.is_default() {
        rows.push(("Static resources", request.statics.to_string()));
    }
    rows.extend(request.cache_control.clone().map(|value| ("Cache-Control", value)));
    let extras = match request.extras {
        Extras::Allowed => "allowed",
        Extras::Refused => "refused",
    };
    rows.push(("Other objects in v2", extras.to_owned()));
    for extra in request.registry.iter().flat_map(|registry| &registry.known_extras) {
        rows.push(("Known extra", extra.clone()));
    }
    match request.public_keys.as_slice() {
        [] => rows.push(("Signatures", "not checked".to_owned())),
        keys => rows.extend(keys.iter().map(|key| ("Signatures", format!("checked with {key}")))),
    }
    rows.iter().map(|(name, text)| (*name, Text::of(text))).collect()
}

fn group(group: &CodeGroup<'_>) -> Group {
    let CodeGroup { class, code, mismatches } = group;
    let items = mismatches.iter().map(|(revision, mismatch)| item(*revision, mismatch)).collect();
    let rank = match class {
        Class::Mismatch => "mismatch",
        Class::Unknown => "unknown",
        Class::Information => "information",
    };
    Group::of(rank.to_owned(), code, items)
}

fn item(revision: Option<&RevisionId>, mismatch: &Mismatch) -> Item {
    let (package, version) = match revision {
        Some(revision) => (revision.name.to_string(), revision.version.to_string()),
        None => (mismatch.object.clone(), String::new()),
    };
    let object = revision.map(|_| ("object".to_owned(), Text::of(&mismatch.object)));
    Item {
        package: Text::of(&package),
        version: Text::of(&version),
        path: mismatch.path.as_deref().map(Text::of),
        message: Text::of(&mismatch.kind.message()),
        advice: Some(mismatch.kind.advice()),
        evidence: object.into_iter().collect(),
        ..Item::default()
    }
}

fn packages(outcome: &VerifyOutcome) -> Vec<PackageRow> {
    let mut packages: BTreeMap<&str, [u64; 5]> = BTreeMap::new();
    for result in outcome.revisions() {
        let counts = packages.entry(result.revision.name.as_str()).or_default();
        let status = match outcome.status(result) {
            RevisionStatus::Good => 1,
            RevisionStatus::Mismatch => 2,
            RevisionStatus::Unknown => 3,
        };
        counts[0] += 1;
        counts[status] += 1;
        counts[4] += result.file_count;
    }
    let row = |(name, counts): (&str, [u64; 5])| PackageRow {
        name: Text::of(name),
        counts: counts.map(grouped),
    };
    packages.into_iter().map(row).collect()
}
