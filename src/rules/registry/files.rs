//! The files and folders of a package, as the registry finds them inside the archive.
//!
//! It joins every path with the archive's root and cleans it: `../<name>-<version>/img/a.svg` becomes `img/a.svg`. It
//! lists folders with glob patterns, so a folder's name may match other folders. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::{Facts, path_match};

/// The item at a path.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    /// A file, with its facts if it has a role.
    File(Option<&'a Facts>),
    /// A folder.
    Folder,
}

/// The files and folders of a package by path.
pub(super) struct Files<'a> {
    files: BTreeMap<&'a str, Option<&'a Facts>>,
    folders: BTreeSet<&'a str>,
    /// The top-level folder of the archive; empty if the manifest is unknown.
    root: String,
}

/// The error for a folder whose name is a malformed pattern.
pub(super) struct BadPattern;

impl<'a> Files<'a> {
    pub(super) fn of(files: impl Iterator<Item = (&'a str, Option<&'a Facts>)>) -> Self {
        let files: BTreeMap<&str, Option<&Facts>> = files.collect();
        let mut folders = BTreeSet::new();
        for path in files.keys() {
            // If a folder is known, its parents are known as well.
            for (end, _) in path.rmatch_indices('/') {
                if !folders.insert(&path[..end]) {
                    break;
                }
            }
        }
        Files { files, folders, root: String::new() }
    }

    /// Sets the name of the archive's top-level folder.
    pub(super) fn in_root(self, root: String) -> Self {
        Files { root, ..self }
    }

    pub(super) fn folders(&self) -> impl Iterator<Item = &'a str> {
        self.folders.iter().copied()
    }

    pub(super) fn file(&self, path: &str) -> Option<Option<&'a Facts>> {
        self.files.get(path).copied()
    }

    pub(super) fn has_folder(&self, path: &str) -> bool {
        self.folders.contains(path)
    }

    /// Returns the item that a path in a manifest refers to, with its cleaned path.
    pub(super) fn find(&self, path: &str) -> Option<(String, Item<'a>)> {
        let path = self.cleaned(path)?;
        match self.file(&path) {
            Some(facts) => Some((path, Item::File(facts))),
            None if path.is_empty() || self.has_folder(&path) => Some((path, Item::Folder)),
            None => None,
        }
    }

    /// Returns the items of a folder with their paths, in the order of the archive.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub(super) fn list(&self, folder: &str) -> Result<Vec<(&'a str, Item<'a>)>, BadPattern> {
        let Some(folder) = self.cleaned(folder) else { return Ok(Vec::new()) };
        if path_match::is_pattern(&folder) {
            return self.matching(&format!("{folder}/*"));
        }
        let start = format!("{folder}/");
        let mut items = BTreeMap::new();
        let from_start = (Bound::Included(start.as_str()), Bound::Unbounded);
        for (path, facts) in self.files.range::<str, _>(from_start) {
            let Some(inside) = path.strip_prefix(&start) else { break };
            match inside.find('/') {
                Some(end) => items.insert(&path[..start.len() + end], Item::Folder),
                None => items.insert(path, Item::File(*facts)),
            };
        }
        Ok(items.into_iter().collect())
    }

    fn matching(&self, pattern: &str) -> Result<Vec<(&'a str, Item<'a>)>, BadPattern> {
        if !path_match::is_valid(pattern) {
            return Err(BadPattern);
        }
        let files = self.files.iter().map(|(path, facts)| (*path, Item::File(*facts)));
        let folders = self.folders.iter().map(|path| (*path, Item::Folder));
        let mut items: Vec<_> =
            files.chain(folders).filter(|(path, _)| path_match::matches(pattern, path)).collect();
        items.sort_by(|(one, _), (other, _)| one.split('/').cmp(other.split('/')));
        Ok(items)
    }

    /// Returns a path relative to the root, cleaned like Go's `path.Join`; empty for the root and its parents, `None` for
    /// a path outside the root.
    fn cleaned(&self, path: &str) -> Option<String> {
        let mut parts = vec![self.root.as_str()];
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()?),
                _ => parts.push(part),
            }
        }
        match parts.split_first() {
            None => Some(String::new()),
            Some((root, inside)) => (*root == self.root).then(|| inside.join("/")),
        }
    }
}
