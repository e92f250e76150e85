//! The objects of the search index: their keys, and the text around the entries.
//!
//! Layout and reading rules: package-registry 1.40.1, `internal/storage/index.go`, `cursor.go`, `paths.go`. The entries
//! are opaque text here; `rules/index` derives them.

mod reader;

use std::io;

use serde::Deserialize;

use crate::error::Error;
use crate::model::cursor::Cursor;
use crate::model::package::{METADATA_PREFIX, ObjectKey};
use crate::model::shard::Shard;

pub use reader::{IndexFault, ReadIndex, Visit, read_index};

/// The key of the object that names the newest index.
pub fn cursor_key() -> ObjectKey {
    key(&format!("{METADATA_PREFIX}cursor.json"))
}

/// The key of an index; that of a shard's part of it has a name that no registry reads.
pub fn index_key(cursor: &Cursor, shard: Shard) -> ObjectKey {
    key(&format!("{METADATA_PREFIX}{cursor}/search-index-all{}.json", part(shard)))
}

/// The key of the changes since the previous index, or of a shard's part of them.
pub fn delta_key(cursor: &Cursor, shard: Shard) -> ObjectKey {
    key(&format!("{METADATA_PREFIX}{cursor}/search-index-delta{}.json", part(shard)))
}

fn part(shard: Shard) -> String {
    match shard.is_whole() {
        true => String::new(),
        false => format!(".part-{}-of-{}", shard.index(), shard.count()),
    }
}

/// Parses `cursor.json`; the registry ignores other members, and anything after the object.
///
/// # Errors
/// It is not an object with `current`, or that is not a cursor.
pub fn parse_cursor(text: &[u8]) -> serde_json::Result<Cursor> {
    #[derive(Deserialize)]
    struct CursorFile {
        current: Cursor,
    }
    let mut read = serde_json::Deserializer::from_slice(text);
    Ok(CursorFile::deserialize(&mut read)?.current)
}

/// The names and versions of entries.
pub type EntryNames = Vec<(String, String)>;

/// The entries that an index has beyond the published one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedEntries {
    /// Those that are not published yet.
    pub added: EntryNames,
    /// Those that refer to a signature from now on.
    pub updated: EntryNames,
}

/// Reads which entries an index has, all of which are added, or which ones changes add and update.
///
/// # Errors
/// Neither, or an entry without a name and a version.
pub fn changed_entries(reader: impl io::Read) -> serde_json::Result<ChangedEntries> {
    #[derive(Deserialize)]
    struct Text {
        #[serde(alias = "added")]
        packages: Vec<Item>,
        #[serde(default)]
        updated: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        package_manifest: Manifest,
    }
    #[derive(Deserialize)]
    struct Manifest {
        name: String,
        version: String,
    }
    let Text { packages, updated } = serde_json::from_reader(io::BufReader::new(reader))?;
    let names = |items: Vec<Item>| {
        let names = items.into_iter();
        names.map(|Item { package_manifest: Manifest { name, version } }| (name, version)).collect()
    };
    Ok(ChangedEntries { added: names(packages), updated: names(updated) })
}

fn key(text: &str) -> ObjectKey {
    ObjectKey::try_from(text.to_owned()).expect("a cursor is one safe component of a path")
}

/// Writes lists of entries, one entry per line.
///
/// An index is `{"packages":[…]}`. `packages` must be its first key because the registry stops at the first list or
/// object. The changes are `{"added":[…],"updated":[…],"removed":[]}`: nothing is ever removed.
pub struct IndexText<'s> {
    sink: &'s mut dyn FnMut(&[u8]) -> Result<(), Error>,
    list_len: u64,
    entry_count: u64,
    end: &'static [u8],
}

impl<'s> IndexText<'s> {
    /// Begins an index whose bytes go to `sink`.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn begin(sink: &'s mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<Self, Error> {
        sink(b"{\"packages\":[")?;
        Ok(IndexText { sink, list_len: 0, entry_count: 0, end: b"]}\n" })
    }

    /// Begins the changes, with the entries that are added.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn begin_delta(sink: &'s mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<Self, Error> {
        sink(b"{\"added\":[")?;
        Ok(IndexText { sink, list_len: 0, entry_count: 0, end: b"],\"removed\":[]}\n" })
    }

    /// Ends the entries that are added, and begins those that are updated.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn begin_updated(&mut self) -> Result<(), Error> {
        self.end_list()?;
        (self.sink)(b"],\"updated\":[")
    }

    /// Adds an entry, `{"package_manifest":{…}}`.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn add(&mut self, entry: &[u8]) -> Result<(), Error> {
        (self.sink)(if self.list_len == 0 { b"\n" } else { b",\n" })?;
        self.list_len += 1;
        self.entry_count += 1;
        (self.sink)(entry)
    }

    fn end_list(&mut self) -> Result<(), Error> {
        self.list_len = 0;
        (self.sink)(b"\n")
    }

    /// Ends the text and returns the number of entries.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn finish(mut self) -> Result<u64, Error> {
        self.end_list()?;
        (self.sink)(self.end)?;
        Ok(self.entry_count)
    }
}
