//! Parallel work on archives, shared by `export`, `import` and `status`.
//!
//! Reads archives and never writes them.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::digest::Sha256Hasher;
use crate::error::Error;
use crate::model::event::{Event, Observer, Phase};
use crate::model::plan::ArchiveUpload;
use crate::parallel;
use crate::v2::folder::hash_file;

/// Runs work on archives in parallel.
#[derive(Clone, Copy)]
pub struct Workers<'a> {
    /// Number of worker threads, at least 1.
    pub jobs: usize,
    /// Receives the progress.
    pub observer: &'a dyn Observer,
    /// Stops the work soon after it is set.
    pub interrupt: &'a AtomicBool,
}

impl Workers<'_> {
    /// Calls `check` for each archive in parallel, and returns the results in the order of `archives`.
    pub(super) fn each<A: Sync, R: Send>(
        &self,
        archives: &[A],
        check: impl Fn(&A) -> Result<R, Error> + Sync,
    ) -> Result<Vec<R>, Error> {
        self.observer.observe(Event::Started(Phase::Checking, archives.len() as u64));
        let results = parallel::each(self.jobs, self.interrupt, archives, |archive| {
            let result = check(archive)?;
            self.observer.observe(Event::Advanced(0));
            Ok(result)
        })?;
        self.observer.observe(Event::Finished);
        Ok(results)
    }
}

/// Returns the SHA-256 state after all bytes of a planned archive, or `None` if its bytes are not the
/// planned ones.
pub(super) fn planned_bytes(
    folder: &Path,
    archive: &ArchiveUpload,
) -> Result<Option<Sha256Hasher>, Error> {
    let read = hash_file(&folder.join(archive.file.as_str()))?;
    Ok(read.filter(|sha256| sha256.clone().finish() == archive.sha256))
}
