//! The output folder: what a run finds in it, and what it adds.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::listing::key_of;
use super::statics::KeptFiles;
use super::temporary::{Temporary, is_temporary};
use super::{ArchiveSink, Compared, Delivery, Incoming};
use super::{compare_with_file, list, list_archives, make_folder};
use crate::digest::ObjectDigests;
use crate::error::Error;
use crate::model::content::escape;
use crate::model::package::{ARCHIVE_PREFIX, METADATA_PREFIX, ObjectKey, STATIC_PREFIX};
use crate::model::plan::Upload;

/// The output folder, which mirrors the bucket, locked for this run.
pub struct OutputFolder {
    pub(super) root: PathBuf,
    pub(super) kept: KeptFiles,
    _lock: Lock,
}

/// The lock of an output folder, until it is dropped.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // To close the file is not enough: a lock lasts until all duplicates of the descriptor are closed (flock(2)),
        // and a process that another thread has started inherits one, which it keeps until it executes its program.
        // If it cannot be released, it ends with those.
        self.0.unlock().unwrap_or_default();
    }
}

/// The lock file's name in the output folder. The file remains; the lock does not.
const LOCK_NAME: &str = ".package-storage-migrate.lock";

impl OutputFolder {
    /// Creates the folder, locks it, and removes temporary files that a killed run left.
    ///
    /// # Errors
    /// [`Error::OutputLocked`] when another run uses it; [`Error::File`].
    pub fn open(root: &Path) -> Result<Self, Error> {
        make_folder(&root.join(ARCHIVE_PREFIX))?;
        OutputFolder::reopen(root)
    }

    /// Locks an existing folder, and removes temporary files that a killed run left.
    ///
    /// # Errors
    /// [`Error::OutputLocked`] when another run uses it; [`Error::File`], also when it is not an
    /// output folder.
    pub fn reopen(root: &Path) -> Result<Self, Error> {
        let archives = root.join(ARCHIVE_PREFIX);
        fs::metadata(&archives).map_err(Error::file("find the folder", &archives))?;
        let lock_path = root.join(LOCK_NAME);
        let lock = File::options()
            .create(true)
            .append(true)
            .open(&lock_path)
            .map_err(Error::file("open the lock file", &lock_path))?;
        let lock = match lock.try_lock() {
            Ok(()) => Lock(lock),
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Error::OutputLocked { path: root.to_owned() });
            }
            Err(fs::TryLockError::Error(source)) => {
                return Err(Error::file("lock", lock_path)(source));
            }
        };
        for folder in [root, &archives, &root.join(STATIC_PREFIX)] {
            remove_temporaries(folder)?;
        }
        clean_metadata(root)?;
        Ok(OutputFolder { root: root.to_owned(), kept: KeptFiles::default(), _lock: lock })
    }
}

/// Removes temporary files of a killed run among the objects of the search index.
///
/// # Errors
/// [`Error::File`].
pub fn clean_metadata(root: &Path) -> Result<(), Error> {
    let metadata = root.join(METADATA_PREFIX);
    for path in remove_temporaries(&metadata)? {
        // The folder of an index. A symlink is not followed.
        if fs::symlink_metadata(&path).map_err(Error::file("look at", &path))?.is_dir() {
            remove_temporaries(&path)?;
        }
    }
    Ok(())
}

/// Removes temporary files from a folder, if it exists; returns the paths of all others.
fn remove_temporaries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    if !folder.try_exists().map_err(Error::file("look at", folder))? {
        return Ok(Vec::new());
    }
    let (temporary, others) = list(folder)?
        .into_iter()
        .partition::<Vec<_>, _>(|path| path.file_name().is_some_and(is_temporary));
    for path in temporary {
        remove(&path).map_err(Error::file("remove the temporary file", &path))?;
    }
    Ok(others)
}

/// Removes a temporary file, or the temporary folder of static resources, of a killed run.
fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path)?.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    }
}

impl ArchiveSink for OutputFolder {
    fn begin(&self, key: &ObjectKey) -> Result<Box<dyn Incoming + '_>, Error> {
        let path = self.root.join(key.as_str());
        if path.try_exists().map_err(Error::file("look at", &path))? {
            return Ok(Box::new(Compared { path: Some(path), otherwise: Delivery::Refused }));
        }
        let temporary = Temporary::beside(&path)?;
        Ok(Box::new(NewArchive { temporary, path }))
    }
}

/// An archive that did not exist when its delivery started.
struct NewArchive {
    temporary: Temporary,
    path: PathBuf,
}

impl Incoming for NewArchive {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.temporary.write(bytes)
    }

    fn finish(self: Box<Self>, digests: &ObjectDigests) -> Result<Delivery, Error> {
        match self.temporary.persist_new()? {
            Some(()) => Ok(Delivery::Written),
            // Another process has created the file in the meantime.
            None => Ok(compare_with_file(&self.path, digests)?.unwrap_or(Delivery::Refused)),
        }
    }
}

/// Returns the keys of all signatures among the archives in `folder`, in order, and whether each one's
/// archive exists. Names that are not valid keys are left to [`unplanned_archives`].
///
/// # Errors
/// [`Error::File`].
pub fn signature_keys(folder: &Path) -> Result<BTreeMap<ObjectKey, bool>, Error> {
    let mut keys = BTreeMap::new();
    for path in list_archives(folder)? {
        if let Some((key, true)) = path.file_name().and_then(key_of) {
            keys.insert(key.signature_key(), folder.join(key.as_str()).exists());
        }
    }
    Ok(keys)
}

/// Returns the names of the files among the archives in `folder` that are in no upload, escaped and sorted.
///
/// # Errors
/// [`Error::File`].
pub fn unplanned_archives(folder: &Path, uploads: &[Upload]) -> Result<Vec<String>, Error> {
    let planned: HashSet<&OsStr> = uploads
        .iter()
        .filter_map(|upload| upload.key().as_str().strip_prefix(ARCHIVE_PREFIX))
        .map(OsStr::new)
        .collect();
    let mut names: Vec<String> = list_archives(folder)?
        .iter()
        .filter_map(|path| path.file_name())
        .filter(|name| !is_temporary(name) && !planned.contains(name))
        .map(|name| escape(name.as_encoded_bytes()))
        .collect();
    names.sort();
    Ok(names)
}

/// Returns the paths of the static resources in `folder` that are in no upload, sorted; unusual bytes are escaped.
///
/// # Errors
/// [`Error::File`].
pub fn unplanned_statics(folder: &Path, uploads: &[Upload]) -> Result<Vec<String>, Error> {
    let planned: HashSet<&str> = uploads
        .iter()
        .filter_map(|upload| upload.key().as_str().strip_prefix(STATIC_PREFIX))
        .collect();
    let statics = folder.join(STATIC_PREFIX);
    if !statics.try_exists().map_err(Error::file("look at", &statics))? {
        return Ok(Vec::new());
    }
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(below) = folders.pop() {
        let folder = statics.join(&below);
        for entry in fs::read_dir(&folder).map_err(Error::file("list the folder", &folder))? {
            let entry = entry.map_err(Error::file("list the folder", &folder))?;
            let kind = entry.file_type().map_err(Error::file("look at", entry.path()))?;
            let path = below.join(entry.file_name());
            match kind.is_dir() {
                _ if is_temporary(&entry.file_name()) => {}
                true => folders.push(path),
                false if path.to_str().is_some_and(|path| planned.contains(path)) => {}
                false => found.push(escape(path.as_os_str().as_encoded_bytes())),
            }
        }
    }
    found.sort();
    Ok(found)
}
