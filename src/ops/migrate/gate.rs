//! What bounds the work in flight, and with it memory.

use std::sync::{Condvar, Mutex, PoisonError};

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
