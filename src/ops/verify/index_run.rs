//! Compares the index of v2 with the entries derived from v1, and with a base index that v2 continues.
//!
//! The index is read as a stream, in batches that are compared in parallel; only digests of entries are kept. An entry
//! whose digest differs is derived from v1 again to find the fields.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use super::delta::{self, Entries};
use super::entry_check::{Compared, EntryCheck, EntryTruth};
use super::index_entries::read_base;
use super::index_entry::{IndexEntry, stem};
use super::index_place::{FoundCursor, FoundIndex, IndexSource, unreachable};
use super::planned::Planned;
use super::stated::{Statements, Subject};
use super::surplus::in_sample;
use crate::digest::Sha256;
use crate::error::Error;
use crate::model::content::escape;
use crate::model::cursor::Cursor;
use crate::model::event::{Event, Observer};
use crate::model::mismatch::{Mismatch, MismatchKind};
use crate::model::package::ObjectKey;
use crate::model::shard::Shard;
use crate::model::verification::{
    Depth, IndexResult, ObjectCounts, RevisionResult, RevisionStatus,
};
use crate::parallel;
use crate::read_at::ReadAt;
use crate::rules::index::EntryId;
use crate::v2::index::{IndexFault, cursor_key, delta_key, read_index};
use crate::v2::store::{Description, Wanted};

/// Number of entries that are compared together.
const BATCH_LEN: usize = 256;

/// What the comparison needs.
pub(super) struct IndexRun<'r> {
    pub(super) source: IndexSource<'r>,
    pub(super) base: Option<(IndexSource<'r>, String)>,
    pub(super) entries: EntryCheck<'r>,
    /// The plan, if it has an index.
    pub(super) planned: Option<&'r Planned<'r>>,
    /// How what is stated about the objects is compared.
    pub(super) statements: Statements<'r>,
    pub(super) depth: Depth,
    pub(super) jobs: usize,
    pub(super) observer: &'r dyn Observer,
    pub(super) interrupt: &'r AtomicBool,
}

/// A run that stopped.
enum Stop {
    Fault(IndexFault),
    Error(Error),
}

impl From<IndexFault> for Stop {
    fn from(fault: IndexFault) -> Self {
        Stop::Fault(fault)
    }
}

/// What is collected while the index is read.
#[derive(Default)]
struct Collected {
    entries: Entries,
    last: Option<EntryId>,
    entry_count: u64,
    as_published: u64,
    base_only: u64,
    /// Mismatches with the positions of their revisions.
    found: Vec<(Option<usize>, Mismatch)>,
}

