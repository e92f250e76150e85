//! The JSON report of `audit-history`, with one finding, path or revision per line.

use serde::Serialize;

use super::HistoryReport;
use crate::model::finding::FindingKind;
use crate::model::package::RevisionId;
use crate::model::plan::{head_fields, json_elements, json_lines};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::report::findings::{Found, lines};
use crate::rules::history::{Fate, StageHistory, fate};

/// Renders the report.
///
/// # Errors
/// None that these types can cause; returned so that no error is ignored.
pub fn render(report: &HistoryReport) -> serde_json::Result<String> {
    let HistoryReport { tool, source, walks, history, findings } = report;
    let findings = findings.iter().map(Found::from);
    let unknown = history.of_fate(Fate::Unknown).map(|(revision, stages)| Revision {
        revision,
        now: None,
        stages: stages.iter().collect(),
    });
    let changed = history.changed().map(|(revision, stages)| Revision {
        revision,
        now: Some(fate(&history.revisions[revision])),
        stages,
    });
    let others = history.others.iter().map(|(place, stages)| Other {
        path: &place.path,
        now: fate(stages),
        message: place.kind.message(),
        kind: &place.kind,
        stages,
    });
    let mut fields = head_fields(tool, source, Shard::WHOLE, &Scope::default(), None)?;
    fields.push(("walks", lines(walks)?));
    fields.push(("is_whole", serde_json::to_string(&report.is_whole())?));
    fields.push(("revisions", serde_json::to_string(&report.revision_counts())?));
    fields.push(("findings", lines(findings)?));
    fields.push(("unknown", lines(unknown)?));
    fields.push(("changed", lines(changed)?));
    fields.push(("others", lines(others)?));
    Ok(json_lines(&fields, ("gone", &json_elements(report.gone())?)))
}

/// A revision that is unknown or has changed; only the latter has `now`.
#[derive(Serialize)]
struct Revision<'a> {
    #[serde(flatten)]
    revision: &'a RevisionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<Fate>,
    stages: Vec<&'a StageHistory>,
}

#[derive(Serialize)]
struct Other<'a> {
    path: &'a str,
    now: Fate,
    message: String,
    #[serde(flatten)]
    kind: &'a FindingKind,
    stages: &'a [StageHistory],
}
