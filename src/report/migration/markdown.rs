//! The report as Markdown: the verdict and the balance, findings that need a decision, and other findings;
//! grouped by code, with the first few examples of each.
//!
//! The number of findings that are shown is bounded by the number of codes; omitted ones are counted, and the report
//! says where to find them. What users will see is complete: one row per package and change. Every text from a repository is escaped by `text`.

use std::fmt::{self, Write};

use super::{Report, against, objects, reasons, visibility};
use crate::model::balance::Balance;
use crate::model::finding::{Detail, Finding, Severity};
use crate::model::registry_release::RegistryRelease;
use crate::model::resources::Resource;
use crate::model::validation::{Validation, ValidationCounts};
use crate::report::findings::CodeGroup;
use crate::report::signatures;
use crate::report::text::{AllFindings, EXAMPLES, fenced, grouped, inline, shown_count};
use crate::report::text::{write_advice, write_cut, write_row, write_source};

/// The maximum number of lines shown of one text, and of settled findings.
const MAX_LINES: usize = 200;

/// Renders the report as Markdown.
pub fn render(report: &Report, all_findings: &AllFindings) -> String {
    let mut text = String::new();
    write_report(&mut text, report, all_findings).expect("writing to a String cannot fail");
    text
}

fn write_report(out: &mut String, report: &Report, all: &AllFindings) -> fmt::Result {
    writeln!(out, "# Migration report\n")?;
    writeln!(out, "**{}.**\n", capitalized(&report.verdict().to_string()))?;
    if !report.shard.is_whole() {
        writeln!(out, "Partial: shard {} of the packages.\n", report.shard)?;
    }
    if !report.scope.is_everything() {
        writeln!(out, "Partial: {}.\n", inline(&report.scope.to_string()))?;
    }
    if report.registry != RegistryRelease::NEWEST {
        writeln!(out, "Checked against package-registry {}.\n", report.registry)?;
    }
    if !report.resources.is_default() {
        writeln!(out, "Made: {}.\n", inline(&report.resources.to_string()))?;
    }
    write_balance(out, &report.balance)?;
    if report.resources.has(Resource::Static) {
        writeln!(out, "\n{}", objects::statics(report.statics))?;
    }
    if let Some(index) = &report.index {
        writeln!(out, "\n{}", inline(&objects::index(index)))?;
    }
    write_validation(out, report.validation.as_ref())?;
    if let Some(not_installable) = report.not_installable() {
        writeln!(out, "\nKibana: {}.", inline(&not_installable.to_string()))?;
    }
    let groups = report.by_code();
    let (open, rest): (Vec<_>, Vec<_>) =
        groups.into_iter().partition(|group| group.severity >= Severity::Conflict);
    for (title, groups) in [("What needs a decision", open), ("Everything else", rest)] {
        if !groups.is_empty() {
            writeln!(out, "\n## {title}")?;
        }
        groups.iter().try_for_each(|group| write_group(out, group, all))?;
    }
    write_settled(out, report, all)?;
    visibility::write_section(out, &report.visibility, report.registry)?;
    signatures::write_section(out, &report.signatures, all)?;
    if let Some(comparison) = &report.against {
        against::write_section(out, comparison, all)?;
    }
    write_source(out, "What was read", &report.source)?;
    writeln!(out, "\n---\nMade by {} {}.", report.tool.name, report.tool.version)
}

fn write_balance(out: &mut String, balance: &Balance) -> fmt::Result {
    let Balance { copies, archived, duplicates, excluded, blocked } = balance;
    let counts = [*copies, *archived, *duplicates, excluded.total(), *blocked].map(grouped);
    writeln!(out, "| copies | archived | duplicates | excluded | blocked |")?;
    writeln!(out, "|---:|---:|---:|---:|---:|\n| {} |", counts.join(" | "))?;
    if excluded.total() > 0 {
        writeln!(out, "\nExcluded: {}.", reasons(excluded))?;
    }
    Ok(())
}

