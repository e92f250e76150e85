//! Validates the archives of a window before they are made for good, each in a task of its own.
//!
//! The archive is made twice from the same ready pieces: once for the validator, in a temporary folder,
//! and then for the sink. So kept archives and dry runs are validated like all others, and an archive whose
//! validation blocks it never reaches the sink. A validator takes its worker's place, so that never more
//! of them run than there are workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::Scope;

use super::Run;
use super::assembly::{assemble, stream};
use super::check;
use super::window::{ArchiveJob, Window};
use crate::model::finding::{Defect, Finding};
use crate::ops::validate::Validator;

/// Validates all archives of a window whose blobs are ready; the last task makes them.
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
            // The last one sees what all others have found.
            if left.fetch_sub(1, Ordering::AcqRel) == 1 && !run.ledger.is_stopped() {
                assemble(run, &window);
            }
        });
    }
}

/// Validates a revision that has an archive, unless a decision is about other content than it has.
///
/// A revision that is skipped is validated, too: the decision may be on what the validator finds.
fn validate(run: &Run<'_>, window: &Window<'_>, archive: &ArchiveJob<'_>, validator: &Validator) {
    let ArchiveJob { resolution, winner, decided, .. } = archive;
    let findings = || check::findings(window, archive, run.registry);
    if decided.is_stale(&resolution.digests) || check::is_blocked(&findings()) {
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
