//! What the terminal shows at the end: ten seconds of reading.

pub(super) mod history;
pub(super) mod verify;

use std::path::Path;

use anstyle::Style;
use indicatif::{HumanBytes, HumanCount};

use super::outputs::{Outputs, Target};
use super::terminal::{BAD, GOOD, ODD, STRONG};
use crate::model::finding::Severity;
use crate::model::plan::{Plan, Source, SourceStage};
use crate::model::signature_status::Coverage;
use crate::model::validation::{Validation, ValidationCounts};
use crate::ops::migrate::{Deliveries, Outcome};
use crate::report::findings::CodeGroup;
use crate::report::migration::{Report, reasons};
use crate::report::signatures::multiple_signatures_sentence;

/// Renders the summary of a command; `archives` and `signed` are its lines on those.
pub(in crate::cli) fn render(
    report: &Report,
    archives: &str,
    signed: &str,
    outputs: &Outputs,
) -> String {
    let mut lines = source_lines(&report.source);
    if !report.shard.is_whole() {
        lines.push(labelled(0, "Shard", &report.shard.to_string()));
    }
    if !report.scope.is_everything() {
        lines.push(labelled(0, "Scope", &report.scope.to_string()));
    }
    let balance = report.balance;
    let copies = format!(
        "{} = {} archived + {} duplicates + {} excluded{} + {} blocked",
        HumanCount(balance.copies),
        HumanCount(balance.archived),
        HumanCount(balance.duplicates),
        HumanCount(balance.excluded.total()),
        match balance.excluded.total() {
            0 => String::new(),
            _ => format!(" ({})", reasons(&balance.excluded)),
        },
        HumanCount(balance.blocked),
    );
    lines.push(labelled(0, "Copies", &copies));
    lines.extend(report.validation.as_ref().map(validated_line));
    lines.push(labelled(0, "Archives", archives));
    lines.push(labelled(0, "Signed", signed));
    lines.extend(multiple_signatures_line(&report.signatures));
    lines.extend(finding_lines(report.by_code()));
    let not_installable = report.not_installable();
    lines.extend(not_installable.map(|text| labelled(0, "Kibana", &format!("{ODD}{text}{ODD:#}"))));
    match report.settled().count() {
        0 => {}
        count => lines.push(labelled(0, "Settled", &HumanCount(count as u64).to_string())),
    }
    let verdict = report.verdict();
    let style = if verdict.is_ready() { GOOD } else { BAD };
    lines.push(labelled(0, "Verdict", &format!("{style}{verdict}{style:#}")));
    if outputs.reports.is_empty() && !report.findings.is_empty() {
        let text = "--report FILE.md tells what is found, --report FILE.json all of it";
        lines.push(labelled(1, "", text));
    }
    lines.extend(written_lines(outputs));
    lines.join("\n")
}

/// The summary's line on validation.
fn validated_line(validation: &Validation) -> String {
    let ValidationCounts { passed, failed, not_validated } = validation.counts;
    let total = validation.counts.total();
    let style = if passed == total { GOOD } else { ODD };
    let [passed, total, failed, not_validated] =
        [passed, total, failed, not_validated].map(HumanCount);
    let text = format!(
        "{style}{passed} of {total} passed{style:#}, {failed} failed, {not_validated} not validated"
    );
    labelled(0, "Validated", &text)
}

/// The summary's line on archives with several signatures, when there are any.
pub(super) fn multiple_signatures_line(coverage: &Coverage) -> Option<String> {
    let style = if coverage.good_but_not_first().next().is_some() { ODD } else { Style::new() };
    let sentence = multiple_signatures_sentence(coverage)?;
    Some(labelled(0, "Several", &format!("{style}{sentence}{style:#}")))
}

