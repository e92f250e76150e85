//! Writes static resources to the output folder: each distinct file once, with a hard link for each of its keys.
//!
//! Files are collected in a temporary folder and flushed to disk together: flushing each of them would take longer
//! than making all archives. Only then are they linked, so that a file under its final name is complete and correct
//! here too. A file that has a name is never written to.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::temporary::{TEMPORARY_PREFIX, TEMPORARY_SUFFIX, Temporary};
use super::{CHUNK_LEN, Delivery, OutputFolder, Preview, compare_with_file, make_folder};
use crate::digest::{ObjectDigests, Sha256};
use crate::error::Error;
use crate::model::package::{ObjectKey, STATIC_PREFIX};

/// A sink of static resources: it receives each distinct file, then all keys of each.
pub trait StaticSink: Sync {
    /// Returns whether a file must be kept for this key.
    ///
    /// # Errors
    /// [`Error::File`].
    fn lacks(&self, key: &ObjectKey) -> Result<bool, Error>;

    /// Keeps a file's bytes; called once for each file that must be kept.
    ///
    /// # Errors
    /// [`Error::File`].
    fn keep(&self, sha256: &Sha256, bytes: &[u8]) -> Result<(), Error>;

    /// Waits until all kept files are on disk.
    ///
    /// # Errors
    /// [`Error::File`].
    fn flush(&self) -> Result<(), Error>;

    /// Links the file with these digests under its keys, and returns the result for each.
    ///
    /// # Errors
    /// [`Error::File`].
    fn place(&self, digests: &ObjectDigests, keys: &[&ObjectKey]) -> Result<Vec<Delivery>, Error>;

    /// Removes the kept files, once every key has its file.
    ///
    /// # Errors
    /// [`Error::File`].
    fn clear(&self) -> Result<(), Error>;
}

/// The temporary folder of static resources; `None` before the first file.
#[derive(Default)]
pub(super) struct KeptFiles(Mutex<Option<tempfile::TempDir>>);

impl KeptFiles {
    /// Returns the path of the folder in an output folder; creates it if necessary.
    fn folder(&self, root: &Path) -> Result<PathBuf, Error> {
        let mut folder = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = &*folder {
            return Ok(folder.path().to_owned());
        }
        let statics = root.join(STATIC_PREFIX);
        make_folder(&statics)?;
        let made = tempfile::Builder::new()
            .prefix(TEMPORARY_PREFIX)
            .suffix(TEMPORARY_SUFFIX)
            .tempdir_in(&statics)
            .map_err(Error::file("create a folder in", &statics))?;
        let path = made.path().to_owned();
        *folder = Some(made);
        Ok(path)
    }

    /// Returns the path of the folder; `None` before the first file.
    fn path(&self) -> Option<PathBuf> {
        let folder = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        folder.as_ref().map(|folder| folder.path().to_owned())
    }

    fn take(&self) -> Option<tempfile::TempDir> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl StaticSink for OutputFolder {
    fn lacks(&self, key: &ObjectKey) -> Result<bool, Error> {
        Ok(!is_taken(&self.root.join(key.as_str()))?)
    }

    fn keep(&self, sha256: &Sha256, bytes: &[u8]) -> Result<(), Error> {
        let path = self.kept.folder(&self.root)?.join(sha256.to_string());
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(Error::file("create", &path))?;
        file.write_all(bytes).map_err(Error::file("write", &path))?;
        start_flushing(&file).map_err(Error::file("flush", path))
    }

    fn flush(&self) -> Result<(), Error> {
        self.kept.path().map_or(Ok(()), |folder| flush_all(&folder))
    }

    fn place(&self, digests: &ObjectDigests, keys: &[&ObjectKey]) -> Result<Vec<Delivery>, Error> {
        let folder = self.kept.path();
        let mut known = KnownFiles::default();
        let place = |key: &&ObjectKey| {
            let path = self.root.join(key.as_str());
            if is_taken(&path)? {
                return known.compare(&path, digests);
            }
            let Some(folder) = &folder else {
                // The key had a file when the run began, so none was kept for it.
                return Err(Error::file("find", path)(io::ErrorKind::NotFound.into()));
            };
            let kept = folder.join(digests.sha256.to_string());
            path.parent().map_or(Ok(()), make_folder)?;
            match fs::hard_link(&kept, &path) {
                Ok(()) => Ok(Delivery::Written),
                // Another process created the file meanwhile.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    known.compare(&path, digests)
                }
                // Too many links, or no support for links; any other error recurs below.
                Err(_) => match copy(&kept, folder, &path)? {
                    Some(()) => Ok(Delivery::Written),
                    None => known.compare(&path, digests),
                },
            }
        };
        keys.iter().map(place).collect()
    }

