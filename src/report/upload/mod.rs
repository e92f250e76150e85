//! The report of `upload`: one renderer per format.

pub mod html;
pub mod json;
pub mod markdown;
pub(in crate::report) mod records;

use super::text::{grouped, numbered};
use crate::model::upload::{OutcomeCounts, OutcomeKind, UploadConclusion, UploadOutcome};

/// The outcomes of objects that do not go through as planned.
pub(in crate::report) const NOT_AS_PLANNED: [OutcomeKind; 3] =
    [OutcomeKind::Conflict, OutcomeKind::Failed, OutcomeKind::Withheld];

/// Returns the rows of each kind and of all objects: planned, created, already there, conflict, failed, withheld, bytes.
pub(in crate::report) fn count_rows(outcome: &UploadOutcome) -> Vec<(String, [String; 7])> {
    let by_kind = outcome.counts_by_kind().into_iter();
    let by_kind = by_kind.map(|(kind, counts)| (kind.to_string(), counts));
    let all = by_kind.chain([("all".to_owned(), outcome.counts())]);
    let row = |(name, counts)| {
        let OutcomeCounts { planned, created, already_there, conflict, .. } = counts;
        let OutcomeCounts { failed, withheld, created_bytes, .. } = counts;
        let numbers = [planned, created, already_there, conflict, failed, withheld, created_bytes];
        (name, numbers.map(grouped))
    };
    all.map(row).collect()
}

/// Returns the verdict as a sentence without a full stop.
pub fn verdict(outcome: &UploadOutcome) -> String {
    let counts = outcome.counts();
    let [planned, there, created, conflict, failed, withheld] = [
        counts.planned,
        counts.created + counts.already_there,
        counts.created,
        counts.conflict,
        counts.failed,
        counts.withheld,
    ]
    .map(grouped);
    let is_dry_run = outcome.request.is_dry_run;
    let others = match counts.withheld {
        0 => String::new(),
        _ => format!(", {withheld} withheld"),
    };
    let served = outcome.endpoint.as_ref().map(|found| {
        let counts = found.counts();
        let total = numbered(counts.to_check, "object", "objects");
        format!(", {} of {total} at the endpoint as planned", grouped(counts.good))
    });
    let served = served.unwrap_or_default();
    match (outcome.conclusion(), is_dry_run) {
        (UploadConclusion::Complete, false) => {
            format!("complete: {there} of {planned} objects are in the store{others}{served}")
        }
        (UploadConclusion::NotServed, _) => format!(
            "not served: {there} of {planned} objects are in the store{others}, but not for registries{served}"
        ),
        (UploadConclusion::Complete, true) => {
            format!("no conflicts: {created} of {planned} objects would be created{others}")
        }
        (UploadConclusion::Conflicts, _) => {
            format!("{conflict} of {planned} objects conflict with others{others}{served}")
        }
        (UploadConclusion::Failed, _) if counts.conflict > 0 => {
            format!(
                "{failed} of {planned} objects failed, {conflict} conflict with others{others}{served}"
            )
        }
        (UploadConclusion::Failed, _) => {
            format!("{failed} of {planned} objects failed{others}{served}")
        }
    }
}
