//! The report of `audit-history` as an HTML page: the counts and the timeline of each stage, then findings, then every
//! revision whose content changed, then every revision that is unknown or gone.

use askama::Template;

use super::timeline::{Axis, Strip, Timeline};
use super::{GoneRevision, HistoryReport, RevisionCounts};
use crate::model::package::RevisionId;
use crate::model::timeline::{ChangeCounts, CommitStamp, HistoryFinding};
use crate::report::html::findings::{Group, Item};
use crate::report::html::text::Text;
use crate::report::html::{Figure, Page};
use crate::report::text::{grouped, numbered};
use crate::rules::history::{Fate, StageHistory, StepKind, fate};

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    page: Page,
    is_whole: bool,
    commit_count: String,
    figures: Vec<Figure>,
    walks: Vec<WalkRow>,
    timeline: Option<Timeline>,
    groups: Vec<Group>,
    finding_count: String,
    stages: Vec<&'static str>,
    changed: Vec<ChangedTable>,
    unknown: Vec<Row>,
    gone: Vec<GoneRow>,
    others: Vec<OtherRow>,
}

struct WalkRow {
    stage: &'static str,
    reference: Text,
    commits: String,
    cut_off: bool,
    from: Stamp,
    to: Stamp,
    gone: String,
    changed: String,
}

struct ChangedTable {
    stage: &'static str,
    count: String,
    rows: Vec<ChangedRow>,
}

struct ChangedRow {
    revision: Text,
    first: Stamp,
    changes: Vec<(Stamp, String)>,
    now: &'static str,
    strip: Option<Strip>,
}

struct Row {
    revision: Text,
    stages: String,
    first: Stamp,
}

struct GoneRow {
    revision: Text,
    stages: String,
    stage: &'static str,
    last: Stamp,
    removed: Stamp,
}

struct OtherRow {
    path: Text,
    code: &'static str,
    message: Text,
    stages: String,
    now: &'static str,
}

/// A commit: the start of its id, and its date.
struct Stamp {
    id: String,
    date: String,
}

impl Stamp {
    fn of(stamp: CommitStamp) -> Self {
        let date = stamp.time.map_or("no date".to_owned(), |time| time.to_string());
        Stamp {
            id: stamp.commit_id.to_string().chars().take(12).collect(),
            date: date.replace('T', " ").replace('Z', ""),
        }
    }
}

/// Renders the report as one HTML file.
pub fn render(report: &HistoryReport) -> String {
    HistoryPage::of(report).render().expect("writing to a String cannot fail")
}

impl HistoryPage {
    fn of(report: &HistoryReport) -> Self {
        let axis = Axis::of(report);
        let (gone, by_stage) = (report.gone(), report.changed_by_stage());
        let commit_count = report.walks.iter().map(|walk| walk.commit_count).sum();
        let walks = report.walks.iter().zip(&report.source.stages).zip(&by_stage);
        let walks = walks.map(|((walk, source), (_, changed))| WalkRow {
            stage: walk.stage.into(),
            reference: Text::of(&source.reference),
            commits: grouped(walk.commit_count),
            cut_off: !walk.reaches_the_beginning,
            from: Stamp::of(walk.oldest),
            to: Stamp::of(walk.newest),
            gone: grouped(gone.iter().filter(|gone| gone.last.stage == walk.stage).count() as u64),
            changed: grouped(changed.len() as u64),
        });
        let changed = by_stage.iter().filter(|(_, changed)| !changed.is_empty());
        let changed = changed.map(|(stage, changed)| ChangedTable {
            stage: stage.into(),
            count: numbered(changed.len() as u64, "revision", "revisions"),
            rows: changed.iter().map(|row| changed_row(report, axis, *row)).collect(),
        });
        let unknown = report.history.of_fate(Fate::Unknown).map(|(revision, all)| Row {
            revision: named(revision),
            stages: stages(all),
            first: first(all),
        });
        let others = report.history.others.iter().map(|(place, all)| OtherRow {
            path: Text::of(&place.path),
            code: place.kind.code(),
            message: Text::of(&place.kind.message()),
            stages: stages(all),
            now: now(fate(all)),
        });
        HistoryPage {
            page: Page::of("History of v1", &report.tool, &report.source),
            is_whole: report.is_whole(),
            commit_count: grouped(commit_count),
            figures: figures(report),
            walks: walks.collect(),
            timeline: Timeline::of(report),
            groups: groups(report),
            finding_count: grouped(report.findings.len() as u64),
            stages: report.walks.iter().map(|walk| walk.stage.into()).collect(),
            changed: changed.collect(),
            unknown: unknown.collect(),
            gone: gone.into_iter().map(gone_row).collect(),
            others: others.collect(),
        }
    }
}

