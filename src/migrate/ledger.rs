//! What the workers have found and made so far, and whether the run goes on.
//!
//! Called by all of `migrate`, from any thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Deliveries;
use crate::balance::Balance;
use crate::error::Error;
use crate::event::{Event, Observer};
use crate::finding::Finding;
use crate::output::Delivery;
use crate::plan::Upload;
use crate::resolve::Resolution;

/// Takes what is found and made; after an error, nothing more.
pub(super) struct Ledger<'r> {
    observer: &'r dyn Observer,
    interrupt: &'r AtomicBool,
    failed: AtomicBool,
    state: Mutex<Result<Tally, Error>>,
}

/// What was found and made, in no order.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) uploads: Vec<Upload>,
    pub(super) findings: Vec<Finding>,
    pub(super) balance: Balance,
    pub(super) deliveries: Deliveries,
}

/// What is to be recorded of a revision whose archive is where it belongs.
pub(super) struct Done {
    pub(super) ends: Balance,
    pub(super) findings: Vec<Finding>,
    pub(super) upload: Upload,
}

impl<'r> Ledger<'r> {
    pub(super) fn new(observer: &'r dyn Observer, interrupt: &'r AtomicBool) -> Self {
        Ledger {
            observer,
            interrupt,
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

    /// Records a revision that is not migrated, with what was found besides.
    pub(super) fn block(&self, resolution: Resolution, findings: Vec<Finding>) {
        self.observer.observe(Event::RevisionFinished { archive_size: 0 });
        self.add(|tally| {
            tally.balance.add(&resolution.ends_blocked());
            tally.findings.extend(resolution.findings);
            tally.findings.extend(findings);
        });
    }

    /// Records a revision whose archive the sink has dealt with.
    pub(super) fn deliver(&self, done: Done, delivery: Delivery) {
        let Done { ends, findings, upload } = done;
        self.observer.observe(Event::RevisionFinished { archive_size: upload.size });
        self.add(|tally| {
            match delivery {
                Delivery::Written => tally.deliveries.written_count += 1,
                Delivery::Kept => tally.deliveries.kept_count += 1,
                Delivery::Discarded => tally.deliveries.discarded_count += 1,
                Delivery::Refused => tally.deliveries.refused.push(upload.key.clone()),
            }
            tally.balance.add(&ends);
            tally.findings.extend(findings);
            tally.uploads.push(upload);
        });
    }

    fn add(&self, add: impl FnOnce(&mut Tally)) {
        if let Ok(tally) = &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            add(tally);
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
