//! The files of a package in its archive: all their paths, and the bytes of a few.
//!
//! The strict reader (`zip_reader`) lists the archive and refuses what readers could interpret differently; only then
//! does the `zip` crate extract files, which would otherwise use the last of two entries with the same name. The
//! package is what the registry sees: everything below the folder of the first `<folder>/manifest.yml`
//! (package-registry 1.40.1, `packages/fs.go`).

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::zip_reader::{Directory, Fault, ReadError, list};
use crate::model::content::escape;
use crate::read_at::ReadAt;

/// Characters that the registry treats as wildcards when it looks for files below the root.
const WILDCARDS: [char; 4] = ['*', '?', '[', '\\'];

/// A package in its archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageArchive {
    /// The root folder of the package.
    pub root: String,
    /// Paths of all entries below the root, in the archive's order; those of folders end in `/`.
    pub entries: Vec<String>,
    /// The bytes of the requested files, with their indices in `entries`.
    pub files: Vec<(usize, Vec<u8>)>,
}

/// Why a package cannot be read from its archive.
#[derive(Debug, thiserror::Error)]
pub enum PackageFault {
    /// The archive cannot be read, or readers may disagree on its contents.
    #[error(transparent)]
    Archive(#[from] ReadError),
    /// A file cannot be extracted.
    #[error("{path}: {source}")]
    File {
        /// Its path.
        path: String,
        /// The error of the crate.
        source: io::Error,
    },
    /// A file exceeds the limit.
    #[error("{path} has {len} bytes, more than {limit}")]
    TooLong {
        /// Its path.
        path: String,
        /// Its length.
        len: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// No top-level folder has a manifest.
    #[error("there is no manifest.yml in a folder at its top")]
    NoManifest,
    /// The registry would find no file below the root.
    #[error(
        "the name of its top folder `{0}` has a wildcard, so that the registry finds no files in it"
    )]
    Wildcard(String),
}

/// Reads a package; of the files below its root, those whose paths are `wanted`, each up to `limit` bytes.
///
/// # Errors
/// [`PackageFault`].
pub fn read_package<S: ReadAt + ?Sized>(
    source: &S,
    wanted: impl Fn(&str) -> bool,
    limit: u64,
) -> Result<PackageArchive, PackageFault> {
    let directory = list(source)?;
    if let Some(fault) = directory.faults().first() {
        return Err(ReadError::Fault(Fault::clone(fault)).into());
    }
    let names = names(&directory);
    let root = names.iter().find_map(|name| root_of(name)).ok_or(PackageFault::NoManifest)?;
    if root.contains(WILDCARDS) {
        return Err(PackageFault::Wildcard(root.to_owned()));
    }
    let mut archive = None;
    let (mut entries, mut files) = (Vec::with_capacity(names.len()), Vec::new());
    for (index, name) in names.iter().enumerate() {
        let inside = name.strip_prefix(root).and_then(|name| name.strip_prefix('/'));
        let Some(path) = inside.filter(|path| !path.is_empty()) else { continue };
        entries.push(path.to_owned());
        if path.ends_with('/') || !wanted(path) {
            continue;
        }
        let len = directory.entries()[index].len;
        if len > limit {
            return Err(PackageFault::TooLong { path: path.to_owned(), len, limit });
        }
        let fault = |source| PackageFault::File { path: path.to_owned(), source };
        let archive = match &mut archive {
            Some(archive) => archive,
            none => none.insert(open(source).map_err(fault)?),
        };
        files.push((entries.len() - 1, take(archive, index, len).map_err(fault)?));
    }
    Ok(PackageArchive { root: root.to_owned(), entries, files })
}

/// Returns the names of all entries; the strict reader refuses names that are not UTF-8.
fn names(directory: &Directory) -> Vec<String> {
    directory.entries().iter().map(|entry| escape_unless_text(&entry.name)).collect()
}

fn escape_unless_text(name: &[u8]) -> String {
    std::str::from_utf8(name).map_or_else(|_| escape(name), str::to_owned)
}

/// Returns the top-level folder if this is the path of its manifest.
fn root_of(name: &str) -> Option<&str> {
    name.strip_suffix("/manifest.yml").filter(|root| !root.contains('/'))
}

fn open<S: ReadAt + ?Sized>(source: &S) -> io::Result<ZipArchive<BufReader<Seeking<'_, S>>>> {
    Ok(ZipArchive::new(BufReader::new(Seeking { source, at: 0 }))?)
}

/// Extracts a file of `len` bytes and checks its CRC-32.
fn take<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    index: usize,
    len: u64,
) -> io::Result<Vec<u8>> {
    let file = archive.by_index(index)?;
    let mut bytes = Vec::new();
    file.take(len + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != len {
        let detail = format!("it is said to have {len} bytes, and has others");
        return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
    }
    Ok(bytes)
}

/// Adapts random access to a reader that seeks.
struct Seeking<'s, S: ?Sized> {
    source: &'s S,
    at: u64,
}

impl<S: ReadAt + ?Sized> Read for Seeking<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.source.len().saturating_sub(self.at);
        let len = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        self.source.read_exact_at(&mut buffer[..len], self.at)?;
        self.at += len as u64;
        Ok(len)
    }
}

impl<S: ReadAt + ?Sized> Seek for Seeking<'_, S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
