//! Where archives go: the output folder, or nowhere.
//!
//! A file under its final name is whole and right: it is written under a temporary name in its own
//! folder, flushed to the disk and renamed, never over another file. A dry run is the same run with
//! a sink that keeps nothing. A lock keeps two runs apart, and vanishes with its process.
//! Called by `migrate` (archives) and `commands` (plan and reports).

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::digest::{ObjectDigests, ObjectHasher};
use crate::error::Error;
use crate::package::{ARCHIVE_PREFIX, ObjectKey};
use crate::plan::Upload;

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

/// Writes an archive's bytes; it may be called more than once, and writes the same bytes each time.
pub type WriteArchive<'a> = dyn Fn(&mut dyn Write) -> io::Result<()> + 'a;

/// Takes archives, from several workers at once.
pub trait ArchiveSink: Sync {
    /// Takes one archive, and tells its digests and what became of it.
    ///
    /// # Errors
    /// [`Error::File`], or [`Error::Archive`] when `write` itself fails.
    fn deliver(
        &self,
        key: &ObjectKey,
        write: &WriteArchive<'_>,
    ) -> Result<(ObjectDigests, Delivery), Error>;
}

/// Keeps nothing; compares with an output folder, if there is one, and writes nothing into it.
pub struct Preview {
    folder: Option<PathBuf>,
}

impl Preview {
    /// A sink that looks at `folder` only to tell what a run would do there.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Preview { folder }
    }
}

impl ArchiveSink for Preview {
    fn deliver(
        &self,
        key: &ObjectKey,
        write: &WriteArchive<'_>,
    ) -> Result<(ObjectDigests, Delivery), Error> {
        let digests = digests_of(key, write)?;
        let there = match &self.folder {
            Some(folder) => compare_with_file(&folder.join(key.as_str()), &digests)?,
            None => None,
        };
        Ok((digests, there.unwrap_or(Delivery::Discarded)))
    }
}

/// The output folder, which mirrors the bucket, locked for this run.
pub struct OutputFolder {
    root: PathBuf,
    /// Holds the lock until it is dropped.
    _lock: File,
}

/// The lock's file name in the output folder. The file stays; the lock does not.
const LOCK_NAME: &str = ".package-storage-migrate.lock";
/// How a temporary file's name begins and ends.
const TEMPORARY_PREFIX: &str = ".package-storage-migrate-";
const TEMPORARY_SUFFIX: &str = ".tmp";

impl OutputFolder {
    /// Makes the folder, locks it, and removes temporary files that a killed run left.
    ///
    /// # Errors
    /// [`Error::OutputLocked`] when another run works on it; [`Error::File`].
    pub fn open(root: &Path) -> Result<Self, Error> {
        let archives = root.join(ARCHIVE_PREFIX);
        make_folder(&archives)?;
        let lock_path = root.join(LOCK_NAME);
        let lock = File::options()
            .create(true)
            .append(true)
            .open(&lock_path)
            .map_err(Error::file("open the lock file", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Error::OutputLocked { path: root.to_owned() });
            }
            Err(fs::TryLockError::Error(source)) => {
                return Err(Error::file("lock", lock_path)(source));
            }
        }
        for folder in [root, &archives] {
            for path in list(folder)? {
                if path.file_name().is_some_and(is_temporary) {
                    fs::remove_file(&path)
                        .map_err(Error::file("remove the temporary file", &path))?;
                }
            }
        }
        Ok(OutputFolder { root: root.to_owned(), _lock: lock })
    }
}

impl ArchiveSink for OutputFolder {
    fn deliver(
        &self,
        key: &ObjectKey,
        write: &WriteArchive<'_>,
    ) -> Result<(ObjectDigests, Delivery), Error> {
        let path = self.root.join(key.as_str());
        if path.try_exists().map_err(Error::file("look at", &path))? {
            let digests = digests_of(key, write)?;
            let there = compare_with_file(&path, &digests)?;
            return Ok((digests, there.unwrap_or(Delivery::Refused)));
        }
        let mut temporary = Temporary::beside(&path)?;
        let mut out = Digesting::new(temporary.file.as_file_mut());
        write(&mut out)
            .and_then(|()| out.flush())
            .map_err(|source| archive_error(key, "write", &path, source))?;
        let digests = out.hasher.finish();
        let delivery = match temporary.persist_new()? {
            Some(()) => Delivery::Written,
            // Somebody else put a file there meanwhile.
            None => compare_with_file(&path, &digests)?.unwrap_or(Delivery::Refused),
        };
        Ok((digests, delivery))
    }
}

/// Makes a folder and those above it, unless it is there.
///
/// # Errors
/// [`Error::File`].
pub fn make_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(Error::file("create the folder", path))
}

