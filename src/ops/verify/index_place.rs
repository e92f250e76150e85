//! Where an index is: found by its cursor, or named directly.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::error::Error;
use crate::model::cursor::Cursor;
use crate::model::mismatch::{Mismatch, MismatchKind};
use crate::model::package::{GrammarError, ObjectKey};
use crate::model::shard::Shard;
use crate::model::verification::PlaceName;
use crate::v2::index::{cursor_key, index_key, parse_cursor};
use crate::v2::store::{
    Access, Description, Place, PlaceArg, PlaceKind, StoredObject, Wanted, open_place,
};

/// The maximum length of `cursor.json` in bytes.
const MAX_CURSOR_LEN: u64 = 64 << 10;

/// An opened place that has an index.
#[derive(Clone)]
pub struct IndexPlace {
    /// Its name, for display.
    pub name: PlaceName,
    place: Arc<dyn Place>,
    /// The key of the index, if it was named directly instead of the place that has `cursor.json`.
    object: Option<ObjectKey>,
}

impl IndexPlace {
    /// Opens a folder, URL or bucket with `v2/metadata/cursor.json` below, or the place of an index file.
    ///
    /// # Errors
    /// The place cannot be opened.
    pub fn open(arg: PlaceArg, access: Access) -> Result<Self, Error> {
        let PlaceArg { name, kind } = arg;
        let (kind, object) = match kind {
            PlaceKind::Folder(path) if !path.is_dir() => {
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                let parent = parent.unwrap_or(Path::new(".")).to_owned();
                let file_name = path.file_name().unwrap_or_default().to_string_lossy();
                let key = ObjectKey::try_from(file_name.into_owned());
                (PlaceKind::Folder(parent), Some(key.map_err(|error| unusable(&name, error))?))
            }
            PlaceKind::Url(url) => match url.split_file(".json") {
                Some((base, key)) => (PlaceKind::Url(base), Some(key)),
                None => (PlaceKind::Url(url), None),
            },
            PlaceKind::Bucket(url) => match url.split_file(".json") {
                Some((bucket, key)) => (PlaceKind::Bucket(bucket), Some(key)),
                None => (PlaceKind::Bucket(url), None),
            },
            PlaceKind::Folder(path) => (PlaceKind::Folder(path), None),
        };
        Ok(IndexPlace { name, place: open_place(&kind, access)?.into(), object })
    }

    /// Returns the source of the index.
    pub(super) fn source(&self) -> IndexSource<'_> {
        IndexSource { place: &*self.place, object: self.object.as_ref() }
    }
}

fn unusable(name: &PlaceName, error: GrammarError) -> Error {
    Error::BaseIndex { place: name.to_string(), source: error.into() }
}

impl fmt::Debug for IndexPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IndexPlace").field(&self.name).finish()
    }
}

/// A place with an index.
#[derive(Clone, Copy)]
pub(super) struct IndexSource<'s> {
    pub(super) place: &'s dyn Place,
    pub(super) object: Option<&'s ObjectKey>,
}

/// A cursor that was read.
pub(super) struct FoundCursor {
    pub(super) cursor: Cursor,
    pub(super) file: CursorFile,
}

/// The bytes of `cursor.json`, and what is stated about it.
pub(super) struct CursorFile {
    pub(super) text: Vec<u8>,
    pub(super) description: Option<Description>,
}

/// An index that was found.
pub(super) struct FoundIndex<'s> {
    /// `None` if the index was named directly.
    pub(super) cursor: Option<FoundCursor>,
    pub(super) key: ObjectKey,
    pub(super) object: Box<dyn StoredObject + 's>,
}

impl<'s> IndexSource<'s> {
    /// Finds the index, of which this much will be read.
    ///
    /// # Errors
    /// The mismatch that says why there is none.
    pub(super) fn find(self, wanted: Wanted) -> Result<FoundIndex<'s>, Box<Mismatch>> {
        let (cursor, key) = match self.object {
            Some(key) => (None, key.clone()),
            None => {
                let cursor = self.cursor()?;
                let key = index_key(&cursor.cursor, Shard::WHOLE);
                (Some(cursor), key)
            }
        };
        match self.place.find(&key, wanted) {
            Ok(Some(object)) => Ok(FoundIndex { cursor, key, object }),
            Ok(None) => Err(Mismatch::of_object(&key, MismatchKind::IndexMissing).into()),
            Err(error) => Err(unreachable(&key, &error).into()),
        }
    }

    fn cursor(self) -> Result<FoundCursor, Box<Mismatch>> {
        let key = cursor_key();
        let unreadable = |detail: String| {
            Box::new(Mismatch::of_object(&key, MismatchKind::CursorUnreadable { detail }))
        };
        let file = match read_cursor(self.place) {
            Ok(Some(file)) => file,
            Ok(None) => return Err(Mismatch::of_object(&key, MismatchKind::CursorMissing).into()),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Err(unreadable(format!("it is longer than {MAX_CURSOR_LEN} bytes")));
            }
            Err(error) => return Err(unreachable(&key, &error).into()),
        };
        let cursor = parse_cursor(&file.text).map_err(|error| unreadable(error.to_string()))?;
        Ok(FoundCursor { cursor, file })
    }
}

/// Reads `cursor.json`; `None` if it does not exist.
///
/// # Errors
/// It cannot be fetched, or is too long ([`io::ErrorKind::FileTooLarge`]).
pub(super) fn read_cursor(place: &dyn Place) -> io::Result<Option<CursorFile>> {
    let Some(object) = place.find(&cursor_key(), Wanted::Whole)? else { return Ok(None) };
    if object.len() > MAX_CURSOR_LEN {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut text = vec![0; object.len() as usize];
    object.read_exact_at(&mut text, 0)?;
    Ok(Some(CursorFile { text, description: object.description().cloned() }))
}

/// Returns the mismatch of an object that could not be fetched.
pub(super) fn unreachable(key: &ObjectKey, error: &io::Error) -> Mismatch {
    Mismatch::of_object(key, MismatchKind::IndexUnreachable { detail: error.to_string() })
}
