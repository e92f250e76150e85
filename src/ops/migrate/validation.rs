//! Validates the archives of a window before they are written to the sink, each in a separate task.
//!
//! The archive is generated twice from the same pieces: for the validator, in a temporary folder, and then for the
//! sink. So dry runs and archives that already exist are validated as well, and an archive that is blocked by its
//! validation never reaches the sink. A validator blocks its worker, so at most as many validators run as there
//! are workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::Scope;

use super::Run;
use super::assembly::{assemble, stream};
use super::check;
use super::window::{ArchiveJob, Window};
use crate::model::finding::{Defect, Finding};
use crate::ops::validate::Validator;

/// Validates all archives of a window whose blobs are ready; the last task assembles them.
pub(super) fn validate_then_assemble<'s, 'r: 's>(
    run: &'s Run<'r>,
    scope: &Scope<'s>,
    window: &Arc<Window<'r>>,
    validator: &'r Validator,
) {
    let left = Arc::new(AtomicUsize::new(window.archives.len()));
    for index in 0..window.archives.len() {
        let (window, left) = (Arc::clone(window), Arc::clone(&left));
        scope.spawn(move |_| {
            if !run.ledger.is_stopped() {
                validate(run, &window, &window.archives[index], validator);
            }
            // Acquire-release: the last task sees the results of all others.
            if left.fetch_sub(1, Ordering::AcqRel) == 1 && !run.ledger.is_stopped() {
                assemble(run, &window);
            }
        });
    }
}

/// Validates a revision without blockers, unless a decision was made on other content.
///
/// Skipped revisions are validated as well: the decision may be about the validator's finding.
fn validate(run: &Run<'_>, window: &Window<'_>, archive: &ArchiveJob<'_>, validator: &Validator) {
    let ArchiveJob { resolution, winner, decided, .. } = archive;
    let checked = || check::check(window, archive, run.registry, &run.resources.statics);
    if decided.is_stale(&resolution.digests) || check::is_blocked(&checked().findings) {
        return;
    }
    let is_stopped = || run.ledger.is_stopped();
    let mut stream = stream(window, archive);
    match validator.validate(&resolution.revision, &mut stream, &is_stopped) {
        Ok(found) => {
            run.ledger.count_validation(found.as_ref());
            let Some(kind) = found else { return };
            let defect = Defect { path: None, kind };
            let finding =
                Finding::of_revision(&resolution.revision, winner.same_in.clone(), defect);
            archive.validation.set(finding).expect("each archive is validated once");
        }
        Err(error) => run.ledger.fail(error),
    }
}
