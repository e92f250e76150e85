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

use super::fields::{Fields, FieldsFacts};
use super::pipeline::PipelineFacts;
use super::{Parsed, Role};
use crate::digest::Sha256;
use crate::yaml::{Data, Document, MAX_LEN, MAX_NODES, js_yaml, parts};

/// Number of items that are remembered, about a hundred bytes each.
const LIMIT: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");

/// Items that were read before and need no second look: those of pipelines, and those of lists of
/// fields that hold nothing which is looked for.
pub struct KnownItems(Mutex<LruCache<(Role, Sha256), KnownItem>>);

#[derive(Clone, Copy)]
struct KnownItem {
    node_count: u64,
    /// Whether js-yaml makes the same tree of it, and finds no key twice.
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
    /// What a file that lists fields says: the same as when its bytes are parsed whole.
    pub(super) fn read_fields(&self, bytes: &[u8], see: impl FnOnce(Parsed<'_>)) -> FieldsFacts {
        let mut fields = Fields::default();
        let read = self.read_parts(Role::Fields, bytes, |document| {
            let found = Fields::of(document.root()).ok()?;
            let is_dull = found == Fields::default();
            fields = std::mem::take(&mut fields).or_later(found);
            Some(is_dull)
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

    /// Whether a file is a pipeline: the same as when its bytes are parsed whole.
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

    /// Reads a file's parts. `look` is shown each that is new, and tells whether it may be remembered;
    /// whether js-yaml makes the same of the file; none when it has to be parsed whole.
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
        // A list of fields is a list and nothing else; a pipeline begins with a key.
        if parts.first()?.is_item() != (role == Role::Fields) {
            return None;
        }
        let (mut node_count, mut are_ordinary) = (0, true);
        // The outermost keys, which stand in several parts.
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
        // More than the whole has, by what holds the items of each part.
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