/// Names of the files among the archives in `folder` that are in no upload, sorted.
///
/// # Errors
/// [`Error::File`].
pub fn unplanned_archives(folder: &Path, uploads: &[Upload]) -> Result<Vec<String>, Error> {
    let archives = folder.join(ARCHIVE_PREFIX);
    if !archives.try_exists().map_err(Error::file("look at", &archives))? {
        return Ok(Vec::new());
    }
    let planned: HashSet<&OsStr> =
        uploads.iter().map(|upload| OsStr::new(upload.key.file_name())).collect();
    let mut names: Vec<String> = list(&archives)?
        .iter()
        .filter_map(|path| path.file_name())
        .filter(|name| !is_temporary(name) && !planned.contains(name))
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

/// Writes a small file whole, in place of what was there: temporary file, flush, rename.
///
/// A symlink stays, and what it points to is replaced. What is no regular file, such as a pipe or
/// a device, is written into.
///
/// # Errors
/// [`Error::File`].
pub fn replace_file(path: &Path, text: &str) -> Result<(), Error> {
    let write = |mut file: &File| file.write_all(text.as_bytes());
    let path = match fs::metadata(path) {
        Ok(there) if there.is_file() => path.canonicalize().map_err(Error::file("find", path))?,
        Ok(_) => {
            let file = File::options().write(true).open(path).map_err(Error::file("open", path))?;
            return write(&file).map_err(Error::file("write", path));
        }
        Err(_) => path.to_owned(),
    };
    let temporary = Temporary::beside(&path)?;
    write(temporary.file.as_file()).map_err(Error::file("write", &path))?;
    temporary.persist_over()
}

/// A file that is not there yet under its final name, and vanishes unless it gets it.
struct Temporary {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

impl Temporary {
    fn beside(path: &Path) -> Result<Self, Error> {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY_PREFIX).suffix(TEMPORARY_SUFFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Published files are for everyone to read, as far as the umask allows.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder
            .tempfile_in(folder)
            .map_err(Error::file("create a file in the folder", folder))?;
        Ok(Temporary { file, path: path.to_owned() })
    }

    fn sync(&self) -> Result<(), Error> {
        let file = self.file.as_file();
        file.sync_data().map_err(Error::file("flush", &self.path))?;
        // Nobody reads it soon: its memory is better used for the next one. Measured over the whole
        // real repository: a third less time in the kernel. It is only advice, so that a system
        // which takes none is as good.
        #[cfg(target_os = "linux")]
        rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed).unwrap_or_default();
        Ok(())
    }

    /// Gives the file its final name; none when another file has it.
    fn persist_new(self) -> Result<Option<()>, Error> {
        self.sync()?;
        match self.file.persist_noclobber(&self.path) {
            Ok(_) => Ok(Some(())),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(Error::file("rename the new file to", self.path)(error.error)),
        }
    }

    /// Gives the file its final name, in place of what had it.
    fn persist_over(self) -> Result<(), Error> {
        self.sync()?;
        match self.file.persist(&self.path) {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::file("rename the new file to", self.path)(error.error)),
        }
    }
}

/// Length of the pieces in which bytes are hashed and written: long enough for the system, short
/// enough to stay in the processor's cache between the two.
const CHUNK_LEN: usize = 256 << 10;

/// Hashes what it passes on, in one pass.
struct Digesting<W> {
    out: W,
    chunk: Vec<u8>,
    hasher: ObjectHasher,
}

impl<W: Write> Digesting<W> {
    fn new(out: W) -> Self {
        Digesting { out, chunk: Vec::with_capacity(CHUNK_LEN), hasher: ObjectHasher::default() }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.hasher.update(&self.chunk);
        self.out.write_all(&self.chunk)?;
        self.chunk.clear();
        Ok(())
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK_LEN - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        if self.chunk.len() == CHUNK_LEN {
            self.pass_on()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.out.flush()
    }
}

fn digests_of(key: &ObjectKey, write: &WriteArchive<'_>) -> Result<ObjectDigests, Error> {
    let mut out = Digesting::new(io::sink());
    write(&mut out)
        .and_then(|()| out.flush())
        .map_err(|source| archive_error(key, "make", Path::new(key.as_str()), source))?;
    Ok(out.hasher.finish())
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
    let mut hasher = crate::digest::Sha256Hasher::default();
    let mut chunk = vec![0; CHUNK_LEN];
    loop {
        match file.read(&mut chunk).map_err(Error::file("read", path))? {
            0 => break,
            len => hasher.update(&chunk[..len]),
        }
    }
    let same = hasher.finish() == digests.sha256;
    Ok(Some(if same { Delivery::Kept } else { Delivery::Refused }))
}

fn archive_error(key: &ObjectKey, action: &'static str, path: &Path, source: io::Error) -> Error {
    match source.raw_os_error() {
        Some(_) => Error::file(action, path)(source),
        None => Error::Archive { key: key.to_string(), source },
    }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(Error::file("list the folder", folder))
}

fn is_temporary(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.starts_with(TEMPORARY_PREFIX) && name.ends_with(TEMPORARY_SUFFIX))
}
