//! A package's blobs, as pieces: each is read and deflated once, and shared by all archives near it.
//!
//! Revisions of a package stand in order, so that what one shares with others it shares with its
//! neighbours: a piece is kept as long as each window of revisions uses it, and made anew should it
//! come back later (on the real repository: 0.001 % more work). So memory is bounded by two windows,
//! however many revisions there are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::model::content::ObjectId;
use crate::model::finding::{FindingKind, ObjectKind};
use crate::rules::registry::{Facts, KnownItems, Role};
use crate::rules::{kibana, lfs_pointer};
use crate::v1::workers::Worker;
use crate::v2::archive::deflate::{Deflater, Piece};

/// What makes two uses of a blob one: the blob, and what it is parsed for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct BlobKey {
    pub(super) blob_id: ObjectId,
    pub(super) role: Option<Role>,
    /// What it is parsed for on Kibana's behalf.
    pub(super) kibana_role: Option<kibana::Role>,
}

/// A blob that archives need. `W` is who waits for it.
pub(super) struct Blob<W> {
    key: BlobKey,
    ready: OnceLock<Result<ReadyBlob, FindingKind>>,
    /// Who is to be told when the blob is ready; none once it is, or never will be.
    waiting: Mutex<Option<Vec<W>>>,
}

/// A blob that was read.
pub(super) struct ReadyBlob {
    pub(super) piece: Piece,
    /// What it says, when it has a role.
    pub(super) facts: Option<Facts>,
    /// What it says to Kibana.
    pub(super) kibana_facts: Option<kibana::Facts>,
    /// Its length as Kibana stores it, unless it is short.
    pub(super) kibana_len: Option<u64>,
    /// The length in bytes that it claims for another file, when it is a pointer of Git LFS.
    pub(super) lfs_size: Option<u64>,
}

impl<W> Blob<W> {
    fn new(key: BlobKey) -> Self {
        Blob { key, ready: OnceLock::new(), waiting: Mutex::new(Some(Vec::new())) }
    }

    /// Reads and deflates the blob. Called once.
    pub(super) fn make_ready(&self, worker: &mut Worker<Deflater>, known_items: &KnownItems) {
        let Worker { reader, own: deflater } = worker;
        let BlobKey { blob_id, role, kibana_role } = self.key;
        let read = reader.read(ObjectKind::Blob, blob_id, |bytes| {
            let (facts, kibana_facts) = kibana::read(role, kibana_role, bytes, known_items);
            ReadyBlob {
                piece: deflater.piece(bytes),
                facts,
                kibana_facts,
                kibana_len: kibana::asset_len(bytes),
                lfs_size: lfs_pointer::claimed_size(bytes),
            }
        });
        if self.ready.set(read.map_err(|error| error.into_finding_kind())).is_err() {
            unreachable!("each blob is made ready once");
        }
    }

    /// What was read; none before it is ready.
    pub(super) fn ready(&self) -> Option<Result<&ReadyBlob, &FindingKind>> {
        self.ready.get().map(Result::as_ref)
    }

    /// Gives back who waits, and lets nobody wait from now on.
    pub(super) fn stop_waiting(&self) -> Vec<W> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.take().unwrap_or_default()
    }

    /// Lets `who` wait; gives it back when there is nothing to wait for.
    pub(super) fn wait(&self, who: W) -> Option<W> {
        match &mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(waiting) => {
                waiting.push(who);
                None
            }
            None => Some(who),
        }
    }
}

/// The blobs of a package that are in use.
pub(super) struct Pool<W> {
    blobs: Mutex<HashMap<BlobKey, Pooled<W>>>,
}

struct Pooled<W> {
    blob: Arc<Blob<W>>,
    last_window: usize,
}

impl<W> Default for Pool<W> {
    fn default() -> Self {
        Pool { blobs: Mutex::new(HashMap::new()) }
    }
}

/// A blob that a window was given.
pub(super) struct Claim<W> {
    pub(super) blob: Arc<Blob<W>>,
    /// Whether it is for this window to make it ready.
    pub(super) is_new: bool,
}

impl<W> Pool<W> {
    /// Gives the window of that number its blobs, and lets go what the window before did not use.
    pub(super) fn claim(
        &self,
        window: usize,
        keys: impl IntoIterator<Item = BlobKey>,
    ) -> Vec<Claim<W>> {
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.retain(|_, pooled| pooled.last_window + 1 >= window);
        let claim = |key: BlobKey| {
            let mut is_new = false;
            let pooled = blobs.entry(key).or_insert_with(|| {
                is_new = true;
                Pooled { blob: Arc::new(Blob::new(key)), last_window: window }
            });
            pooled.last_window = pooled.last_window.max(window);
            Claim { blob: Arc::clone(&pooled.blob), is_new }
        };
        keys.into_iter().map(claim).collect()
    }
}
