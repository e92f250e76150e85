//! Signs the archives of a plan, and adds existing signatures to the plan.
//!
//! An archive is signed only if its bytes match the plan; archives are read, never written. An existing
//! signature is never replaced: it is kept if it may be published, and refused otherwise, like an archive
//! with different content. Independent of keys and the command line: a [`Signer`] signs, and a sink
//! stores the signatures.

pub mod export;
pub mod import;
pub mod status;
mod work;
pub mod workers;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use crate::digest::Sha256Hasher;
use crate::error::Error;
use crate::model::event::{Event, Observer, Phase};
use crate::model::package::ObjectKey;
use crate::model::plan::{ArchiveUpload, Plan, SignatureUpload};
use crate::model::signature_status::{Coverage, SignatureState};
use crate::openpgp::{PublicKeys, Signer};
use crate::parallel;
use crate::v2::folder::{ArchiveSink, signature_keys};

use work::{Outcome, Work};

/// What to do about missing signatures.
pub enum Maker<'a> {
    /// Make them now.
    Signer {
        /// The signer.
        signer: &'a dyn Signer,
        /// The destination of the signatures.
        sink: &'a dyn ArchiveSink,
        /// The creation time of the signatures; must not be before the archives were in place.
        signed_at: SystemTime,
    },
    /// Plan them as pending: a later run makes them.
    LaterRun,
    /// Report them as missing.
    NoSigner,
}

/// What to sign, and how.
pub struct Options<'a> {
    /// The output folder with archives and signatures.
    pub folder: &'a Path,
    /// What to do about missing signatures.
    pub maker: Maker<'a>,
    /// The public keys that signatures are checked with, in this order.
    pub public_keys: &'a [&'a PublicKeys],
    /// The SHA-256 states after all bytes of archives that were just read or written, so that they are
    /// not read again.
    pub read: &'a BTreeMap<ObjectKey, Sha256Hasher>,
    /// Archives in the folder that do not match the plan. They count as not signed.
    pub refused: &'a [ObjectKey],
    /// Number of worker threads, at least 1.
    pub jobs: usize,
}

/// The result of signing.
#[derive(Debug, Default)]
pub struct Signed {
    /// The signatures, in the order of their archives.
    pub uploads: Vec<SignatureUpload>,
    /// The state of each archive.
    pub coverage: Coverage,
    /// Number of signatures that were made.
    pub made_count: u64,
    /// Number of existing signatures that were kept.
    pub kept_count: u64,
    /// Existing signatures that must not be published, with their keys.
    pub refused: Vec<(ObjectKey, SignatureState)>,
}

/// Checks the existing signatures, and makes the missing ones as specified by `options.maker`.
///
/// Stops soon after `interrupt` is set.
///
/// # Errors
/// [`Error::UnplannedBytes`] with all archives that do not match the plan, after all others were signed.
/// A signature cannot be made, checked or written.
pub fn sign(
    plan: &Plan,
    options: &Options<'_>,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<Signed, Error> {
    let archives: Vec<&ArchiveUpload> = plan.archives().collect();
    let refused: HashSet<&ObjectKey> = options.refused.iter().collect();
    let work = Work { options, refused, observer };
    let existing = signature_keys(options.folder)?;
    let has_work = matches!(options.maker, Maker::Signer { .. }) || !existing.is_empty();
    if has_work {
        let phase = match options.maker {
            Maker::Signer { .. } => Phase::Signing,
            Maker::LaterRun | Maker::NoSigner => Phase::Checking,
        };
        observer.observe(Event::Started(phase, archives.len() as u64));
        observer.observe(Event::Expected(archives.iter().map(|archive| archive.size).sum()));
    }
    let outcomes = parallel::each(options.jobs, interrupt, &archives, |archive| work.run(archive))?;
    if has_work {
        observer.observe(Event::Finished);
    }

    let mut signed = Signed::default();
    let (mut unplanned, mut planned) = (Vec::new(), HashSet::new());
    for (archive, outcome) in archives.into_iter().zip(outcomes) {
        planned.insert(archive.key.signature_key());
        match outcome {
            Outcome::OtherArchive => unplanned.push(archive.file.to_string()),
            outcome => signed.add(archive, outcome),
        }
    }
    if !unplanned.is_empty() {
        return Err(Error::UnplannedBytes { files: unplanned });
    }
    for (key, has_archive) in existing {
        // A folder may hold the archives of other plans, with their signatures.
        if !has_archive && !planned.contains(&key) {
            signed.coverage.add(key, SignatureState::Orphan);
        }
    }
    Ok(signed)
}

impl Signed {
    /// Returns the result without an output folder: all signatures are pending, or all are missing.
    pub fn without_folder(plan: &Plan, is_pending: bool) -> Self {
        let mut signed = Signed::default();
        for archive in plan.archives() {
            signed.add(archive, if is_pending { Outcome::Pending } else { Outcome::Missing });
        }
        signed
    }

    fn add(&mut self, archive: &ArchiveUpload, outcome: Outcome) {
        let key = archive.key.clone();
        match outcome {
            Outcome::Made(upload, state) => {
                self.made_count += 1;
                self.uploads.push(upload);
                self.coverage.add(key, state);
            }
            Outcome::Kept(upload, state) => {
                self.kept_count += 1;
                self.uploads.push(upload);
                self.coverage.add(key, state);
            }
            Outcome::Refused(state) => {
                self.refused.push((key.signature_key(), state.clone()));
                self.coverage.add(key, state);
            }
            Outcome::Pending => {
                self.coverage.pending_count += 1;
                self.uploads.push(SignatureUpload::of(archive, None));
            }
            Outcome::Missing | Outcome::OtherArchive => {
                self.coverage.add(key, SignatureState::Missing);
            }
        }
    }
}
