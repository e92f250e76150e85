//! A revision's files: checked paths, blob ids, modes, and the content digest.
//!
//! Compares copies by what they contain, never by how Git stored them: two copies are the same when
//! their (path, blob id) sets are, whatever their tree ids and file modes say. What a path may be
//! is said in `path`. Knows nothing of repositories and archives.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::iter;
use std::str::FromStr;

use crate::digest::{Sha256, Sha256Hasher, decode_hex, serde_as_text};

mod path;

pub use path::{EntryPath, UnsafePath, escape, is_hidden};

/// The id of a Git object: the SHA-1 of its type, length and bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub [u8; 20]);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", base16ct::HexDisplay(&self.0))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for ObjectId {
    type Err = base16ct::Error;

    fn from_str(text: &str) -> Result<Self, base16ct::Error> {
        decode_hex(text).map(ObjectId)
    }
}

serde_as_text!(ObjectId, "40 lower-case hex digits");

/// The two modes that Git gives a regular file. Archives ignore it: in v1 it only tells which
/// tool copied the file last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileMode {
    /// 100644 (and the historical 100664).
    Regular,
    /// 100755.
    Executable,
}

/// One file of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Where it lies, relative to the revision's folder.
    pub path: EntryPath,
    /// Its mode in v1.
    pub mode: FileMode,
    /// The blob that holds its bytes.
    pub blob_id: ObjectId,
}

/// All files of one copy, in Git's order: the byte order of their full paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    files: Vec<FileEntry>,
}

/// Two entries that cannot lie side by side in a folder or an archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is there twice, or as a file and as a folder")]
pub struct PathCollision(pub String);

impl Content {
    /// Takes the files of one copy in any order.
    ///
    /// # Errors
    /// A path that is there twice, or that is a file here and a folder there.
    pub fn new(mut files: Vec<FileEntry>) -> Result<Self, PathCollision> {
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        if let Some(pair) = files.windows(2).find(|pair| pair[0].path == pair[1].path) {
            return Err(PathCollision(pair[0].path.to_string()));
        }
        let names: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        for folder in files.iter().flat_map(|file| file.path.folders()) {
            if names.contains(folder) {
                return Err(PathCollision(folder.to_owned()));
            }
        }
        Ok(Content { files })
    }

    /// The files, sorted by the bytes of their paths.
    pub fn files(&self) -> &[FileEntry] {
        &self.files
    }

    /// Finds a file by its exact path.
    pub fn find(&self, path: &str) -> Option<&FileEntry> {
        self.files
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()
            .map(|index| &self.files[index])
    }

    /// The digest of what the revision contains, independent of archives and compressors.
    ///
    /// Definition: SHA-256 over one record per file, `<blob id, 40 hex digits> SP <path> NUL`,
    /// in byte order of the paths. Any copy can be checked with
    /// `git ls-tree -r -z <commit>:packages/<name>/<version> | sed -z 's/^[0-9]* blob //; s/\t/ /' | sha256sum`
    /// (not with `--format`, which quotes some names even with `-z`).
    pub fn digest(&self) -> Sha256 {
        let mut hasher = Sha256Hasher::default();
        for file in &self.files {
            let mut hex = [0; 40];
            base16ct::lower::encode(&file.blob_id.0, &mut hex).expect("20 bytes are 40 digits");
            for part in [&hex[..], b" ", file.path.as_str().as_bytes(), b"\0"] {
                hasher.update(part);
            }
        }
        hasher.finish()
    }

    /// Tells how `other` differs from this content.
    pub fn diff(&self, other: &Content) -> ContentDiff {
        let mut diff = ContentDiff::default();
        for pair in merge_sorted(&self.files, &other.files, |a, b| a.path.cmp(&b.path)) {
            match pair {
                (Some(a), None) => diff.removed.push(a.path.clone()),
                (None, Some(b)) => diff.added.push(b.path.clone()),
                (Some(a), Some(b)) if a.blob_id != b.blob_id => diff.changed.push(a.path.clone()),
                (Some(a), Some(b)) if a.mode != b.mode => diff.mode_changed_count += 1,
                _ => {}
            }
        }
        diff
    }
}

/// Merges two lists that are sorted by `order`: equal elements come as a pair, others alone.
pub(crate) fn merge_sorted<L, R>(
    left: impl IntoIterator<Item = L>,
    right: impl IntoIterator<Item = R>,
    order: impl Fn(&L, &R) -> Ordering,
) -> impl Iterator<Item = (Option<L>, Option<R>)> {
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    iter::from_fn(move || {
        let order = left.peek().zip(right.peek()).map(|(left, right)| order(left, right));
        let left = left.next_if(|_| order != Some(Ordering::Greater));
        let right = right.next_if(|_| order != Some(Ordering::Less));
        (left.is_some() || right.is_some()).then_some((left, right))
    })
}

/// How one content differs from another; all paths in byte order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentDiff {
    /// Files only the other one has.
    pub added: Vec<EntryPath>,
    /// Files the other one lacks.
    pub removed: Vec<EntryPath>,
    /// Files of one path and two blobs.
    pub changed: Vec<EntryPath>,
    /// Number of files of one path and blob whose modes differ.
    pub mode_changed_count: usize,
}

impl ContentDiff {
    /// Tells whether the (path, blob id) sets are the same.
    pub fn is_same_content(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}
