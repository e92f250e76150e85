//! The equipment of workers that read v1: a handle on the repository, and what else each needs.
//!
//! Made when first needed, then used again by whichever worker comes next, since a handle belongs
//! to one thread at a time.

use std::sync::{Mutex, PoisonError};

use super::objects::ObjectReader;
use super::repository::V1Repository;
use crate::error::Error;

/// What one worker works with; `T` is what it needs besides v1.
pub struct Worker<T> {
    /// Reads v1.
    pub reader: ObjectReader,
    /// What else it needs.
    pub own: T,
}

/// The equipment that no worker uses right now.
pub struct Workers<'r, T> {
    repository: &'r V1Repository,
    idle: Mutex<Vec<Worker<T>>>,
}

impl<'r, T: Default> Workers<'r, T> {
    /// Equips workers for this repository.
    pub fn new(repository: &'r V1Repository) -> Self {
        Workers { repository, idle: Mutex::new(Vec::new()) }
    }

    /// Lends a worker's equipment to `work`.
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
