//! Reads field definitions and pipelines item by item, and parses items that occur in several files only once.
//!
//! Versions and packages repeat each other's items: of the 74 MB of distinct files of both kinds in the public
//! repository, only a quarter is distinct items, and parsing YAML is most of the work of checking a package. Without
//! this cache, a dry run on the public repository takes 1.08 times as long, and 1.09 times the processor time (medians
//! of seven pairs on two processors, 2026-11-27).

#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::fields::{Fields, FieldsFacts};
use super::pipeline::PipelineFacts;
use super::{Parsed, Role};
use crate::digest::Sha256;
use crate::yaml::{Data, Document, MAX_LEN, MAX_NODES, js_yaml, parts};

/// The maximum number of cached items, about a hundred bytes each.
const LIMIT: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");

/// A cache of items that need not be parsed again: those of pipelines, and those of field definitions without any of
/// the required fields.
pub struct KnownItems(Mutex<LruCache<(Role, Sha256), KnownItem>>);

#[derive(Clone, Copy)]
struct KnownItem {
    node_count: u64,
    /// Whether js-yaml reads the same tree, and there are no duplicate keys.
    is_ordinary: bool,
}

impl KnownItem {
    fn of(document: &Document<'_>) -> Self {
        KnownItem {
            node_count: document.node_count(),
            is_ordinary: js_yaml::has_duplicates(document) == Some(false),
        }
    }
}

impl Default for KnownItems {
    fn default() -> Self {
        KnownItems(Mutex::new(LruCache::new(LIMIT)))
    }
}

impl KnownItems {
    /// Reads a file with field definitions; the result is the same as for parsing it as a whole.
    pub(super) fn read_fields(&self, bytes: &[u8], see: impl FnOnce(Parsed<'_>)) -> FieldsFacts {
        let mut fields = Fields::default();
        let read = self.read_parts(Role::Fields, bytes, |document| {
            let found = Fields::of(document.root()).ok()?;
            let is_irrelevant = found == Fields::default();
            fields = std::mem::take(&mut fields).or_later(found);
            Some(is_irrelevant)
        });
        match read {
            Some(are_ordinary) => {
                see(Parsed::Parts { are_ordinary });
                FieldsFacts(Ok(fields))
            }
            None => {
                let document = Document::parse(bytes);
                see(Parsed::of(&document));
                FieldsFacts::of(&document)
            }
        }
    }

    /// Reads a pipeline; the result is the same as for parsing it as a whole.
    pub(super) fn read_pipeline(
        &self,
        bytes: &[u8],
        see: impl FnOnce(Parsed<'_>),
    ) -> PipelineFacts {
        match self.read_parts(Role::YamlPipeline, bytes, |_| Some(true)) {
            Some(are_ordinary) => {
                see(Parsed::Parts { are_ordinary });
                PipelineFacts(Ok(()))
            }
            None => {
                let document = Document::parse(bytes);
                see(Parsed::of(&document));
                PipelineFacts::of_yaml(&document)
            }
        }
    }

    /// Reads the parts of a file. `look` is called with each part that is not cached, and returns whether it may be
    /// cached. Returns whether js-yaml reads the same tree; `None` if the file has to be parsed as a whole.
    fn read_parts(
        &self,
        role: Role,
        bytes: &[u8],
        mut look: impl FnMut(&Document<'_>) -> Option<bool>,
    ) -> Option<bool> {
        if bytes.len() > MAX_LEN {
            return None;
        }
        let parts = parts(std::str::from_utf8(bytes).ok()?)?;
        // Field definitions consist of list items only; a pipeline begins with a key.
        if parts.first()?.is_item() != (role == Role::Fields) {
            return None;
        }
        let (mut node_count, mut are_ordinary) = (0, true);
        // The top-level keys of all parts.
        let mut keys = Vec::new();
        for part in parts {
            let key = (role, Sha256::of(part.text().as_bytes()));
            let known = self.lock().get(&key).copied();
            let item = match known {
                Some(item) => item,
                None => {
                    let document = part.parse()?;
                    let item = KnownItem::of(&document);
                    if look(&document)? && part.is_item() {
                        self.lock().put(key, item);
                    }
                    if !part.is_item() {
                        keys.extend(keys_of(&document));
                    }
                    item
                }
            };
            node_count += item.node_count;
            are_ordinary &= item.is_ordinary;
        }
        keys.sort_unstable();
        are_ordinary &= keys.windows(2).all(|pair| pair[0] != pair[1]);
        // An upper bound: each part counts its root node separately.
        (node_count <= MAX_NODES).then_some(are_ordinary)
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<(Role, Sha256), KnownItem>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keys_of(document: &Document<'_>) -> Vec<String> {
    let Data::Mapping(pairs) = document.root().data() else { return Vec::new() };
    let text = |key| match key {
        Data::Scalar(key) => Some(key.text.to_owned()),
        Data::Sequence(_) | Data::Mapping(_) => None,
    };
    pairs.iter().filter_map(|(key, _)| text(key.data())).collect()
}
