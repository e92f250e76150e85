//! The report of `verify` as an HTML page: the verdict, what was compared and how deeply, all mismatches, and the result
//! for each package.

use std::collections::BTreeMap;

use askama::Template;

use super::{left_out, notice, verdict};
use crate::model::mismatch::{Class, Extras, Mismatch};
use crate::model::package::RevisionId;
use crate::model::resources::Resource;
use crate::model::verification::{
    CodeGroup, Conclusion, Depth, EndpointResult, ObjectCounts, RevisionStatus, VerifyOutcome,
    VerifyRequest,
};
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

/// A part of the bar of revisions.
struct Part {
    class: &'static str,
    label: &'static str,
    count: String,
    x: String,
    width: String,
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
        VerifyPage {
            page: Page::of("v1 against v2", &request.tool, &request.source),
            tone,
            word,
            verdict: verdict(outcome),
            notices: remarks.iter().map(|remark| Text::of(remark)).collect(),
            figures: figures(outcome),
            bar: bar(outcome),
            objects: objects(outcome),
            request: described(request),
            groups: outcome.by_code().iter().map(group).collect(),
            finding_count: grouped(outcome.mismatches().len() as u64),
            packages: packages(outcome),
            stages: Vec::new(),
        }
    }
}

fn figures(outcome: &VerifyOutcome) -> Vec<Figure> {
    let counts = outcome.revision_counts();
    vec![
        Figure::of(grouped(counts.to_check), "revisions to check"),
        Figure::toned(counts.good, "match", "good"),
        Figure::toned(counts.mismatch, "do not match", "bad"),
        Figure::toned(counts.unknown, "unknown", "odd"),
        Figure::of(grouped(outcome.reading.archive_count), "archives read"),
        Figure::of(grouped(outcome.file_count()), "files compared"),
        Figure::of(size(outcome.reading.byte_len), "read"),
    ]
}

fn objects(outcome: &VerifyOutcome) -> Vec<ObjectRow> {
    let is_archives = outcome.has(Resource::Archives);
    let rows = [
        ("revisions", Some(outcome.revision_counts())),
        ("archives", is_archives.then(|| outcome.archive_counts())),
        ("static resources", outcome.statics.map(|found| found.counts)),
        ("index entries", outcome.index.as_ref().map(|found| found.counts)),
        ("objects at the endpoint", outcome.endpoint.as_ref().map(EndpointResult::counts)),
    ];
    let there = rows.into_iter().filter_map(|(name, counts)| Some((name, counts?)));
    let row = |(name, counts)| {
        let ObjectCounts { to_check, checked, good, mismatch, unknown } = counts;
        ObjectRow { name, counts: [to_check, checked, good, mismatch, unknown].map(grouped) }
    };
    there.map(row).collect()
}

/// Divides a bar of length 100 by the results; the last part is what was not checked.
fn bar(outcome: &VerifyOutcome) -> Vec<Part> {
    let counts = outcome.revision_counts();
    let reported = counts.good + counts.mismatch + counts.unknown;
    let total = counts.to_check.max(reported);
    let parts = [
        ("good", "match", counts.good),
        ("mismatch", "do not match", counts.mismatch),
        ("unknown", "unknown", counts.unknown),
        ("unchecked", "not checked", counts.to_check.saturating_sub(reported)),
    ];
    let mut x = 0.0;
    let there = parts.into_iter().filter(|(.., count)| *count > 0);
    let part = |(class, label, count): (&'static str, &'static str, u64)| {
        let width = 100.0 * count as f64 / total as f64;
        let at = format!("{x:.3}");
        x += width;
        Part { class, label, count: grouped(count), x: at, width: format!("{width:.3}") }
    };
    there.map(part).collect()
}

fn described(request: &VerifyRequest) -> Vec<(&'static str, Text)> {
    let depth = match request.depth {
        Depth::Listing => "listing: that each archive exists; nothing was read",
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
    let kinds: Vec<String> = request.kinds.iter().map(ToString::to_string).collect();
    rows.push(("Resources", kinds.join(", ")));
    if !request.statics.is_default() {
        rows.push(("Static resources", request.statics.to_string()));
    }
    let extras = match request.extras {
        Extras::Allowed => "allowed",
        Extras::Refused => "refused",
    };
    rows.push(("Other objects in v2", extras.to_owned()));
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
