//! Limits the number of packages in flight, and thereby memory.

use std::sync::{Condvar, Mutex, PoisonError};

/// A semaphore that admits a fixed number of packages.
pub(super) struct Gate {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Gate {
    pub(super) fn new(limit: usize) -> Self {
        Gate { free: Mutex::new(limit), freed: Condvar::new() }
    }

    /// Waits for a permit. Workers never call this, so they never block here.
    pub(super) fn enter(&self) -> Permit<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free =
            self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Permit { gate: self }
    }
}

/// The permit for one package; released on drop.
pub(super) struct Permit<'g> {
    gate: &'g Gate,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.gate.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.gate.freed.notify_one();
    }
}
