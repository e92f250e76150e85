//! Where archives and static resources are written: the output folder, or nowhere.
//!
//! A file under its final name is complete and correct: it is written under a temporary name in its own
//! folder, flushed to disk and renamed, never over another file. A dry run is the same run with
//! a sink that discards everything. A lock excludes concurrent runs, and is released with its process.

mod chunk;
mod handover;
mod listing;
mod output_folder;
mod preview;
mod replacement;
mod spool;
mod statics;
mod temporary;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::digest::{ObjectDigests, Sha256Hasher};
use crate::error::Error;
use crate::model::package::{ARCHIVE_PREFIX, ObjectKey};

pub use chunk::{CHUNK_LEN, Chunk};
pub use handover::{Handover, hand_over};
pub use listing::{Listing, escaped};
pub use output_folder::{
    OutputFolder, clean_metadata, signature_keys, unplanned_archives, unplanned_statics,
};
pub use preview::Preview;
pub use replacement::Replacement;
pub use spool::{Span, Spool};
pub use statics::StaticSink;

use temporary::Temporary;

/// The result of delivering an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It was written.
    Written,
    /// It already existed with the same bytes.
    Kept,
    /// It already exists with other bytes, and was not changed.
    Refused,
    /// The sink stores nothing, and no file of that name exists.
    Discarded,
}

/// Receives archives, several at the same time.
pub trait ArchiveSink: Sync {
    /// Starts to receive an archive.
    ///
    /// # Errors
    /// [`Error::File`].
    fn begin(&self, key: &ObjectKey) -> Result<Box<dyn Incoming + '_>, Error>;
}

/// A sink of everything that a revision becomes.
pub trait Sink: ArchiveSink + StaticSink {}

impl<S: ArchiveSink + StaticSink> Sink for S {}

/// An archive that is being received. When dropped before `finish`, it leaves nothing on disk.
pub trait Incoming: Send {
    /// Receives the next bytes; may wait for a disk.
    ///
    /// # Errors
    /// [`Error::File`].
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Ends the archive, which has these digests, and returns the result; may wait for a disk.
    ///
    /// # Errors
    /// [`Error::File`].
    fn finish(self: Box<Self>, digests: &ObjectDigests) -> Result<Delivery, Error>;
}

/// Puts an object that is in memory, and has these digests, into a sink.
///
/// # Errors
/// [`Error::File`].
pub fn put(
    sink: &dyn ArchiveSink,
    key: &ObjectKey,
    bytes: &[u8],
    digests: &ObjectDigests,
) -> Result<Delivery, Error> {
    let mut incoming = sink.begin(key)?;
    incoming.write(bytes)?;
    incoming.finish(digests)
}

/// An archive that is compared with an existing file instead of being written.
struct Compared {
    /// `None` without a folder to compare with.
    path: Option<PathBuf>,
    /// The result when there is no file to compare with.
    otherwise: Delivery,
}

impl Incoming for Compared {
    fn write(&mut self, _bytes: &[u8]) -> Result<(), Error> {
        Ok(())
    }

    fn finish(self: Box<Self>, digests: &ObjectDigests) -> Result<Delivery, Error> {
        let compared = self.path.map(|path| compare_with_file(&path, digests)).transpose()?;
        Ok(compared.flatten().unwrap_or(self.otherwise))
    }
}

/// Creates a folder and its parents, unless they exist.
///
/// # Errors
/// [`Error::File`].
pub fn make_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(Error::file("create the folder", path))
}

/// Writes a small file as a whole, replacing any previous content: temporary file, flush, rename.
///
/// A symlink is kept, and its target is replaced. A path that is not a regular file, such as a pipe or
/// a device, is written to directly.
///
/// # Errors
/// [`Error::File`].
pub fn replace_file(path: &Path, text: &str) -> Result<(), Error> {
    let path = match fs::metadata(path) {
        Ok(existing) if existing.is_file() => {
            path.canonicalize().map_err(Error::file("find", path))?
        }
        Ok(_) => {
            let mut file =
                File::options().write(true).open(path).map_err(Error::file("open", path))?;
            return file.write_all(text.as_bytes()).map_err(Error::file("write", path));
        }
        Err(_) => path.to_owned(),
    };
    let mut temporary = Temporary::beside(&path)?;
    temporary.write(text.as_bytes())?;
    temporary.persist_over()
}

/// Compares a file with digests; returns `None` when there is no file.
fn compare_with_file(path: &Path, digests: &ObjectDigests) -> Result<Option<Delivery>, Error> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A dangling symlink still occupies the name.
            return Ok(path.is_symlink().then_some(Delivery::Refused));
        }
        Err(error) => return Err(Error::file("open", path)(error)),
    };
    let metadata = file.metadata().map_err(Error::file("look at", path))?;
    if !metadata.is_file() || metadata.len() != digests.size {
        return Ok(Some(Delivery::Refused));
    }
    let same = hash(&mut file, path)?.finish() == digests.sha256;
    Ok(Some(if same { Delivery::Kept } else { Delivery::Refused }))
}

/// Returns a hasher fed with all bytes of a file; `None` when it is not a regular file or does not exist.
///
/// # Errors
/// [`Error::File`].
pub fn hash_file(path: &Path) -> Result<Option<Sha256Hasher>, Error> {
    // Checked before opening: opening a pipe would block.
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::file("look at", path)(error)),
    }
    let mut file = File::open(path).map_err(Error::file("open", path))?;
    hash(&mut file, path).map(Some)
}

fn hash(file: &mut File, path: &Path) -> Result<Sha256Hasher, Error> {
    let mut hasher = Sha256Hasher::default();
    let mut chunk = vec![0; CHUNK_LEN];
    loop {
        match file.read(&mut chunk).map_err(Error::file("read", path))? {
            0 => return Ok(hasher),
            len => hasher.update(&chunk[..len]),
        }
    }
}

/// Returns the names of all entries of a folder, in no particular order.
///
/// # Errors
/// [`Error::File`].
pub fn list_names(folder: &Path) -> Result<Vec<OsString>, Error> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect())
        .map_err(Error::file("list the folder", folder))
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    Ok(list_names(folder)?.iter().map(|name| folder.join(name)).collect())
}

/// Returns the paths of all entries of an output folder's archive folder; empty without that folder.
fn list_archives(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let archives = folder.join(ARCHIVE_PREFIX);
    let exists = archives.try_exists().map_err(Error::file("look at", &archives))?;
    if exists { list(&archives) } else { Ok(Vec::new()) }
}
