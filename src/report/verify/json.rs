//! The JSON report of `verify`: one mismatch per line, then one revision per line.

use serde::Serialize;

use super::{notice, verdict};
use crate::model::content::escape;
use crate::model::mismatch::{Class, MismatchKind};
use crate::model::package::RevisionId;
use crate::model::plan::{head_fields, json_elements, json_lines};
use crate::model::resources::Resource;
use crate::model::shard::Shard;
use crate::model::verification::{
    Conclusion, EndpointKind, EndpointResult, IndexResult, Notice, ObjectCounts, PlaceName,
    RegistryAnswers, RegistryRequest, RevisionStatus, StaticsResult, VerifyOutcome,
};
use crate::report::findings::lines;

/// Renders the report.
///
/// # Errors
/// None that these types can cause; returned so that no error is ignored.
pub fn render(outcome: &VerifyOutcome) -> serde_json::Result<String> {
    let request = &outcome.request;
    let (tool, source, scope) = (&request.tool, &request.source, &request.scope);
    let mut fields = head_fields(tool, source, Shard::WHOLE, scope, request.resolutions)?;
    if let Some(digest) = &request.plan {
        fields.push(("plan", serde_json::to_string(digest)?));
    }
    fields.push(("place", serde_json::to_string(&request.place)?));
    fields.push(("resources", serde_json::to_string(&request.kinds)?));
    if outcome.has(Resource::Static) {
        fields.push(("static", serde_json::to_string(&request.statics)?));
    }
    for (name, place) in [("index", &request.index), ("base_index", &request.base_index)] {
        if let Some(place) = place {
            fields.push((name, serde_json::to_string(place)?));
        }
    }
    if let Some(value) = &request.cache_control {
        fields.push(("cache_control", serde_json::to_string(value)?));
    }
    fields.push(("depth", serde_json::to_string(&request.depth)?));
    fields.push(("sample", serde_json::to_string(&request.sample)?));
    fields.push(("extras", serde_json::to_string(&request.extras)?));
    fields.push(("public_keys", serde_json::to_string(&request.public_keys)?));
    let verdict = Verdict { conclusion: outcome.conclusion(), sentence: verdict(outcome) };
    fields.push(("verdict", serde_json::to_string(&verdict)?));
    let counts = Counts {
        revisions: outcome.revision_counts(),
        archives: outcome.has(Resource::Archives).then(|| outcome.archive_counts()),
        statics: outcome.statics,
        entries: outcome.index.as_ref().map(EntryCounts::of),
        index_objects: outcome.index_objects.as_ref().map(|found| found.counts),
        archives_read: outcome.reading.archive_count,
        files_compared: outcome.file_count(),
        bytes_read: outcome.reading.byte_len,
    };
    fields.push(("counts", serde_json::to_string(&counts)?));
    if let (Some(request), Some(answers)) = (&request.registry, &outcome.registry) {
        fields.push(("registry", serde_json::to_string(&RegistryRecord { request, answers })?));
    }
    if let (Some(url), Some(found)) = (&request.endpoint, &outcome.endpoint) {
        fields.push(("endpoint", serde_json::to_string(&EndpointRecord::of(url, found))?));
    }
    let notices = outcome.notices().iter();
    let notices = notices.map(|note| NoticeRecord { message: notice(note), notice: note });
    fields.push(("notices", lines(notices)?));
    let mismatches = outcome.mismatches();
    let mismatches = mismatches.iter().map(|(revision, mismatch)| Record {
        class: outcome.class(mismatch),
        package: revision.map(|revision| revision.name.as_str()),
        version: revision.map(|revision| revision.version.to_string()),
        object: &mismatch.object,
        path: mismatch.path.as_deref(),
        message: mismatch.kind.message(),
        advice: mismatch.kind.advice(),
        kind: &mismatch.kind,
    });
    fields.push(("mismatches", lines(mismatches)?));
    let revisions = outcome.revisions().iter().map(|result| Checked {
        revision: &result.revision,
        result: outcome.status(result),
        files_compared: result.file_count,
    });
    Ok(json_lines(&fields, ("revisions", &json_elements(revisions)?)))
}

#[derive(Serialize)]
struct Verdict {
    conclusion: Conclusion,
    sentence: String,
}

#[derive(Serialize)]
struct Counts {
    revisions: ObjectCounts,
    archives: Option<ObjectCounts>,
    statics: Option<StaticsResult>,
    entries: Option<EntryCounts>,
    index_objects: Option<ObjectCounts>,
    archives_read: u64,
    files_compared: u64,
    bytes_read: u64,
}

/// The counts of the index.
#[derive(Serialize)]
struct EntryCounts {
    #[serde(flatten)]
    counts: ObjectCounts,
    as_published: u64,
    base_only: u64,
}

impl EntryCounts {
    fn of(index: &IndexResult) -> Self {
        let IndexResult { counts, as_published, base_only, .. } = *index;
        EntryCounts { counts, as_published, base_only }
    }
}

/// What a registry was asked, and what it answered.
#[derive(Serialize)]
struct RegistryRecord<'a> {
    #[serde(flatten)]
    request: &'a RegistryRequest,
    #[serde(flatten)]
    answers: &'a RegistryAnswers,
}

/// What was read through the endpoint.
#[derive(Serialize)]
struct EndpointRecord<'a> {
    url: &'a PlaceName,
    objects: Vec<EndpointObjectRecord>,
}

#[derive(Serialize)]
struct EndpointObjectRecord {
    kind: EndpointKind,
    object: String,
    result: RevisionStatus,
}

impl<'a> EndpointRecord<'a> {
    fn of(url: &'a PlaceName, found: &EndpointResult) -> Self {
        let objects = found.objects.iter().map(|object| EndpointObjectRecord {
            kind: object.kind,
            object: escape(object.key.as_str().as_bytes()),
            result: object.status(),
        });
        EndpointRecord { url, objects: objects.collect() }
    }
}

#[derive(Serialize)]
struct NoticeRecord<'a> {
    message: String,
    #[serde(flatten)]
    notice: &'a Notice,
}

/// The JSON form of a mismatch. `kind` provides code and evidence.
#[derive(Serialize)]
struct Record<'a> {
    class: Class,
    package: Option<&'a str>,
    version: Option<String>,
    object: &'a str,
    path: Option<&'a str>,
    message: String,
    advice: &'static str,
    #[serde(flatten)]
    kind: &'a MismatchKind,
}

#[derive(Serialize)]
struct Checked<'a> {
    #[serde(flatten)]
    revision: &'a RevisionId,
    result: RevisionStatus,
    files_compared: u64,
}
