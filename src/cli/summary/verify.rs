//! The terminal's summary of `verify`: how much was checked, the mismatches, and the verdict.

use anstyle::Style;
use indicatif::{HumanBytes, HumanCount};

use super::{group_lines, labelled, source_lines, written_lines};
use crate::cli::outputs::Outputs;
use crate::cli::terminal::{BAD, GOOD, ODD};
use crate::model::mismatch::{Class, Extras};
use crate::model::verification::{CodeGroup, Conclusion, VerifyOutcome};
use crate::report::verify::{notice, verdict};

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
    lines.push(labelled(0, "Depth", request.depth.into()));
    if !request.sample.is_whole() {
        lines.push(labelled(0, "Sample", &request.sample.to_string()));
    }
    let counts = outcome.revision_counts();
    let is_all = counts.to_check > 0 && counts.checked == counts.to_check;
    let style = if is_all { GOOD } else { BAD };
    let checked = format!(
        "{style}{} of {}{style:#} archives, {} files, {} read",
        HumanCount(counts.checked),
        HumanCount(counts.to_check),
        HumanCount(outcome.file_count()),
        HumanBytes(outcome.reading.byte_len),
    );
    lines.push(labelled(0, "Checked", &checked));
    let notices = outcome.notices().iter().enumerate();
    lines.extend(notices.map(|(index, note)| labelled(index, "Note", &notice(note))));
    lines.extend(mismatch_lines(outcome.by_code()));
    let style = match outcome.conclusion() {
        Conclusion::Match => GOOD,
        Conclusion::Mismatch | Conclusion::NotProven => BAD,
    };
    lines.push(labelled(0, "Verdict", &format!("{style}{}{style:#}", verdict(outcome))));
    if outputs.reports.is_empty() && !outcome.mismatches().is_empty() {
        let text = "--report FILE.md lists the mismatches, --report FILE.json without shortening";
        lines.push(labelled(1, "", text));
    }
    lines.extend(written_lines(outputs));
    lines.join("\n")
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
