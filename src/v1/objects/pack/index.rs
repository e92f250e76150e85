//! A pack's index: where in the pack an object starts, and where it ends.
//!
//! Only version 2, which Git has written since 2007 ("gitformat-pack": pack-*.idx). `check` has checked its
//! bounds; here, an object with an invalid field is treated as absent.

use super::fields::{FAN_OUT_LEN, ID_LEN, be_u32, whole_offset};
use crate::model::content::ObjectId;

const MAGIC_AND_VERSION: &[u8] = b"\xfftOc\0\0\0\x02";
const CRC_LEN: usize = 4;
const OFFSET_LEN: usize = 4;

/// The index of one pack.
pub(super) struct Index {
    bytes: Vec<u8>,
    object_count: usize,
    /// Where each entry of the pack starts, sorted and without duplicates, and where the last one ends.
    boundaries: Vec<u64>,
}

impl Index {
    /// Parses the index of a pack whose last entry ends at `end`; `None` when it has another version.
    pub(super) fn new(bytes: Vec<u8>, end: u64) -> Option<Self> {
        if !bytes.starts_with(MAGIC_AND_VERSION) {
            return None;
        }
        let object_count = be_u32(&bytes, MAGIC_AND_VERSION.len() + FAN_OUT_LEN - 4).ok()? as usize;
        let mut index = Index { bytes, object_count, boundaries: Vec::new() };
        let offsets = (0..object_count).map(|number| index.offset(number));
        let mut boundaries: Vec<u64> = offsets.collect::<Option<_>>()?;
        boundaries.push(end);
        boundaries.sort_unstable();
        boundaries.dedup();
        index.boundaries = boundaries;
        Some(index)
    }

    /// Returns whether this is the index of the pack with this header and trailer.
    pub(super) fn belongs_to(&self, pack_header: [u8; 12], pack_trailer: [u8; ID_LEN]) -> bool {
        let object_count = be_u32(&pack_header, 8).ok().map(|count| count as usize);
        // An index ends with the pack's checksum and its own.
        let (_, checksums) = self.bytes.split_at(self.bytes.len() - 2 * ID_LEN);
        pack_header.starts_with(b"PACK\0\0\0\x02")
            && object_count == Some(self.object_count)
            && checksums.starts_with(&pack_trailer)
    }

    /// Returns the offset of an object's entry.
    pub(super) fn find(&self, id: ObjectId) -> Option<u64> {
        let first = usize::from(id.0[0]);
        let fan_out = |byte: usize| be_u32(&self.bytes, MAGIC_AND_VERSION.len() + byte * 4).ok();
        let from = if first == 0 { 0 } else { fan_out(first - 1)? as usize };
        let to = fan_out(first)? as usize;
        let ids = self.bytes.get(ids_at(from)..ids_at(to.min(self.object_count)))?;
        let (ids, _) = ids.as_chunks::<ID_LEN>();
        self.offset(from + ids.binary_search(&id.0).ok()?)
    }

    /// Returns where the entry that starts at `start` ends; `None` when no entry starts there.
    #[inline]
    pub(super) fn end_of(&self, start: u64) -> Option<u64> {
        self.boundaries.get(self.boundaries.binary_search(&start).ok()? + 1).copied()
    }

    fn offset(&self, number: usize) -> Option<u64> {
        let offsets_at = ids_at(self.object_count) + self.object_count * CRC_LEN;
        let offset = be_u32(&self.bytes, offsets_at + number * OFFSET_LEN).ok()?;
        let larges_at = offsets_at + self.object_count * OFFSET_LEN;
        whole_offset(offset, self.bytes.get(larges_at..)?).ok()
    }
}

/// Returns where an id starts, by its number in the order of ids.
fn ids_at(number: usize) -> usize {
    MAGIC_AND_VERSION.len() + FAN_OUT_LEN + number * ID_LEN
}
