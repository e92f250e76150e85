//! What the terminal shows at the end: ten seconds of reading.

use std::fmt::{self, Write};
use std::path::Path;

use indicatif::{HumanBytes, HumanCount};

use super::migrate::Target;
use super::terminal::{BAD, GOOD, ODD, STRONG};
use crate::finding::Severity;
use crate::migrate::{Deliveries, Outcome};

/// Renders the summary of a run.
pub(super) fn render(
    outcome: &Outcome,
    keeps_archives: bool,
    folder: Option<&Path>,
    written: &[&Target],
) -> String {
    let mut text = String::new();
    write_summary(&mut text, outcome, keeps_archives, folder, written)
        .expect("writing to a String cannot fail");
    text.truncate(text.trim_end().len());
    text
}

fn write_summary(
    out: &mut String,
    outcome: &Outcome,
    keeps_archives: bool,
    folder: Option<&Path>,
    written: &[&Target],
) -> fmt::Result {
    let report = &outcome.report;
    for (index, stage) in report.source.stages.iter().enumerate() {
        let commit: String = stage.commit.chars().take(12).collect();
        let head = label(if index == 0 { "Read" } else { "" });
        writeln!(out, "{head} {:10} {} at {commit}", stage.stage, stage.reference)?;
    }
    let balance = report.balance;
    writeln!(
        out,
        "{} {} = {} archived + {} duplicates + {} excluded + {} blocked",
        label("Copies"),
        HumanCount(balance.copies),
        HumanCount(balance.archived),
        HumanCount(balance.duplicates),
        HumanCount(balance.excluded),
        HumanCount(balance.blocked),
    )?;
    write_archives(out, outcome, keeps_archives, folder)?;
    let counts = report.counts_by_code();
    if counts.is_empty() {
        writeln!(out, "{} none", label("Findings"))?;
    }
    for (index, counted) in counts.iter().enumerate() {
        let head = label(if index == 0 { "Findings" } else { "" });
        let style = match counted.severity {
            Severity::Blocker => BAD,
            Severity::Conflict | Severity::Warning => ODD,
            Severity::Info => anstyle::Style::new(),
        };
        let count = HumanCount(counted.count as u64).to_string();
        writeln!(
            out,
            "{head} {style}{:8}{style:#} {count:>6}  {}",
            counted.severity, counted.code
        )?;
    }
    for (index, target) in written.iter().enumerate() {
        writeln!(out, "{} {target}", label(if index == 0 { "Written" } else { "" }))?;
    }
    Ok(())
}

fn write_archives(
    out: &mut String,
    outcome: &Outcome,
    keeps_archives: bool,
    folder: Option<&Path>,
) -> fmt::Result {
    let Deliveries { written_count, kept_count, discarded_count, refused } = &outcome.deliveries;
    let total = outcome.plan.uploads.len() as u64;
    let bytes = HumanBytes(outcome.plan.uploads.iter().map(|upload| upload.size).sum());
    write!(out, "{} ", label("Archives"))?;
    match (keeps_archives, folder) {
        (true, Some(folder)) => {
            let in_place = written_count + kept_count;
            let style = if in_place == total { GOOD } else { BAD };
            write!(
                out,
                "{style}{} of {}{style:#} in {} ({bytes}): {} written, {} kept",
                HumanCount(in_place),
                HumanCount(total),
                folder.display(),
                HumanCount(*written_count),
                HumanCount(*kept_count),
            )?;
        }
        (_, Some(folder)) => write!(
            out,
            "{} ({bytes}); a run would write {} into {} and keep {} (dry run: nothing is written)",
            HumanCount(total),
            HumanCount(*discarded_count),
            folder.display(),
            HumanCount(*kept_count),
        )?,
        (_, None) => {
            write!(out, "{} ({bytes}) would be written (dry run: nothing is)", HumanCount(total))?
        }
    }
    if !refused.is_empty() {
        write!(out, ", {BAD}{} refused{BAD:#}", HumanCount(refused.len() as u64))?;
    }
    writeln!(out)
}

/// What is wrong with the output folder; shown even to those who want it quiet.
pub(super) fn folder_faults(
    deliveries: &Deliveries,
    folder: Option<&Path>,
    unplanned: &[String],
) -> Option<String> {
    let folder = folder?;
    let mut lines = Vec::new();
    for key in &deliveries.refused {
        lines.push(format!(
            "{BAD}error{BAD:#}: {} is already there with other bytes, and was not replaced",
            folder.join(key.as_str()).display()
        ));
    }
    if !deliveries.refused.is_empty() {
        lines.push(format!(
            "  {STRONG}hint{STRONG:#}: find out who made it; move it away if this run's archive is the right one, then run again"
        ));
    }
    const SHOWN: usize = 5;
    if !unplanned.is_empty() {
        let shown = unplanned.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = match unplanned.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        lines.push(format!(
            "{ODD}warning{ODD:#}: not in this plan, but in {}: {shown}{more}",
            folder.join(crate::package::ARCHIVE_PREFIX).display()
        ));
        lines.push(format!(
            "  {STRONG}hint{STRONG:#}: a tool that copies the whole folder would publish them too"
        ));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn label(text: &str) -> String {
    format!("{STRONG}{text:9}{STRONG:#}")
}
