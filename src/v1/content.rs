//! Reads the files of one copy: walks its tree and checks every path and mode.
//!
//! Collects all defects of a copy, not only the first. Depth and number of entries are bounded, so
//! that a malicious tree results in a finding.

use crate::model::content::{Content, EntryPath, FileEntry, ObjectId, escape};
use crate::model::finding::{Defect, FindingKind, ObjectKind};

use super::objects::{ObjectReader, UnreadableObject};
use super::tree::{self, Kind};

/// Maximum number of files and folders in one copy. The largest real copy has 729 files; the
/// package-spec allows 65,535.
pub const MAX_ENTRY_COUNT: usize = 1_000_000;

/// Reads the files of the copy whose folder is `tree_id`.
///
/// # Errors
/// Returns all defects of the copy.
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
                match classify(&path, entry) {
                    Ok(Classified::File(file)) => files.push(file),
                    Ok(Classified::Folder(id)) => folders.push((path, id)),
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

enum Classified {
    File(FileEntry),
    Folder(ObjectId),
}

fn classify(path: &[u8], entry: tree::TreeEntry<'_>) -> Result<Classified, FindingKind> {
    let unsafe_path =
        |reason: &dyn ToString| FindingKind::UnsafePath { reason: reason.to_string() };
    // Only a malformed tree has such a name; joined, it would look like a file in a folder.
    if entry.name.contains(&b'/') {
        return Err(unsafe_path(&"a name contains a slash"));
    }
    let checked = EntryPath::parse(path).map_err(|error| unsafe_path(&error))?;
    match entry.kind {
        Kind::Folder => Ok(Classified::Folder(entry.id)),
        Kind::File(mode) => {
            Ok(Classified::File(FileEntry { path: checked, mode, blob_id: entry.id }))
        }
        Kind::Other(entry_kind) => Err(FindingKind::UnsupportedEntry { entry_kind }),
    }
}

pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}
