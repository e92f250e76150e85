//! The tasks of a window, which never block on each other: one that starts the window, one for each blob that is not
//! in the pool, and one that creates the archives once the last blob is ready.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rayon::Scope;

use super::Run;
use super::assembly::assemble;
use super::audited::read_small;
use super::first_copy::FirstCopy;
use super::gate::Permit;
use super::pool::{Blob, BlobKey, Claim, FileKey, Making};
use super::sighting::Seen;
use super::statics::StaticUse;
use super::validation::validate_then_assemble;
use super::window::{ArchiveJob, ListedWindow, Window};
use crate::model::finding::Finding;
use crate::model::package::RevisionId;
use crate::model::resources::Resource;
use crate::rules::precedence::{Copy, Winner, resolve};
use crate::v1::content::read_content;
use crate::v1::listing::ListedCopy;
use crate::v1::objects::ObjectReader;

/// Reads the copies, selects the winner of each revision, and starts reading the blobs.
pub(super) fn start<'s, 'r: 's>(
    window: ListedWindow<'r>,
    run: &'s Run<'r>,
    scope: &Scope<'s>,
    permit: Permit<'r>,
) {
    let ListedWindow { package, number, revisions } = window;
    let decided = run.workers.with(|worker| {
        let decide = |(revision, copies): (RevisionId, Vec<ListedCopy>)| {
            let copies = copies.into_iter().map(|copy| read_copy(&worker.reader, copy));
            let mut copies: Vec<Copy> = copies.collect();
            let decided = run.ledger.decided(&revision);
            if let Some(kept) = decided.kept() {
                copies.sort_by_key(|copy| copy.stage != kept);
            }
            let first = run.precedence[0];
            let passed_over = decided.kept().filter(|kept| *kept != first);
            let passed_over =
                passed_over.and_then(|_| copies.iter().find(|copy| copy.stage == first)).cloned();
            let read = |blob_id| read_small(&worker.reader, blob_id);
            let from = package.unreadable_from;
            let resolution = resolve(revision, copies, run.precedence, from, &read);
            let of_winner = |winner: &Winner| {
                run.checkout.findings(&worker.reader, &resolution.revision, winner)
            };
            let checkout = resolution.winner.as_ref().map(of_winner).unwrap_or_default();
            let first_copy = FirstCopy::of(&worker.reader, &resolution, first, passed_over);
            (resolution, decided, checkout, first_copy)
        };
        revisions.into_iter().map(decide).collect::<Vec<_>>()
    });
    let resolutions = match decided {
        Ok(resolutions) => resolutions,
        Err(error) => return run.ledger.fail(error),
    };
    let mut archives = Vec::new();
    for (mut resolution, decided, checkout, first_copy) in resolutions {
        match resolution.winner.take() {
            Some(winner) => {
                let remarks = package.remarks.get(&resolution.revision);
                let mut remarks = remarks.cloned().unwrap_or_default();
                remarks.extend(checkout);
                let revision = &resolution.revision;
                let (statics, defects) = match run.statics.files(revision, &winner.content) {
                    Ok(files) => files,
                    Err(error) => return run.ledger.fail(error),
                };
                let about = |defect| Finding::of_revision(revision, winner.same_in.clone(), defect);
                remarks.extend(defects.into_iter().map(about));
                let is_highest = package.highest.as_ref() == Some(revision);
                archives.push(ArchiveJob {
                    resolution,
                    winner,
                    decided,
                    remarks,
                    statics,
                    validation: OnceLock::new(),
                    is_highest,
                    first_copy,
                });
            }
            None => {
                let seen = Seen::without_winner(&resolution, run.precedence[0]);
                run.ledger.close(&resolution, decided, Vec::new(), seen);
            }
        }
    }
    let keys = blob_keys(&archives);
    let claims = package.pool.claim(number, keys.iter().copied());
    let blobs = claims.iter().map(|claim| Arc::clone(&claim.blob));
    let files = keys.iter().map(|key| key.file);
    let window = Arc::new(Window::new(archives, files.zip(blobs).collect(), permit));
    for Claim { blob, is_new } in claims {
        if let Some(window) = blob.wait(Arc::clone(&window)) {
            stop_one_wait(window, run, scope);
        }
        if is_new {
            scope.spawn(move |scope| make_ready(run, scope, &blob));
        }
    }
    stop_one_wait(window, run, scope);
}

/// Returns what a window reads: each file once, with its most demanding use as a static resource.
fn blob_keys(archives: &[ArchiveJob<'_>]) -> Vec<BlobKey> {
    let mut keys: BTreeMap<FileKey, Option<StaticUse>> = BTreeMap::new();
    for archive in archives {
        let mut statics = archive.statics.iter().peekable();
        // Both are in the order of paths.
        for file in archive.winner.content.files() {
            let own = statics.next_if(|resource| resource.path == file.path);
            let used = keys.entry(FileKey::of(file)).or_default();
            *used = (*used).max(own.map(|resource| resource.used));
        }
    }
    keys.into_iter().map(|(file, as_static)| BlobKey { file, as_static }).collect()
}

/// Reads a blob and notifies all waiting windows, even if the run was stopped: otherwise the reference cycle
/// between windows and blobs would leak.
fn make_ready<'s, 'r: 's>(run: &'s Run<'r>, scope: &Scope<'s>, blob: &Blob<Arc<Window<'r>>>) {
    if !run.ledger.is_stopped() {
        let making = Making {
            known_items: &run.known_items,
            statics: run.statics,
            has_archives: run.resources.has(Resource::Archives) || run.validator.is_some(),
        };
        let made = run.workers.with(|worker| blob.make_ready(worker, &making));
        if let Err(error) = made.flatten() {
            run.ledger.fail(error);
        }
    }
    for window in blob.stop_waiting() {
        stop_one_wait(window, run, scope);
    }
}

fn stop_one_wait<'s, 'r: 's>(window: Arc<Window<'r>>, run: &'s Run<'r>, scope: &Scope<'s>) {
    if !window.stop_one_wait() || run.ledger.is_stopped() {
        return;
    }
    match run.validator {
        Some(validator) => validate_then_assemble(run, scope, &window, validator),
        None => scope.spawn(move |_| assemble(run, &window)),
    }
}

fn read_copy(reader: &ObjectReader, copy: ListedCopy) -> Copy {
    let content = match copy.tree {
        Ok(tree_id) => read_content(reader, tree_id),
        Err(defect) => Err(vec![defect]),
    };
    Copy { stage: copy.stage, content }
}
