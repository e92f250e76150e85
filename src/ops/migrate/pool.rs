//! The compressed blobs of a package: each is read and deflated once, and shared by the archives of adjacent windows.
//!
//! Revisions are processed in version order, and mostly share blobs with their neighbours: a piece is kept as long
//! as consecutive windows use it, and created again if it is needed later (on the real repository: 0.001 % more
//! work). So memory is bounded by two windows, regardless of the number of revisions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::statics::{StaticUse, Statics};
use crate::error::Error;
use crate::model::content::{FileEntry, ObjectId};
use crate::model::finding::{FindingKind, ObjectKind};
use crate::rules::links::{self, RelativeLink, relative_links};
use crate::rules::registry::{Facts, KnownItems, Role};
use crate::rules::{kibana, lfs_pointer};
use crate::v1::workers::Worker;
use crate::v2::archive::deflate::{Deflater, Piece};

/// The identity of a file in the pool: the blob, and the roles it is parsed for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct FileKey {
    pub(super) blob_id: ObjectId,
    pub(super) role: Option<Role>,
    /// The role for Kibana's rules.
    pub(super) kibana_role: Option<kibana::Role>,
    /// Whether Kibana shows it as a document.
    pub(super) is_document: bool,
}

impl FileKey {
    pub(super) fn of(file: &FileEntry) -> Self {
        let path = file.path.as_str();
        FileKey {
            blob_id: file.blob_id,
            role: Role::of(path),
            kibana_role: kibana::Role::of(path),
            is_document: links::is_document(path),
        }
    }
}

/// The key of a blob in the pool: a file, and its use as a static resource.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct BlobKey {
    pub(super) file: FileKey,
    pub(super) as_static: Option<StaticUse>,
}

/// What is needed to make blobs ready.
pub(super) struct Making<'a, 'r> {
    pub(super) known_items: &'a KnownItems,
    pub(super) statics: &'a Statics<'r>,
    /// Whether archives are made, to be kept or validated, so that blobs are deflated.
    pub(super) has_archives: bool,
}

/// A blob that is needed. `W` is the type of the waiting windows.
pub(super) struct Blob<W> {
    key: BlobKey,
    ready: OnceLock<Result<ReadyBlob, FindingKind>>,
    /// The windows to notify when the blob is ready; `None` once it is ready or the run was stopped.
    waiting: Mutex<Option<Vec<W>>>,
}

/// A blob that was read.
pub(super) struct ReadyBlob {
    /// The deflated blob, if there are archives.
    pub(super) piece: Option<Piece>,
    /// The facts for the registry's rules, if it has a role.
    pub(super) facts: Option<Facts>,
    /// The facts for Kibana's rules, if it has a role.
    pub(super) kibana_facts: Option<kibana::Facts>,
    /// Its length as stored by Kibana; `None` for short files.
    pub(super) kibana_len: Option<u64>,
    /// The relative links, if it is a document.
    pub(super) links: Vec<RelativeLink>,
    /// The file length in bytes stated by a Git LFS pointer, if it is one.
    pub(super) lfs_size: Option<u64>,
}

impl<W> Blob<W> {
    fn new(key: BlobKey) -> Self {
        Blob { key, ready: OnceLock::new(), waiting: Mutex::new(Some(Vec::new())) }
    }

    /// Reads the blob, and deflates it if there are archives. Must be called only once.
    ///
    /// # Errors
    /// Those of the sink of static resources.
    pub(super) fn make_ready(
        &self,
        worker: &mut Worker<Deflater>,
        making: &Making<'_, '_>,
    ) -> Result<(), Error> {
        let Worker { reader, own: deflater } = worker;
        let BlobKey { file: FileKey { blob_id, role, kibana_role, is_document }, as_static } =
            self.key;
        let mut taken = Ok(());
        let read = reader.read(ObjectKind::Blob, blob_id, |bytes| {
            if let Some(used) = as_static {
                taken = making.statics.take(blob_id, used, bytes);
            }
            let (facts, kibana_facts) = kibana::read(role, kibana_role, bytes, making.known_items);
            ReadyBlob {
                piece: making.has_archives.then(|| deflater.piece(bytes)),
                facts,
                kibana_facts,
                kibana_len: kibana::asset_len(bytes),
                lfs_size: lfs_pointer::claimed_size(bytes),
                // A document that is not UTF-8 is shown with replacement characters.
                links: if is_document {
                    relative_links(&String::from_utf8_lossy(bytes))
                } else {
                    Vec::new()
                },
            }
        });
        if self.ready.set(read.map_err(|error| error.into_finding_kind())).is_err() {
            unreachable!("each blob is made ready once");
        }
        taken
    }

    /// Returns the result of reading; `None` if it is not ready.
    pub(super) fn ready(&self) -> Option<Result<&ReadyBlob, &FindingKind>> {
        self.ready.get().map(Result::as_ref)
    }

    /// Returns the waiting windows; from now on, [`Blob::wait`] does not add any.
    pub(super) fn stop_waiting(&self) -> Vec<W> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.take().unwrap_or_default()
    }

    /// Adds a waiting window; returns it if there is nothing to wait for.
    pub(super) fn wait(&self, waiter: W) -> Option<W> {
        match &mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(waiting) => {
                waiting.push(waiter);
                None
            }
            None => Some(waiter),
        }
    }
}

/// The blobs of a package that are in memory.
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

/// A blob that a window uses.
pub(super) struct Claim<W> {
    pub(super) blob: Arc<Blob<W>>,
    /// Whether this window must read it.
    pub(super) is_new: bool,
}

impl<W> Pool<W> {
    /// Returns the blobs of a window, and drops blobs that the previous window did not use.
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
