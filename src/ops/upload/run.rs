//! A run over all objects: what is known about each, then sending in the order of the plan, with the index at the end.

use std::sync::atomic::AtomicBool;

use super::cursor::CursorState;
use super::lists::Lists;
use super::objects::{Before, Object, compare};
use super::send::Sender;
use crate::error::Error;
use crate::model::event::{Event, Phase};
use crate::model::plan::Plan;
use crate::model::upload::{ObjectKind, Outcome, UploadedObject, Withheld};
use crate::parallel;
use crate::v2::index::ChangedEntries;

/// A run over all objects.
pub(super) struct Run<'r> {
    pub(super) plan: &'r Plan,
    pub(super) objects: &'r [Object<'r>],
    pub(super) lists: &'r Lists,
    /// The entries of the index that are not published like this.
    pub(super) changed: ChangedEntries,
    /// Whether the published signature of an archive that is there stays.
    pub(super) keeps_signatures: bool,
    pub(super) sender: Sender<'r>,
    pub(super) jobs: usize,
    pub(super) interrupt: &'r AtomicBool,
}

impl Run<'_> {
    /// Returns what became of each object, in their order.
    pub(super) fn uploaded(&self) -> Result<Vec<UploadedObject>, Error> {
        let outcomes = self.outcomes()?;
        let uploaded = self.objects.iter().zip(outcomes).map(|(object, outcome)| UploadedObject {
            kind: object.kind,
            key: object.key.clone(),
            size: object.digests.map(|digests| digests.size),
            outcome,
        });
        Ok(uploaded.collect())
    }

    fn outcomes(&self) -> Result<Vec<Outcome>, Error> {
        let before = self.before()?;
        let state = self.cursor_state();
        let observer = self.sender.observer;
        let to_send = || {
            let is_sent = |(object, before): &(&Object<'_>, &Before)| {
                // The cursor is replaced if it is another one.
                let is_replaced = object.kind == ObjectKind::Cursor
                    && matches!(state, Some(Ok(CursorState::Base(_))));
                (**before == Before::Absent || is_replaced) && object.digests.is_some()
            };
            self.objects.iter().zip(&before).filter(is_sent)
        };
        if self.sender.writes.is_some() {
            observer.observe(Event::Started(Phase::Uploading, to_send().count() as u64));
            let sizes = to_send().filter_map(|(object, _)| Some(object.digests?.size));
            observer.observe(Event::Expected(sizes.sum()));
        }
        let index_at = self.objects.iter().position(|object| object.kind.is_of_index());
        let index_at = index_at.unwrap_or(self.objects.len());
        let mut outcomes = Vec::with_capacity(self.objects.len());
        let numbered: Vec<usize> = (0..index_at).collect();
        let is_of_archives = |position: &usize| {
            matches!(self.objects[*position].kind, ObjectKind::Archive | ObjectKind::Signature)
        };
        let (archives, statics) =
            numbered.split_at(numbered.iter().filter(|at| is_of_archives(at)).count());
        // An archive and its signature are one task.
        let pairs: Vec<&[usize]> = archives
            .chunk_by(|_, next| self.objects[*next].kind == ObjectKind::Signature)
            .collect();
        for tasks in [pairs, statics.chunks(1).collect()] {
            let done = parallel::each(self.jobs, self.interrupt, &tasks, |task| {
                Ok(self.in_turn(task, &before))
            })?;
            outcomes.extend(done.into_iter().flatten());
        }
        let (objects, before) = (&self.objects[index_at..], &before[index_at..]);
        outcomes.extend(self.index(objects, before, &outcomes, state));
        if self.sender.writes.is_some() {
            observer.observe(Event::Finished);
        }
        Ok(outcomes)
    }

    /// Returns what is known about each object before the first one is sent.
    fn before(&self) -> Result<Vec<Before>, Error> {
        let mut before: Vec<Before> =
            self.objects.iter().map(|object| compare(object, self.lists.of(object))).collect();
        let unclear: Vec<usize> = (0..before.len())
            .filter(|at| before[*at] == Before::Unclear)
            .filter(|at| self.objects[*at].kind != ObjectKind::Cursor)
            .collect();
        if unclear.is_empty() {
            return Ok(before);
        }
        let observer = self.sender.observer;
        observer.observe(Event::Started(Phase::Settling, unclear.len() as u64));
        let settled = parallel::each(self.jobs, self.interrupt, &unclear, |at| {
            let settled = self.sender.settle(&self.objects[*at]);
            observer.observe(Event::Advanced(0));
            Ok(settled)
        })?;
        observer.observe(Event::Finished);
        for (at, settled) in unclear.into_iter().zip(settled) {
            before[at] = settled;
        }
        Ok(before)
    }

    /// Sends an archive and then its signature, or a single object.
    fn in_turn(&self, task: &[usize], before: &[Before]) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(task.len());
        for at in task {
            let object = &self.objects[*at];
            let outcome = match (before[*at].settled(), outcomes.last()) {
                _ if object.digests.is_none() => Outcome::Withheld(Withheld::Pending),
                (Some(Outcome::Conflict(_)), Some(Outcome::AlreadyThere))
                    if self.keeps_signatures =>
                {
                    Outcome::Withheld(Withheld::SignatureStays)
                }
                (Some(outcome), _) => outcome,
                (None, Some(archive)) if !archive.is_there() => {
                    Outcome::Withheld(Withheld::ArchiveNotThere)
                }
                (None, _) => self.sender.create(object),
            };
            outcomes.push(outcome);
        }
        outcomes
    }
}
