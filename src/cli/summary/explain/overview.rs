//! The text on a package: a line for each version, and the events of all.

use super::events::all_events;
use super::findings::{finding_lines, history_findings};
use super::in_v2;
use super::lines::push;
use crate::cli::summary::labelled;
use crate::model::finding::Severity;
use crate::model::package::PackageVersion;
use crate::report::explain::{RevisionStory, Story, StoryOutcome};

pub(super) fn overview(story: &Story, lines: &mut Vec<String>) {
    push(
        lines,
        "Versions",
        table(story.revisions.iter().map(|revision| row(story, revision))),
        "none",
    );
    if let Some(places) = &story.places {
        lines.extend(in_v2::place_lines(places));
        for revision in &story.revisions {
            for line in revision.v2.iter().flat_map(in_v2::mismatch_texts) {
                lines.push(labelled(1, "", &format!("{}: {line}", revision.revision.version)));
            }
        }
    }
    push(lines, "History", all_events(story), "none");
    let of_package = story.findings.iter().filter(|finding| finding.version.is_none());
    push(lines, "Findings", of_package.flat_map(finding_lines).collect(), "");
    history_findings(story, lines);
    let hint = format!("`explain <V1_REPO> {}-<VERSION>` shows one in full", story.subject.name);
    lines.push(labelled(1, "", &hint));
}

/// Returns the cells of a revision: its version, the stages that have it, what a migration does with it, its state
/// in v2, and the codes of its findings.
fn row(story: &Story, revision: &RevisionStory) -> [String; 5] {
    let copies: Vec<&str> = revision.copies.iter().map(|copy| copy.stage.into()).collect();
    [
        revision.revision.version.to_string(),
        if copies.is_empty() { "-".to_owned() } else { copies.join(",") },
        outcome_word(&revision.outcome),
        revision.v2.as_ref().map(in_v2::states_word).unwrap_or_default(),
        codes(story, &revision.revision.version),
    ]
}

/// Aligns the columns of a table, without those that are empty.
fn table(rows: impl Iterator<Item = [String; 5]>) -> Vec<String> {
    let rows: Vec<_> = rows.collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(widths).filter(|(_, width)| *width > 0);
        let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn codes(story: &Story, version: &PackageVersion) -> String {
    let mut codes: Vec<&str> = Vec::new();
    for finding in story.findings_on(version) {
        let is_shown = finding.kind.severity() > Severity::Info;
        if is_shown && !codes.contains(&finding.kind.code()) {
            codes.push(finding.kind.code());
        }
    }
    codes.join(", ")
}

fn outcome_word(outcome: &StoryOutcome) -> String {
    match outcome {
        StoryOutcome::Archived { stage, .. } => format!("archived from {stage}"),
        StoryOutcome::Blocked { .. } => "blocked".to_owned(),
        StoryOutcome::Skipped { .. } => "skipped".to_owned(),
        StoryOutcome::Gone { .. } => "gone".to_owned(),
        StoryOutcome::Unknown => "unknown".to_owned(),
    }
}
