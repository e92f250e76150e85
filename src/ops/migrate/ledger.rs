//! Collects the results of all workers, and whether the run was stopped.
//!
//! Thread-safe.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Deliveries;
use super::apply_decisions::{AppliedDecisions, Decided};
use super::sighting::Seen;
use super::statics::StaticFile;
use crate::digest::Sha256Hasher;
use crate::error::Error;
use crate::model::balance::StageBalances;
use crate::model::event::{Event, Observer};
use crate::model::finding::{Finding, FindingKind};
use crate::model::package::{ObjectKey, RevisionId};
use crate::model::plan::ArchiveUpload;
use crate::model::validation::ValidationCounts;
use crate::rules::decisions::{CopyDigests, Resolutions};
use crate::rules::precedence::Resolution;
use crate::rules::visibility::Sighting;
use crate::v2::folder::Delivery;

/// Collects results; ignores them after an error.
pub(super) struct Ledger<'r> {
    observer: &'r dyn Observer,
    interrupt: &'r AtomicBool,
    resolutions: &'r Resolutions,
    failed: AtomicBool,
    state: Mutex<Result<Tally, Error>>,
}

/// The results so far, in no particular order.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) uploads: Vec<ArchiveUpload>,
    pub(super) findings: Vec<Finding>,
    pub(super) balances: StageBalances,
    pub(super) deliveries: Deliveries,
    pub(super) validated: ValidationCounts,
    /// The static resources of each revision that is migrated.
    pub(super) statics: Vec<(RevisionId, Vec<StaticFile>)>,
    /// What users see of each revision.
    pub(super) sightings: Vec<Sighting>,
    /// Revisions that v1 serves, but whose entries cannot be derived.
    pub(super) unread: BTreeSet<RevisionId>,
    /// The SHA-256 state after all bytes of each archive in the sink.
    pub(super) read: BTreeMap<ObjectKey, Sha256Hasher>,
    pub(super) decisions: AppliedDecisions,
    /// The content digests of revisions with open findings that are more than information.
    pub(super) open: BTreeMap<RevisionId, CopyDigests>,
}

/// The result of a revision.
pub(super) struct Account<'r> {
    revision: RevisionId,
    decided: Decided<'r>,
    digests: CopyDigests,
    outcome: StageBalances,
    findings: Vec<Finding>,
    seen: Seen,
}

/// The result of a revision that is migrated.
pub(super) struct Done<'r> {
    pub(super) account: Account<'r>,
    pub(super) statics: Vec<StaticFile>,
}

/// What is to be recorded of a revision whose archive is where it belongs.
pub(super) struct Archived<'r> {
    pub(super) done: Done<'r>,
    pub(super) upload: ArchiveUpload,
    /// The SHA-256 state after all bytes of the archive.
    pub(super) sha256: Sha256Hasher,
}

impl<'r> Account<'r> {
    /// Creates the result of a revision; `findings` are those in addition to the resolution's.
    pub(super) fn new(
        resolution: &Resolution,
        decided: Decided<'r>,
        outcome: StageBalances,
        findings: impl IntoIterator<Item = Finding>,
        seen: Seen,
    ) -> Self {
        Account {
            revision: resolution.revision.clone(),
            decided,
            digests: resolution.digests.clone(),
            outcome,
            findings: resolution.findings.iter().cloned().chain(findings).collect(),
            seen,
        }
    }
}

impl<'r> Ledger<'r> {
    pub(super) fn new(
        observer: &'r dyn Observer,
        interrupt: &'r AtomicBool,
        resolutions: &'r Resolutions,
    ) -> Self {
        Ledger {
            observer,
            interrupt,
            resolutions,
            failed: AtomicBool::new(false),
            state: Mutex::new(Ok(Tally::default())),
        }
    }

    /// Returns whether the run was cancelled or failed.
    pub(super) fn is_stopped(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }

    /// Stops the run; only the first error is kept.
    pub(super) fn fail(&self, error: Error) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_ok() {
            *state = Err(error);
            self.failed.store(true, Ordering::Relaxed);
        }
    }

    /// Counts a revision that was validated; `found` is `None` if it passed.
    pub(super) fn count_validation(&self, found: Option<&FindingKind>) {
        if let Ok(tally) = &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            let count = match found {
                None => &mut tally.validated.passed,
                Some(FindingKind::ValidationFailed { .. }) => &mut tally.validated.failed,
                Some(_) => &mut tally.validated.not_validated,
            };
            *count += 1;
        }
    }

    /// Returns the decisions on a revision.
    pub(super) fn decided(&self, revision: &RevisionId) -> Decided<'r> {
        Decided::on(self.resolutions, revision)
    }

    /// Records a revision that is not migrated because it is blocked or skipped.
    pub(super) fn close(
        &self,
        resolution: &Resolution,
        decided: Decided<'r>,
        findings: Vec<Finding>,
        seen: Seen,
    ) {
        self.observer.observe(Event::Advanced(0));
        let outcome = match decided.is_skipped() {
            true => resolution.balance_if_skipped(),
            false => resolution.balance_if_blocked(),
        };
        self.record(Account::new(resolution, decided, outcome, findings, seen), |_| {});
    }

    /// Records a revision that is migrated without an archive.
    pub(super) fn finish_revision(&self, done: Done<'r>) {
        self.observer.observe(Event::Advanced(0));
        self.record_done(done, |_| {});
    }

    /// Records a revision whose archive was processed by the sink.
    pub(super) fn deliver(&self, archived: Archived<'r>, delivery: Delivery) {
        let Archived { done, upload, sha256 } = archived;
        self.observer.observe(Event::Advanced(upload.size));
        self.record_done(done, |tally| {
            tally.deliveries.add(&upload.key, delivery);
            // Discarded archives are not signed.
            if delivery != Delivery::Discarded {
                tally.read.insert(upload.key.clone(), sha256);
            }
            tally.uploads.push(upload);
        });
    }

    fn record_done(&self, done: Done<'r>, more: impl FnOnce(&mut Tally)) {
        let Done { account, statics } = done;
        let revision = account.revision.clone();
        self.record(account, |tally| {
            tally.statics.push((revision, statics));
            more(tally);
        });
    }

    fn record(&self, account: Account<'r>, more: impl FnOnce(&mut Tally)) {
        let Account { revision, decided, digests, outcome, mut findings, seen } = account;
        if let Ok(tally) = &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            tally.decisions.apply(decided, &digests, &mut findings);
            if findings.iter().any(Finding::is_to_decide) {
                tally.open.insert(revision, digests);
            }
            tally.balances.add(&outcome);
            tally.findings.extend(findings);
            tally.sightings.extend(seen.sightings);
            tally.unread.extend(seen.unread);
            more(tally);
        }
    }

    /// Finishes the run and returns the results.
    ///
    /// # Errors
    /// [`Error::Interrupted`], or the error that stopped the run.
    pub(super) fn finish(self) -> Result<Tally, Error> {
        if self.interrupt.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
