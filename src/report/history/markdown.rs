//! The Markdown report of `audit-history`: counts and the commits that were read, then findings, then
//! every revision whose content changed, then every revision that is unknown or gone.

use std::fmt::{self, Write};

use super::{GoneRevision, HistoryReport, RevisionCounts};
use crate::model::finding::Finding;
use crate::model::package::RevisionId;
use crate::model::timeline::{ChangeCounts, CommitStamp, HistoryFinding};
use crate::report::text::{inline, write_row, write_table};
use crate::rules::history::{Fate, StageHistory, StepKind, fate};

/// Renders the report.
pub fn render(report: &HistoryReport) -> String {
    let mut text = String::new();
    write_report(&mut text, report).expect("writing to a String cannot fail");
    text
}

fn write_report(out: &mut String, report: &HistoryReport) -> fmt::Result {
    writeln!(out, "# History of v1\n\n{}\n", verdict(report))?;
    let RevisionCounts { ever, at_tip, gone, unknown } = report.revision_counts();
    writeln!(out, "| revisions ever | at a tip | gone | unknown |\n|---:|---:|---:|---:|")?;
    writeln!(out, "| {ever} | {at_tip} | {gone} | {unknown} |\n")?;
    writeln!(out, "| stage | ref | commits | from | to | gone (last in stage) | changed |")?;
    writeln!(out, "|---|---|---:|---|---|---:|---:|")?;
    let (gone, changed) = (report.gone(), report.changed_by_stage());
    let revisions = &report.history.revisions;
    for ((walk, source), (_, changed)) in
        report.walks.iter().zip(&report.source.stages).zip(&changed)
    {
        let cut_off = if walk.reaches_the_beginning { "" } else { ", then cut off" };
        let row = [
            walk.stage.to_string(),
            inline(&source.reference),
            format!("{}{cut_off}", walk.commit_count),
            stamp(walk.oldest),
            stamp(walk.newest),
            gone.iter().filter(|gone| gone.last.stage == walk.stage).count().to_string(),
            changed.len().to_string(),
        ];
        write_row(out, row)?;
    }
    let head = "| code | severity | revision | stages | from commit | finding | what to do |\n\
                |---|---|---|---|---|---|---|";
    write_table(out, "Findings", head, report.findings.iter().map(finding_row))?;
    let head = "| revision | first | changed | now |\n|---|---|---|---|";
    for (stage, changed) in changed {
        let rows = changed.into_iter().map(|(revision, history)| {
            let now = now(fate(&revisions[revision])).to_owned();
            [named(revision), stamp(history.first()), changes(history), now]
        });
        write_table(out, &format!("Changed in {stage} after release"), head, rows)?;
    }
    let unknown = report.history.of_fate(Fate::Unknown);
    let rows = unknown.map(|(revision, all)| [named(revision), stages(all), first(all)]);
    let head = "| revision | stages | first |\n|---|---|---|";
    write_table(out, "Unknown: at an unreadable tip, or gone", head, rows)?;
    let rows = gone.into_iter().map(|GoneRevision { revision, stages: all, last }| {
        let (last, removed, stage) = (stamp(last.last), stamp(last.removed), last.stage);
        [named(revision), stages(all), stage.to_string(), last, removed]
    });
    let head = "| revision | was in | last in | last commit that has it | removed by |\n\
                |---|---|---|---|---|";
    write_table(out, "Gone: not at any tip", head, rows)?;
    let rows = report.history.others.iter().map(|(place, all)| {
        let what = format!("{}: {}", place.kind.code(), inline(&place.kind.message()));
        [inline(&place.path), what, stages(all), first(all), now(fate(all)).to_owned()]
    });
    let head = "| path in packages/ | what | stages | first | now |\n|---|---|---|---|---|";
    write_table(out, "Other paths, not counted above", head, rows)?;
    writeln!(out, "\n---\nMade by {} {}.", report.tool.name, report.tool.version)
}

fn verdict(report: &HistoryReport) -> String {
    let commit_count: u64 = report.walks.iter().map(|walk| walk.commit_count).sum();
    match report.is_whole() {
        true => format!("All {commit_count} commits of the stages' first-parent histories were read."),
        false => "**Incomplete history:** parts of it could not be read. This report covers only what could be read; \
                  the findings list what is missing."
            .to_owned(),
    }
}

fn finding_row(HistoryFinding { commit, finding }: &HistoryFinding) -> [String; 7] {
    let Finding { package, version, stages, path, kind, settled: _ } = finding;
    let subject: Vec<&str> =
        [package, version, path].into_iter().flatten().map(String::as_str).collect();
    let stages: Vec<&str> = stages.iter().map(<&str>::from).collect();
    [
        kind.code().to_owned(),
        kind.severity().to_string(),
        inline(&subject.join(" ")),
        stages.join(", "),
        stamp(*commit),
        inline(&kind.message()),
        inline(kind.advice()),
    ]
}

fn named(revision: &RevisionId) -> String {
    format!("{} {}", inline(revision.name.as_str()), inline(&revision.version.to_string()))
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
        StepKind::Content(ChangeCounts { added, removed, changed }) => {
            format!("{} (+{added} −{removed} ~{changed})", stamp(step.commit))
        }
        StepKind::NotCompared => format!("{} (cannot be compared)", stamp(step.commit)),
        _ => stamp(step.commit),
    });
    texts.collect::<Vec<_>>().join("<br>")
}

fn stamp(commit: CommitStamp) -> String {
    let time = commit.time.map_or("(no date)".to_owned(), |time| time.to_string());
    format!("`{}` {time}", commit.commit_id)
}

fn now(fate: Fate) -> &'static str {
    match fate {
        Fate::AtTip => "at a tip",
        Fate::Gone => "gone",
        Fate::Unknown => "unknown",
    }
}
