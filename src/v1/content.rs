//! Reads the files of one copy: walks its tree and checks every path and mode.
//!
//! All that is wrong with a copy is collected, not only the first thing. Depth and number of
//! entries are bounded, so that a tree made to hurt ends as a finding.

use crate::model::content::{Content, EntryPath, FileEntry, ObjectId, escape};
use crate::model::finding::{Defect, FindingKind, ObjectKind};

use super::objects::{ObjectReader, UnreadableObject};
use super::tree::{self, Kind};

/// Files and folders that one copy may have; the largest real one has 729 files, and the
/// package-spec allows 65,535.
pub const MAX_ENTRY_COUNT: usize = 1_000_000;

/// Reads the files of the copy whose folder is `tree_id`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_content(reader: &ObjectReader, tree_id: ObjectId) -> Result<Content, Vec<Defect>> {
    let mut files = Vec::new();
    let mut defects = Vec::new();
    let mut entry_count = 0;
    let mut folders: Vec<(Vec<u8>, ObjectId)> = vec![(Vec::new(), tree_id)];
    while let Some((folder, tree_id)) = folders.pop() {
        let listed = reader.read(ObjectKind::Tree, tree_id, |bytes| {
            let entries = tree::parse(bytes)
                .map_err(|_| UnreadableObject::malformed(ObjectKind::Tree, tree_id))?;
            entry_count += entries.len();
            if entry_count > MAX_ENTRY_COUNT {
                return Ok(());
            }
            for entry in entries {
                let path = join(&folder, entry.name);
                match sort_entry(&path, entry) {
                    Ok(Sorted::File(file)) => files.push(file),
                    Ok(Sorted::Folder(id)) => folders.push((path, id)),
                    Err(kind) => defects.push(Defect { path: Some(escape(&path)), kind }),
                }
            }
            Ok(())
        });
        if let Err(error) = listed.and_then(|parsed| parsed) {
            let path = (!folder.is_empty()).then(|| escape(&folder));
            defects.push(Defect { path, kind: error.into_finding_kind() });
        }
        if entry_count > MAX_ENTRY_COUNT {
            let kind = FindingKind::TooManyEntries { limit: MAX_ENTRY_COUNT };
            defects.push(Defect { path: None, kind });
            return Err(defects);
        }
    }
    match Content::new(files) {
        Ok(content) if defects.is_empty() => Ok(content),
        Ok(_) => Err(defects),
        Err(collision) => {
            defects.push(Defect { path: Some(collision.0), kind: FindingKind::same_path() });
            Err(defects)
        }
    }
}

enum Sorted {
    File(FileEntry),
    Folder(ObjectId),
}

fn sort_entry(path: &[u8], entry: tree::TreeEntry<'_>) -> Result<Sorted, FindingKind> {
    let unsafe_path =
        |reason: &dyn ToString| FindingKind::UnsafePath { reason: reason.to_string() };
    // Only a forged tree has such a name; joined, it would look like a folder and a file.
    if entry.name.contains(&b'/') {
        return Err(unsafe_path(&"a name holds a slash"));
    }
    let checked = EntryPath::parse(path).map_err(|error| unsafe_path(&error))?;
    match entry.kind {
        Kind::Folder => Ok(Sorted::Folder(entry.id)),
        Kind::File(mode) => Ok(Sorted::File(FileEntry { path: checked, mode, blob_id: entry.id })),
        Kind::Other(entry_kind) => Err(FindingKind::UnsupportedEntry { entry_kind }),
    }
}

pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}
