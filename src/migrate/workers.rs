//! What bounds the work: a gate for packages in flight, and the workers' reusable equipment.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::archive::deflate::Deflater;
use crate::error::Error;
use crate::v1::git::{ObjectReader, V1Repository};

/// Lets a fixed number of packages through at once.
pub(super) struct Gate {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Gate {
    pub(super) fn new(limit: usize) -> Self {
        Gate { free: Mutex::new(limit), freed: Condvar::new() }
    }

    /// Waits until there is room; never called by a worker, so that no worker ever waits.
    pub(super) fn enter(&self) -> Permit<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free =
            self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Permit { gate: self }
    }
}

/// Room for one package; given back when it is dropped.
pub(super) struct Permit<'g> {
    gate: &'g Gate,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.gate.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.gate.freed.notify_one();
    }
}

/// A worker's handle on the repository and its compressor.
pub(super) struct Worker {
    pub(super) reader: ObjectReader,
    pub(super) deflater: Deflater,
}

/// The equipment of all workers: made when first needed, then used again.
pub(super) struct Workers<'r> {
    repository: &'r V1Repository,
    idle: Mutex<Vec<Worker>>,
}

impl<'r> Workers<'r> {
    pub(super) fn new(repository: &'r V1Repository) -> Self {
        Workers { repository, idle: Mutex::new(Vec::new()) }
    }

    /// Lends a worker's equipment to `work`.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Worker) -> T) -> Result<T, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut worker = match idle {
            Some(worker) => worker,
            None => Worker { reader: self.repository.reader()?, deflater: Deflater::default() },
        };
        let done = work(&mut worker);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        Ok(done)
    }
}
