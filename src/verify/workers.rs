//! The workers' equipment: made when first needed, then used again.

use std::sync::{Mutex, PoisonError};

use crate::error::Error;
use crate::v1::git::{ObjectReader, V1Repository};
use crate::zip_reader::FileReader;

/// What one worker reads v1 and v2 with.
pub(super) struct Worker {
    pub(super) objects: ObjectReader,
    pub(super) files: FileReader,
}

/// The equipment that no worker uses right now.
pub(super) struct Workers<'r> {
    repository: &'r V1Repository,
    idle: Mutex<Vec<Worker>>,
}

impl<'r> Workers<'r> {
    pub(super) fn new(repository: &'r V1Repository) -> Self {
        Workers { repository, idle: Mutex::new(Vec::new()) }
    }

    /// Lends a worker's equipment to `work`.
    ///
    /// # Errors
    /// [`Error::OpenRepository`].
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Worker) -> T) -> Result<T, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut worker = match idle {
            Some(worker) => worker,
            None => Worker { objects: self.repository.reader()?, files: FileReader::default() },
        };
        let done = work(&mut worker);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        Ok(done)
    }
}
