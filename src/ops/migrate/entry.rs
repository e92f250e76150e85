//! The entry of a winner in the search index, and the files that it refers to.
//!
//! The entry is derived once, from the facts that the blobs were parsed for, and is independent of signatures: they are
//! created later.

use std::collections::BTreeMap;

use super::pool::ReadyBlob;
use crate::model::content::{FileEntry, escape};
use crate::model::finding::{ChangedInteger, DanglingCause, Defect, FindingKind, ResourceUse};
use crate::model::package::RevisionId;
use crate::model::resources::StaticSet;
use crate::rules::index::{
    EntryFault, InexactInteger, PackageManifest, RevisionFiles, entry, inexact_integers,
};
use crate::rules::precedence::Winner;
use crate::v2::archive::layout::{self, LayoutEntry};

/// Derives the entry of a winner, without a signature.
///
/// # Errors
/// The reason why a registry could not serve it.
pub(super) fn derive<'a>(
    revision: &RevisionId,
    winner: &'a Winner,
    ready: impl Fn(&FileEntry) -> Result<&'a ReadyBlob, &'a FindingKind>,
) -> Result<PackageManifest, EntryFault> {
    let facts = |file| ready(file).ok().and_then(|blob| blob.facts.as_ref());
    // In the order of the archive, by component: the registry lists them in that order.
    let files = layout::entries(&winner.content).into_iter().filter_map(|entry| match entry {
        LayoutEntry::File(file) => Some((file.path.as_str(), facts(file))),
        LayoutEntry::Folder(_) => None,
    });
    let files: Vec<_> = files.collect();
    let root = revision.to_string();
    // Archives have entries for all folders, so that the registry lists all files.
    entry(RevisionFiles { root: &root, files: &files, listed_depth: usize::MAX, is_signed: false })
}

/// Checks that each file that the entry refers to exists and is a static resource.
pub(super) fn dangling(
    manifest: &PackageManifest,
    winner: &Winner,
    statics: &StaticSet,
) -> Vec<Defect> {
    let mut found: BTreeMap<(&str, DanglingCause), Vec<ResourceUse>> = BTreeMap::new();
    for reference in manifest.references() {
        let inside = reference.path.strip_prefix(&manifest.path);
        let (path, cause) = match inside.and_then(|path| path.strip_prefix('/')) {
            None => (reference.path, DanglingCause::Outside),
            Some(path) if winner.content.find(path).is_none() => (path, DanglingCause::Missing),
            Some(path) if !statics.contains(path) => (path, DanglingCause::NotStatic),
            Some(_) => continue,
        };
        found.entry((path, cause)).or_default().push(reference.used_as);
    }
    let defect = |((path, cause), mut used_as): ((&str, DanglingCause), Vec<ResourceUse>)| {
        used_as.sort();
        used_as.dedup();
        let kind = FindingKind::DanglingResource { used_as, cause };
        Defect { path: Some(escape(path.as_bytes())), kind }
    };
    found.into_iter().map(defect).collect()
}

/// The number of digits from which an integer may not be exact in a float.
const LONG_INTEGER: usize = 16;

/// Checks the integers of the entry, whose line this is.
pub(super) fn inexact(manifest: &PackageManifest, line: &[u8]) -> Option<Defect> {
    // Much faster than a comparison of all numbers.
    let mut digits = line.split(|byte| !byte.is_ascii_digit());
    if !digits.any(|digits| digits.len() >= LONG_INTEGER) {
        return None;
    }
    let changed =
        |InexactInteger { path, value, shown }| ChangedInteger { field: path, value, shown };
    let integers: Vec<_> = inexact_integers(manifest).into_iter().map(changed).collect();
    let is_exact = integers.is_empty();
    (!is_exact).then_some(Defect { path: None, kind: FindingKind::InexactIntegers { integers } })
}
