//! The end of a run: the index, its changes and the cursor, which are written only if everything else is there.

use std::collections::HashSet;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use super::cursor::{CursorState, has_index_between, judge};
use super::objects::{Before, Object, compare_at, without_archives};
use super::run::Run;
use super::send::settle_at;
use crate::error::Error;
use crate::model::package::ARCHIVE_PREFIX;
use crate::model::plan::{Plan, PlannedIndex};
use crate::model::shard::Shard;
use crate::model::upload::{Conflict, Failure, ObjectKind, Outcome, Withheld};
use crate::v2::index::{ChangedEntries, changed_entries, index_key};
use crate::v2::store::bucket::Revision;

/// The maximum length of `cursor.json` in bytes.
const MAX_CURSOR_LEN: usize = 64 << 10;

impl Run<'_> {
    /// Looks at the cursor in the store; `None` if the plan has no cursor.
    pub(super) fn cursor_state(&self) -> Option<Result<CursorState, Failure>> {
        let cursor = self.objects.iter().find(|object| object.kind == ObjectKind::Cursor)?;
        let planned = self.plan.index.as_ref()?;
        let found = self.sender.internal.read(&cursor.key, MAX_CURSOR_LEN);
        Some(match found {
            Ok(found) => match judge(found, planned, &cursor.digests?) {
                CursorState::Base(revision) => self.published_base(planned, revision),
                state => Ok(state),
            },
            Err(error) if error.kind() == ErrorKind::FileTooLarge => {
                Ok(CursorState::Other(Conflict::CursorUnreadable))
            }
            Err(error) => Err(Failure::Store { detail: error.to_string() }),
        })
    }

    /// Compares the published index, which the cursor names, with the one that the plan continues.
    fn published_base(
        &self,
        planned: &PlannedIndex,
        revision: Option<Revision>,
    ) -> Result<CursorState, Failure> {
        let Some(base) = &planned.base else { return Ok(CursorState::Base(revision)) };
        let (key, digests) = (index_key(&base.cursor, Shard::WHOLE), base.digests());
        let before = match compare_at(key.as_str(), &digests, &self.lists.internal) {
            Before::Unclear => settle_at(self.sender.internal, key.as_str(), &digests),
            before => before,
        };
        let base = base.cursor.clone();
        match before {
            Before::There => Ok(CursorState::Base(revision)),
            Before::Failed(failure) => Err(failure),
            Before::Conflict(Conflict::OtherBytes { found_len }) => {
                Ok(CursorState::Other(Conflict::BaseChanged { base, found_len }))
            }
            Before::Conflict(conflict) => Ok(CursorState::Other(conflict)),
            Before::Absent | Before::Unclear => {
                Ok(CursorState::Other(Conflict::BaseMissing { base }))
            }
        }
    }

    /// Sends the objects of the index, the cursor last.
    pub(super) fn index(
        &self,
        objects: &[Object<'_>],
        before: &[Before],
        others: &[Outcome],
        first_look: Option<Result<CursorState, Failure>>,
    ) -> Vec<Outcome> {
        let Some(planned) = self.plan.index.as_ref().filter(|_| !objects.is_empty()) else {
            return Vec::new();
        };
        // Nothing of the index is written over a cursor that has moved meanwhile.
        let state = match (self.sender.writes, &first_look) {
            (Some(_), Some(Ok(CursorState::Absent | CursorState::Base(_)))) => self.cursor_state(),
            _ => first_look,
        };
        let added = &self.changed.added;
        let missing = without_archives(added, self.objects, &self.lists.to, ARCHIVE_PREFIX);
        let mut not_there = self.not_there(others);
        let mut outcomes = Vec::with_capacity(objects.len());
        for (object, before) in objects.iter().zip(before) {
            let is_cursor = object.kind == ObjectKind::Cursor;
            let outcome = match (&state, before.settled()) {
                (Some(Ok(CursorState::Other(conflict))), _) if is_cursor => {
                    Outcome::Conflict(conflict.clone())
                }
                (Some(Ok(CursorState::Published)), _) if is_cursor => Outcome::AlreadyThere,
                (Some(Err(failure)), _) if is_cursor => Outcome::Failed(failure.clone()),
                (_, Some(outcome)) if !is_cursor => outcome,
                (Some(Ok(CursorState::Other(_))), _) => Outcome::Withheld(Withheld::CursorNotBase),
                (Some(Err(_)), _) => Outcome::Withheld(Withheld::NotComplete { object_count: 1 }),
                _ if not_there > 0 => {
                    Outcome::Withheld(Withheld::NotComplete { object_count: not_there })
                }
                _ if !missing.is_empty() => Outcome::Failed(Failure::ArchivesMissing {
                    entry_count: missing.len() as u64,
                    first: missing[0].clone(),
                }),
                _ if object.kind == ObjectKind::Delta
                    && has_index_between(planned, &self.lists.internal) =>
                {
                    Outcome::Withheld(Withheld::IndexBetween)
                }
                (Some(Ok(CursorState::Base(None))), _) if is_cursor => {
                    let detail =
                        "the store reports no state of the cursor, so it cannot be replaced safely";
                    Outcome::Failed(Failure::Store { detail: detail.to_owned() })
                }
                (Some(Ok(CursorState::Base(Some(revision)))), _) if is_cursor => {
                    self.sender.replace(object, Some(revision))
                }
                _ if is_cursor => self.sender.replace(object, None),
                _ => self.sender.create(object),
            };
            let is_left_out = outcome == Outcome::Withheld(Withheld::IndexBetween);
            not_there += u64::from(!outcome.is_there() && !is_left_out);
            outcomes.push(outcome);
        }
        outcomes
    }

    /// Counts the objects that are not there, and that the index must wait for.
    ///
    /// An object that conflicts with a published one holds only the entries of its own revision back: if these are
    /// published already, the index has them as they are published, and one such revision must not stop all others.
    fn not_there(&self, outcomes: &[Outcome]) -> u64 {
        let changed = self.changed.added.iter().chain(&self.changed.updated);
        let changed: HashSet<String> =
            changed.map(|(name, version)| format!("{name}-{version}")).collect();
        let is_held = |(object, outcome): &(&Object<'_>, &Outcome)| match outcome {
            Outcome::Created
            | Outcome::AlreadyThere
            | Outcome::Withheld(Withheld::Pending | Withheld::SignatureStays) => false,
            Outcome::Conflict(_) | Outcome::Withheld(Withheld::ArchiveNotThere) => {
                object.revision().is_none_or(|revision| changed.contains(revision))
            }
            Outcome::Failed(_) | Outcome::Withheld(_) => true,
        };
        self.objects.iter().zip(outcomes).filter(is_held).count() as u64
    }
}

/// Returns which entries of the index of a plan are not published like this, from its files.
///
/// # Errors
/// [`Error::File`], [`Error::OwnIndex`].
pub(super) fn changed_in_files(
    plan: &Plan,
    objects: &[Object<'_>],
) -> Result<ChangedEntries, Error> {
    let has_base = plan.index.as_ref().is_some_and(|planned| planned.base.is_some());
    let kind = if has_base { ObjectKind::Delta } else { ObjectKind::Index };
    let Some(object) = objects.iter().find(|object| object.kind == kind) else {
        return Ok(ChangedEntries::default());
    };
    let path: &Path = &object.path;
    let file = File::open(path).map_err(Error::file("open", path))?;
    changed_entries(file)
        .map_err(|source| Error::OwnIndex { path: path.to_owned(), source: source.into() })
}
