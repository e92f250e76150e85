//! A proof as JSON, for programs: one mismatch a line, then one revision a line.

use serde::Serialize;

use super::{notice, verdict};
use crate::model::mismatch::{Class, Mismatch, MismatchKind};
use crate::model::package::RevisionId;
use crate::model::plan::{SCHEMA_VERSION, head_fields, json_lines};
use crate::model::shard::Shard;
use crate::model::verification::{
    Conclusion, Notice, RevisionCounts, RevisionResult, Standing, VerifyOutcome,
};
use crate::report::findings::lines;

/// Renders the report.
///
/// # Errors
/// None that these types can cause; passed on rather than hidden.
pub fn render(outcome: &VerifyOutcome) -> serde_json::Result<String> {
    let asked = &outcome.asked;
    let mut fields =
        head_fields(SCHEMA_VERSION, &asked.tool, &asked.source, Shard::WHOLE, &asked.scope)?;
    if let Some(digest) = &asked.resolutions {
        fields.push(("resolutions", serde_json::to_string(digest)?));
    }
    if let Some(digest) = &asked.plan {
        fields.push(("plan", serde_json::to_string(digest)?));
    }
    fields.push(("place", serde_json::to_string(&asked.place)?));
    fields.push(("depth", serde_json::to_string(&asked.depth)?));
    fields.push(("sample", serde_json::to_string(&asked.sample)?));
    fields.push(("extras", serde_json::to_string(&asked.extras)?));
    fields.push(("public_keys", serde_json::to_string(&asked.public_keys)?));
    let sentence = verdict(outcome);
    let conclusion = Verdict { conclusion: outcome.conclusion(), sentence: &sentence };
    fields.push(("verdict", serde_json::to_string(&conclusion)?));
    fields.push(("counts", serde_json::to_string(&Counts::of(outcome))?));
    fields.push(("notices", lines(outcome.notices().iter().map(NoticeRecord::of))?));
    let mismatches = outcome.mismatches();
    let mismatches = mismatches
        .iter()
        .map(|(revision, mismatch)| Record::of(*revision, mismatch, outcome.class(mismatch)));
    fields.push(("mismatches", lines(mismatches)?));
    let revisions = outcome.revisions().iter();
    let revisions = revisions.map(|result| Checked::of(result, outcome.standing(result)));
    let revisions: Vec<String> =
        revisions.map(|revision| serde_json::to_string(&revision)).collect::<Result<_, _>>()?;
    Ok(json_lines(&fields, ("revisions", &revisions)))
}

#[derive(Serialize)]
struct Verdict<'a> {
    conclusion: Conclusion,
    sentence: &'a str,
}

#[derive(Serialize)]
struct Counts {
    revisions: RevisionCounts,
    archives_read: u64,
    files_compared: u64,
    bytes_read: u64,
}

impl Counts {
    fn of(outcome: &VerifyOutcome) -> Self {
        Counts {
            revisions: outcome.revision_counts(),
            archives_read: outcome.reading.archive_count,
            files_compared: outcome.file_count(),
            bytes_read: outcome.reading.byte_len,
        }
    }
}

#[derive(Serialize)]
struct NoticeRecord<'a> {
    message: String,
    #[serde(flatten)]
    notice: &'a Notice,
}

impl<'a> NoticeRecord<'a> {
    fn of(told: &'a Notice) -> Self {
        NoticeRecord { message: notice(told), notice: told }
    }
}

/// A mismatch's JSON form. Code and evidence come from `kind`.
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

impl<'a> Record<'a> {
    fn of(revision: Option<&'a RevisionId>, mismatch: &'a Mismatch, class: Class) -> Self {
        Record {
            class,
            package: revision.map(|revision| revision.name.as_str()),
            version: revision.map(|revision| revision.version.to_string()),
            object: &mismatch.object,
            path: mismatch.path.as_deref(),
            message: mismatch.kind.message(),
            advice: mismatch.kind.advice(),
            kind: &mismatch.kind,
        }
    }
}

#[derive(Serialize)]
struct Checked<'a> {
    package: &'a str,
    version: String,
    result: Standing,
    files_compared: u64,
}

impl<'a> Checked<'a> {
    fn of(result: &'a RevisionResult, standing: Standing) -> Self {
        Checked {
            package: result.revision.name.as_str(),
            version: result.revision.version.to_string(),
            result: standing,
            files_compared: result.file_count,
        }
    }
}
