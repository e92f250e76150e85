//! Compares the files of two folders by path and blob, reading only what differs.
//!
//! File modes do not count, and neither does how a tree is built: only which paths there are, and
//! which blobs they have. Blobs are not read.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{MAX_ENTRY_COUNT, join};
use super::folder::{FolderEntry, list_folder};
use super::objects::ObjectReader;
use super::tree::Kind;
use crate::model::content::{EntryPath, ObjectId, UnsafePath, escape};
use crate::model::finding::{Defect, EntryKind, FindingKind};
use crate::model::timeline::ChangeCounts;

/// What is left of an entry's kind when modes do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Folder,
    File,
    Other(EntryKind),
}

impl Sort {
    fn of(kind: Kind) -> Sort {
        match kind {
            Kind::Folder => Sort::Folder,
            Kind::File(_) => Sort::File,
            Kind::Other(kind) => Sort::Other(kind),
        }
    }
}

/// A name, and what has it.
type SortedEntry = (Vec<u8>, Sort, ObjectId);

/// What both sides have at one path; several things only in a forged tree.
#[derive(Default)]
struct Leaves {
    old: BTreeSet<(Sort, ObjectId)>,
    new: BTreeSet<(Sort, ObjectId)>,
}

/// Counts how the files below `new` differ from those below `old`.
///
/// # Errors
/// The first thing that keeps them from being compared: a missing or corrupt tree, more than
/// [`MAX_ENTRY_COUNT`] entries, or a path longer than [`EntryPath::MAX_LEN`].
pub fn compare(
    reader: &ObjectReader,
    old: ObjectId,
    new: ObjectId,
) -> Result<ChangeCounts, Box<Defect>> {
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
            Ok(entries.into_iter().map(entry).collect::<BTreeSet<SortedEntry>>())
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
            for (name, sort, id) in entries {
                if *sort == Sort::Folder {
                    folders.entry(name).or_default()[side].push(*id);
                    continue;
                }
                let leaf = leaves.entry(path_of(name)?).or_default();
                let found = if side == 0 { &mut leaf.old } else { &mut leaf.new };
                found.insert((*sort, *id));
            }
        }
        for (name, [old, new]) in folders {
            for index in 0..old.len().max(new.len()) {
                let pair = (old.get(index).copied(), new.get(index).copied());
                pending.push((path_of(name)?, pair.0, pair.1));
            }
        }
    }
    Ok(count(leaves.values()))
}

fn entry(entry: FolderEntry) -> SortedEntry {
    (entry.name, Sort::of(entry.kind), entry.id)
}

fn count<'a>(leaves: impl Iterator<Item = &'a Leaves>) -> ChangeCounts {
    let mut counts = ChangeCounts::default();
    for Leaves { old, new } in leaves {
        match (old.is_empty(), new.is_empty()) {
            (true, _) => counts.added += 1,
            (_, true) => counts.removed += 1,
            // The same blob may have moved here from a folder of another shape.
            (false, false) if old == new => {}
            (false, false) => counts.changed += 1,
        }
    }
    counts
}
