//! The objects of the search index: their keys, and the text around the entries.
//!
//! Layout and reading rules: package-registry 1.40.1, `internal/storage/index.go`, `cursor.go`, `paths.go`. The entries
//! are opaque text here; `rules/index` derives them.

mod cursor;
mod reader;

use crate::error::Error;
use crate::model::package::ObjectKey;

pub use cursor::{Cursor, CursorError, NextCursorError};
pub use reader::{IndexFault, ReadIndex, read_index};

/// The folder of all metadata objects.
const METADATA_PREFIX: &str = "v2/metadata/";

/// The key of the object that names the newest index.
pub fn cursor_key() -> ObjectKey {
    key(&format!("{METADATA_PREFIX}cursor.json"))
}

/// The key of an index.
pub fn index_key(cursor: &Cursor) -> ObjectKey {
    key(&format!("{METADATA_PREFIX}{cursor}/search-index-all.json"))
}

fn key(text: &str) -> ObjectKey {
    ObjectKey::try_from(text.to_owned()).expect("a cursor is one safe component of a path")
}

/// Writes an index: `{"packages":[…]}`, one entry per line.
///
/// `packages` must be its first key because the registry stops at the first list or object.
pub struct IndexText<'s> {
    sink: &'s mut dyn FnMut(&[u8]) -> Result<(), Error>,
    entry_count: u64,
}

impl<'s> IndexText<'s> {
    /// Begins an index whose bytes go to `sink`.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn begin(sink: &'s mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<Self, Error> {
        sink(b"{\"packages\":[")?;
        Ok(IndexText { sink, entry_count: 0 })
    }

    /// Adds an entry, `{"package_manifest":{…}}`.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn add(&mut self, entry: &[u8]) -> Result<(), Error> {
        (self.sink)(if self.entry_count == 0 { b"\n" } else { b",\n" })?;
        self.entry_count += 1;
        (self.sink)(entry)
    }

    /// Ends the index and returns the number of its entries.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn finish(self) -> Result<u64, Error> {
        (self.sink)(b"\n]}\n")?;
        Ok(self.entry_count)
    }
}
