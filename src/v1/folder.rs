//! Reads what stages are listed by: a commit, the folder `packages/` in it, one folder's entries.
//!
//! No rules on names: those are in `listing`. Called by `listing`.

use std::collections::HashMap;

use super::git::{ObjectReader, UnreadableObject};
use super::tree::{self, Kind};
use crate::content::ObjectId;
use crate::finding::ObjectKind;

/// The folder of a stage that holds its packages.
const PACKAGES: &str = "packages";

/// The id of a commit's tree, whatever else the commit says.
pub(super) fn root_tree_id(
    reader: &ObjectReader,
    commit_id: ObjectId,
) -> Result<ObjectId, UnreadableObject> {
    reader.read(ObjectKind::Commit, commit_id, |bytes| {
        let line = bytes.split(|byte| *byte == b'\n').next();
        line.and_then(|line| id_after(b"tree ", line))
            .ok_or_else(|| UnreadableObject::malformed(ObjectKind::Commit, commit_id))
    })?
}

fn id_after(word: &[u8], line: &[u8]) -> Option<ObjectId> {
    std::str::from_utf8(line.strip_prefix(word)?).ok()?.parse().ok()
}

/// The id of the folder `packages/` in a commit's tree, if it has one.
pub(super) fn find_packages(
    reader: &ObjectReader,
    root: ObjectId,
) -> Result<Option<ObjectId>, UnreadableObject> {
    let top = list_folder(reader, root)?;
    match top.iter().find(|entry| entry.name == PACKAGES.as_bytes()) {
        Some(FolderEntry { kind: Kind::Folder, is_double: true, .. }) => {
            Err(UnreadableObject::malformed(ObjectKind::Tree, root))
        }
        Some(FolderEntry { kind: Kind::Folder, id, .. }) => Ok(Some(*id)),
        _ => Ok(None),
    }
}

/// An entry of one folder that outlives the folder's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FolderEntry {
    pub(super) name: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) id: ObjectId,
    /// Whether the folder has another entry of this name, as only a forged tree can.
    pub(super) is_double: bool,
}

/// Lists a folder.
pub(super) fn list_folder(
    reader: &ObjectReader,
    tree_id: ObjectId,
) -> Result<Vec<FolderEntry>, UnreadableObject> {
    reader.read(ObjectKind::Tree, tree_id, |bytes| {
        let entries = tree::parse(bytes)
            .map_err(|_| UnreadableObject::malformed(ObjectKind::Tree, tree_id))?;
        let mut counts: HashMap<&[u8], usize> = HashMap::new();
        for entry in &entries {
            *counts.entry(entry.name).or_default() += 1;
        }
        let owned = entries.iter().map(|entry| FolderEntry {
            name: entry.name.to_vec(),
            kind: entry.kind,
            id: entry.id,
            is_double: counts[entry.name] > 1,
        });
        Ok(owned.collect())
    })?
}
