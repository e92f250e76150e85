//! The JSON report of `upload`: one object per line.

use std::collections::BTreeMap;

use serde::Serialize;

use super::verdict;
use crate::model::mismatch::Mismatch;
use crate::model::plan::{head_fields, json_elements, json_lines};
use crate::model::upload::{
    Conflict, Failure, ObjectKind, Outcome, OutcomeCounts, OutcomeKind, UploadConclusion,
    UploadNotice, UploadOutcome, UploadedObject, Withheld,
};
use crate::model::verification::{EndpointKind, EndpointResult, PlaceName, RevisionStatus};
use crate::report::findings::lines;

/// Renders the report.
///
/// # Errors
/// None that these types can cause; returned so that no error is ignored.
pub fn render(outcome: &UploadOutcome) -> serde_json::Result<String> {
    let request = &outcome.request;
    let (tool, source, scope) = (&request.tool, &request.source, &request.scope);
    let mut fields = head_fields(tool, source, request.shard, scope, request.resolutions)?;
    fields.push(("plan", serde_json::to_string(&request.plan)?));
    fields.push(("to", serde_json::to_string(&request.to)?));
    if let Some(internal) = &request.internal {
        fields.push(("internal", serde_json::to_string(internal)?));
    }
    fields.push(("layout", serde_json::to_string(&request.layout)?));
    if let Some(value) = &request.cache_control {
        fields.push(("cache_control", serde_json::to_string(value)?));
    }
    if let (Some(url), Some(found)) = (&request.endpoint, &outcome.endpoint) {
        fields.push(("endpoint", serde_json::to_string(&EndpointRecord::of(url, found))?));
    }
    fields.push(("dry_run", serde_json::to_string(&request.is_dry_run)?));
    let verdict = Verdict { conclusion: outcome.conclusion(), sentence: verdict(outcome) };
    fields.push(("verdict", serde_json::to_string(&verdict)?));
    let counts = Counts { all: outcome.counts(), by_kind: outcome.counts_by_kind() };
    fields.push(("counts", serde_json::to_string(&counts)?));
    let requests = Requests { lists: outcome.page_count, writes: counts.all.created };
    fields.push(("requests", serde_json::to_string(&requests)?));
    let notices = outcome.notices.iter();
    let notices = notices.map(|notice| NoticeRecord { message: notice.to_string(), notice });
    fields.push(("notices", lines(notices)?));
    let objects = outcome.objects.iter().map(|object| {
        let UploadedObject { kind, key, size, outcome } = object;
        ObjectRecord {
            kind: *kind,
            key,
            size: *size,
            outcome: outcome.kind(),
            reason: reason(outcome),
            message: outcome.message(),
            advice: outcome.advice(),
        }
    });
    Ok(json_lines(&fields, ("objects", &json_elements(objects)?)))
}

fn reason(outcome: &Outcome) -> Option<Reason<'_>> {
    match outcome {
        Outcome::Created | Outcome::AlreadyThere => None,
        Outcome::Conflict(conflict) => Some(Reason::Conflict(conflict)),
        Outcome::Failed(failure) => Some(Reason::Failed(failure)),
        Outcome::Withheld(withheld) => Some(Reason::Withheld(withheld)),
    }
}

#[derive(Serialize)]
struct Verdict {
    conclusion: UploadConclusion,
    sentence: String,
}

#[derive(Serialize)]
struct Counts {
    all: OutcomeCounts,
    by_kind: BTreeMap<ObjectKind, OutcomeCounts>,
}

/// The requests that a store charges for; without those that look at single objects, and without repetitions.
#[derive(Serialize)]
struct Requests {
    lists: u64,
    writes: u64,
}

/// What was read through the endpoint.
#[derive(Serialize)]
struct EndpointRecord<'a> {
    url: &'a PlaceName,
    objects: Vec<EndpointObjectRecord<'a>>,
}

#[derive(Serialize)]
struct EndpointObjectRecord<'a> {
    kind: EndpointKind,
    key: &'a str,
    result: RevisionStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    mismatch: Option<MismatchRecord>,
}

#[derive(Serialize)]
struct MismatchRecord {
    code: &'static str,
    message: String,
    advice: &'static str,
}

impl<'a> EndpointRecord<'a> {
    fn of(url: &'a PlaceName, found: &'a EndpointResult) -> Self {
        let mismatch = |found: &Mismatch| MismatchRecord {
            code: found.kind.code(),
            message: found.kind.message(),
            advice: found.kind.advice(),
        };
        let objects = found.objects.iter().map(|object| EndpointObjectRecord {
            kind: object.kind,
            key: object.key.as_str(),
            result: object.status(),
            mismatch: object.mismatch.as_ref().map(mismatch),
        });
        EndpointRecord { url, objects: objects.collect() }
    }
}

#[derive(Serialize)]
struct NoticeRecord<'a> {
    message: String,
    #[serde(flatten)]
    notice: &'a UploadNotice,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Reason<'a> {
    Conflict(&'a Conflict),
    Failed(&'a Failure),
    Withheld(&'a Withheld),
}

#[derive(Serialize)]
struct ObjectRecord<'a> {
    kind: ObjectKind,
    key: &'a str,
    size: Option<u64>,
    outcome: OutcomeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'static str>,
}
