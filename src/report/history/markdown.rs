//! The audit of history as Markdown, for people: what was read and the counts first, then what
//! cannot be relied on, then every revision whose content changed, then every one that is gone.

use std::fmt::{self, Write};

use super::{GoneRevision, HistoryReport};
use crate::model::finding::Finding;
use crate::model::timeline::{CommitStamp, HistoryFinding};
use crate::report::text::inline;
use crate::rules::history::{Fate, StageHistory, StepKind, fate};

/// Renders the report.
pub fn render(report: &HistoryReport) -> String {
    let mut text = String::new();
    write_report(&mut text, report).expect("writing to a String cannot fail");
    text
}

fn write_report(out: &mut String, report: &HistoryReport) -> fmt::Result {
    writeln!(out, "# History of v1\n\n{}\n", verdict(report))?;
    let counts = report.revision_counts();
    writeln!(out, "| revisions ever | at a tip | gone | unknown |\n|---:|---:|---:|---:|")?;
    writeln!(
        out,
        "| {} | {} | {} | {} |\n",
        counts.ever, counts.at_tip, counts.gone, counts.unknown
    )?;
    writeln!(out, "| stage | ref | commits | from | to | last there, gone | changed |")?;
    writeln!(out, "|---|---|---:|---|---|---:|---:|")?;
    let (gone, changed) = (report.gone(), report.changed_by_stage());
    for ((walk, source), (_, changed)) in
        report.walks.iter().zip(&report.source.stages).zip(&changed)
    {
        writeln!(
            out,
            "| {} | {} | {}{} | {} | {} | {} | {} |",
            walk.stage,
            inline(&source.reference),
            walk.commit_count,
            if walk.reaches_the_beginning { "" } else { ", then cut off" },
            stamp(walk.oldest),
            stamp(walk.newest),
            gone.iter().filter(|gone| gone.last.stage == walk.stage).count(),
            changed.len(),
        )?;
    }
    write_findings(out, report)?;
    for (stage, changed) in changed.iter().filter(|(_, changed)| !changed.is_empty()) {
        writeln!(out, "\n## Changed in {stage} after it was first served ({})\n", changed.len())?;
        writeln!(out, "| revision | first | changed | now |\n|---|---|---|---|")?;
        for (revision, history) in changed {
            writeln!(
                out,
                "| {} {} | {} | {} | {} |",
                inline(revision.name.as_str()),
                inline(&revision.version.to_string()),
                stamp(history.first()),
                changes(history),
                now(fate(&report.history.revisions[*revision])),
            )?;
        }
    }
    write_unknown(out, report)?;
    if !gone.is_empty() {
        write_gone(out, &gone)?;
    }
    write_others(out, report)?;
    writeln!(out, "\n---\nMade by {} {}.", report.tool.name, report.tool.version)
}

fn verdict(report: &HistoryReport) -> String {
    let commit_count: u64 = report.walks.iter().map(|walk| walk.commit_count).sum();
    match report.is_whole() {
        true => format!("All {commit_count} commits of the stages' first-parent histories were read."),
        false => "**Not the whole history:** parts of it could not be read. What follows is only what is known; \
                  the findings say what is missing."
            .to_owned(),
    }
}

fn write_findings(out: &mut String, report: &HistoryReport) -> fmt::Result {
    if report.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Findings ({})\n", report.findings.len())?;
    writeln!(out, "| code | severity | revision | stages | from commit | finding | what to do |")?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for HistoryFinding { commit, finding } in &report.findings {
        let Finding { package, version, stages, path, kind, settled: _ } = finding;
        let subject: Vec<&str> =
            [package, version, path].into_iter().flatten().map(String::as_str).collect();
        let stages: Vec<&str> = stages.iter().map(<&str>::from).collect();
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            kind.code(),
            kind.severity(),
            inline(&subject.join(" ")),
            stages.join(", "),
            stamp(*commit),
            inline(&kind.message()),
            inline(kind.advice()),
        )?;
    }
    Ok(())
}

fn write_unknown(out: &mut String, report: &HistoryReport) -> fmt::Result {
    let unknown: Vec<_> = report.history.of_fate(Fate::Unknown).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Unknown: at a tip that cannot be read, or gone ({})\n", unknown.len())?;
    writeln!(out, "| revision | stages | first |\n|---|---|---|")?;
    for (revision, histories) in unknown {
        writeln!(
            out,
            "| {} {} | {} | {} |",
            inline(revision.name.as_str()),
            inline(&revision.version.to_string()),
            stages(histories),
            first(histories),
        )?;
    }
    Ok(())
}

fn write_gone(out: &mut String, gone: &[GoneRevision<'_>]) -> fmt::Result {
    writeln!(out, "\n## Gone: at no tip now ({})\n", gone.len())?;
    writeln!(out, "| revision | was in | last in | last commit that has it | removed by |")?;
    writeln!(out, "|---|---|---|---|---|")?;
    for GoneRevision { revision, stages: histories, last } in gone {
        writeln!(
            out,
            "| {} {} | {} | {} | {} | {} |",
            inline(revision.name.as_str()),
            inline(&revision.version.to_string()),
            stages(histories),
            last.stage,
            stamp(last.last),
            stamp(last.removed),
        )?;
    }
    Ok(())
}

fn write_others(out: &mut String, report: &HistoryReport) -> fmt::Result {
    let others = &report.history.others;
    if others.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## No revisions, and not counted above ({})\n", others.len())?;
    writeln!(out, "| path in packages/ | what | stages | first | now |\n|---|---|---|---|---|")?;
    for (place, histories) in others {
        writeln!(
            out,
            "| {} | {}: {} | {} | {} | {} |",
            inline(&place.path),
            place.kind.code(),
            inline(&place.kind.message()),
            stages(histories),
            first(histories),
            now(fate(histories)),
        )?;
    }
    Ok(())
}

fn stages(histories: &[StageHistory]) -> String {
    histories.iter().map(|history| history.stage.into()).collect::<Vec<&str>>().join(", ")
}

fn first(histories: &[StageHistory]) -> String {
    let first = histories.iter().map(StageHistory::first).min_by_key(|first| first.time);
    first.map(stamp).unwrap_or_default()
}

fn changes(history: &StageHistory) -> String {
    let texts = history.changes().map(|step| match step.what {
        StepKind::Content(counts) => format!(
            "{} (+{} −{} ~{})",
            stamp(step.commit),
            counts.added,
            counts.removed,
            counts.changed
        ),
        StepKind::NotCompared => format!("{} (cannot be compared)", stamp(step.commit)),
        StepKind::First
        | StepKind::Removed { .. }
        | StepKind::Returned
        | StepKind::ModeOnly
        | StepKind::Unreadable => stamp(step.commit),
    });
    texts.collect::<Vec<_>>().join("<br>")
}

fn stamp(commit: CommitStamp) -> String {
    format!("`{}` {}", commit.commit_id, commit.time)
}

fn now(fate: Fate) -> &'static str {
    match fate {
        Fate::AtTip => "at a tip",
        Fate::Gone => "gone",
        Fate::Unknown => "unknown",
    }
}
