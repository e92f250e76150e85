//! The JSON report of `upload`: one object per line.

use serde::Serialize;

use super::records::{CountsRecord, NoticeRecord, ObjectRecord, VerdictRecord};
use crate::model::mismatch::Mismatch;
use crate::model::plan::{head_fields, json_elements, json_lines};
use crate::model::upload::UploadOutcome;
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
    fields.push(("verdict", serde_json::to_string(&VerdictRecord::from(outcome))?));
    fields.push(("counts", serde_json::to_string(&CountsRecord::from(outcome))?));
    let requests = Requests { lists: outcome.page_count, writes: outcome.counts().created };
    fields.push(("requests", serde_json::to_string(&requests)?));
    fields.push(("notices", lines(outcome.notices.iter().map(NoticeRecord::from))?));
    let objects = json_elements(outcome.objects.iter().map(ObjectRecord::from))?;
    Ok(json_lines(&fields, ("objects", &objects)))
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
