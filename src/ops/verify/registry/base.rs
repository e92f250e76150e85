//! The base index that v2 continues: its entries stay as they were published, also where v1 says something else.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use serde_json::Value;

use super::Subject;
use crate::error::Error;
use crate::model::package::RevisionId;
use crate::ops::verify::entries::NoEntry;
use crate::ops::verify::index_entries::read_base;
use crate::ops::verify::index_entry::{IndexEntry, stem};
use crate::ops::verify::index_place::IndexPlace;
use crate::ops::verify::json_value::digest;

/// The revisions that only the base index has.
#[derive(Debug, Default)]
pub(super) struct Base {
    entries: BTreeMap<String, BaseEntry>,
}

/// An entry of a revision that v1 does not have.
#[derive(Debug)]
struct BaseEntry {
    /// `None` if v1 cannot have such a revision.
    revision: Option<RevisionId>,
    manifest: Value,
}

impl Base {
    /// Reads the base index, and replaces the entries of those revisions that were published with another one.
    ///
    /// # Errors
    /// [`Error::BaseIndex`], [`Error::Interrupted`].
    pub(super) fn read(
        index: &IndexPlace,
        subjects: &mut [Subject<'_>],
        interrupt: &AtomicBool,
    ) -> Result<Self, Error> {
        let positions: BTreeMap<String, usize> = subjects
            .iter()
            .enumerate()
            .map(|(position, subject)| (subject.revision.to_string(), position))
            .collect();
        let mut base = Base::default();
        read_base(index.source(), index.name.as_str(), interrupt, &mut |entry| {
            let name = stem(&entry.id);
            match positions.get(&name) {
                Some(position) => publish(&mut subjects[*position], entry),
                None => {
                    let revision = entry.id.revision();
                    base.entries.insert(name, BaseEntry { revision, manifest: entry.manifest });
                }
            }
        })?;
        Ok(base)
    }

    /// Returns whether only the base index has a revision.
    pub(super) fn contains(&self, revision: &str) -> bool {
        self.entries.contains_key(revision)
    }

    /// Returns the names of the revisions, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Returns the entries of revisions that v1 could have.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&RevisionId, &Value)> {
        self.entries.values().filter_map(|one| Some((one.revision.as_ref()?, &one.manifest)))
    }
}

/// Makes the published entry of a revision the expected one.
fn publish(subject: &mut Subject<'_>, published: IndexEntry) {
    let IndexEntry { mut manifest, stated, .. } = published;
    let is_same = match &subject.derived {
        Ok(derived) => digest(derived) == stated.manifest,
        // Which files v1 has is unknown, so that nothing is compared.
        Err(NoEntry::NotCheckable(_)) => return,
        Err(_) => false,
    };
    if let (Some(path), Value::Object(members)) = (stated.signature, &mut manifest) {
        members.insert(super::revision::SIGNATURE_PATH.to_owned(), Value::String(path));
    }
    subject.derived = Ok(manifest);
    subject.is_as_published = !is_same;
}