    fn clear(&self) -> Result<(), Error> {
        let Some(folder) = self.kept.take() else { return Ok(()) };
        let path = folder.path().to_owned();
        folder.close().map_err(Error::file("remove the temporary folder", path))
    }
}

impl StaticSink for Preview {
    fn lacks(&self, _key: &ObjectKey) -> Result<bool, Error> {
        Ok(false)
    }

    fn keep(&self, _sha256: &Sha256, _bytes: &[u8]) -> Result<(), Error> {
        Ok(())
    }

    fn flush(&self) -> Result<(), Error> {
        Ok(())
    }

    fn place(&self, digests: &ObjectDigests, keys: &[&ObjectKey]) -> Result<Vec<Delivery>, Error> {
        let Some(root) = &self.folder else { return Ok(vec![Delivery::Discarded; keys.len()]) };
        let mut known = KnownFiles::default();
        let look = |key: &&ObjectKey| {
            let path = root.join(key.as_str());
            if is_taken(&path)? { known.compare(&path, digests) } else { Ok(Delivery::Discarded) }
        };
        keys.iter().map(look).collect()
    }

    fn clear(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// Returns whether the name exists, even as a dangling symbolic link.
fn is_taken(path: &Path) -> Result<bool, Error> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::file("look at", path)(error)),
    }
}

/// Copies a kept file to a new name; `None` if another process created it meanwhile.
fn copy(kept: &Path, folder: &Path, to: &Path) -> Result<Option<()>, Error> {
    let mut file = File::open(kept).map_err(Error::file("open", kept))?;
    let mut copy = Temporary::within(folder, to)?;
    let mut chunk = vec![0; CHUNK_LEN];
    loop {
        match file.read(&mut chunk).map_err(Error::file("read", kept))? {
            0 => return copy.persist_new(),
            len => copy.write(&chunk[..len])?,
        }
    }
}

/// The results for files that were compared already: a file with several names is read once.
#[derive(Default)]
struct KnownFiles(HashMap<FileId, Delivery>);

/// The identity of a file, independent of its names.
#[derive(PartialEq, Eq, Hash)]
#[cfg(unix)]
struct FileId(u64, u64);

#[derive(PartialEq, Eq, Hash)]
#[cfg(not(unix))]
struct FileId(PathBuf);

impl KnownFiles {
    /// Compares the file under a name with the expected digests.
    fn compare(&mut self, path: &Path, digests: &ObjectDigests) -> Result<Delivery, Error> {
        let id = file_id(path)?;
        if let Some(known) = id.as_ref().and_then(|id| self.0.get(id)) {
            return Ok(*known);
        }
        let compared = compare_with_file(path, digests)?.unwrap_or(Delivery::Refused);
        self.0.extend(id.map(|id| (id, compared)));
        Ok(compared)
    }
}

/// Returns the identity of a file; `None` if it does not exist.
fn file_id(path: &Path) -> Result<Option<FileId>, Error> {
    #[cfg(unix)]
    let id = fs::metadata(path).map(|metadata| {
        use std::os::unix::fs::MetadataExt;
        FileId(metadata.dev(), metadata.ino())
    });
    #[cfg(not(unix))]
    let id = path.canonicalize().map(FileId);
    match id {
        Ok(id) => Ok(Some(id)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("look at", path)(error)),
    }
}

/// Starts to write a file to disk; on systems that cannot flush all files at once, waits for it.
#[cfg(target_os = "linux")]
fn start_flushing(file: &File) -> io::Result<()> {
    // Linux starts writing dirty pages before it drops clean ones. It is only advice.
    rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed).unwrap_or_default();
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn start_flushing(file: &File) -> io::Result<()> {
    file.sync_data()
}

/// Waits until all files in a folder are on disk.
#[cfg(target_os = "linux")]
fn flush_all(folder: &Path) -> Result<(), Error> {
    let opened = File::open(folder).map_err(Error::file("open the folder", folder))?;
    rustix::fs::syncfs(&opened).map_err(io::Error::from).map_err(Error::file("flush", folder))
}

#[cfg(not(target_os = "linux"))]
fn flush_all(_folder: &Path) -> Result<(), Error> {
    Ok(())
}
