//! A window: neighbouring revisions of one package, whose archives are made together.
//!
//! Three kinds of small tasks, none of which ever waits for another: one that starts the window, one
//! per blob that no window before has made, and one that makes all archives, once the last blob is
//! ready. Called by `migrate`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::Scope;

use super::Run;
use super::audited::read_small;
use super::gate::Permit;
use super::pool::{Blob, BlobKey, Claim, Pool, ReadyBlob};
use crate::model::content::FileEntry;
use crate::model::finding::{Finding, FindingKind};
use crate::model::package::{RevisionId, Stage};
use crate::rules::precedence::{Copy, Resolution, Winner, resolve};
use crate::rules::registry::Role;
use crate::v1::content::read_content;
use crate::v1::listing::ListedCopy;
use crate::v1::objects::ObjectReader;

/// What the windows of one package share.
pub(super) struct Package<'g> {
    pub(super) unreadable_from: Option<Stage>,
    /// What is to be told of a version once it is archived.
    pub(super) remarks: BTreeMap<RevisionId, Vec<Finding>>,
    pub(super) pool: Pool<Arc<Window<'g>>>,
}

/// Some revisions of a package, not yet read.
pub(super) struct ListedWindow<'g> {
    pub(super) package: Arc<Package<'g>>,
    /// Its number in the package.
    pub(super) number: usize,
    pub(super) revisions: Vec<(RevisionId, Vec<ListedCopy>)>,
}

/// A window whose revisions are read and decided on.
pub(super) struct Window<'g> {
    pub(super) archives: Vec<ArchiveJob>,
    blobs: HashMap<BlobKey, Arc<Blob<Arc<Window<'g>>>>>,
    /// Number of blobs that are not ready, and one for the start itself.
    waits: AtomicUsize,
    _permit: Permit<'g>,
}

/// A revision that has a winner.
pub(super) struct ArchiveJob {
    pub(super) resolution: Resolution,
    pub(super) winner: Winner,
    /// What is to be told of its version once it is archived.
    pub(super) remarks: Vec<Finding>,
}

impl<'g> ListedWindow<'g> {
    /// Reads the copies, decides on each revision, and starts on the blobs.
    pub(super) fn start<'s>(self, run: &'s Run<'_>, scope: &Scope<'s>, permit: Permit<'g>)
    where
        'g: 's,
    {
        let ListedWindow { package, number, revisions } = self;
        let decided = run.workers.with(|worker| {
            let decide = |(revision, copies): (RevisionId, Vec<ListedCopy>)| {
                let copies = copies.into_iter().map(|copy| read_copy(&worker.reader, copy));
                let mut copies: Vec<Copy> = copies.collect();
                if let Some(kept) = run.ledger.decided(&revision).kept() {
                    copies.sort_by_key(|copy| copy.stage != kept);
                }
                let read = |blob_id| read_small(&worker.reader, blob_id);
                let from = package.unreadable_from;
                resolve(revision, copies, run.precedence, from, &read)
            };
            revisions.into_iter().map(decide).collect::<Vec<_>>()
        });
        let resolutions = match decided {
            Ok(resolutions) => resolutions,
            Err(error) => return run.ledger.fail(error),
        };
        let mut archives = Vec::new();
        for mut resolution in resolutions {
            match resolution.winner.take() {
                Some(winner) => {
                    let remarks = package.remarks.get(&resolution.revision);
                    let remarks = remarks.cloned().unwrap_or_default();
                    archives.push(ArchiveJob { resolution, winner, remarks });
                }
                None => run.ledger.close(&resolution, Vec::new()),
            }
        }
        let files = archives.iter().flat_map(|archive| archive.winner.content.files());
        let mut keys: Vec<BlobKey> = files.map(key_of).collect();
        keys.sort_unstable();
        keys.dedup();
        let claims = package.pool.claim(number, keys.iter().copied());
        let blobs = claims.iter().map(|claim| Arc::clone(&claim.blob));
        let window = Arc::new(Window {
            archives,
            waits: AtomicUsize::new(claims.len() + 1),
            blobs: keys.into_iter().zip(blobs).collect(),
            _permit: permit,
        });
        for Claim { blob, is_new } in claims {
            if let Some(window) = blob.wait(Arc::clone(&window)) {
                window.stop_one_wait(run, scope);
            }
            if is_new {
                scope.spawn(move |scope| make_ready(run, scope, &blob));
            }
        }
        window.stop_one_wait(run, scope);
    }
}

/// Makes a blob ready, and tells all windows that wait for it, even when the run is stopped: they
/// hold each other in memory until then.
fn make_ready<'s, 'g: 's>(run: &'s Run<'_>, scope: &Scope<'s>, blob: &Blob<Arc<Window<'g>>>) {
    if !run.is_stopped()
        && let Err(error) = run.workers.with(|worker| blob.make_ready(worker, &run.known_items))
    {
        run.ledger.fail(error);
    }
    for window in blob.stop_waiting() {
        window.stop_one_wait(run, scope);
    }
}

impl<'g> Window<'g> {
    fn stop_one_wait<'s>(self: Arc<Self>, run: &'s Run<'_>, scope: &Scope<'s>)
    where
        'g: 's,
    {
        // The last one sees what all others have made.
        if self.waits.fetch_sub(1, Ordering::AcqRel) == 1 && !run.is_stopped() {
            scope.spawn(move |_| super::assembly::assemble(run, &self));
        }
    }

    /// A file's blob.
    pub(super) fn ready(&self, file: &FileEntry) -> Result<&ReadyBlob, &FindingKind> {
        let blob = &self.blobs[&key_of(file)];
        blob.ready().expect("archives start after all blobs are ready")
    }
}

fn key_of(file: &FileEntry) -> BlobKey {
    BlobKey { blob_id: file.blob_id, role: Role::of(file.path.as_str()) }
}

fn read_copy(reader: &ObjectReader, copy: ListedCopy) -> Copy {
    let content = match copy.tree {
        Ok(tree_id) => read_content(reader, tree_id),
        Err(defect) => Err(vec![defect]),
    };
    Copy { stage: copy.stage, content }
}
