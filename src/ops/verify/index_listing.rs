//! Compares the objects of the index without reading them, at depth `listing`: that they exist and, with a plan, their
//! sizes and the digests that the store reports.
//!
//! Each takes one request, so that older indexes beside it cost nothing, and a place that cannot be listed will do. A
//! difference is only the reason to read the index (`index_run`), which reports it.

use super::index_place::{IndexSource, read_cursor};
use super::planned::{PlannedCursor, PlannedIndex};
use crate::digest::{ObjectDigests, Sha256};
use crate::model::package::ObjectKey;
use crate::model::verification::{IndexObjects, Notice, ObjectCounts, RevisionStatus};
use crate::v2::index::{cursor_key, parse_cursor};
use crate::v2::store::{Claims, StoredObject, Wanted};

/// The objects to compare.
pub(super) struct IndexListing<'r> {
    pub(super) source: IndexSource<'r>,
    /// The index in the plan, if there is one.
    pub(super) planned: Option<PlannedIndex>,
}

/// Objects that are as expected.
pub(super) struct ListedIndex {
    object_count: u64,
    /// Number of those of which only the size could be compared with the plan.
    pub(super) len_only_count: u64,
    is_planned: bool,
}

impl ListedIndex {
    /// Returns the result, and what it does not prove.
    pub(super) fn result(&self) -> (IndexObjects, Notice) {
        let object_count = self.object_count;
        let statuses = (0..object_count).map(|_| RevisionStatus::Good);
        let counts = ObjectCounts::of(object_count, statuses);
        let notice = match self.is_planned {
            true => Notice::IndexByDigest { object_count },
            false => Notice::IndexByName { object_count },
        };
        (IndexObjects { counts, mismatches: Vec::new() }, notice)
    }
}

impl IndexListing<'_> {
    /// Compares the objects; `None` if one is not as expected, or cannot be looked at.
    pub(super) fn compare(&self) -> Option<ListedIndex> {
        let Some(planned) = &self.planned else {
            let found = self.source.find(Wanted::Claims).ok()?;
            let object_count = 1 + u64::from(found.cursor.is_some());
            return Some(ListedIndex { object_count, len_only_count: 0, is_planned: false });
        };
        let mut listed = ListedIndex { object_count: 0, len_only_count: 0, is_planned: true };
        if self.source.object.is_none() {
            self.has_cursor(&planned.cursor).then(|| listed.object_count += 1)?;
        }
        let key = self.source.object.unwrap_or(&planned.index.0);
        self.add(&*self.find(key)?, &planned.index.1, &mut listed)?;
        // Optional: a registry reads the whole index instead.
        if let Some((key, digests)) =
            planned.delta.as_ref().filter(|_| self.source.object.is_none())
            && let Some(object) = self.source.place.find(key, Wanted::Claims).ok()?
        {
            self.add(&*object, digests, &mut listed)?;
        }
        Some(listed)
    }

    fn find(&self, key: &ObjectKey) -> Option<Box<dyn StoredObject + '_>> {
        self.source.place.find(key, Wanted::Claims).ok()?
    }

    /// Counts an object if its size and its digests are the planned ones.
    fn add(
        &self,
        object: &dyn StoredObject,
        planned: &ObjectDigests,
        listed: &mut ListedIndex,
    ) -> Option<()> {
        let claims = object.claims();
        is_claimed(object, planned).then_some(())?;
        listed.object_count += 1;
        listed.len_only_count += u64::from(claims == Claims::default());
        Some(())
    }

    /// Returns whether the cursor is the planned one. It is as short as a request, and read unless the store reports the
    /// planned digest: all cursors have the same size.
    fn has_cursor(&self, planned: &PlannedCursor) -> bool {
        let key = cursor_key();
        if let PlannedCursor::Bytes(digests) = planned {
            let Some(object) = self.find(&key) else { return false };
            if object.claims() != Claims::default() {
                return is_claimed(&*object, digests);
            }
        }
        let Ok(Some(text)) = read_cursor(self.source.place) else { return false };
        match planned {
            PlannedCursor::Bytes(digests) => Sha256::of(&text) == digests.sha256,
            PlannedCursor::Name(cursor) => parse_cursor(&text).is_ok_and(|found| found == *cursor),
        }
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
