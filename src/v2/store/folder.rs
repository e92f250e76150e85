//! A folder on disk: one that mirrors the bucket, or a flat one of archives.
//!
//! Names are compared byte for byte, even on a case-insensitive file system, if they are listed. Files are read in
//! place, never as a whole.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::{Claims, FileId, Listed, Place, StoredObject, Wanted};
use crate::error::Error;
use crate::model::content::escape;
use crate::model::package::{ARCHIVE_PREFIX, METADATA_PREFIX, ObjectKey, STATIC_PREFIX};
use crate::read_at::{ReadAt, read_exact_at};

/// A folder that contains archives.
pub struct Folder {
    root: PathBuf,
    /// Whether its structure is that of the bucket; otherwise it has only archives.
    mirrors_bucket: bool,
    /// Where the archives are.
    archives: PathBuf,
    /// Its file names, by the name with special bytes escaped.
    names: BTreeMap<String, OsString>,
    read_len: AtomicU64,
}

/// Prefix of the lock and temporary files of a migration, which are not objects.
const OWN_PREFIX: &str = ".package-storage-migrate";

impl Folder {
    /// Lists the archives of a folder: the contents of `artifacts/packages/` if it mirrors the bucket,
    /// otherwise the archives and signatures directly in the folder.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn open(root: &Path) -> Result<Self, Error> {
        let has = |prefix: &str| root.join(prefix).is_dir();
        let mirrors_bucket = [ARCHIVE_PREFIX, STATIC_PREFIX, METADATA_PREFIX].into_iter().any(has);
        let archives = if mirrors_bucket { root.join(ARCHIVE_PREFIX) } else { root.to_owned() };
        let mut names = BTreeMap::new();
        let root = root.to_owned();
        if mirrors_bucket && !archives.is_dir() {
            let read_len = AtomicU64::new(0);
            return Ok(Folder { root, mirrors_bucket, archives, names, read_len });
        }
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
        Ok(Folder { root, mirrors_bucket, archives, names, read_len: AtomicU64::new(0) })
    }

    /// Returns whether the folder mirrors the bucket, so that it may have more than archives.
    pub fn mirrors_bucket(&self) -> bool {
        self.mirrors_bucket
    }

    /// Opens a file at a path below the root; `None` if there is no such file.
    fn stored(&self, path: &Path) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        let (len, modified) = (metadata.len(), metadata.modified().ok());
        #[cfg(unix)]
        let id = {
            use std::os::unix::fs::MetadataExt;
            Some(FileId(metadata.dev(), metadata.ino()))
        };
        #[cfg(not(unix))]
        let id = None;
        Ok(Some(Box::new(StoredFile { file, len, modified, id, read_len: &self.read_len })))
    }

    /// Adds what is in a folder and below it to `found`.
    fn list_folder(
        &self,
        folder: &Path,
        prefix: &str,
        found: &mut BTreeMap<String, Listed>,
    ) -> Result<(), Error> {
        let failed = |error| Error::file("list", folder)(error);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = escape(entry.file_name().as_encoded_bytes());
            if name.starts_with(OWN_PREFIX) {
                continue;
            }
            let (path, key) = (entry.path(), format!("{prefix}{name}"));
            let metadata = fs::symlink_metadata(&path).map_err(Error::file("inspect", &path))?;
            let kind = metadata.file_type();
            let listed = if kind.is_dir() {
                self.list_folder(&path, &format!("{key}/"), found)?;
                Listed::Folder
            } else if kind.is_file() {
                Listed::Object { len: metadata.len() }
            } else if kind.is_symlink() {
                Listed::Link
            } else {
                Listed::Special
            };
            found.insert(key, listed);
        }
        Ok(())
    }
}

/// Returns whether an error means that there is no such file.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
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
        if !key.as_str().starts_with(ARCHIVE_PREFIX) {
            return self.stored(&self.root.join(key.as_str()));
        }
        let Some(name) = self.names.get(key.file_name()) else { return Ok(None) };
        self.stored(&self.archives.join(name))
    }

    fn list_below(&self, prefix: &str) -> Result<Option<BTreeMap<String, Listed>>, Error> {
        let (folder, mut found) = (self.root.join(prefix), BTreeMap::new());
        if folder.is_dir() {
            self.list_folder(&folder, prefix, &mut found)?;
        }
        Ok(Some(found))
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
    id: Option<FileId>,
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

    fn file_id(&self) -> Option<FileId> {
        self.id
    }
}
