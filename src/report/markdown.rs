//! The report as Markdown, for people: the balance first, then findings by code, the worst first.

use std::fmt::{self, Write};

use super::{CodeCount, Report};
use crate::content::is_hidden;
use crate::finding::{Finding, FindingKind, Severity};

/// Renders the report.
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    write_report(&mut text, report).expect("writing to a String cannot fail");
    text
}

fn write_report(out: &mut String, report: &Report) -> fmt::Result {
    let balance = &report.balance;
    writeln!(out, "# Migration report\n")?;
    if !report.shard.is_whole() {
        writeln!(out, "Of shard {} of the packages only.\n", report.shard)?;
    }
    writeln!(out, "{}\n", verdict(report))?;
    writeln!(out, "| copies | archived | duplicates | excluded | blocked |")?;
    writeln!(out, "|---:|---:|---:|---:|---:|")?;
    writeln!(
        out,
        "| {} | {} | {} | {} | {} |\n",
        balance.copies, balance.archived, balance.duplicates, balance.excluded, balance.blocked
    )?;
    writeln!(out, "| stage | ref | commit |\n|---|---|---|")?;
    for stage in &report.source.stages {
        writeln!(out, "| {} | {} | `{}` |", stage.stage, cell(&stage.reference), stage.commit)?;
    }
    for counted in report.counts_by_code() {
        write_code(out, report, counted)?;
    }
    writeln!(out, "\n---\nMade by {} {}.", report.tool.name, report.tool.version)
}

fn verdict(report: &Report) -> String {
    let Some(worst) = report.findings.iter().map(|finding| finding.kind.severity()).max() else {
        return "Nothing found: every copy is migrated.".to_owned();
    };
    let count = report.findings.iter().filter(|f| f.kind.severity() == worst).count();
    match worst {
        Severity::Blocker => format!(
            "**Blocked: {} of {} copies are not migrated** ({count} findings).",
            report.balance.blocked, report.balance.copies
        ),
        Severity::Conflict => format!(
            "**{count} conflicts were settled by precedence**: look at each before the upload."
        ),
        Severity::Warning => format!("Whole, with {count} warnings."),
        Severity::Info => "Whole: nothing needs a decision.".to_owned(),
    }
}

fn write_code(out: &mut String, report: &Report, counted: CodeCount) -> fmt::Result {
    let CodeCount { severity, code, count } = counted;
    writeln!(out, "\n## {code} ({severity}, {count})\n")?;
    writeln!(out, "| revision | stages | path | finding |\n|---|---|---|---|")?;
    let of_code = || {
        report
            .findings
            .iter()
            .filter(|finding| (finding.kind.severity(), finding.kind.code()) == (severity, code))
    };
    for finding in of_code() {
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            cell(&subject(finding)),
            stages(finding),
            cell(finding.path.as_deref().unwrap_or("")),
            cell(&finding.kind.message()),
        )?;
    }
    for finding in of_code() {
        write_evidence(out, finding)?;
    }
    let mut advice: Vec<&str> = of_code().map(|finding| finding.kind.advice()).collect();
    advice.dedup();
    writeln!(out)?;
    advice.iter().try_for_each(|line| writeln!(out, "What to do: {line}"))
}

/// Evidence that does not fit into a table's cell.
fn write_evidence(out: &mut String, finding: &Finding) -> fmt::Result {
    let FindingKind::ContentConflict { winner, added, removed, changed, diff, .. } = &finding.kind
    else {
        return Ok(());
    };
    writeln!(out, "\n{} in {}, against {winner}:\n", cell(&subject(finding)), stages(finding))?;
    for (verb, paths) in [("added", added), ("removed", removed), ("changed", changed)] {
        for path in paths {
            writeln!(out, "- {verb}: {}", cell(path))?;
        }
    }
    if diff.is_empty() { Ok(()) } else { write_fenced(out, diff) }
}

/// A block of lines, fenced so that none of them can end it.
fn write_fenced(out: &mut String, lines: &str) -> fmt::Result {
    let longest = lines.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    writeln!(out, "\n{fence}diff\n{lines}{fence}")
}

fn subject(finding: &Finding) -> String {
    match (&finding.package, &finding.version) {
        (Some(package), Some(version)) => format!("{package} {version}"),
        (Some(package), None) => package.clone(),
        (None, _) => "–".to_owned(),
    }
}

fn stages(finding: &Finding) -> String {
    finding.stages.iter().map(|stage| stage.as_str()).collect::<Vec<_>>().join(", ")
}

/// Names come from the repository: nothing in them may become markup.
pub(super) fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            _ if letter.is_control() => escaped.push(' '),
            _ if is_hidden(letter) => escaped.extend(letter.escape_unicode()),
            _ => escaped.push(letter),
        }
    }
    escaped
}
