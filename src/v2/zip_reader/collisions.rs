//! Names that cannot lie side by side.
//!
//! Case twins and names that only look alike are legal in v1, and no matter of this file.

use std::cmp::Ordering;

use super::entry::{Entry, EntryKind};
use super::fault::FaultKind;

/// Names that are there twice, or as a file and as a folder: pairs of an entry's place and its fault.
pub(super) fn collisions(entries: &[Entry]) -> Vec<(usize, FaultKind)> {
    // Sorted by component, what is below a path comes right behind it.
    let mut sorted: Vec<usize> = (0..entries.len()).collect();
    sorted.sort_by(|a, b| compare_by_component(entries[*a].path(), entries[*b].path()));
    let mut found = Vec::new();
    let mut rest = sorted.as_slice();
    while let Some((&first, behind)) = rest.split_first() {
        let path = entries[first].path();
        let same_count = behind.iter().take_while(|at| entries[**at].path() == path).count();
        let (same, behind) = behind.split_at(same_count);
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
        let below = behind.first().filter(|at| is_below(entries[**at].path(), path));
        if let (Some(&file), Some(&other)) = (file, below) {
            found.push((file, FaultKind::FileAndFolder { other }));
        }
        rest = behind;
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
