//! The audit of history as JSON, for programs: one finding, place or revision a line.

use serde::Serialize;

use super::{GoneRevision, HistoryReport};
use crate::model::finding::FindingKind;
use crate::model::package::{RevisionId, Stage};
use crate::model::plan::{SCHEMA_VERSION, head_fields, json_lines};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::timeline::{CommitStamp, HistoryFinding, OtherPlace};
use crate::report::findings::{Record, lines};
use crate::rules::history::{Fate, StageHistory, Step, fate};

/// Renders the report.
///
/// # Errors
/// None that these types can cause; passed on rather than hidden.
pub fn render(report: &HistoryReport) -> serde_json::Result<String> {
    let history = &report.history;
    let gone: Vec<Gone<'_>> = report.gone().into_iter().map(Gone::of).collect();
    let changed = history.changed().map(|(revision, stages)| Changed {
        name: Name::of(revision),
        now: fate(&history.revisions[revision]),
        stages: stages.into_iter().map(InStage::of).collect(),
    });
    let mut fields =
        head_fields(SCHEMA_VERSION, &report.tool, &report.source, Shard::WHOLE, &Scope::default())?;
    fields.push(("walks", lines(&report.walks)?));
    fields.push(("is_whole", serde_json::to_string(&report.is_whole())?));
    fields.push(("revisions", serde_json::to_string(&report.revision_counts())?));
    fields.push(("findings", lines(report.findings.iter().map(Found::of))?));
    let unknown = history.of_fate(Fate::Unknown).map(|(revision, stages)| Unknown {
        name: Name::of(revision),
        stages: stages.iter().map(InStage::of).collect(),
    });
    fields.push(("unknown", lines(unknown)?));
    fields.push(("changed", lines(changed)?));
    fields.push(("others", lines(history.others.iter().map(Other::of))?));
    let gone: Vec<String> = gone.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    Ok(json_lines(&fields, ("gone", &gone)))
}

#[derive(Serialize)]
struct Name {
    package: String,
    version: String,
}

impl Name {
    fn of(revision: &RevisionId) -> Self {
        Name { package: revision.name.to_string(), version: revision.version.to_string() }
    }
}

#[derive(Serialize)]
struct InStage<'a> {
    stage: Stage,
    steps: &'a [Step],
}

impl<'a> InStage<'a> {
    fn of(history: &'a StageHistory) -> Self {
        InStage { stage: history.stage, steps: &history.steps }
    }
}

#[derive(Serialize)]
struct Gone<'a> {
    #[serde(flatten)]
    name: Name,
    last_stage: Stage,
    last: CommitStamp,
    removed: CommitStamp,
    stages: Vec<InStage<'a>>,
}

impl<'a> Gone<'a> {
    fn of(gone: GoneRevision<'a>) -> Self {
        Gone {
            name: Name::of(gone.revision),
            last_stage: gone.last.stage,
            last: gone.last.last,
            removed: gone.last.removed,
            stages: gone.stages.iter().map(InStage::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct Changed<'a> {
    #[serde(flatten)]
    name: Name,
    now: Fate,
    stages: Vec<InStage<'a>>,
}

#[derive(Serialize)]
struct Unknown<'a> {
    #[serde(flatten)]
    name: Name,
    stages: Vec<InStage<'a>>,
}

#[derive(Serialize)]
struct Other<'a> {
    path: &'a str,
    now: Fate,
    message: String,
    #[serde(flatten)]
    kind: &'a FindingKind,
    stages: Vec<InStage<'a>>,
}

impl<'a> Other<'a> {
    fn of((place, stages): (&'a OtherPlace, &'a Vec<StageHistory>)) -> Self {
        Other {
            path: &place.path,
            now: fate(stages),
            message: place.kind.message(),
            kind: &place.kind,
            stages: stages.iter().map(InStage::of).collect(),
        }
    }
}

/// A finding's JSON form, after the commit that it was found at.
#[derive(Serialize)]
struct Found<'a> {
    #[serde(flatten)]
    commit: CommitStamp,
    #[serde(flatten)]
    finding: Record<'a>,
}

impl<'a> Found<'a> {
    fn of(HistoryFinding { commit, finding }: &'a HistoryFinding) -> Self {
        Found { commit: *commit, finding: finding.into() }
    }
}
