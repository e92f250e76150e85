//! The end of a run: the index, its changes and the cursor, which are written only if everything else is there.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use super::cursor::{CursorState, has_index_between, judge};
use super::objects::{Before, Object, compare_at, without_archives};
use super::run::Run;
use super::send::settle_at;
use crate::error::Error;
use crate::model::package::ARCHIVE_PREFIX;
use crate::model::plan::PlannedIndex;
use crate::model::shard::Shard;
use crate::model::upload::{Conflict, Failure, ObjectKind, Outcome, Withheld};
use crate::v2::index::{entry_names, index_key};
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
    ) -> Result<Vec<Outcome>, Error> {
        let Some(planned) = &self.plan.index else { return Ok(Vec::new()) };
        if objects.is_empty() {
            return Ok(Vec::new());
        }
        // Nothing of the index is written over a cursor that has moved meanwhile.
        let state = match (self.sender.is_dry_run, &first_look) {
            (false, Some(Ok(CursorState::Absent | CursorState::Base(_)))) => self.cursor_state(),
            _ => first_look,
        };
        let missing = self.entries_without_archives(objects, planned)?;
        let is_missing = |outcome: &&Outcome| {
            !outcome.is_there() && **outcome != Outcome::Withheld(Withheld::Pending)
        };
        let mut not_there = others.iter().filter(is_missing).count() as u64;
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
        Ok(outcomes)
    }

    /// Returns the archives of new entries of the index that are neither in the plan nor in the store.
    fn entries_without_archives(
        &self,
        objects: &[Object<'_>],
        planned: &PlannedIndex,
    ) -> Result<Vec<String>, Error> {
        // With a published index, the new entries are those that the changes add.
        let kind = if planned.base.is_some() { ObjectKind::Delta } else { ObjectKind::Index };
        let Some(object) = objects.iter().find(|object| object.kind == kind) else {
            return Ok(Vec::new());
        };
        let path: &Path = &object.path;
        let file = File::open(path).map_err(Error::file("open", path))?;
        let entries = entry_names(file)
            .map_err(|source| Error::OwnIndex { path: path.to_owned(), source: source.into() })?;
        Ok(without_archives(&entries, self.objects, &self.lists.to, ARCHIVE_PREFIX))
    }
}
