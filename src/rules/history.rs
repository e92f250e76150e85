//! What became of each revision: a fold over what the stages' histories show, commit by commit.
//!
//! Pure: sightings in, steps and fates out; no Git, no files. Two trees are compared by whoever can
//! read them. A revision's content is what (path, blob) pairs say; a change of modes is told apart.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::content::ObjectId;
use crate::model::package::{RevisionId, Stage};
use crate::model::timeline::{
    ChangeCounts, CommitStamp, OtherPlace, PathChange, PathState, Subject,
};

/// One thing that happened at a place in one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The commit that did it.
    #[serde(flatten)]
    pub commit: CommitStamp,
    /// What.
    #[serde(flatten)]
    pub what: StepKind,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum StepKind {
    /// It was there for the first time.
    First,
    /// It was removed.
    Removed {
        /// The last commit that holds it.
        last: CommitStamp,
    },
    /// It was there again; a [`StepKind::Content`] follows when it had other files than before.
    Returned,
    /// Its files were no longer those it had when it was last there.
    Content(ChangeCounts),
    /// Its files were the same, in other modes.
    ModeOnly,
    /// Its tree changed, but cannot be compared with the one before.
    NotCompared,
    /// From here on, nobody can say whether it was there.
    Unreadable,
}

/// What happened at a place in one stage, from the first commit on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageHistory {
    /// The stage.
    pub stage: Stage,
    /// Never empty.
    pub steps: Vec<Step>,
    /// What stands there after the last commit.
    #[serde(skip)]
    now: PathState,
    /// What stood there when it was last seen.
    #[serde(skip)]
    last_tree: Option<ObjectId>,
    /// The last commit that it was seen at; kept up to date only while nobody can say.
    #[serde(skip)]
    last_seen: Option<CommitStamp>,
}

/// Where a place stands today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// The tip of a stage has it.
    AtTip,
    /// No tip has it.
    Gone,
    /// No tip that can be read has it, but one that cannot be read may.
    Unknown,
}

/// When and where something that is gone was there last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LastPresence {
    /// The stage that lost it last.
    #[serde(rename = "last_stage")]
    pub stage: Stage,
    /// The last commit that holds it.
    pub last: CommitStamp,
    /// The commit that removed it.
    pub removed: CommitStamp,
}

/// What happened in all stages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// By revision: each stage that ever had it, in the order they were recorded.
    pub revisions: BTreeMap<RevisionId, Vec<StageHistory>>,
    /// Likewise of what is no revision; changes of content are not looked at.
    pub others: BTreeMap<OtherPlace, Vec<StageHistory>>,
}

impl History {
    /// Adds what a stage shows next. Stages come one after the other, in their precedence, and the
    /// sightings of each in the order of its commits.
    ///
    /// # Errors
    /// What `compare` says of a revision's older and newer tree; the step is recorded as
    /// [`StepKind::NotCompared`].
    pub fn record<E>(
        &mut self,
        stage: Stage,
        sighting: PathChange,
        compare: impl FnOnce(ObjectId, ObjectId) -> Result<ChangeCounts, E>,
    ) -> Result<(), E> {
        let PathChange { subject: place, commit, previous, state: sight } = sighting;
        let (stages, sight) = match (place, sight) {
            (Subject::Revision(revision), _) => {
                (self.revisions.entry(revision).or_default(), sight)
            }
            (Subject::Other(other), PathState::Present(_)) => {
                (self.others.entry(other).or_default(), PathState::Present(ANYTHING))
            }
            (Subject::Other(other), _) => (self.others.entry(other).or_default(), sight),
        };
        stage_history(stages, stage).take(commit, previous, sight, compare)
    }

    /// The revisions of one fate.
    pub fn of_fate(&self, fate: Fate) -> impl Iterator<Item = (&RevisionId, &[StageHistory])> {
        self.revisions
            .iter()
            .map(|(revision, stages)| (revision, stages.as_slice()))
            .filter(move |(_, stages)| self::fate(stages) == fate)
    }

