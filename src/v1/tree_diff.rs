//! Compares the files of two folders by path and blob, reading only trees that differ.
//!
//! File modes and the encoding of a tree are ignored: only paths and their blobs count. Blobs are not read.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{MAX_ENTRY_COUNT, join};
use super::folder::{FolderEntry, list_folder};
use super::objects::ObjectReader;
use super::tree::Kind;
use crate::model::content::{EntryPath, ObjectId, UnsafePath, escape};
use crate::model::finding::{Defect, EntryKind, FindingKind};
use crate::model::timeline::{ChangeCounts, ChangedFiles};

/// An entry's kind without the file mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PlainKind {
    Folder,
    File,
    Other(EntryKind),
}

impl PlainKind {
    fn of(kind: Kind) -> PlainKind {
        match kind {
            Kind::Folder => PlainKind::Folder,
            Kind::File(_) => PlainKind::File,
            Kind::Other(kind) => PlainKind::Other(kind),
        }
    }
}

/// A name, and the kind and id of its entry.
type PlainEntry = (Vec<u8>, PlainKind, ObjectId);

/// What both sides have at one path; several entries only in a malformed tree.
#[derive(Default)]
struct Leaves {
    old: BTreeSet<(PlainKind, ObjectId)>,
    new: BTreeSet<(PlainKind, ObjectId)>,
}

/// Counts the differences between the files below `old` and those below `new`.
///
/// # Errors
/// Those of [`changed_files`].
pub fn compare(
    reader: &ObjectReader,
    old: ObjectId,
    new: ObjectId,
) -> Result<ChangeCounts, Box<Defect>> {
    Ok(changed_files(reader, old, new)?.counts())
}

/// Lists the files that differ between `old` and `new`.
///
/// # Errors
/// The first defect that prevents a comparison: a missing or corrupt tree, more than
/// [`MAX_ENTRY_COUNT`] entries, or a path longer than [`EntryPath::MAX_LEN`].
pub fn changed_files(
    reader: &ObjectReader,
    old: ObjectId,
    new: ObjectId,
) -> Result<ChangedFiles, Box<Defect>> {
    let mut leaves: BTreeMap<Vec<u8>, Leaves> = BTreeMap::new();
    let mut entry_count = 0;
    let mut pending = vec![(Vec::new(), Some(old), Some(new))];
    while let Some((folder, old, new)) = pending.pop() {
        let mut list = |side: Option<ObjectId>| {
            let entries = match side {
                Some(tree_id) => list_folder(reader, tree_id),
                None => Ok(Vec::new()),
            };
            let entries = entries.map_err(|error| {
                let path = (!folder.is_empty()).then(|| escape(&folder));
                Box::new(Defect { path, kind: error.into_finding_kind() })
            })?;
            entry_count += entries.len();
            if entry_count > MAX_ENTRY_COUNT {
                let kind = FindingKind::TooManyEntries { limit: MAX_ENTRY_COUNT };
                return Err(Box::new(Defect { path: None, kind }));
            }
            Ok(entries.into_iter().map(entry).collect::<BTreeSet<PlainEntry>>())
        };
        let (old, new) = (list(old)?, list(new)?);
        let path_of = |name: &[u8]| {
            let path = join(&folder, name);
            match path.len() <= EntryPath::MAX_LEN {
                true => Ok(path),
                false => {
                    let kind = FindingKind::UnsafePath { reason: UnsafePath::TooLong.to_string() };
                    Err(Box::new(Defect { path: None, kind }))
                }
            }
        };
        let mut folders: BTreeMap<&[u8], [Vec<ObjectId>; 2]> = BTreeMap::new();
        for (side, entries) in [old.difference(&new), new.difference(&old)].into_iter().enumerate()
        {
            for (name, kind, id) in entries {
                if *kind == PlainKind::Folder {
                    folders.entry(name).or_default()[side].push(*id);
                    continue;
                }
                let leaf = leaves.entry(path_of(name)?).or_default();
                let found = if side == 0 { &mut leaf.old } else { &mut leaf.new };
                found.insert((*kind, *id));
            }
        }
        for (name, [old, new]) in folders {
            for index in 0..old.len().max(new.len()) {
                let pair = (old.get(index).copied(), new.get(index).copied());
                pending.push((path_of(name)?, pair.0, pair.1));
            }
        }
    }
    Ok(listed(&leaves))
}

fn entry(entry: FolderEntry) -> PlainEntry {
    (entry.name, PlainKind::of(entry.kind), entry.id)
}

fn listed(leaves: &BTreeMap<Vec<u8>, Leaves>) -> ChangedFiles {
    let mut files = ChangedFiles::default();
    for (path, Leaves { old, new }) in leaves {
        let list = match (old.is_empty(), new.is_empty()) {
            (true, _) => &mut files.added,
            (_, true) => &mut files.removed,
            // The entries of a malformed tree may be paired differently on both sides.
            (false, false) if old == new => continue,
            (false, false) => &mut files.changed,
        };
        list.push(escape(path));
    }
    files
}