impl IndexRun<'_> {
    /// Compares the index, and adds the mismatches of entries to the results of their revisions.
    ///
    /// # Errors
    /// [`Error::BaseIndex`]; [`Error::Interrupted`]; [`Error::Workers`]; those of deriving an entry.
    pub(super) fn compare(&self, results: &mut [RevisionResult]) -> Result<IndexResult, Error> {
        let base = self.base_entries()?;
        let expected = self
            .entries
            .truths
            .iter()
            .filter(|truth| !matches!(truth, EntryTruth::Without(_)))
            .count();
        let mut result = IndexResult::default();
        result.counts.to_check = expected as u64;
        let found = match self.source.find(Wanted::Whole) {
            Ok(found) => found,
            Err(mismatch) => {
                result.mismatches.push(*mismatch);
                return Ok(result);
            }
        };
        let base = base.as_ref();
        let positions: BTreeMap<EntryId, usize> = results
            .iter()
            .enumerate()
            .map(|(position, result)| (EntryId::from(&result.revision), position))
            .collect();
        let mut collected = Collected::default();
        let read = self.read(&found, &positions, base.map(|(entries, _)| entries), &mut collected);
        let read = match read {
            Ok(read) => read,
            Err(Stop::Error(error)) => return Err(error),
            Err(Stop::Fault(IndexFault::Read(error))) => {
                result.mismatches.push(unreachable(&found.key, &error));
                return Ok(result);
            }
            Err(Stop::Fault(fault)) => {
                let kind = MismatchKind::IndexUnreadable { detail: fault.to_string() };
                result.mismatches.push(Mismatch::of_object(&found.key, kind));
                return Ok(result);
            }
        };
        result.mismatches.extend(self.planned_differences(&found, read));
        result.mismatches.extend(self.stated_differences(&found));
        self.add_missing(&found, base.map(|(entries, _)| entries), &mut collected, results);
        if let Some(FoundCursor { cursor, .. }) = &found.cursor {
            let base_cursor = base.and_then(|(_, cursor)| cursor.as_ref());
            if let Some(base_cursor) = base_cursor.filter(|base| cursor < *base) {
                let kind = MismatchKind::CursorStale {
                    cursor: cursor.to_string(),
                    base: base_cursor.to_string(),
                };
                result.mismatches.push(Mismatch::of_object(&cursor_key(), kind));
            }
            let key = delta_key(cursor, Shard::WHOLE);
            let base = base.map(|(entries, _)| entries);
            let planned = self.planned.map(|planned| planned.object(key.as_str()));
            let place = self.source.place;
            let found = delta::compare((place, &key, planned), &collected.entries, base);
            result.mismatches.extend(found.mismatches);
            if let Some(stated) = found.stated {
                result.mismatches.extend(self.stated(&key, Subject::Index, stated.as_ref()));
            }
        }
        let mut is_faulty = vec![false; results.len()];
        for (position, mismatch) in collected.found {
            match position {
                Some(position) => {
                    is_faulty[position] = true;
                    results[position].of_resources.push(mismatch);
                }
                None => result.mismatches.push(mismatch),
            }
        }
        let statuses =
            self.entries.truths.iter().enumerate().filter_map(|(position, truth)| match truth {
                EntryTruth::Without(_) => None,
                EntryTruth::Unknown => Some(RevisionStatus::Unknown),
                EntryTruth::Digest(_) => {
                    let id = EntryId::from(&results[position].revision);
                    let is_good = !is_faulty[position] && collected.entries.contains_key(&id);
                    Some(if is_good { RevisionStatus::Good } else { RevisionStatus::Mismatch })
                }
            });
        result.counts = ObjectCounts::of(expected as u64, statuses);
        (result.as_published, result.base_only) = (collected.as_published, collected.base_only);
        Ok(result)
    }

    /// Compares the index, of which the digest is known, and the cursor with the plan.
    fn planned_differences(&self, found: &FoundIndex<'_>, sha256: Sha256) -> Vec<Mismatch> {
        let Some(planned) = self.planned else { return Vec::new() };
        let key = &found.key;
        let object = match found.cursor {
            Some(_) => planned.object(key.as_str()),
            None => planned.index(),
        };
        let kinds = object.compare_bytes(key.as_str(), found.object.len(), sha256);
        let mut differences: Vec<Mismatch> =
            kinds.into_iter().map(|kind| Mismatch::of_object(key, kind)).collect();
        // The cursor of another index differs, which adds nothing.
        if let Some(FoundCursor { file, .. }) =
            found.cursor.as_ref().filter(|_| object.is_planned())
        {
            let (key, text) = (cursor_key(), &file.text);
            let (object, len) = (planned.object(key.as_str()), text.len() as u64);
            let kinds = object.compare_bytes(key.as_str(), len, Sha256::of(text));
            differences.extend(kinds.into_iter().map(|kind| Mismatch::of_object(&key, kind)));
        }
        differences
    }

    /// Compares what is stated about the index and the cursor.
    fn stated_differences(&self, found: &FoundIndex<'_>) -> Vec<Mismatch> {
        let mut all = self.stated(&found.key, Subject::Index, found.object.description());
        if let Some(FoundCursor { file, .. }) = &found.cursor {
            all.extend(self.stated(&cursor_key(), Subject::Cursor, file.description.as_ref()));
        }
        all
    }

    fn stated(
        &self,
        key: &ObjectKey,
        subject: Subject<'_>,
        stated: Option<&Description>,
    ) -> Vec<Mismatch> {
        let kinds = self.statements.differences(subject, stated, self.depth).into_iter();
        kinds.map(|kind| Mismatch::of_object(key, kind)).collect()
    }

    /// Reads the base index.
    fn base_entries(&self) -> Result<Option<(Entries, Option<Cursor>)>, Error> {
        let Some((source, name)) = &self.base else { return Ok(None) };
        let mut entries = Entries::new();
        let cursor = read_base(*source, name, self.interrupt, &mut |entry| {
            entries.insert(entry.id, entry.stated);
        })?;
        Ok(Some((entries, cursor)))
    }

    /// Reads the index and compares its entries; returns the digest of its bytes.
    fn read(
        &self,
        found: &FoundIndex<'_>,
        positions: &BTreeMap<EntryId, usize>,
        base: Option<&Entries>,
        collected: &mut Collected,
    ) -> Result<Sha256, Stop> {
        let source: &dyn ReadAt = &*found.object;
        let object = escape(found.key.as_str().as_bytes());
        let mut batch: Vec<Vec<u8>> = Vec::new();
        let mut compare = |batch: &mut Vec<Vec<u8>>| -> Result<(), Stop> {
            let compared = parallel::each(self.jobs, self.interrupt, batch, |text| {
                match IndexEntry::parse(text) {
                    Ok(entry) => self.entries.compare(entry, positions, base).map(Ok),
                    Err(detail) => Ok(Err(detail)),
                }
            });
            for compared in compared.map_err(Stop::Error)? {
                self.collect(compared, &object, base, collected);
            }
            batch.clear();
            Ok(())
        };
        let read = read_index::<Stop>(source, &mut |_, text| {
            batch.push(text.to_vec());
            if batch.len() < BATCH_LEN { Ok(()) } else { compare(&mut batch) }
        })?;
        compare(&mut batch)?;
        Ok(read.sha256)
    }

    /// Adds what follows from the order of the entries.
    fn collect(
        &self,
        compared: Result<Compared, String>,
        object: &str,
        base: Option<&Entries>,
        collected: &mut Collected,
    ) {
        let number = collected.entry_count;
        collected.entry_count += 1;
        let mismatch = |path: &str, kind| Mismatch {
            object: object.to_owned(),
            path: Some(escape(path.as_bytes())),
            kind,
        };
        let Compared { id, stated, position, is_as_published, kinds } = match compared {
            Ok(compared) => compared,
            Err(detail) => {
                let kind = MismatchKind::EntryUnreadable { detail };
                let path = format!("packages[{number}]");
                collected.found.push((None, mismatch(&path, kind)));
                return;
            }
        };
        let path = stem(&id);
        if collected.entries.contains_key(&id) {
            collected.found.push((position, mismatch(&path, MismatchKind::EntryDuplicate)));
            return;
        }
        if let Some(last) = collected.last.as_ref().filter(|last| **last > id) {
            let kind = MismatchKind::EntryOrder { after: escape(stem(last).as_bytes()) };
            collected.found.push((position, mismatch(&path, kind)));
        } else {
            collected.last = Some(id.clone());
        }
        if position.is_some() {
            self.observer.observe(Event::Advanced(0));
        } else if base.is_some_and(|base| base.contains_key(&id)) {
            collected.base_only += 1;
        }
        collected.as_published += u64::from(is_as_published);
        collected.found.extend(kinds.into_iter().map(|kind| (position, mismatch(&path, kind))));
        collected.entries.insert(id, stated);
    }

    /// Adds the entries that the index lacks.
    fn add_missing(
        &self,
        found: &FoundIndex<'_>,
        base: Option<&Entries>,
        collected: &mut Collected,
        results: &[RevisionResult],
    ) {
        let mismatch = |id: &EntryId, kind| Mismatch {
            object: escape(found.key.as_str().as_bytes()),
            path: Some(escape(stem(id).as_bytes())),
            kind,
        };
        let mut missing = Vec::new();
        let mut is_expected = BTreeSet::new();
        for (position, (truth, result)) in self.entries.truths.iter().zip(results).enumerate() {
            let id = EntryId::from(&result.revision);
            let is_absent =
                result.mismatches.iter().any(|m| m.kind == MismatchKind::ArchiveMissing);
            if matches!(truth, EntryTruth::Digest(_)) && !collected.entries.contains_key(&id) {
                // A revision that v2 lacks completely is reported once.
                if !is_absent {
                    missing.push((Some(position), mismatch(&id, MismatchKind::EntryMissing)));
                }
                is_expected.insert(id);
            }
        }
        for id in base.into_iter().flat_map(Entries::keys) {
            let is_lost = !collected.entries.contains_key(id)
                && !is_expected.contains(id)
                && in_sample(self.entries.known.sample, &stem(id));
            if is_lost {
                let kind = MismatchKind::BaseEntryLost { is_changed: false };
                missing.push((None, mismatch(id, kind)));
            }
        }
        collected.found.extend(missing);
    }
}
