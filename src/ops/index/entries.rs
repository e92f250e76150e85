//! The entries of a new index: those of the published one, and those derived from v1.
//!
//! What is published stays. Lines are kept in a temporary file; only the list of revisions is in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::base::{Base, Published};
use crate::error::Error;
use crate::model::shard::Shard;
use crate::rules::index::{Comparison, EntryId, compare};
use crate::v2::folder::{Span, Spool};

/// The origin of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is not published yet.
    New,
    /// It is published, and v1 has the same revision.
    Matching {
        /// Whether the published entry refers to a signature.
        is_signed: bool,
    },
    /// It is published, and v1 does not have it, or has another one.
    Published {
        /// Whether the published entry refers to a signature.
        is_signed: bool,
    },
}

/// An entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) line: Span,
    pub(super) origin: Origin,
}

/// The entries of a new index.
#[derive(Debug)]
pub struct Entries {
    pub(super) spool: Arc<Spool>,
    pub(super) list: Mutex<BTreeMap<EntryId, Entry>>,
}

impl Entries {
    /// Creates the entries of a shard, at first those of the published index.
    pub fn new(base: Option<&Base>, shard: Shard) -> Self {
        let spool = match base {
            Some(base) => Arc::clone(&base.spool),
            None => Arc::default(),
        };
        let published = base.into_iter().flat_map(|base| base.entries_of(shard));
        let list = published
            .map(|(id, Published { line, is_signed })| {
                let origin = Origin::Published { is_signed: *is_signed };
                (id.clone(), Entry { line: *line, origin })
            })
            .collect();
        Entries { spool, list: Mutex::new(list) }
    }

    /// Compares a derived entry with the published one; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn compare(&self, id: &EntryId, line: &[u8]) -> Result<Option<Comparison>, Error> {
        let Some(entry) = self.get(id) else { return Ok(None) };
        let published = self.spool.read(entry.line)?;
        Ok(Some(compare(&published, line)))
    }

    /// Adds the entry of a revision that is migrated, after it was compared.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn add(
        &self,
        id: EntryId,
        line: &[u8],
        compared: Option<&Comparison>,
    ) -> Result<(), Error> {
        let entry = match (compared, self.get(&id)) {
            (Some(Comparison::Conflict { .. }), _) => return Ok(()),
            (_, Some(Entry { line, origin: Origin::Published { is_signed } })) => {
                Entry { line, origin: Origin::Matching { is_signed } }
            }
            _ => Entry { line: self.spool.add(line)?, origin: Origin::New },
        };
        self.list.lock().unwrap_or_else(PoisonError::into_inner).insert(id, entry);
        Ok(())
    }

    /// Returns the line of an entry; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn line_of(&self, id: &EntryId) -> Result<Option<Vec<u8>>, Error> {
        self.get(id).map(|entry| self.spool.read(entry.line)).transpose()
    }

    fn get(&self, id: &EntryId) -> Option<Entry> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }
}
