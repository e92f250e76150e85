//! Compares the objects of the index without reading them, at depth `listing`: that they exist and, with a plan, their
//! sizes and the digests that the store reports.
//!
//! Each takes one request, so that older indexes beside it cost nothing, and a place that cannot be listed will do. A
//! difference is only the reason to read the index (`index_run`), which reports it.

use super::index_place::{CursorFile, FoundIndex, IndexSource, read_cursor};
use super::planned::{PlannedCursor, PlannedIndex};
use super::stated::{Statements, Subject};
use crate::digest::{ObjectDigests, Sha256};
use crate::model::mismatch::{Extras, Mismatch};
use crate::model::package::ObjectKey;
use crate::model::verification::{Depth, IndexObjects, Notice, ObjectCounts, RevisionStatus};
use crate::v2::index::{cursor_key, parse_cursor};
use crate::v2::store::{Claims, Description, StoredObject, Wanted};

/// The objects to compare.
pub(super) struct IndexListing<'r> {
    pub(super) source: IndexSource<'r>,
    /// The index in the plan, if there is one.
    pub(super) planned: Option<PlannedIndex>,
    /// How what is stated about the objects is compared.
    pub(super) statements: Statements<'r>,
}

/// Objects that have the expected bytes, as far as that can be said.
pub(super) struct ListedIndex {
    /// The objects, and what is stated about each.
    objects: Vec<(ObjectKey, Subject<'static>, Option<Description>)>,
    /// Number of those of which only the size could be compared with the plan.
    pub(super) len_only_count: u64,
    is_planned: bool,
}

impl IndexListing<'_> {
    /// Compares the objects; `None` if one is not as expected, or cannot be looked at.
    pub(super) fn compare(&self) -> Option<ListedIndex> {
        match &self.planned {
            Some(planned) => self.by_digest(planned),
            None => self.by_name(),
        }
    }

    /// Returns the result, with what is stated about the objects, and what it does not prove.
    pub(super) fn result(&self, listed: ListedIndex) -> (IndexObjects, Notice) {
        let object_count = listed.objects.len() as u64;
        let (mut statuses, mut mismatches) = (Vec::new(), Vec::new());
        for (key, subject, stated) in listed.objects {
            // Each was requested by itself, so that more than a list is known of it.
            let kinds = self.statements.differences(subject, stated.as_ref(), Depth::Listing);
            statuses.push(RevisionStatus::of(kinds.iter().map(|kind| kind.class(Extras::Allowed))));
            mismatches.extend(kinds.into_iter().map(|kind| Mismatch::of_object(&key, kind)));
        }
        let counts = ObjectCounts::of(object_count, statuses.into_iter());
        let notice = match listed.is_planned {
            true => Notice::IndexByDigest { object_count },
            false => Notice::IndexByName { object_count },
        };
        (IndexObjects { counts, mismatches }, notice)
    }

    fn by_name(&self) -> Option<ListedIndex> {
        let FoundIndex { cursor, key, object } = self.source.find(Wanted::Claims).ok()?;
        let cursor = cursor.map(|found| (cursor_key(), Subject::Cursor, found.file.description));
        let index = (key, Subject::Index, object.description().cloned());
        let objects = cursor.into_iter().chain([index]).collect();
        Some(ListedIndex { objects, len_only_count: 0, is_planned: false })
    }

    fn by_digest(&self, planned: &PlannedIndex) -> Option<ListedIndex> {
        let mut listed = ListedIndex { objects: Vec::new(), len_only_count: 0, is_planned: true };
        if self.source.object.is_none() {
            let stated = self.cursor(&planned.cursor)?;
            listed.objects.push((cursor_key(), Subject::Cursor, stated));
        }
        let key = self.source.object.unwrap_or(&planned.index.0);
        listed.add(key, &*self.find(key)?, &planned.index.1)?;
        // Optional: a registry reads the whole index instead.
        let delta = planned.delta.as_ref().filter(|_| self.source.object.is_none());
        if let Some((key, digests)) = delta
            && let Some(object) = self.source.place.find(key, Wanted::Claims).ok()?
        {
            listed.add(key, &*object, digests)?;
        }
        Some(listed)
    }

    fn find(&self, key: &ObjectKey) -> Option<Box<dyn StoredObject + '_>> {
        self.source.place.find(key, Wanted::Claims).ok()?
    }

    /// Returns what is stated about the cursor if it is the planned one. It is as short as a request, and read unless
    /// the store reports the planned digest: all cursors have the same size.
    fn cursor(&self, planned: &PlannedCursor) -> Option<Option<Description>> {
        if let PlannedCursor::Bytes(digests) = planned {
            let object = self.find(&cursor_key())?;
            if object.claims() != Claims::default() {
                return is_claimed(&*object, digests).then(|| object.description().cloned());
            }
        }
        let CursorFile { text, description } = read_cursor(self.source.place).ok()??;
        let is_planned = match planned {
            PlannedCursor::Bytes(digests) => Sha256::of(&text) == digests.sha256,
            PlannedCursor::Name(cursor) => parse_cursor(&text).is_ok_and(|found| found == *cursor),
        };
        is_planned.then_some(description)
    }
}

impl ListedIndex {
    /// Adds an object if its size and its digests are the planned ones.
    fn add(
        &mut self,
        key: &ObjectKey,
        object: &dyn StoredObject,
        planned: &ObjectDigests,
    ) -> Option<()> {
        is_claimed(object, planned).then_some(())?;
        self.len_only_count += u64::from(object.claims() == Claims::default());
        self.objects.push((key.clone(), Subject::Index, object.description().cloned()));
        Some(())
    }
}

/// Returns whether an object has the planned size, and the store reports no other digest than the planned ones.
fn is_claimed(object: &dyn StoredObject, planned: &ObjectDigests) -> bool {
    let Claims { md5, crc32c, sha256 } = object.claims();
    object.len() == planned.size
        && md5.is_none_or(|md5| md5 == planned.md5)
        && crc32c.is_none_or(|crc32c| crc32c == planned.crc32c)
        && sha256.is_none_or(|sha256| sha256 == planned.sha256)
}
