//! A window: neighbouring revisions of one package, whose archives are made together.
//!
//! Only what a window is; `tasks` makes one from the other.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::gate::Permit;
use super::pool::{Blob, BlobKey, Pool, ReadyBlob};
use super::settling::Decided;
use crate::model::content::FileEntry;
use crate::model::finding::{Finding, FindingKind};
use crate::model::package::{RevisionId, Stage};
use crate::rules::kibana;
use crate::rules::precedence::{Resolution, Winner};
use crate::rules::registry::Role;
use crate::v1::listing::ListedCopy;

/// What the windows of one package share.
pub(super) struct Package<'r> {
    pub(super) unreadable_from: Option<Stage>,
    /// The highest version.
    pub(super) highest: Option<RevisionId>,
    /// What is to be told of a version once it is archived.
    pub(super) remarks: BTreeMap<RevisionId, Vec<Finding>>,
    pub(super) pool: Pool<Arc<Window<'r>>>,
}

/// Some revisions of a package, not yet read.
pub(super) struct ListedWindow<'r> {
    pub(super) package: Arc<Package<'r>>,
    /// Its number in the package.
    pub(super) number: usize,
    pub(super) revisions: Vec<(RevisionId, Vec<ListedCopy>)>,
}

/// A window whose revisions are read and decided on.
pub(super) struct Window<'r> {
    pub(super) archives: Vec<ArchiveJob<'r>>,
    blobs: HashMap<BlobKey, Arc<Blob<Arc<Window<'r>>>>>,
    /// Number of blobs that are not ready, and one for the start itself.
    waits: AtomicUsize,
    _permit: Permit<'r>,
}

/// A revision that has a winner.
pub(super) struct ArchiveJob<'r> {
    pub(super) resolution: Resolution,
    pub(super) winner: Winner,
    /// What people decided on it.
    pub(super) decided: Decided<'r>,
    /// What is to be told of its version once it is archived.
    pub(super) remarks: Vec<Finding>,
    /// What the validator found, once it has run.
    pub(super) validation: OnceLock<Finding>,
    /// Whether it is the highest version of its package.
    pub(super) is_highest: bool,
}

impl<'r> Window<'r> {
    /// A window that waits for its blobs, and for [`Window::stop_one_wait`] to be called once more.
    pub(super) fn new(
        archives: Vec<ArchiveJob<'r>>,
        blobs: HashMap<BlobKey, Arc<Blob<Arc<Window<'r>>>>>,
        permit: Permit<'r>,
    ) -> Self {
        let waits = AtomicUsize::new(blobs.len() + 1);
        Window { archives, blobs, waits, _permit: permit }
    }

    /// Waits for one thing less; tells whether it was the last.
    pub(super) fn stop_one_wait(&self) -> bool {
        // The last one sees what all others have made.
        self.waits.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// A file's blob.
    pub(super) fn ready(&self, file: &FileEntry) -> Result<&ReadyBlob, &FindingKind> {
        let blob = &self.blobs[&key_of(file)];
        blob.ready().expect("archives start after all blobs are ready")
    }
}

/// What makes a file's blob one with that of other files.
pub(super) fn key_of(file: &FileEntry) -> BlobKey {
    let path = file.path.as_str();
    BlobKey { blob_id: file.blob_id, role: Role::of(path), kibana_role: kibana::Role::of(path) }
}