    /// Revisions and the histories of those stages in which their content changed, or may have.
    pub fn changed(&self) -> impl Iterator<Item = (&RevisionId, Vec<&StageHistory>)> {
        self.revisions.iter().filter_map(|(revision, stages)| {
            let changed: Vec<_> = stages.iter().filter(|stage| stage.has_changed()).collect();
            (!changed.is_empty()).then_some((revision, changed))
        })
    }
}

/// Stands for whatever lies at a place that is no revision's, so that it never changes.
const ANYTHING: ObjectId = ObjectId([0; 20]);

fn stage_history(stages: &mut Vec<StageHistory>, stage: Stage) -> &mut StageHistory {
    if stages.last().is_none_or(|last| last.stage != stage) {
        stages.push(StageHistory {
            stage,
            steps: Vec::new(),
            now: PathState::Absent,
            last_tree: None,
            last_seen: None,
        });
    }
    stages.last_mut().expect("it was just pushed")
}

impl StageHistory {
    fn take<E>(
        &mut self,
        commit: CommitStamp,
        previous: Option<CommitStamp>,
        sight: PathState,
        compare: impl FnOnce(ObjectId, ObjectId) -> Result<ChangeCounts, E>,
    ) -> Result<(), E> {
        let before = std::mem::replace(&mut self.now, sight);
        let mut add = |what| self.steps.push(Step { commit, what });
        match (before, sight) {
            (PathState::Unreadable, PathState::Unreadable)
            | (PathState::Absent, PathState::Absent) => {}
            (PathState::Present(_), PathState::Unreadable) => {
                self.last_seen = previous;
                add(StepKind::Unreadable);
            }
            (PathState::Absent, PathState::Unreadable) => add(StepKind::Unreadable),
            (PathState::Present(_), PathState::Absent) => {
                add(StepKind::Removed { last: previous.unwrap_or(commit) });
            }
            (PathState::Unreadable, PathState::Absent) => {
                add(StepKind::Removed { last: self.last_seen.or(previous).unwrap_or(commit) });
            }
            (_, PathState::Present(tree)) => {
                let last_tree = self.last_tree.replace(tree);
                match (last_tree, before) {
                    (None, _) => add(StepKind::First),
                    (Some(_), PathState::Absent) => add(StepKind::Returned),
                    (Some(_), PathState::Present(_) | PathState::Unreadable) => {}
                }
                if let Some(last_tree) = last_tree.filter(|last| *last != tree) {
                    match compare(last_tree, tree) {
                        Ok(counts) if counts.is_same_content() => add(StepKind::ModeOnly),
                        Ok(counts) => add(StepKind::Content(counts)),
                        Err(error) => {
                            add(StepKind::NotCompared);
                            return Err(error);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The commit that it was first seen at, or might have been.
    pub fn first(&self) -> CommitStamp {
        self.steps.first().expect("whatever has a history has a step").commit
    }

    /// Tells whether the stage's tip has it.
    pub fn is_at_tip(&self) -> bool {
        matches!(self.now, PathState::Present(_))
    }

    /// The steps that changed its content, or may have.
    pub fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps
            .iter()
            .filter(|step| matches!(step.what, StepKind::Content(_) | StepKind::NotCompared))
    }

    /// Tells whether its content changed after it was first served, or may have.
    pub fn has_changed(&self) -> bool {
        self.changes().next().is_some()
    }
}

/// Where a place stands today, by the histories of all stages.
pub fn fate(stages: &[StageHistory]) -> Fate {
    let any = |test: fn(PathState) -> bool| stages.iter().any(|stage| test(stage.now));
    if any(|now| matches!(now, PathState::Present(_))) {
        Fate::AtTip
    } else if any(|now| now == PathState::Unreadable) {
        Fate::Unknown
    } else {
        Fate::Gone
    }
}

/// When and where something was there last: by the date of its last removal, where an unreadable date
/// counts as the oldest; of two on one date, that of the stage that was recorded first. None when no stage
/// ever removed it.
pub fn last_presence(stages: &[StageHistory]) -> Option<LastPresence> {
    let removals = stages.iter().rev().filter_map(|history| {
        history.steps.iter().rev().find_map(|step| {
            let StepKind::Removed { last } = step.what else { return None };
            Some(LastPresence { stage: history.stage, last, removed: step.commit })
        })
    });
    removals.max_by_key(|stand| stand.removed.time)
}
