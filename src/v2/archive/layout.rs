//! Defines which entries an archive has, and in which order.
//!
//! One root folder `<name>-<version>/` (Kibana's archive parser requires exactly that), explicit
//! folder entries, and the order in which the registry walks a directory: byte order by path
//! component, a folder before its contents. So an index made from the archive lists assets in the
//! same order as one made from v1.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::model::content::{Content, FileEntry};

/// One entry, named relative to the revision's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutEntry<'a> {
    /// A folder, without a trailing slash; empty for the root.
    Folder(&'a str),
    /// A file.
    File(&'a FileEntry),
}

impl<'a> LayoutEntry<'a> {
    fn path(&self) -> &'a str {
        match self {
            LayoutEntry::Folder(path) => path,
            LayoutEntry::File(file) => file.path.as_str(),
        }
    }

    /// Returns the entry's name in the archive whose root folder is `root`; a folder's ends with `/`.
    pub fn name(&self, root: &str) -> String {
        match self {
            LayoutEntry::Folder("") => [root, "/"].concat(),
            LayoutEntry::Folder(path) => [root, "/", path, "/"].concat(),
            LayoutEntry::File(file) => [root, "/", file.path.as_str()].concat(),
        }
    }
}

/// Returns all entries of a revision's archive, in order.
pub fn entries(content: &Content) -> Vec<LayoutEntry<'_>> {
    let mut entries = vec![LayoutEntry::Folder("")];
    let mut seen = HashSet::new();
    for file in content.files() {
        let folders = file.path.folders().filter(|folder| seen.insert(*folder));
        entries.extend(folders.map(LayoutEntry::Folder));
        entries.push(LayoutEntry::File(file));
    }
    // Nearly sorted already: Git's order differs only where a name is a prefix of its neighbour's.
    entries.sort_by(|a, b| compare_by_component(a.path(), b.path()));
    entries
}

/// Byte order by component: as if `/` were less than any other byte. Paths contain no control bytes.
fn compare_by_component(a: &str, b: &str) -> Ordering {
    let key = |byte: u8| if byte == b'/' { 0 } else { byte };
    a.bytes().map(key).cmp(b.bytes().map(key))
}