/// The summary's lines on what was read, one a stage.
pub(super) fn source_lines(source: &Source) -> Vec<String> {
    let line = |(index, stage): (usize, &SourceStage)| {
        let commit: String = stage.commit.chars().take(12).collect();
        let text = format!("{:10} {} at {commit}", stage.stage, stage.reference);
        labelled(index, "Read", &text)
    };
    source.stages.iter().enumerate().map(line).collect()
}

/// The summary's lines on findings, one a code.
pub(super) fn finding_lines(groups: Vec<CodeGroup<'_>>) -> Vec<String> {
    let row = |CodeGroup { severity, code, findings }| {
        let style = match severity {
            Severity::Blocker => BAD,
            Severity::Conflict | Severity::Warning => ODD,
            Severity::Info => Style::new(),
        };
        (format!("{style}{severity:8}{style:#}"), findings.len(), code)
    };
    group_lines("Findings", groups.into_iter().map(row).collect())
}

/// A line for each code: how bad it is, how often it occurs, and its name.
fn group_lines(label: &str, groups: Vec<(String, usize, &str)>) -> Vec<String> {
    if groups.is_empty() {
        return vec![labelled(0, label, "none")];
    }
    let line = |(index, (rank, count, code)): (usize, (String, usize, &str))| {
        let count = HumanCount(count as u64).to_string();
        labelled(index, label, &format!("{rank} {count:>6}  {code}"))
    };
    groups.into_iter().enumerate().map(line).collect()
}

/// The summary's lines on what was written.
pub(super) fn written_lines(outputs: &Outputs) -> Vec<String> {
    let line = |(index, target): (usize, &Target)| labelled(index, "Written", &target.to_string());
    outputs.targets().enumerate().map(line).collect()
}

/// A line of the summary; the label stands before the first of its kind only.
pub(super) fn labelled(index: usize, label: &str, text: &str) -> String {
    let label = if index == 0 { label } else { "" };
    format!("{STRONG}{label:9}{STRONG:#} {text}")
}

/// The first `limit` of many names, a line each, and how many more there are.
pub(super) fn name_lines(label: &str, names: &[String], limit: usize) -> Vec<String> {
    let mut lines: Vec<String> = names.iter().take(limit).cloned().collect();
    match names.len().saturating_sub(limit) {
        0 => {}
        cut => lines.push(format!("and {} more", HumanCount(cut as u64))),
    }
    lines.iter().enumerate().map(|(index, line)| labelled(index, label, line)).collect()
}

/// What became of the archives of a run.
pub(super) fn delivered(outcome: &Outcome, keeps_archives: bool, folder: Option<&Path>) -> String {
    let Deliveries { written_count, kept_count, discarded_count, refused } = &outcome.deliveries;
    let total = HumanCount(outcome.plan.archives().count() as u64);
    let bytes = HumanBytes(planned_len(&outcome.plan));
    let mut text = match (keeps_archives, folder) {
        (true, Some(folder)) => {
            let in_place = HumanCount(written_count + kept_count);
            let style = if refused.is_empty() { GOOD } else { BAD };
            format!(
                "{style}{in_place} of {total}{style:#} in {} ({bytes}): {} written, {} kept",
                folder.display(),
                HumanCount(*written_count),
                HumanCount(*kept_count),
            )
        }
        (_, Some(folder)) => format!(
            "{total} ({bytes}); a run would write {} into {} and keep {} (dry run: nothing is written)",
            HumanCount(*discarded_count),
            folder.display(),
            HumanCount(*kept_count),
        ),
        (_, None) => format!("{total} ({bytes}) would be written (dry run: nothing is)"),
    };
    if !refused.is_empty() {
        text += &format!(", {BAD}{} refused{BAD:#}", HumanCount(refused.len() as u64));
    }
    text
}

/// What a plan says of its archives.
pub(super) fn planned(plan: &Plan) -> String {
    let total = HumanCount(plan.archives().count() as u64);
    format!("{total} planned ({})", HumanBytes(planned_len(plan)))
}

fn planned_len(plan: &Plan) -> u64 {
    plan.archives().map(|archive| archive.size).sum()
}
