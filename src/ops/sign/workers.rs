//! Signatures that somebody else makes: archives are laid out to be signed, what comes back is
//! checked and taken, and what is there in the end is judged.
//!
//! Reads archives and never writes them. Makes no signature: that is `sign`. What comes from
//! elsewhere is taken only when it is good.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::digest::Sha256Hasher;
use crate::error::Error;
use crate::model::event::{Event, Observer, Phase};
use crate::model::plan::ArchiveUpload;
use crate::parallel;
use crate::v2::folder::hash_file;

/// Those who do the work, and those who watch it.
#[derive(Clone, Copy)]
pub struct Workers<'a> {
    /// Number of worker threads, at least 1.
    pub jobs: usize,
    /// Told of each archive.
    pub observer: &'a dyn Observer,
    /// Work stops soon after it becomes true.
    pub interrupt: &'a AtomicBool,
}

impl Workers<'_> {
    /// Looks at each archive, side by side; results come in the order of `archives`.
    pub(super) fn each<A: Sync, R: Send>(
        &self,
        archives: &[A],
        look: impl Fn(&A) -> Result<R, Error> + Sync,
    ) -> Result<Vec<R>, Error> {
        self.observer.observe(Event::Started(Phase::Checking, archives.len() as u64));
        let results = parallel::each(self.jobs, self.interrupt, archives, |archive| {
            let result = look(archive)?;
            self.observer.observe(Event::Advanced(0));
            Ok(result)
        })?;
        self.observer.observe(Event::Finished);
        Ok(results)
    }
}

/// The SHA-256 after all bytes of a planned archive; none when they are not the plan's.
pub(super) fn planned_bytes(
    folder: &Path,
    archive: &ArchiveUpload,
) -> Result<Option<Sha256Hasher>, Error> {
    let read = hash_file(&folder.join(archive.file.as_str()))?;
    Ok(read.filter(|sha256| sha256.clone().finish() == archive.sha256))
}
