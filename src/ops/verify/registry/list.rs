//! The list of all revisions, and what it has that v1 does not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::answers::{self, mismatch, text};
use crate::model::mismatch::{Mismatch, RegistryMismatch};
use crate::model::package::{PackageName, PackageVersion, RevisionId};
use crate::v2::registry::{Registry, RegistryQuery};

/// The list: the items of each revision by `<name>-<version>`.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) items: BTreeMap<String, Vec<Value>>,
}

impl List {
    /// Requests the list.
    ///
    /// # Errors
    /// There is none, or it has items without a name or a version.
    pub(super) fn request(registry: &Registry) -> Result<Self, RegistryMismatch> {
        let mut list = List::default();
        let items = answers::list(registry.query(RegistryQuery::All))?;
        for (index, item) in items.into_iter().enumerate() {
            let (Some(name), Some(version)) = (text(&item, "name"), text(&item, "version")) else {
                let detail = format!("item {index} has no name or no version");
                return Err(answers::unreadable(&detail));
            };
            list.items.entry(format!("{name}-{version}")).or_default().push(item);
        }
        Ok(list)
    }

    /// Returns the first item of a revision.
    pub(super) fn item(&self, revision: &str) -> Option<&Value> {
        self.items.get(revision)?.first()
    }

    /// Returns a mismatch for each revision that is listed more than once.
    pub(super) fn duplicates(&self) -> impl Iterator<Item = Mismatch> {
        let several = self.items.iter().filter(|(_, items)| items.len() > 1);
        several.map(|(revision, items)| {
            let kind = RegistryMismatch::ListDuplicate { count: items.len() as u64 };
            mismatch(&RegistryQuery::All.request(), Some(revision.clone()), kind)
        })
    }

    /// Returns the listed revisions that are not among `known`.
    pub(super) fn others(&self, known: &BTreeSet<String>) -> BTreeSet<&str> {
        let others = self.items.keys().filter(|revision| !known.contains(*revision));
        others.map(String::as_str).collect()
    }
}

/// Parses `<name>-<version>`; the name of a package has no dash. `None` if v1 cannot have such a revision.
pub(super) fn revision(text: &str) -> Option<RevisionId> {
    let (name, version) = text.split_once('-')?;
    let (name, version): (PackageName, PackageVersion) =
        (name.parse().ok()?, version.parse().ok()?);
    RevisionId::new(name, version).ok()
}
