//! A cache of recently read objects, which may be bases of deltas.
//!
//! Git packs the same file of neighbouring revisions as a delta chain, and revisions are read in
//! order, so most bases have just been read.

use lru::LruCache;

use super::{PackOffset, PackedObject};

/// Maximum size of one worker's cache, in bytes. Four times as much saves a fifth of the inflating, but
/// costs as much time in misses of the processor's cache.
const MAX_LEN: usize = 4 << 20;

/// Longer objects are not cached, in bytes: they would evict everything else.
const MAX_BASE_LEN: usize = 1 << 20;

/// The recently read objects.
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
    /// Returns the object whose entry is at `place`, if it is cached.
    pub(super) fn get(&mut self, place: PackOffset) -> Option<PackedObject> {
        self.kept.get(&place).cloned()
    }

    /// Caches an object and evicts the least recently used ones.
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
