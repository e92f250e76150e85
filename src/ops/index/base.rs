//! The published index that a new one continues: read once, and kept in a temporary file as lines.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::model::cursor::Cursor;
use crate::model::plan::BaseIndex;
use crate::model::shard::Shard;
use crate::read_at::{FileReader, ReadAt};
use crate::rules::index::{EntryId, Identity, NoEntry, as_line, identify};
use crate::v2::folder::{Span, Spool};
use crate::v2::index::{IndexFault, ReadIndex, cursor_key, index_key, parse_cursor, read_index};
use crate::v2::store::{Access, PlaceKind, Wanted, open_place};

/// The maximum length of `cursor.json` in bytes.
const MAX_CURSOR_LEN: u64 = 64 << 10;

/// Where a published index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BasePlace {
    /// A file, and its cursor.
    File(PathBuf, Cursor),
    /// A folder that mirrors the bucket.
    Folder(PathBuf),
    /// A URL or a bucket.
    Remote(PlaceKind, Access),
}

/// A published entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Published {
    pub(super) line: Span,
    pub(super) is_signed: bool,
}

/// A published index.
#[derive(Clone, Debug)]
pub struct Base {
    /// Its name and digest.
    pub index: BaseIndex,
    pub(super) entries: BTreeMap<EntryId, Published>,
    pub(super) spool: Arc<Spool>,
}

/// Why a published index cannot be continued.
#[derive(Debug, thiserror::Error)]
enum BaseFault {
    #[error("{0} does not exist")]
    Missing(String),
    #[error("{0} is longer than {MAX_CURSOR_LEN} bytes")]
    LongCursor(String),
    #[error("{key} cannot be read")]
    Object { key: String, source: io::Error },
    #[error("{key} has no usable cursor")]
    Cursor { key: String, source: serde_json::Error },
    #[error("it is not an index")]
    Index(#[from] IndexFault),
    #[error("its entry at byte {offset} cannot be read")]
    Entry { offset: u64, source: NoEntry },
    #[error("{name} {version} appears twice")]
    Twice { name: String, version: String },
    #[error(transparent)]
    Other(#[from] Error),
}

impl Base {
    /// Reads a published index.
    ///
    /// # Errors
    /// [`Error::BaseIndex`], [`Error::Interrupted`].
    pub fn read(place: &BasePlace, interrupt: &AtomicBool) -> Result<Self, Error> {
        let read = match place {
            BasePlace::File(path, cursor) => of_file(path, cursor.clone(), interrupt),
            BasePlace::Folder(folder) => of_folder(folder, interrupt),
            BasePlace::Remote(kind, access) => of_place(kind, *access, interrupt),
        };
        read.map_err(|fault| match fault {
            BaseFault::Other(error) => error,
            fault => Error::BaseIndex { place: place.to_string(), source: fault.into() },
        })
    }

    /// Returns the revisions of a shard's packages.
    pub fn revisions_of(&self, shard: Shard) -> impl Iterator<Item = &EntryId> {
        self.entries_of(shard).map(|(id, _)| id)
    }

    /// Returns the entries of a shard's packages.
    pub(super) fn entries_of(&self, shard: Shard) -> impl Iterator<Item = (&EntryId, &Published)> {
        self.entries.iter().filter(move |(id, _)| shard.contains(id.name.as_bytes()))
    }
}

impl std::fmt::Display for BasePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BasePlace::File(path, _) | BasePlace::Folder(path) => path.display().fmt(f),
            BasePlace::Remote(kind, _) => kind.fmt(f),
        }
    }
}

fn of_file(path: &Path, cursor: Cursor, interrupt: &AtomicBool) -> Result<Base, BaseFault> {
    let source = open(path)?.ok_or_else(|| BaseFault::Missing(path.display().to_string()))?;
    of_source(&source, cursor, interrupt)
}

fn of_folder(folder: &Path, interrupt: &AtomicBool) -> Result<Base, BaseFault> {
    let find =
        |key: &str| open(&folder.join(key))?.ok_or_else(|| BaseFault::Missing(key.to_owned()));
    let key = cursor_key();
    let cursor = read_cursor(&find(key.as_str())?, key.as_str())?;
    let source = find(index_key(&cursor, Shard::WHOLE).as_str())?;
    of_source(&source, cursor, interrupt)
}

fn of_place(kind: &PlaceKind, access: Access, interrupt: &AtomicBool) -> Result<Base, BaseFault> {
    let place = open_place(kind, access)?;
    let find = |key| {
        let found = place.find(&key, Wanted::Whole);
        let found = found.map_err(|source| BaseFault::Object { key: key.to_string(), source })?;
        found.ok_or_else(|| BaseFault::Missing(key.to_string()))
    };
    let key = cursor_key();
    let cursor = find(key.clone())?;
    let cursor = read_cursor(&*cursor, key.as_str())?;
    let source = find(index_key(&cursor, Shard::WHOLE))?;
    of_source(&*source, cursor, interrupt)
}

/// Opens a file; `None` if it does not exist.
fn open(path: &Path) -> Result<Option<FileReader>, BaseFault> {
    let opened = File::open(path).and_then(FileReader::new);
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("open", path)(error).into()),
    }
}

fn read_cursor(source: &dyn ReadAt, key: &str) -> Result<Cursor, BaseFault> {
    if source.len() > MAX_CURSOR_LEN {
        return Err(BaseFault::LongCursor(key.to_owned()));
    }
    let mut text = vec![0; source.len() as usize];
    source
        .read_exact_at(&mut text, 0)
        .map_err(|source| BaseFault::Object { key: key.to_owned(), source })?;
    parse_cursor(&text).map_err(|source| BaseFault::Cursor { key: key.to_owned(), source })
}

fn of_source(
    source: &dyn ReadAt,
    cursor: Cursor,
    interrupt: &AtomicBool,
) -> Result<Base, BaseFault> {
    let spool = Spool::default();
    let mut entries = BTreeMap::new();
    let read = read_index(source, &mut |offset, text: &[u8]| {
        if interrupt.load(Ordering::Relaxed) {
            return Err(BaseFault::Other(Error::Interrupted));
        }
        let identity = identify(text).map_err(|source| BaseFault::Entry { offset, source })?;
        let Identity { id, is_signed } = identity;
        let line = spool.add(&as_line(text))?;
        let (name, version) = (id.name.clone(), id.version.to_string());
        match entries.insert(id, Published { line, is_signed }) {
            None => Ok(()),
            Some(_) => Err(BaseFault::Twice { name, version }),
        }
    })?;
    let ReadIndex { size, sha256, md5, crc32c, .. } = read;
    let index = BaseIndex { cursor, size, sha256, md5, crc32c };
    Ok(Base { index, entries, spool: Arc::new(spool) })
}
