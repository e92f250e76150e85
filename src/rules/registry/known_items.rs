//! Reads lists of fields and pipelines item by item, and each item once for all files that have it.
//!
//! Versions and packages repeat each other's lists: of 74 MB in the public repository's different files
//! of both kinds, a quarter is different items, and parsing YAML is most of what judging a package
//! takes. Without it, a dry run over the public repository takes 1.08 times as long, and 1.09 times the
//! processor time (medians of seven pairs on two processors, 2026-11-27).

#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::Role;
use super::fields::{Fields, FieldsFacts};
use super::pipeline::PipelineFacts;
use crate::digest::Sha256;
use crate::yaml::{Document, MAX_LEN, MAX_NODES, parts};

/// Number of items that are remembered, about a hundred bytes each.
const LIMIT: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");

/// Items that were read before and need no second look: those of pipelines, and those of lists of
/// fields that hold nothing which is looked for. With each its number of nodes.
pub struct KnownItems(Mutex<LruCache<(Role, Sha256), u64>>);

impl Default for KnownItems {
    fn default() -> Self {
        KnownItems(Mutex::new(LruCache::new(LIMIT)))
    }
}

impl KnownItems {
    /// What a file that lists fields says: the same as when its bytes are parsed whole.
    pub(super) fn read_fields(&self, bytes: &[u8]) -> FieldsFacts {
        let mut fields = Fields::default();
        let read = self.read_parts(Role::Fields, bytes, |document| {
            let found = Fields::of(document.root()).ok()?;
            let is_dull = found == Fields::default();
            fields = std::mem::take(&mut fields).or_later(found);
            Some(is_dull)
        });
        match read {
            Some(()) => FieldsFacts(Ok(fields)),
            None => FieldsFacts::of(&Document::parse(bytes)),
        }
    }

    /// Whether a file is a pipeline: the same as when its bytes are parsed whole.
    pub(super) fn read_pipeline(&self, bytes: &[u8]) -> PipelineFacts {
        match self.read_parts(Role::YamlPipeline, bytes, |_| Some(true)) {
            Some(()) => PipelineFacts(Ok(())),
            None => PipelineFacts::of_yaml(&Document::parse(bytes)),
        }
    }

    /// Reads a file's parts. `look` is shown each that is new, and tells whether it may be remembered;
    /// none when the file has to be parsed whole.
    fn read_parts(
        &self,
        role: Role,
        bytes: &[u8],
        mut look: impl FnMut(&Document<'_>) -> Option<bool>,
    ) -> Option<()> {
        if bytes.len() > MAX_LEN {
            return None;
        }
        let parts = parts(std::str::from_utf8(bytes).ok()?)?;
        // A list of fields is a list and nothing else; a pipeline begins with a key.
        if parts.first()?.is_item() != (role == Role::Fields) {
            return None;
        }
        let mut node_count = 0;
        for part in parts {
            let key = (role, Sha256::of(part.text().as_bytes()));
            let known = self.lock().get(&key).copied();
            node_count += match known {
                Some(node_count) => node_count,
                None => {
                    let document = part.parse()?;
                    if look(&document)? && part.is_item() {
                        self.lock().put(key, document.node_count());
                    }
                    document.node_count()
                }
            };
        }
        // More than the whole has, by what holds the items of each part.
        (node_count <= MAX_NODES).then_some(())
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<(Role, Sha256), u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
