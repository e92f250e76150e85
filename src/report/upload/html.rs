//! The report of `upload` as an HTML page: the verdict, the outcomes of each kind of object, what is not there as planned
//! with its reason and advice, and the objects that were created. What was already there is counted.

use std::collections::BTreeMap;

use askama::Template;

use super::{NOT_AS_PLANNED, count_rows, verdict};
use crate::model::upload::{
    Layout, OutcomeCounts, OutcomeKind, UploadConclusion, UploadOutcome, UploadRequest,
    UploadedObject,
};
use crate::model::verification::{EndpointObject, RevisionStatus};
use crate::report::html::bar::{Part, bar};
use crate::report::html::findings::{Group, Item, Paths};
use crate::report::html::text::{Text, size};
use crate::report::html::{Figure, Page};
use crate::report::text::{grouped, numbered};

/// In longer groups, objects with the same reason are one item, so that the page stays small when everything fails.
const MAX_ITEMS: usize = 1000;

#[derive(Template)]
#[template(path = "upload.html")]
struct UploadPage {
    page: Page,
    tone: &'static str,
    word: &'static str,
    verdict: String,
    notices: Vec<Text>,
    figures: Vec<Figure>,
    bar: Vec<Part>,
    /// The rows of the table of outcomes.
    kinds: Vec<(String, [String; 7])>,
    request: Vec<(&'static str, Text)>,
    groups: Vec<Group>,
    finding_count: String,
    /// What `created` means.
    created_title: &'static str,
    sent_title: &'static str,
    served: Vec<ServedRow>,
    created: Vec<CreatedRow>,
    created_count: String,
    stages: Vec<&'static str>,
}

/// An object that was read through the endpoint.
struct ServedRow {
    key: Text,
    kind: String,
    tone: &'static str,
    /// Its result, or what is wrong.
    result: Text,
    advice: Option<&'static str>,
}

struct CreatedRow {
    key: Text,
    kind: &'static str,
    size: String,
}

/// Renders the report as one HTML file.
pub fn render(outcome: &UploadOutcome) -> String {
    UploadPage::of(outcome).render().expect("writing to a String cannot fail")
}

impl UploadPage {
    fn of(outcome: &UploadOutcome) -> Self {
        let request = &outcome.request;
        let (tone, word) = match (outcome.conclusion(), request.is_dry_run) {
            (UploadConclusion::Complete, false) => ("good", "Complete"),
            (UploadConclusion::Complete, true) => ("good", "No conflicts"),
            (UploadConclusion::NotServed, _) => ("bad", "Not served"),
            (UploadConclusion::Conflicts, _) => ("odd", "Conflicts"),
            (UploadConclusion::Failed, _) => ("bad", "Failed"),
        };
        let [title, created_title, sent_title] = match request.is_dry_run {
            true => ["Upload (dry run)", "Would be created", "Bytes to send"],
            false => ["Upload", "Created", "Bytes sent"],
        };
        let counts = outcome.counts();
        let created = outcome.with(OutcomeKind::Created).map(|object| CreatedRow {
            key: Text::of(&object.key),
            kind: object.kind.singular(),
            size: object.size.map(grouped).unwrap_or_default(),
        });
        UploadPage {
            page: Page::of(title, &request.tool, &request.source),
            tone,
            word,
            verdict: verdict(outcome),
            notices: outcome.notices.iter().map(|notice| Text::of(&notice.to_string())).collect(),
            figures: figures(outcome, &counts),
            bar: parts(&counts),
            kinds: count_rows(outcome),
            request: described(request),
            groups: groups(outcome),
            finding_count: grouped(counts.conflict + counts.failed + counts.withheld),
            created_title,
            sent_title,
            served: outcome.endpoint.iter().flat_map(|found| &found.objects).map(served).collect(),
            created: created.collect(),
            created_count: grouped(counts.created),
            stages: Vec::new(),
        }
    }
}

fn figures(outcome: &UploadOutcome, counts: &OutcomeCounts) -> Vec<Figure> {
    let (created, sent) = match outcome.request.is_dry_run {
        true => ("would be created", "would be sent"),
        false => ("created", "sent"),
    };
    vec![
        Figure::counted(counts.planned, "object planned", "objects planned"),
        Figure::toned(counts.created, created, "good"),
        Figure::of(grouped(counts.already_there), "already there"),
        Figure::counted(counts.conflict, "conflict", "conflicts").in_tone("odd"),
        Figure::toned(counts.failed, "failed", "bad"),
        Figure::of(grouped(counts.withheld), "withheld"),
        Figure::of(size(counts.created_bytes), sent),
        // Each object that is created is one more request, that writes.
        Figure::counted(outcome.page_count, "request for lists", "requests for lists"),
    ]
}

fn parts(counts: &OutcomeCounts) -> Vec<Part> {
    bar(&[
        ("good", "created", counts.created),
        ("there", "already there", counts.already_there),
        ("unknown", "conflict", counts.conflict),
        ("mismatch", "failed", counts.failed),
        ("unchecked", "withheld", counts.withheld),
    ])
}

fn served(object: &EndpointObject) -> ServedRow {
    let tone = match object.status() {
        RevisionStatus::Good => "good",
        RevisionStatus::Mismatch => "bad",
        RevisionStatus::Unknown => "odd",
    };
    let wrong = object.mismatch.as_ref();
    let result = wrong.map_or_else(|| "as planned".to_owned(), |found| found.kind.message());
    ServedRow {
        key: Text::of(object.key.as_str()),
        kind: object.kind.to_string(),
        tone,
        result: Text::of(&result),
        advice: wrong.map(|found| found.kind.advice()),
    }
}

/// Groups what is not there as planned by outcome and advice, in the order of the plan.
fn groups(outcome: &UploadOutcome) -> Vec<Group> {
    NOT_AS_PLANNED
        .into_iter()
        .flat_map(|kind| {
            let mut by_code: BTreeMap<&'static str, Vec<&UploadedObject>> = BTreeMap::new();
            for object in outcome.with(kind) {
                by_code.entry(object.outcome.code().unwrap_or_default()).or_default().push(object);
            }
            by_code
                .into_iter()
                .map(move |(code, objects)| Group::of(kind.to_string(), code, items(&objects)))
        })
        .collect()
}

fn items(objects: &[&UploadedObject]) -> Vec<Item> {
    let message = |object: &UploadedObject| object.outcome.message().unwrap_or_default();
    if objects.len() <= MAX_ITEMS {
        let item = |object: &&UploadedObject| Item {
            package: Text::of(&object.key),
            message: Text::of(&message(object)),
            advice: object.outcome.advice(),
            ..Item::default()
        };
        return objects.iter().map(item).collect();
    }
    let mut by_message: BTreeMap<String, Vec<&UploadedObject>> = BTreeMap::new();
    for object in objects {
        by_message.entry(message(object)).or_default().push(object);
    }
    let item = |(message, objects): (String, Vec<&UploadedObject>)| {
        let keys = objects.iter().map(|object| Text::of(&object.key)).collect();
        Item {
            package: Text::of(&numbered(objects.len() as u64, "object", "objects")),
            message: Text::of(&message),
            advice: objects[0].outcome.advice(),
            paths: vec![Paths { what: "objects", paths: keys }],
            ..Item::default()
        }
    };
    by_message.into_iter().map(item).collect()
}

fn described(request: &UploadRequest) -> Vec<(&'static str, Text)> {
    let mut rows = vec![("To", request.to.to_string())];
    rows.extend(request.internal.as_ref().map(|place| ("Index", place.to_string())));
    rows.extend(request.endpoint.as_ref().map(|place| ("Endpoint", place.to_string())));
    rows.push(("Plan", format!("SHA-256 {}", request.plan)));
    if !request.shard.is_whole() {
        rows.push(("Shard", request.shard.to_string()));
    }
    if !request.scope.is_everything() {
        rows.push(("Scope", request.scope.to_string()));
    }
    if request.layout == Layout::Queue {
        rows.push(("Layout", "queue: archives and signatures by their file names".to_owned()));
    }
    rows.extend(request.cache_control.clone().map(|value| ("Cache-Control", value)));
    rows.iter().map(|(name, text)| (*name, Text::of(text))).collect()
}
