//! A window: consecutive revisions of one package, whose archives are created together.
//!
//! Only the data; `tasks` turns a listed window into archives.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::apply_decisions::Decided;
use super::first_copy::FirstCopy;
use super::gate::Permit;
use super::pool::{Blob, FileKey, Pool, ReadyBlob};
use super::statics::StaticFile;
use crate::model::content::FileEntry;
use crate::model::finding::{Finding, FindingKind};
use crate::model::package::{RevisionId, Stage};
use crate::rules::precedence::{Resolution, Winner};
use crate::v1::listing::ListedCopy;

/// The data shared by the windows of one package.
pub(super) struct Package<'r> {
    pub(super) unreadable_from: Option<Stage>,
    /// The highest version.
    pub(super) highest: Option<RevisionId>,
    /// Findings about versions, reported once they are archived.
    pub(super) remarks: BTreeMap<RevisionId, Vec<Finding>>,
    pub(super) pool: Pool<Arc<Window<'r>>>,
}

/// A window whose revisions are not read yet.
pub(super) struct ListedWindow<'r> {
    pub(super) package: Arc<Package<'r>>,
    /// Its index in the package.
    pub(super) number: usize,
    pub(super) revisions: Vec<(RevisionId, Vec<ListedCopy>)>,
}

/// A window whose copies are read and whose winners are selected.
pub(super) struct Window<'r> {
    pub(super) archives: Vec<ArchiveJob<'r>>,
    blobs: HashMap<FileKey, Arc<Blob<Arc<Window<'r>>>>>,
    /// Number of blobs that are not ready, plus one until the window is started completely.
    waits: AtomicUsize,
    _permit: Permit<'r>,
}

/// A revision with a winner.
pub(super) struct ArchiveJob<'r> {
    pub(super) resolution: Resolution,
    pub(super) winner: Winner,
    /// The decisions on it.
    pub(super) decided: Decided<'r>,
    /// Findings about its version, reported once it is archived.
    pub(super) remarks: Vec<Finding>,
    /// The finding of the validator, if it ran and did not pass.
    pub(super) validation: OnceLock<Finding>,
    /// Whether it is the highest version of its package.
    pub(super) is_highest: bool,
    /// The copy that v1 serves today.
    pub(super) first_copy: FirstCopy,
    /// Its static resources, if it is archived.
    pub(super) statics: Vec<StaticFile>,
}

impl<'r> Window<'r> {
    /// Creates a window that waits for its blobs and for one additional [`Window::stop_one_wait`].
    pub(super) fn new(
        archives: Vec<ArchiveJob<'r>>,
        blobs: HashMap<FileKey, Arc<Blob<Arc<Window<'r>>>>>,
        permit: Permit<'r>,
    ) -> Self {
        let waits = AtomicUsize::new(blobs.len() + 1);
        Window { archives, blobs, waits, _permit: permit }
    }

    /// Decrements the number of waits; returns whether it was the last.
    pub(super) fn stop_one_wait(&self) -> bool {
        // Acquire-release: the last caller sees the results of all others.
        self.waits.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// Returns the blob of a file.
    pub(super) fn ready(&self, file: &FileEntry) -> Result<&ReadyBlob, &FindingKind> {
        let blob = &self.blobs[&FileKey::of(file)];
        blob.ready().expect("archives start after all blobs are ready")
    }
}
