//! A pool of workers that read v1: each has a repository handle and whatever else it needs.
//!
//! A worker is created when first needed and then reused by the next thread, since a handle can be
//! used by only one thread at a time.

use std::sync::{Mutex, PoisonError};

use super::objects::ObjectReader;
use super::repository::V1Repository;
use crate::error::Error;

/// The state of one worker thread; `T` is the state that is not about v1.
pub struct Worker<T> {
    /// Reads v1.
    pub reader: ObjectReader,
    /// What else it needs.
    pub own: T,
}

/// The workers that are currently idle.
pub struct Workers<'r, T> {
    repository: &'r V1Repository,
    idle: Mutex<Vec<Worker<T>>>,
}

impl<'r, T: Default> Workers<'r, T> {
    /// Creates an empty pool for this repository.
    pub fn new(repository: &'r V1Repository) -> Self {
        Workers { repository, idle: Mutex::new(Vec::new()) }
    }

    /// Lends a worker to `work`.
    ///
    /// # Errors
    /// [`Error::OpenRepository`].
    pub fn with<R>(&self, work: impl FnOnce(&mut Worker<T>) -> R) -> Result<R, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut worker = match idle {
            Some(worker) => worker,
            None => Worker { reader: self.repository.reader()?, own: T::default() },
        };
        let done = work(&mut worker);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        Ok(done)
    }
}
