//! The files of a revision: checked paths, blob ids, modes, and the content digest.
//!
//! Copies are compared by content, not by how Git stores them: two copies are the same if their
//! (path, blob id) sets are equal, regardless of tree ids and file modes. The rules for paths are in
//! `path`. Independent of repositories and archives.

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

/// The two modes of a regular file in Git. Archives ignore the mode: in v1 it only depends on the tool
/// that last copied the file.
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
    /// The path, relative to the revision's folder.
    pub path: EntryPath,
    /// The mode in v1.
    pub mode: FileMode,
    /// The blob with the file's bytes.
    pub blob_id: ObjectId,
}

/// All files of one copy, sorted by the bytes of their full paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    files: Vec<FileEntry>,
}

/// Two entries that cannot exist together in a folder or an archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} appears twice, or both as a file and as a folder")]
pub struct PathCollision(pub String);

impl Content {
    /// Creates the content from the files of one copy, in any order.
    ///
    /// # Errors
    /// A path appears twice, or both as a file and as a folder.
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

    /// Returns the files, sorted by the bytes of their paths.
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

    /// Returns the digest of the revision's content, independent of archives and compressors.
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

    /// Returns how `other` differs from this content.
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

/// Merges two lists that are sorted by `order`: equal elements are paired, others have no partner.
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

/// The difference between two contents; all paths in byte order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentDiff {
    /// Files that only the other content has.
    pub added: Vec<EntryPath>,
    /// Files that the other content does not have.
    pub removed: Vec<EntryPath>,
    /// Files with the same path and different blobs.
    pub changed: Vec<EntryPath>,
    /// Number of files with the same path and blob and different modes.
    pub mode_changed_count: usize,
}

impl ContentDiff {
    /// Returns whether the (path, blob id) sets are equal.
    pub fn is_same_content(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}
