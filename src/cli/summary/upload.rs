//! The terminal's summary of `upload`: what became of the objects of each kind, and the verdict.

use indicatif::{HumanBytes, HumanCount};

use super::{endpoint_line, labelled, name_lines, source_lines, written_lines};
use crate::cli::outputs::Outputs;
use crate::cli::terminal::{BAD, GOOD};
use crate::model::mismatch::Mismatch;
use crate::model::upload::{
    ObjectKind, OutcomeCounts, OutcomeKind, UploadConclusion, UploadOutcome, UploadedObject,
};
use crate::report::upload::verdict;

/// Number of objects that are named.
const NAMED: usize = 5;

/// Renders the summary.
pub(in crate::cli) fn render(outcome: &UploadOutcome, outputs: &Outputs) -> String {
    let request = &outcome.request;
    let mut lines = source_lines(&request.source);
    if !request.shard.is_whole() {
        lines.push(labelled(0, "Shard", &request.shard.to_string()));
    }
    if !request.scope.is_everything() {
        lines.push(labelled(0, "Scope", &request.scope.to_string()));
    }
    lines.push(labelled(0, "To", request.to.as_str()));
    lines.extend(request.internal.iter().map(|place| labelled(1, "", &format!("{place} (index)"))));
    let endpoint = request.endpoint.iter();
    lines.extend(endpoint.map(|endpoint| labelled(0, "Endpoint", endpoint.as_str())));
    for (index, (kind, counts)) in outcome.counts_by_kind().iter().enumerate() {
        lines.push(labelled(index, "Objects", &counts_text(*kind, counts)));
    }
    let counts = outcome.counts();
    let sent = format!(
        "{}, {} requests that write, {} for lists",
        HumanBytes(counts.created_bytes),
        HumanCount(counts.created),
        HumanCount(outcome.page_count)
    );
    lines.push(labelled(0, if request.is_dry_run { "Would be" } else { "Sent" }, &sent));
    for (index, notice) in outcome.notices.iter().enumerate() {
        lines.push(labelled(index, "Note", &notice.to_string()));
    }
    for (label, kind) in [
        ("Conflict", OutcomeKind::Conflict),
        ("Failed", OutcomeKind::Failed),
        ("Withheld", OutcomeKind::Withheld),
    ] {
        let name = |object: &UploadedObject| {
            format!("{}: {}", object.key, object.outcome.message().unwrap_or_default())
        };
        let names: Vec<String> = outcome.with(kind).map(name).collect();
        lines.extend(name_lines(label, &names, NAMED));
    }
    if let Some(found) = &outcome.endpoint {
        lines.push(labelled(0, "Served", &endpoint_line(found, found.counts().good)));
        let name = |found: &Mismatch| format!("{}: {}", found.object, found.kind.message());
        let names: Vec<String> = found.mismatches().map(name).collect();
        lines.extend(name_lines("Endpoint", &names, NAMED));
    }
    let style = match outcome.conclusion() {
        UploadConclusion::Complete => GOOD,
        UploadConclusion::NotServed | UploadConclusion::Conflicts | UploadConclusion::Failed => BAD,
    };
    let dry = if request.is_dry_run { " (dry run: nothing was written)" } else { "" };
    lines.push(labelled(0, "Verdict", &format!("{style}{}{style:#}{dry}", verdict(outcome))));
    lines.extend(written_lines(outputs));
    lines.join("\n")
}

fn counts_text(kind: ObjectKind, counts: &OutcomeCounts) -> String {
    let OutcomeCounts { planned, created, already_there, conflict, failed, withheld, .. } = *counts;
    let parts = [
        (created, OutcomeKind::Created),
        (already_there, OutcomeKind::AlreadyThere),
        (conflict, OutcomeKind::Conflict),
        (failed, OutcomeKind::Failed),
        (withheld, OutcomeKind::Withheld),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> =
        parts.map(|(count, kind)| format!("{} {kind}", HumanCount(*count))).collect();
    format!("{} {kind}: {}", HumanCount(planned), parts.join(", "))
}
