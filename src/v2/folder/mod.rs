//! Where archives go: the output folder, or nowhere.
//!
//! A file under its final name is whole and right: it is written under a temporary name in its own
//! folder, flushed to the disk and renamed, never over another file. A dry run is the same run with
//! a sink that keeps nothing. A lock keeps two runs apart, and vanishes with its process.

mod chunk;
mod handover;
mod listing;
mod output_folder;
mod preview;
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
pub use output_folder::{OutputFolder, signature_keys, unplanned_archives};
pub use preview::Preview;

use temporary::Temporary;

/// What became of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It was written.
    Written,
    /// It was there already, with the same bytes.
    Kept,
    /// It is there already with other bytes, and stays as it is.
    Refused,
    /// The sink keeps nothing, and has nothing of that name.
    Discarded,
}

/// Takes archives, many at once.
pub trait ArchiveSink: Sync {
    /// Begins to take an archive.
    ///
    /// # Errors
    /// [`Error::File`].
    fn begin(&self, key: &ObjectKey) -> Result<Box<dyn Incoming + '_>, Error>;
}

/// An archive on its way into a sink. Dropped before its end, it leaves nothing behind.
pub trait Incoming: Send {
    /// Takes the next bytes; may wait for a disk.
    ///
    /// # Errors
    /// [`Error::File`].
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Ends the archive, whose digests these are, and tells what became of it; may wait for a disk.
    ///
    /// # Errors
    /// [`Error::File`].
    fn finish(self: Box<Self>, digests: &ObjectDigests) -> Result<Delivery, Error>;
}

/// Puts an object whose bytes are all there, and whose digests these are, into a sink.
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

/// An archive that is compared with what is there, and not written.
struct Compared {
    /// None without a folder to compare with.
    path: Option<PathBuf>,
    /// What it is when there is nothing to compare with.
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

/// Makes a folder and those above it, unless it is there.
///
/// # Errors
/// [`Error::File`].
pub fn make_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(Error::file("create the folder", path))
}

/// Writes a small file whole, in place of what was there: temporary file, flush, rename.
///
/// A symlink stays, and what it points to is replaced. What is no regular file, such as a pipe or
/// a device, is written into.
///
/// # Errors
/// [`Error::File`].
pub fn replace_file(path: &Path, text: &str) -> Result<(), Error> {
    let path = match fs::metadata(path) {
        Ok(there) if there.is_file() => path.canonicalize().map_err(Error::file("find", path))?,
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

/// Compares a file with digests: none when there is no file.
fn compare_with_file(path: &Path, digests: &ObjectDigests) -> Result<Option<Delivery>, Error> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A symlink to nothing holds the name all the same.
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

/// The SHA-256 after all bytes of a file; none when there is no regular file.
///
/// # Errors
/// [`Error::File`].
pub fn hash_file(path: &Path) -> Result<Option<Sha256Hasher>, Error> {
    // Before it is opened: a pipe would keep whoever opens it waiting.
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

/// The names of all entries of a folder, in no order.
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

/// The paths of everything in the archives' folder below an output folder; empty without that folder.
fn list_archives(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let archives = folder.join(ARCHIVE_PREFIX);
    let is_there = archives.try_exists().map_err(Error::file("look at", &archives))?;
    if is_there { list(&archives) } else { Ok(Vec::new()) }
}