fn figures(report: &HistoryReport) -> Vec<Figure> {
    let RevisionCounts { ever, at_tip, gone, unknown } = report.revision_counts();
    let changed = report.history.changed().count();
    let counts = [ever, at_tip, gone, changed, unknown].map(|count| count as u64);
    let [ever, at_tip, gone, changed, unknown] = counts;
    vec![
        Figure::counted(ever, "revision ever", "revisions ever"),
        Figure::of(grouped(at_tip), "at a tip today"),
        Figure::toned(gone, "gone", "odd"),
        Figure::toned(changed, "changed after release", "odd"),
        Figure::toned(unknown, "unknown", "bad"),
    ]
}

/// Groups the findings, each with its commit.
fn groups(report: &HistoryReport) -> Vec<Group> {
    let group = |found: crate::report::findings::CodeGroup<'_>| {
        let of_group = |at: &&HistoryFinding| {
            let kind = &at.finding.kind;
            (kind.severity(), kind.code()) == (found.severity, found.code)
        };
        let item = |HistoryFinding { commit, finding }: &HistoryFinding| {
            let Stamp { id, date } = Stamp::of(*commit);
            Item { commit: Some(format!("{id} {date}")), ..Item::of(finding) }
        };
        let items = report.findings.iter().filter(of_group).map(item).collect();
        Group::of(found.severity.to_string(), found.code, items)
    };
    report.by_code().into_iter().map(group).collect()
}

fn changed_row(
    report: &HistoryReport,
    axis: Option<Axis>,
    (revision, history): (&RevisionId, &StageHistory),
) -> ChangedRow {
    let changes = history.changes().map(|step| {
        let what = match step.what {
            StepKind::Content(ChangeCounts { added, removed, changed }) => {
                format!("{added} added, {removed} removed, {changed} changed")
            }
            _ => "cannot be compared".to_owned(),
        };
        (Stamp::of(step.commit), what)
    });
    ChangedRow {
        revision: named(revision),
        first: Stamp::of(history.first()),
        changes: changes.collect(),
        now: now(fate(&report.history.revisions[revision])),
        strip: axis.map(|axis| axis.strip(history)),
    }
}

fn gone_row(GoneRevision { revision, stages: all, last }: GoneRevision<'_>) -> GoneRow {
    GoneRow {
        revision: named(revision),
        stages: stages(all),
        stage: last.stage.into(),
        last: Stamp::of(last.last),
        removed: Stamp::of(last.removed),
    }
}

fn named(revision: &RevisionId) -> Text {
    Text::of(&format!("{} {}", revision.name, revision.version))
}

fn stages(histories: &[StageHistory]) -> String {
    histories.iter().map(|history| history.stage.into()).collect::<Vec<&str>>().join(", ")
}

fn first(histories: &[StageHistory]) -> Stamp {
    let first = histories.iter().map(StageHistory::first).min_by_key(|first| first.time);
    Stamp::of(first.expect("every revision was in a stage"))
}

fn now(fate: Fate) -> &'static str {
    match fate {
        Fate::AtTip => "at a tip",
        Fate::Gone => "gone",
        Fate::Unknown => "unknown",
    }
}
