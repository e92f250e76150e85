//! The terminal's summary of `report coverage`: the runs, what they proved, and the verdict.

use indicatif::HumanCount;

use super::{labelled, name_lines, written_lines};
use crate::cli::outputs::Outputs;
use crate::cli::terminal::{BAD, GOOD};
use crate::model::verification::{Conclusion, RevisionStatus};
use crate::report::coverage::Coverage;
use crate::report::coverage::sentence::{proved, remarks, verdict};

/// The maximum number of revisions that are named.
const SHOWN: usize = 12;

/// Renders the summary.
pub(in crate::cli) fn render(coverage: &Coverage, outputs: &Outputs) -> String {
    let mut lines = Vec::new();
    for (index, run) in coverage.runs.iter().enumerate() {
        let good = run.results.values().filter(|status| **status == RevisionStatus::Good).count();
        let [good, total] = [good, run.results.len()].map(|count| HumanCount(count as u64));
        let sample = match run.sample.is_whole() {
            true => String::new(),
            false => format!(" in slice {}", run.sample),
        };
        let name = &run.name;
        let text = format!("{name}: {good} of {total} match{sample}, depth {}", run.depth);
        lines.push(labelled(index, "Runs", &text));
    }
    lines.push(labelled(0, "Proved", &proved(&coverage.counts())));
    let remarks = remarks(coverage).into_iter().enumerate();
    lines.extend(remarks.map(|(index, remark)| labelled(index, "Note", &remark)));
    let open: Vec<String> = coverage.open().map(|(revision, _)| revision.to_string()).collect();
    lines.extend(name_lines("Open", &open, SHOWN));
    let style = match coverage.conclusion() {
        Conclusion::Match => GOOD,
        Conclusion::Mismatch | Conclusion::NotProven => BAD,
    };
    lines.push(labelled(0, "Verdict", &format!("{style}{}{style:#}", verdict(coverage))));
    lines.extend(written_lines(outputs));
    lines.join("\n")
}
