//! The report of `audit-history`: its model and counts, and one pure renderer per format.

pub mod html;
pub mod json;
pub mod markdown;
mod timeline;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::finding::Severity;
use crate::model::package::{RevisionId, Stage};
use crate::model::plan::{Source, Tool};
use crate::model::timeline::{HistoryFinding, Walk};
use crate::rules::history::{Fate, History, LastPresence, StageHistory, last_presence};

use super::findings::CodeGroup;

/// The result of `audit-history`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryReport {
    /// The tool that made the report.
    pub tool: Tool,
    /// The repository's stages that were read.
    pub source: Source,
    /// The commits that were read, per stage.
    pub walks: Vec<Walk>,
    /// The history of each revision.
    pub history: History,
    /// Findings about the history as such, the worst first.
    pub findings: Vec<HistoryFinding>,
}

/// The number of revisions by fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RevisionCounts {
    /// Revisions that were ever in a stage: the sum of the others.
    pub ever: usize,
    /// Revisions that are at the tip of a stage.
    pub at_tip: usize,
    /// Revisions that are not at any tip.
    pub gone: usize,
    /// Revisions that may be at a tip that cannot be read.
    pub unknown: usize,
}

/// A revision that is not at any tip.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct GoneRevision<'a> {
    /// The revision.
    #[serde(flatten)]
    pub revision: &'a RevisionId,
    /// When and where it was last present.
    #[serde(flatten)]
    pub last: LastPresence,
    /// The stages that had it.
    pub stages: &'a [StageHistory],
}

impl HistoryReport {
    /// Counts the revisions by fate.
    pub fn revision_counts(&self) -> RevisionCounts {
        let count = |fate| self.history.of_fate(fate).count();
        RevisionCounts {
            ever: self.history.revisions.len(),
            at_tip: count(Fate::AtTip),
            gone: count(Fate::Gone),
            unknown: count(Fate::Unknown),
        }
    }

    /// Returns the revisions that are not at any tip, by name and version.
    pub fn gone(&self) -> Vec<GoneRevision<'_>> {
        let gone = self.history.of_fate(Fate::Gone);
        gone.map(|(revision, stages)| {
            let last = last_presence(stages).expect("a revision that is gone was removed");
            GoneRevision { revision, last, stages }
        })
        .collect()
    }

    /// Returns the histories in which a revision's content changed, by stage, then by name and version.
    pub fn changed_by_stage(&self) -> Vec<(Stage, Vec<(&RevisionId, &StageHistory)>)> {
        let of_stage = |stage: Stage| {
            let all = self.history.changed();
            all.flat_map(|(revision, stages)| stages.into_iter().map(move |s| (revision, s)))
                .filter(|(_, history)| history.stage == stage)
                .collect()
        };
        self.walks.iter().map(|walk| (walk.stage, of_stage(walk.stage))).collect()
    }

    /// Counts the paths that are not revisions, by the code of the finding that `migrate` would report.
    pub fn other_counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for place in self.history.others.keys() {
            *counts.entry(place.kind.code()).or_default() += 1;
        }
        counts
    }

    /// Groups the findings by severity, the worst first, then by code.
    pub fn by_code(&self) -> Vec<CodeGroup<'_>> {
        CodeGroup::all_of(self.findings.iter().map(|found| &found.finding))
    }

    /// Returns whether a finding is at or above `threshold`.
    pub fn reaches(&self, threshold: Severity) -> bool {
        self.findings.iter().any(|found| found.finding.kind.severity() >= threshold)
    }

    /// Returns whether the history is complete: nothing that could not be read affects the result.
    pub fn is_whole(&self) -> bool {
        !self.reaches(Severity::Blocker)
    }
}
