//! What the workers have found and made so far, and whether the run goes on.
//!
//! Used from any thread.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Deliveries;
use super::settling::{Decided, Settling};
use crate::digest::Sha256Hasher;
use crate::error::Error;
use crate::model::balance::Balance;
use crate::model::event::{Event, Observer};
use crate::model::finding::{Finding, FindingKind};
use crate::model::package::{ObjectKey, RevisionId};
use crate::model::plan::ArchiveUpload;
use crate::model::validation::ValidationCounts;
use crate::rules::decisions::{CopyDigests, Resolutions};
use crate::rules::precedence::Resolution;
use crate::v2::folder::Delivery;

/// Takes what is found and made; after an error, nothing more.
pub(super) struct Ledger<'r> {
    observer: &'r dyn Observer,
    interrupt: &'r AtomicBool,
    resolutions: &'r Resolutions,
    failed: AtomicBool,
    state: Mutex<Result<Tally, Error>>,
}

/// What was found and made, in no order.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) uploads: Vec<ArchiveUpload>,
    pub(super) findings: Vec<Finding>,
    pub(super) balance: Balance,
    pub(super) deliveries: Deliveries,
    pub(super) validated: ValidationCounts,
    /// The SHA-256 after all bytes of each archive that the sink has.
    pub(super) read: BTreeMap<ObjectKey, Sha256Hasher>,
    pub(super) settling: Settling,
    /// The contents of revisions with findings that are open and more than information.
    pub(super) open: BTreeMap<RevisionId, CopyDigests>,
}

/// What is to be recorded of a revision.
pub(super) struct Account<'r> {
    revision: RevisionId,
    decided: Decided<'r>,
    digests: CopyDigests,
    ends: Balance,
    findings: Vec<Finding>,
}

/// What is to be recorded of a revision whose archive is where it belongs.
pub(super) struct Done<'r> {
    pub(super) account: Account<'r>,
    pub(super) upload: ArchiveUpload,
    /// The SHA-256 after all of the archive's bytes.
    pub(super) sha256: Sha256Hasher,
}

impl<'r> Account<'r> {
    /// An account of everything that was found on a revision.
    pub(super) fn new(
        resolution: &Resolution,
        decided: Decided<'r>,
        ends: Balance,
        findings: impl IntoIterator<Item = Finding>,
    ) -> Self {
        Account {
            revision: resolution.revision.clone(),
            decided,
            digests: resolution.digests.clone(),
            ends,
            findings: resolution.findings.iter().cloned().chain(findings).collect(),
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

    /// Tells whether the rest of the work is in vain.
    pub(super) fn is_stopped(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }

    /// Stops the run; of several errors, the first is kept.
    pub(super) fn fail(&self, error: Error) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_ok() {
            *state = Err(error);
            self.failed.store(true, Ordering::Relaxed);
        }
    }

    /// Counts a revision that was validated; `found` is none when it passed.
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

    /// The decisions on a revision.
    pub(super) fn decided(&self, revision: &RevisionId) -> Decided<'r> {
        Decided::on(self.resolutions, revision)
    }

    /// Records a revision that is not migrated: it is blocked, or a person left it out.
    pub(super) fn close(
        &self,
        resolution: &Resolution,
        decided: Decided<'r>,
        findings: Vec<Finding>,
    ) {
        self.observer.observe(Event::Advanced(0));
        let ends = match decided.is_skipped() {
            true => resolution.balance_if_skipped(),
            false => resolution.balance_if_blocked(),
        };
        self.record(Account::new(resolution, decided, ends, findings), |_| {});
    }

    /// Records a revision whose archive the sink has dealt with.
    pub(super) fn deliver(&self, done: Done<'r>, delivery: Delivery) {
        let Done { account, upload, sha256 } = done;
        self.observer.observe(Event::Advanced(upload.size));
        self.record(account, |tally| {
            match delivery {
                Delivery::Written => tally.deliveries.written_count += 1,
                Delivery::Kept => tally.deliveries.kept_count += 1,
                Delivery::Discarded => tally.deliveries.discarded_count += 1,
                Delivery::Refused => tally.deliveries.refused.push(upload.key.clone()),
            }
            // What nobody keeps, nobody signs.
            if delivery != Delivery::Discarded {
                tally.read.insert(upload.key.clone(), sha256);
            }
            tally.uploads.push(upload);
        });
    }

    fn record(&self, account: Account<'r>, more: impl FnOnce(&mut Tally)) {
        let Account { revision, decided, digests, ends, mut findings } = account;
        if let Ok(tally) = &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            tally.settling.settle(decided, &digests, &mut findings);
            if findings.iter().any(Finding::is_to_decide) {
                tally.open.insert(revision, digests);
            }
            tally.balance.add(&ends);
            tally.findings.extend(findings);
            more(tally);
        }
    }

    /// Ends the run.
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
