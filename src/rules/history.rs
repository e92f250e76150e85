//! The history of each revision: folds the changes in the stages' commits into steps and fates.
//!
//! Pure: no Git, no files; the caller compares trees. The content of a revision is its set of (path,
//! blob id) pairs; a change of modes alone is a separate step.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::content::ObjectId;
use crate::model::package::{RevisionId, Stage};
use crate::model::timeline::{
    ChangeCounts, CommitStamp, OtherPlace, PathChange, PathState, Subject,
};

/// A step in the history of a path in one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The commit.
    #[serde(flatten)]
    pub commit: CommitStamp,
    /// The kind.
    #[serde(flatten)]
    pub what: StepKind,
}

/// The kind of a [`Step`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum StepKind {
    /// It was added for the first time.
    First,
    /// It was removed.
    Removed {
        /// The last commit that has it.
        last: CommitStamp,
    },
    /// It was added again; a [`StepKind::Content`] follows if its files differ from before.
    Returned,
    /// Its files changed since it was last present.
    Content(ChangeCounts),
    /// Only the modes of its files changed.
    ModeOnly,
    /// Its tree changed, but cannot be compared with the previous one.
    NotCompared,
    /// From here on, it is unknown whether it was present.
    Unreadable,
}

/// The history of a path in one stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageHistory {
    /// The stage.
    pub stage: Stage,
    /// The steps in order; never empty.
    pub steps: Vec<Step>,
    /// The state after the last commit.
    #[serde(skip)]
    now: PathState,
    /// The tree when it was last present.
    #[serde(skip)]
    last_tree: Option<ObjectId>,
    /// The last commit that is known to have it; only maintained while the path is unreadable.
    #[serde(skip)]
    last_seen: Option<CommitStamp>,
}

/// The current state of a path in all stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It is at the tip of a stage.
    AtTip,
    /// It is not at any tip.
    Gone,
    /// It is not at any readable tip, but may be at one that cannot be read.
    Unknown,
}

/// When and where a path was last present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LastPresence {
    /// The stage that removed it last.
    #[serde(rename = "last_stage")]
    pub stage: Stage,
    /// The last commit that has it.
    pub last: CommitStamp,
    /// The commit that removed it.
    pub removed: CommitStamp,
}

/// The history of all stages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// For each revision, the stages that ever had it, in the order in which they were recorded.
    pub revisions: BTreeMap<RevisionId, Vec<StageHistory>>,
    /// The same for paths that are not revisions; their content is not compared.
    pub others: BTreeMap<OtherPlace, Vec<StageHistory>>,
}

impl History {
    /// Records a change in a stage. Stages must be recorded one after the other, in order of precedence,
    /// and the changes of each in the order of its commits.
    ///
    /// # Errors
    /// The error of `compare` for a revision's older and newer tree; the step is recorded as
    /// [`StepKind::NotCompared`].
    pub fn record<E>(
        &mut self,
        stage: Stage,
        change: PathChange,
        compare: impl FnOnce(ObjectId, ObjectId) -> Result<ChangeCounts, E>,
    ) -> Result<(), E> {
        let PathChange { subject, commit, previous, state } = change;
        let (stages, state) = match (subject, state) {
            (Subject::Revision(revision), _) => {
                (self.revisions.entry(revision).or_default(), state)
            }
            (Subject::Other(other), PathState::Present(_)) => {
                (self.others.entry(other).or_default(), PathState::Present(ANY_OBJECT))
            }
            (Subject::Other(other), _) => (self.others.entry(other).or_default(), state),
        };
        stage_history(stages, stage).record(commit, previous, state, compare)
    }

    /// Returns the revisions with this fate.
    pub fn of_fate(&self, fate: Fate) -> impl Iterator<Item = (&RevisionId, &[StageHistory])> {
        self.revisions
            .iter()
            .map(|(revision, stages)| (revision, stages.as_slice()))
            .filter(move |(_, stages)| self::fate(stages) == fate)
    }

    /// Returns the revisions whose content changed or may have changed, each with the histories of the
    /// stages where this happened.
    pub fn changed(&self) -> impl Iterator<Item = (&RevisionId, Vec<&StageHistory>)> {
        self.revisions.iter().filter_map(|(revision, stages)| {
            let changed: Vec<_> = stages.iter().filter(|stage| stage.has_changed()).collect();
            (!changed.is_empty()).then_some((revision, changed))
        })
    }
}

/// The id used for all objects that are not revisions, so that their changes are ignored.
const ANY_OBJECT: ObjectId = ObjectId([0; 20]);

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
    fn record<E>(
        &mut self,
        commit: CommitStamp,
        previous: Option<CommitStamp>,
        state: PathState,
        compare: impl FnOnce(ObjectId, ObjectId) -> Result<ChangeCounts, E>,
    ) -> Result<(), E> {
        let before = std::mem::replace(&mut self.now, state);
        let mut add = |what| self.steps.push(Step { commit, what });
        match (before, state) {
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

    /// Returns the first commit that has it, or may have it.
    pub fn first(&self) -> CommitStamp {
        self.steps.first().expect("every history has a step").commit
    }

    /// Returns whether it is at the stage's tip.
    pub fn is_at_tip(&self) -> bool {
        matches!(self.now, PathState::Present(_))
    }

    /// Returns the steps that changed its content, or may have.
    pub fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps
            .iter()
            .filter(|step| matches!(step.what, StepKind::Content(_) | StepKind::NotCompared))
    }

    /// Returns whether its content changed after it was added, or may have.
    pub fn has_changed(&self) -> bool {
        self.changes().next().is_some()
    }
}

/// Returns the current state of a path from its histories in all stages.
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

/// Returns when and where a path was last present, by the date of its last removal; an unreadable date
/// counts as the oldest, and for equal dates the stage that was recorded first is used. Returns `None` if
/// no stage ever removed it.
pub fn last_presence(stages: &[StageHistory]) -> Option<LastPresence> {
    let removals = stages.iter().rev().filter_map(|history| {
        history.steps.iter().rev().find_map(|step| {
            let StepKind::Removed { last } = step.what else { return None };
            Some(LastPresence { stage: history.stage, last, removed: step.commit })
        })
    });
    removals.max_by_key(|presence| presence.removed.time)
}
