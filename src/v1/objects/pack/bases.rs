//! Objects that were read lately, since deltas may be against them.
//!
//! Git packs the same file of neighbouring revisions as a chain of deltas, and revisions are read
//! in order: what one needs as its base was mostly read just before.

use lru::LruCache;

use super::{PackOffset, PackedObject};

/// Memory of one worker's bases, in bytes. Four times as much saves a fifth of the inflating, and costs
/// as much time by leaving the processor's cache.
const MAX_LEN: usize = 4 << 20;

/// What is longer is not kept, in bytes: it would push out everything else.
const MAX_BASE_LEN: usize = 1 << 20;

/// The objects that were read lately.
pub(super) struct Bases {
    kept: LruCache<PackOffset, PackedObject>,
    len: usize,
}

impl Default for Bases {
    fn default() -> Self {
        Bases { kept: LruCache::unbounded(), len: 0 }
    }
}

impl Bases {
    /// The object whose entry lies there, if it is still kept.
    pub(super) fn get(&mut self, place: PackOffset) -> Option<PackedObject> {
        self.kept.get(&place).cloned()
    }

    /// Keeps an object, and lets go those that were used longest ago.
    pub(super) fn keep(&mut self, place: PackOffset, object: &PackedObject) {
        if object.bytes.len() > MAX_BASE_LEN {
            return;
        }
        self.len += object.bytes.len();
        if let Some(former) = self.kept.put(place, object.clone()) {
            self.len -= former.bytes.len();
        }
        while self.len > MAX_LEN
            && let Some((_, oldest)) = self.kept.pop_lru()
        {
            self.len -= oldest.bytes.len();
        }
    }
}
