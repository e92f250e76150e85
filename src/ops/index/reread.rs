//! Reads the index back from an output folder, to join the parts of several machines, or to add signatures.
//!
//! The changes in the folder show which entries were published before; so the published index is not needed again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

use super::entries::{Entries, Entry, Origin};
use crate::error::Error;
use crate::model::finding::{Finding, FindingKind};
use crate::model::package::{GrammarError, ObjectKey, PackageVersion};
use crate::model::plan::{Plan, PlannedIndex, Upload};
use crate::read_at::FileReader;
use crate::rules::index::{EntryId, Identity, NoEntry, identify, with_signature};
use crate::v2::folder::Spool;
use crate::v2::index::{IndexFault, read_index};

/// Why a file of an index cannot be used.
#[derive(Debug, thiserror::Error)]
enum RereadFault {
    #[error(transparent)]
    Index(#[from] IndexFault),
    #[error("the entry at byte {offset} cannot be read")]
    Entry { offset: u64, source: NoEntry },
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Version(#[from] GrammarError),
    #[error(transparent)]
    Other(#[from] Error),
}

#[derive(Deserialize)]
struct Delta {
    added: Vec<Item>,
    updated: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    package_manifest: Name,
}

#[derive(Deserialize)]
struct Name {
    name: String,
    version: String,
}

impl Entries {
    /// Reads the entries of the index in an output folder, as its plan has it; `None` if it has none. Signatures that
    /// a killed run added to the index, but not to the plan, are ignored.
    ///
    /// # Errors
    /// [`Error::UnplannedIndex`] if the files do not match the plan; [`Error::OwnIndex`], [`Error::File`].
    pub fn of_folder(
        folder: &Path,
        plan: &Plan,
        findings: &[Finding],
        interrupt: &AtomicBool,
    ) -> Result<Option<Self>, Error> {
        let Some(index) = &plan.index else { return Ok(None) };
        let Some((index_file, delta_file)) = files(plan) else { return Ok(None) };
        let unusable = |file: &ObjectKey| {
            let path = folder.join(file.as_str());
            move |fault| match fault {
                RereadFault::Other(error) => error,
                fault => Error::OwnIndex { path, source: fault.into() },
            }
        };
        let changes =
            delta_file.map(|file| changes(&folder.join(file.as_str())).map_err(unusable(file)));
        let origins = Origins::of(plan, findings, changes.transpose()?);
        let entries = Entries { spool: Arc::new(Spool::default()), list: Mutex::default() };
        entries.read(&folder.join(index_file.as_str()), &origins).map_err(unusable(index_file))?;
        let PlannedIndex { cursor, base, .. } = index.clone();
        let again = entries.write(plan.clone(), cursor, base, None, interrupt)?;
        match again == *plan {
            true => Ok(Some(entries)),
            false => Err(Error::UnplannedIndex { file: index_file.to_string() }),
        }
    }

    /// Joins the entries of all shards.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn joined(parts: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        let spool = Spool::default();
        let mut list = BTreeMap::new();
        for part in parts {
            let entries = part.list.into_inner().unwrap_or_else(PoisonError::into_inner);
            for (id, Entry { line, origin }) in entries {
                list.insert(id, Entry { line: spool.add(&part.spool.read(line)?)?, origin });
            }
        }
        Ok(Entries { spool: Arc::new(spool), list: Mutex::new(list) })
    }

    fn read(&self, path: &Path, origins: &Origins<'_>) -> Result<(), RereadFault> {
        let source = File::open(path).and_then(FileReader::new);
        let source = source.map_err(Error::file("open", path))?;
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        read_index(&source, &mut |offset, line: &[u8]| {
            let identity =
                identify(line).map_err(|source| RereadFault::Entry { offset, source })?;
            let origin = origins.origin(&identity);
            let line = match origin {
                Origin::New | Origin::Matching { is_signed: false } => {
                    self.spool.add(&with_signature(line, None))?
                }
                Origin::Matching { is_signed: true } | Origin::Published { .. } => {
                    self.spool.add(line)?
                }
            };
            list.insert(identity.id, Entry { line, origin });
            Ok::<(), RereadFault>(())
        })?;
        Ok(())
    }
}

/// Returns the files of a plan's index and of its changes; `None` if it equals the published index.
fn files(plan: &Plan) -> Option<(&ObjectKey, Option<&ObjectKey>)> {
    if let Some(PlannedIndex { part: Some(part), .. }) = &plan.index {
        return Some((&part.index.file, part.delta.as_ref().map(|delta| &delta.file)));
    }
    let find = |is_wanted: fn(&Upload) -> bool| {
        plan.uploads.iter().find(|upload| is_wanted(upload)).map(Upload::key)
    };
    let index = find(|upload| matches!(upload, Upload::Index(_)))?;
    Some((index, find(|upload| matches!(upload, Upload::Delta(_)))))
}

/// What is known about the origins of the entries in a folder.
struct Origins<'p> {
    /// The changes since the published index; `None` if there was none.
    changes: Option<HashMap<EntryId, Changed>>,
    /// Revisions whose published entries differ.
    conflicts: HashSet<(&'p str, &'p str)>,
    /// Revisions that are migrated.
    migrated: HashSet<(&'p str, &'p str)>,
}

impl<'p> Origins<'p> {
    fn of(
        plan: &'p Plan,
        findings: &'p [Finding],
        changes: Option<HashMap<EntryId, Changed>>,
    ) -> Self {
        let conflicts = findings
            .iter()
            .filter(|finding| matches!(finding.kind, FindingKind::IndexConflict { .. }))
            .filter_map(|finding| Some((finding.package.as_deref()?, finding.version.as_deref()?)));
        let migrated = plan.archives().map(|upload| (&*upload.package, &*upload.version));
        Origins { changes, conflicts: conflicts.collect(), migrated: migrated.collect() }
    }

    fn origin(&self, Identity { id, is_signed }: &Identity) -> Origin {
        let is_signed = *is_signed;
        let Some(changes) = &self.changes else { return Origin::New };
        match changes.get(id) {
            Some(Changed::Added) => Origin::New,
            Some(Changed::Updated) => Origin::Matching { is_signed: false },
            None => {
                let version = id.version.to_string();
                let revision = (&*id.name, &*version);
                match self.migrated.contains(&revision) && !self.conflicts.contains(&revision) {
                    true => Origin::Matching { is_signed },
                    false => Origin::Published { is_signed },
                }
            }
        }
    }
}

/// The change of an entry since the published index.
#[derive(Clone, Copy)]
enum Changed {
    Added,
    Updated,
}

fn changes(path: &Path) -> Result<HashMap<EntryId, Changed>, RereadFault> {
    let file = File::open(path).map_err(Error::file("open", path))?;
    let Delta { added, updated } = serde_json::from_reader(BufReader::new(file))?;
    let added = added.into_iter().map(|item| (item, Changed::Added));
    let updated = updated.into_iter().map(|item| (item, Changed::Updated));
    let ids =
        added.chain(updated).map(|(Item { package_manifest: Name { name, version } }, changed)| {
            Ok((EntryId { name, version: version.parse::<PackageVersion>()? }, changed))
        });
    ids.collect()
}
