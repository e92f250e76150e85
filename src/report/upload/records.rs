//! The JSON forms of an upload's outcome that several reports have.

use std::collections::BTreeMap;

use serde::Serialize;

use super::verdict;
use crate::model::upload::{
    Conflict, Failure, ObjectKind, Outcome, OutcomeCounts, OutcomeKind, UploadConclusion,
    UploadNotice, UploadOutcome, UploadedObject, Withheld,
};

/// The conclusion, and the verdict as a sentence.
#[derive(Serialize)]
pub(in crate::report) struct VerdictRecord {
    conclusion: UploadConclusion,
    sentence: String,
}

impl From<&UploadOutcome> for VerdictRecord {
    fn from(outcome: &UploadOutcome) -> Self {
        VerdictRecord { conclusion: outcome.conclusion(), sentence: verdict(outcome) }
    }
}

/// The counts of all objects, and of each kind.
#[derive(Serialize)]
pub(in crate::report) struct CountsRecord {
    all: OutcomeCounts,
    by_kind: BTreeMap<ObjectKind, OutcomeCounts>,
}

impl From<&UploadOutcome> for CountsRecord {
    fn from(outcome: &UploadOutcome) -> Self {
        CountsRecord { all: outcome.counts(), by_kind: outcome.counts_by_kind() }
    }
}

/// A notice, with its message.
#[derive(Serialize)]
pub(in crate::report) struct NoticeRecord<'a> {
    message: String,
    #[serde(flatten)]
    notice: &'a UploadNotice,
}

impl<'a> From<&'a UploadNotice> for NoticeRecord<'a> {
    fn from(notice: &'a UploadNotice) -> Self {
        NoticeRecord { message: notice.to_string(), notice }
    }
}

/// An object; `reason`, `message` and `advice` if it does not go through as planned.
#[derive(Serialize)]
pub(in crate::report) struct ObjectRecord<'a> {
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

#[derive(Serialize)]
#[serde(untagged)]
enum Reason<'a> {
    Conflict(&'a Conflict),
    Failed(&'a Failure),
    Withheld(&'a Withheld),
}

impl<'a> From<&'a UploadedObject> for ObjectRecord<'a> {
    fn from(object: &'a UploadedObject) -> Self {
        let UploadedObject { kind, key, size, outcome } = object;
        let reason = match outcome {
            Outcome::Created | Outcome::AlreadyThere => None,
            Outcome::Conflict(conflict) => Some(Reason::Conflict(conflict)),
            Outcome::Failed(failure) => Some(Reason::Failed(failure)),
            Outcome::Withheld(withheld) => Some(Reason::Withheld(withheld)),
        };
        ObjectRecord {
            kind: *kind,
            key,
            size: *size,
            outcome: outcome.kind(),
            reason,
            message: outcome.message(),
            advice: outcome.advice(),
        }
    }
}
