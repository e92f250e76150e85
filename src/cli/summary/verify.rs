//! The terminal's summary of `verify`: how much was checked, the mismatches, and the verdict.

use anstyle::Style;
use indicatif::{HumanBytes, HumanCount};

use super::{counted, endpoint_line, group_lines, labelled, source_lines, written_lines};
use crate::cli::outputs::Outputs;
use crate::cli::terminal::{BAD, GOOD, ODD};
use crate::model::mismatch::{Class, Extras, MismatchKind};
use crate::model::resources::Resource;
use crate::model::verification::{
    CodeGroup, Conclusion, ObjectCounts, RevisionResult, VerifyOutcome,
};
use crate::report::verify::{left_out, notice, registry, verdict};

/// Renders the summary.
pub(in crate::cli) fn render(outcome: &VerifyOutcome, outputs: &Outputs) -> String {
    let request = &outcome.request;
    let mut lines = source_lines(&request.source);
    if !request.scope.is_everything() {
        lines.push(labelled(0, "Scope", &request.scope.to_string()));
    }
    let only = match request.extras {
        Extras::Allowed => "",
        Extras::Refused => ", which must hold nothing else",
    };
    lines.push(labelled(0, "Place", &format!("{}{only}", request.place)));
    if let Some(answers) = &outcome.registry {
        lines.push(labelled(0, "Registry", &registry(answers)));
    }
    let places =
        [("Index", &request.index), ("Base", &request.base_index), ("Endpoint", &request.endpoint)];
    for (label, place) in places {
        lines.extend(place.iter().map(|place| labelled(0, label, place.as_str())));
    }
    if !request.statics.is_default() {
        lines.push(labelled(0, "Static", &request.statics.to_string()));
    }
    lines.extend(request.cache_control.iter().map(|value| labelled(0, "Caching", value)));
    lines.push(labelled(0, "Depth", request.depth.into()));
    if !request.sample.is_whole() {
        lines.push(labelled(0, "Sample", &request.sample.to_string()));
    }
    let checked = checked_lines(outcome);
    lines.extend(checked.iter().enumerate().map(|(index, line)| labelled(index, "Checked", line)));
    lines.extend(left_out(outcome).map(|kinds| labelled(0, "Left out", &kinds)));
    let notices = outcome.notices().iter().enumerate();
    lines.extend(notices.map(|(index, note)| labelled(index, "Note", &notice(note))));
    lines.extend(mismatch_lines(outcome.by_code()));
    let style = match outcome.conclusion() {
        Conclusion::Match => GOOD,
        Conclusion::Mismatch | Conclusion::NotProven => BAD,
    };
    lines.push(labelled(0, "Verdict", &format!("{style}{}{style:#}", verdict(outcome))));
    if has_no_archive(outcome) {
        let text =
            "none of the archives is there: is this the place that contains artifacts/packages/?";
        lines.push(labelled(1, "", text));
    }
    if outputs.reports.is_empty() && !outcome.mismatches().is_empty() {
        let text = "--report FILE.md lists the mismatches, --report FILE.json without shortening";
        lines.push(labelled(1, "", text));
    }
    lines.extend(written_lines(outputs));
    lines.join("\n")
}

/// Returns whether v2 has none of the archives, as an empty place or the wrong one does.
fn has_no_archive(outcome: &VerifyOutcome) -> bool {
    let is_missing = |result: &RevisionResult| {
        result.mismatches.iter().any(|found| found.kind == MismatchKind::ArchiveMissing)
    };
    let revisions = outcome.revisions();
    outcome.registry.is_none() && !revisions.is_empty() && revisions.iter().all(is_missing)
}

/// Returns a line for each kind of object that was looked at.
fn checked_lines(outcome: &VerifyOutcome) -> Vec<String> {
    let of = |counts: ObjectCounts, total: u64| counted(counts.checked, total);
    let (files, read) = (HumanCount(outcome.file_count()), HumanBytes(outcome.reading.byte_len));
    let mut lines = Vec::new();
    if outcome.has(Resource::Archives) {
        let counts = outcome.archive_counts();
        let unit = if outcome.registry.is_some() { "revisions" } else { "archives" };
        lines.push(format!("{} {unit}, {files} files", of(counts, counts.to_check)));
    }
    if let Some(found) = outcome.statics {
        let sample = if found.is_sampled() { ", a sample" } else { "" };
        lines.push(format!("{} static resources{sample}", of(found.counts, found.in_v1)));
    }
    if let Some(found) = &outcome.index {
        let mut line = format!("{} index entries", of(found.counts, found.counts.to_check));
        for (count, what) in
            [(found.as_published, "left as published"), (found.base_only, "of the base alone")]
        {
            if count > 0 {
                line += &format!(", {} {what}", HumanCount(count));
            }
        }
        lines.push(line);
    }
    if let Some(counts) = outcome.index_objects.as_ref().map(|found| found.counts) {
        lines.push(format!("{} objects of the index", of(counts, counts.to_check)));
    }
    if let Some(found) = &outcome.endpoint {
        lines.push(endpoint_line(found, found.counts().checked));
    }
    if let Some(last) = lines.last_mut() {
        *last += &format!(", {read} read");
    }
    lines
}

fn mismatch_lines(groups: Vec<CodeGroup<'_>>) -> Vec<String> {
    let row = |CodeGroup { class, code, mismatches }| {
        let style = match class {
            Class::Mismatch => BAD,
            Class::Unknown => ODD,
            Class::Information => Style::new(),
        };
        (format!("{style}{class:11}{style:#}"), mismatches.len(), code)
    };
    group_lines("Mismatch", groups.into_iter().map(row).collect())
}