/// Writes the result of the validation, or that there was none.
fn write_validation(out: &mut String, validation: Option<&Validation>) -> fmt::Result {
    let Some(Validation { settings, counts }) = validation else {
        return writeln!(out, "\nPackages were not validated: no `--validate-command` was given.");
    };
    let ValidationCounts { passed, failed, not_validated } = *counts;
    let command = inline(&settings.command.to_string());
    let [passed, failed, not_validated] = [passed, failed, not_validated].map(grouped);
    writeln!(
        out,
        "\nPackages were validated with {command}: {} revisions, {passed} passed, {failed} failed, {not_validated} not validated.",
        grouped(counts.total()),
    )
}

/// Writes the settled findings, so that people find their decisions in the report.
fn write_settled(out: &mut String, report: &Report, all: &AllFindings) -> fmt::Result {
    let settled: Vec<_> = report.settled().collect();
    if settled.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Settled\n\n| revision | code | decision | reason |\n|---|---|---|---|")?;
    let shown = &settled[..shown_count(settled.len(), MAX_LINES)];
    for (finding, settlement) in shown {
        let (code, decision) = (finding.kind.code(), settlement.decision);
        let (subject, reason) = (subject(finding), inline(&settlement.reason));
        writeln!(out, "| {subject} | {code} | {decision} | {reason} |")?;
    }
    write_cut(out, "\n", settled.len() - shown.len(), all)
}

fn write_group(out: &mut String, group: &CodeGroup<'_>, all: &AllFindings) -> fmt::Result {
    let CodeGroup { severity, code, findings } = group;
    writeln!(out, "\n### {code} ({severity}, {})\n", grouped(findings.len() as u64))?;
    write_advice(out, findings.iter().map(|finding| finding.kind.advice()))?;
    let shown = &findings[..shown_count(findings.len(), EXAMPLES)];
    writeln!(out, "| revision | stages | path | finding |\n|---|---|---|---|")?;
    for finding in shown {
        let path = inline(finding.path.as_deref().unwrap_or(""));
        let message = inline(&finding.kind.message());
        write_row(out, [subject(finding), stages(finding), path, message])?;
    }
    write_cut(out, "\n", findings.len() - shown.len(), all)?;
    shown.iter().try_for_each(|finding| write_details(out, finding, all))
}

/// Writes evidence that is too long for a cell of a table.
fn write_details(out: &mut String, finding: &Finding, all: &AllFindings) -> fmt::Result {
    let details = finding.kind.details();
    if !details.is_empty() {
        let at = finding.path.as_deref().map(|path| format!(", {}", inline(path)));
        let at = at.unwrap_or_default();
        writeln!(out, "\n{} in {}{at}:\n", subject(finding), stages(finding))?;
    }
    for detail in details {
        match detail {
            Detail::Paths { what, paths } => {
                let shown = &paths[..shown_count(paths.len(), EXAMPLES)];
                for path in shown {
                    writeln!(out, "- {what}: {}", inline(path))?;
                }
                write_cut(out, "- ", paths.len() - shown.len(), all)?;
            }
            Detail::Text { language, text } => {
                let lines: Vec<&str> = text.lines().collect();
                let shown = &lines[..shown_count(lines.len(), MAX_LINES)];
                writeln!(out, "\n{}", fenced(language, &shown.join("\n")))?;
                write_cut(out, "\n", lines.len() - shown.len(), all)?;
            }
        }
    }
    Ok(())
}

fn subject(finding: &Finding) -> String {
    match (&finding.package, &finding.version) {
        (Some(package), Some(version)) => format!("{} {}", inline(package), inline(version)),
        (Some(package), None) => inline(package),
        (None, _) => "–".to_owned(),
    }
}

fn stages(finding: &Finding) -> String {
    finding.stages.iter().map(<&str>::from).collect::<Vec<_>>().join(", ")
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + characters.as_str()
    })
}
