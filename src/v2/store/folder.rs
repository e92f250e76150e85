//! A folder on disk: one that mirrors the bucket, or a flat one of archives.
//!
//! Names are compared byte for byte, even on a case-insensitive file system. Files are read in place,
//! never as a whole.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::{Claims, Place, StoredObject, Wanted};
use crate::error::Error;
use crate::model::content::escape;
use crate::model::package::{ARCHIVE_PREFIX, ObjectKey};
use crate::read_at::{ReadAt, read_exact_at};

/// A folder that contains archives.
pub struct Folder {
    /// Where the archives are.
    archives: PathBuf,
    /// Its file names, by the name with special bytes escaped.
    names: BTreeMap<String, OsString>,
    read_len: AtomicU64,
}

/// Prefix of the lock and temporary files of a migration, which are not objects.
const OWN_PREFIX: &str = ".package-storage-migrate";

impl Folder {
    /// Lists a folder: the contents of `artifacts/packages/`, or, without that, the archives and
    /// signatures directly in the folder.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn open(root: &Path) -> Result<Self, Error> {
        let below = root.join(ARCHIVE_PREFIX);
        let mirrors_bucket = below.is_dir();
        let archives = if mirrors_bucket { below } else { root.to_owned() };
        let mut names = BTreeMap::new();
        let listed = |error| Error::file("list", &archives)(error);
        for entry in fs::read_dir(&archives).map_err(listed)? {
            let entry = entry.map_err(listed)?;
            let name = entry.file_name();
            let mut shown = escape(name.as_encoded_bytes());
            // A user's own folder may contain other files.
            let may_be_object = mirrors_bucket || is_named_as_object(&name);
            if !may_be_object || shown.starts_with(OWN_PREFIX) {
                continue;
            }
            // A symlink to a file counts as a file.
            if entry.path().is_dir() {
                shown.push('/');
            }
            names.insert(shown, name);
        }
        Ok(Folder { archives, names, read_len: AtomicU64::new(0) })
    }
}

fn is_named_as_object(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.ends_with(b".zip") || name.ends_with(b".zip.sig")
}

impl Place for Folder {
    fn list(&self) -> Result<Option<Vec<String>>, Error> {
        Ok(Some(self.names.keys().cloned().collect()))
    }

    fn find(
        &self,
        key: &ObjectKey,
        _wanted: Wanted,
    ) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        let Some(name) = self.names.get(key.file_name()) else { return Ok(None) };
        let file = File::open(self.archives.join(name))?;
        let metadata = file.metadata()?;
        let (len, modified) = (metadata.len(), metadata.modified().ok());
        Ok(Some(Box::new(StoredFile { file, len, modified, read_len: &self.read_len })))
    }

    fn read_len(&self) -> u64 {
        self.read_len.load(Ordering::Relaxed)
    }
}

/// One file of the folder.
struct StoredFile<'f> {
    file: File,
    len: u64,
    modified: Option<SystemTime>,
    read_len: &'f AtomicU64,
}

impl ReadAt for StoredFile<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        read_exact_at(&self.file, buffer, offset)?;
        self.read_len.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

impl StoredObject for StoredFile<'_> {
    fn claims(&self) -> Claims {
        Claims::default()
    }

    fn modified(&self) -> Option<SystemTime> {
        self.modified
    }
}
