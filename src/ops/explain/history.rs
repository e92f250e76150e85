//! What happened to the revisions of a package: the steps of all stages as one list of events, each with the
//! files that changed and the other stages that had the revision then.
//!
//! Records the trees that `audit-history` sees; whether a step is a change is decided by `rules::history`.

use std::collections::BTreeMap;

use crate::model::content::ObjectId;
use crate::model::package::{PackageName, RevisionId, Stage};
use crate::model::timeline::{ChangedFiles, CommitStamp, PathChange, PathState, Subject};
use crate::report::explain::{Elsewhere, Likeness, Presence, StoryEvent};
use crate::rules::history::{StageHistory, Step, StepKind};
use crate::v1::objects::ObjectReader;
use crate::v1::tree_diff::{changed_files, compare};

/// The states of the revisions of a package, in each stage, in the order of its commits.
#[derive(Debug)]
pub(super) struct States {
    name: PackageName,
    states: BTreeMap<(RevisionId, Stage), Vec<(CommitStamp, PathState)>>,
}

impl States {
    pub(super) fn of(name: &PackageName) -> Self {
        States { name: name.clone(), states: BTreeMap::new() }
    }

    /// Records a change, if it is one of the package.
    pub(super) fn record(&mut self, stage: Stage, change: &PathChange) {
        if let Subject::Revision(revision) = &change.subject
            && revision.name == self.name
        {
            let states = self.states.entry((revision.clone(), stage)).or_default();
            states.push((change.commit, change.state));
        }
    }

    /// Returns the tree of a revision at the tip of a stage.
    pub(super) fn at_tip(&self, revision: &RevisionId, stage: Stage) -> Option<ObjectId> {
        tree(self.of_stage(revision, stage).last()?.1)
    }

    /// Returns the events of a revision, oldest first; those without a date come first, and those of one date are
    /// in the order of the stages' precedence, except that a stage's own events keep their order.
    pub(super) fn events(
        &self,
        reader: &ObjectReader,
        revision: &RevisionId,
        histories: &[StageHistory],
    ) -> Vec<StoryEvent> {
        let mut dated = Vec::new();
        for history in histories {
            // A commit may be dated before its parent.
            let mut newest = None;
            for step in &history.steps {
                newest = newest.max(step.commit.time);
                dated.push((newest, history.stage, step));
            }
        }
        dated.sort_by_key(|(time, ..)| *time);
        let mut events: Vec<StoryEvent> = Vec::new();
        for (_, stage, step) in dated {
            // The history before two stages diverged belongs to both.
            let same = events.iter_mut().find(|event| event.step == *step);
            if let Some(event) = same.filter(|event| !event.stages.contains(&stage)) {
                event.stages.push(stage);
                continue;
            }
            events.push(StoryEvent {
                stages: vec![stage],
                step: *step,
                files: self.files(reader, revision, stage, step),
                elsewhere: Vec::new(),
            });
        }
        for event in &mut events {
            event.elsewhere = self.elsewhere(reader, revision, event, histories);
        }
        events
    }

    fn of_stage(&self, revision: &RevisionId, stage: Stage) -> &[(CommitStamp, PathState)] {
        let states = self.states.get(&(revision.clone(), stage));
        states.map_or(&[], Vec::as_slice)
    }

    /// Returns the trees of a revision before and after a commit; the older one is where it was last present.
    fn around(
        &self,
        revision: &RevisionId,
        stage: Stage,
        commit: CommitStamp,
    ) -> (Option<ObjectId>, Option<ObjectId>) {
        let states = self.of_stage(revision, stage);
        let at = states.iter().position(|(other, _)| *other == commit);
        let Some(at) = at else { return (None, None) };
        let before = states[..at].iter().rev().find_map(|(_, state)| tree(*state));
        (before, tree(states[at].1))
    }

    /// Returns the files that a step changed; `None` if it did not change content, or they cannot be compared.
    fn files(
        &self,
        reader: &ObjectReader,
        revision: &RevisionId,
        stage: Stage,
        step: &Step,
    ) -> Option<ChangedFiles> {
        let StepKind::Content(_) = step.what else { return None };
        let (old, new) = self.around(revision, stage, step.commit);
        // Comparable, or the step would be `NotCompared`.
        changed_files(reader, old?, new?).ok()
    }

    /// Returns the other stages that had the revision at an event by which it came or went, and if it came, also
    /// those that had it earlier.
    fn elsewhere(
        &self,
        reader: &ObjectReader,
        revision: &RevisionId,
        event: &StoryEvent,
        histories: &[StageHistory],
    ) -> Vec<Elsewhere> {
        let (before, after) = self.around(revision, event.stages[0], event.step.commit);
        let own = match event.step.what {
            StepKind::First | StepKind::Returned => after,
            StepKind::Removed { .. } => before,
            _ => return Vec::new(),
        };
        let others = histories.iter().filter(|other| !event.stages.contains(&other.stage));
        let found = others.filter_map(|other| {
            let states = self.of_stage(revision, other.stage);
            let then =
                states.iter().take_while(|(commit, _)| commit.time <= event.step.commit.time);
            let then: Vec<PathState> = then.map(|(_, state)| *state).collect();
            let (when, theirs) = match (tree(*then.last()?), event.step.what) {
                (Some(theirs), _) => (Presence::Then, theirs),
                (None, StepKind::Removed { .. }) => return None,
                (None, _) => (Presence::Earlier, then.iter().rev().find_map(|state| tree(*state))?),
            };
            let files = match own {
                None => Likeness::Unknown,
                Some(own) if own == theirs => Likeness::Same,
                Some(own) => match compare(reader, own, theirs) {
                    Ok(counts) if counts.is_same_content() => Likeness::Same,
                    Ok(_) => Likeness::Other,
                    Err(_) => Likeness::Unknown,
                },
            };
            Some(Elsewhere { stage: other.stage, when, files })
        });
        found.collect()
    }
}

fn tree(state: PathState) -> Option<ObjectId> {
    match state {
        PathState::Present(tree) => Some(tree),
        PathState::Absent | PathState::Unreadable => None,
    }
}
