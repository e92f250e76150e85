//! Names that collide within an archive.
//!
//! Names that differ only by case or look alike are legal in v1, and are not collisions here.

use std::cmp::Ordering;

use super::entry::{Entry, EntryKind};
use super::fault::FaultKind;

/// Finds names that appear twice, or as a file and as a folder: pairs of an entry's index and its fault.
pub(super) fn collisions(entries: &[Entry]) -> Vec<(usize, FaultKind)> {
    // Sorted by component, the entries below a path directly follow it.
    let mut sorted: Vec<usize> = (0..entries.len()).collect();
    sorted.sort_by(|a, b| compare_by_component(entries[*a].path(), entries[*b].path()));
    let mut found = Vec::new();
    let mut rest = sorted.as_slice();
    while let Some((&first, after)) = rest.split_first() {
        let path = entries[first].path();
        let same_count = after.iter().take_while(|at| entries[**at].path() == path).count();
        let (same, after) = after.split_at(same_count);
        for &at in same {
            found.push((
                at,
                match (entries[first].kind, entries[at].kind) {
                    (EntryKind::File, EntryKind::File) | (EntryKind::Folder, EntryKind::Folder) => {
                        FaultKind::DuplicateEntry { first }
                    }
                    (EntryKind::File, EntryKind::Folder) | (EntryKind::Folder, EntryKind::File) => {
                        FaultKind::FileAndFolder { other: first }
                    }
                },
            ));
        }
        let file = std::iter::once(&first).chain(same).find(|at| entries[**at].is_file());
        let below = after.first().filter(|at| is_below(entries[**at].path(), path));
        if let (Some(&file), Some(&other)) = (file, below) {
            found.push((file, FaultKind::FileAndFolder { other }));
        }
        rest = after;
    }
    found
}

fn is_below(path: &[u8], folder: &[u8]) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with(b"/"))
}

/// Byte order by component: as if `/` were less than any other byte.
fn compare_by_component(a: &[u8], b: &[u8]) -> Ordering {
    let key = |byte: &u8| (*byte != b'/', *byte);
    a.iter().map(key).cmp(b.iter().map(key))
}
