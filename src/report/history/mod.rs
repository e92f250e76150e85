//! What an audit of history has to tell: its model and counts, and one pure renderer per format.

pub mod json;
pub mod markdown;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::finding::Severity;
use crate::model::package::{RevisionId, Stage};
use crate::model::plan::{Source, Tool};
use crate::model::timeline::{HistoryFinding, Walk};
use crate::rules::history::{Fate, History, LastPresence, StageHistory, last_presence};

use super::findings::CodeGroup;

/// The report of an audit of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryReport {
    /// What made the report.
    pub tool: Tool,
    /// What was read.
    pub source: Source,
    /// How far, one a stage.
    pub walks: Vec<Walk>,
    /// What happened.
    pub history: History,
    /// What a person should know of the reading itself, the worst first.
    pub findings: Vec<HistoryFinding>,
}

/// How many revisions there are of each fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RevisionCounts {
    /// Revisions that any stage ever had: the sum of the others.
    pub ever: usize,
    /// Revisions that the tip of a stage has.
    pub at_tip: usize,
    /// Revisions that no tip has.
    pub gone: usize,
    /// Revisions that a tip may have which cannot be read.
    pub unknown: usize,
}

/// A revision that no tip has.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct GoneRevision<'a> {
    /// The revision.
    #[serde(flatten)]
    pub revision: &'a RevisionId,
    /// When and where it was there last.
    #[serde(flatten)]
    pub last: LastPresence,
    /// The stages that had it.
    pub stages: &'a [StageHistory],
}

impl HistoryReport {
    /// Revisions by fate.
    pub fn revision_counts(&self) -> RevisionCounts {
        let count = |fate| self.history.of_fate(fate).count();
        RevisionCounts {
            ever: self.history.revisions.len(),
            at_tip: count(Fate::AtTip),
            gone: count(Fate::Gone),
            unknown: count(Fate::Unknown),
        }
    }

    /// The revisions that no tip has, by name and version.
    pub fn gone(&self) -> Vec<GoneRevision<'_>> {
        let gone = self.history.of_fate(Fate::Gone);
        gone.map(|(revision, stages)| {
            let last = last_presence(stages).expect("what is gone was removed");
            GoneRevision { revision, last, stages }
        })
        .collect()
    }

    /// The histories in which a revision's content changed, by stage, then by name and version.
    pub fn changed_by_stage(&self) -> Vec<(Stage, Vec<(&RevisionId, &StageHistory)>)> {
        let of_stage = |stage: Stage| {
            let all = self.history.changed();
            all.flat_map(|(revision, stages)| stages.into_iter().map(move |s| (revision, s)))
                .filter(|(_, history)| history.stage == stage)
                .collect()
        };
        self.walks.iter().map(|walk| (walk.stage, of_stage(walk.stage))).collect()
    }

    /// Places that are no revisions', by the code that a tip would get for them.
    pub fn other_counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for place in self.history.others.keys() {
            *counts.entry(place.kind.code()).or_default() += 1;
        }
        counts
    }

    /// Findings by code, the worst first, then by code.
    pub fn by_code(&self) -> Vec<CodeGroup<'_>> {
        CodeGroup::all_of(self.findings.iter().map(|found| &found.finding))
    }

    /// Tells whether a finding is at or above `threshold`.
    pub fn reaches(&self, threshold: Severity) -> bool {
        self.findings.iter().any(|found| found.finding.kind.severity() >= threshold)
    }

    /// Tells whether all of the history was read that the answer needs.
    pub fn is_whole(&self) -> bool {
        !self.reaches(Severity::Blocker)
    }
}
