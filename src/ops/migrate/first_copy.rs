//! The copy of a revision that v1 serves today: the one in the first stage, even if a decision keeps another one.

use std::collections::HashMap;

use crate::model::content::Content;
use crate::model::finding::ObjectKind;
use crate::model::package::Stage;
use crate::rules::index::{EntryFault, PackageManifest, RevisionFiles, entry};
use crate::rules::precedence::{Copy, Resolution};
use crate::rules::registry::{Facts, KnownItems, Role};
use crate::rules::search::Searchable;
use crate::v1::objects::ObjectReader;

/// The copy in the first stage.
pub(super) enum FirstCopy {
    /// There is none.
    Absent,
    /// It has the same files as the winner.
    Winner,
    /// A decision keeps another copy; the searchable fields of this one, if they can be read.
    Other(Option<Box<Searchable>>),
}

impl FirstCopy {
    /// Finds the copy of a resolved revision; `passed_over` is the first stage's copy if a decision keeps another one.
    pub(super) fn of(
        reader: &ObjectReader,
        resolution: &Resolution,
        first: Stage,
        passed_over: Option<Copy>,
    ) -> Self {
        let same_in = resolution.winner.as_ref().map(|winner| winner.same_in.as_slice());
        match passed_over {
            _ if !resolution.digests.contains_key(&first) => FirstCopy::Absent,
            Some(Copy { content, .. }) if !same_in.unwrap_or_default().contains(&first) => {
                let root = resolution.revision.to_string();
                let entry = content.ok().map(|content| read(reader, &root, &content));
                FirstCopy::Other(entry.and_then(searchable).map(Box::new))
            }
            Some(_) | None => FirstCopy::Winner,
        }
    }
}

/// Reads the manifests of a copy, and derives its entry.
fn read(
    reader: &ObjectReader,
    root: &str,
    content: &Content,
) -> Result<PackageManifest, EntryFault> {
    let known_items = KnownItems::default();
    let mut facts = HashMap::new();
    for file in content.files() {
        let path = file.path.as_str();
        let Some(role @ (Role::Manifest | Role::DataStream)) = Role::of(path) else { continue };
        let read = |bytes: &[u8]| Facts::read(role, bytes, &known_items);
        // An entry that lacks a manifest cannot be derived.
        if let Ok(read) = reader.read(ObjectKind::Blob, file.blob_id, read) {
            facts.insert(path, read);
        }
    }
    let paths = content.files().iter().map(|file| file.path.as_str());
    let files: Vec<_> = paths.map(|path| (path, facts.get(path))).collect();
    entry(RevisionFiles { root, files: &files, listed_depth: usize::MAX, is_signed: false })
}

/// Reduces an entry to its searchable fields; `None` if no registry can serve it.
pub(super) fn searchable(entry: Result<PackageManifest, EntryFault>) -> Option<Searchable> {
    entry.ok().and_then(|entry| Searchable::of(&entry).ok())
}
