//! Says which entries an archive has, and in which order.
//!
//! One root folder `<name>-<version>/` (Kibana's archive parser demands exactly that), explicit
//! folder entries, and the order in which the registry walks a directory: byte order by path
//! component, a folder before what is in it. So an index made from the archive lists assets in
//! the same order as one made from v1. Called by `migrate`.

use std::collections::BTreeSet;

use crate::content::{Content, FileEntry};
use crate::package::RevisionId;

/// One entry, named relative to the revision's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A folder, without a trailing slash; empty for the root.
    Folder(&'a str),
    /// A file.
    File(&'a FileEntry),
}

impl<'a> Entry<'a> {
    fn path(&self) -> &'a str {
        match self {
            Entry::Folder(path) => path,
            Entry::File(file) => file.path.as_str(),
        }
    }

    /// The entry's name in the archive; a folder's ends in `/`.
    pub fn name(&self, revision: &RevisionId) -> String {
        match self {
            Entry::Folder("") => format!("{revision}/"),
            Entry::Folder(path) => format!("{revision}/{path}/"),
            Entry::File(file) => format!("{revision}/{}", file.path),
        }
    }
}

/// All entries of a revision's archive, in order.
pub fn entries(content: &Content) -> Vec<Entry<'_>> {
    let folders: BTreeSet<&str> =
        content.files().iter().flat_map(|file| file.path.folders()).collect();
    let mut entries: Vec<Entry<'_>> = folders
        .into_iter()
        .map(Entry::Folder)
        .chain(content.files().iter().map(Entry::File))
        .collect();
    // Paths are unique, so the order does not depend on the sort.
    entries.sort_unstable_by(|a, b| a.path().split('/').cmp(b.path().split('/')));
    entries.insert(0, Entry::Folder(""));
    entries
}
