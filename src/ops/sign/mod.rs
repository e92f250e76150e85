//! Signs the archives of a plan, and takes what is signed already into the plan.
//!
//! An archive is signed only when its bytes are the plan's; archives are read, never written. A
//! signature that is there already stays: it is kept when nothing speaks against it, else refused,
//! like an archive with other bytes. Knows no key and no command line: who signs is a [`Signer`],
//! where signatures go is a sink.

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

/// Who makes the signatures that are not there.
pub enum Maker<'a> {
    /// A signer, into a sink.
    Signer {
        /// Signs.
        signer: &'a dyn Signer,
        /// Where the signatures go.
        sink: &'a dyn ArchiveSink,
        /// The time that they are to bear: not before the archives were in place.
        signed_at: SystemTime,
    },
    /// A later run: they are planned as pending.
    LaterRun,
    /// Nobody: they are missing.
    NoSigner,
}

/// What is to be signed, and with how many hands.
pub struct Options<'a> {
    /// The output folder, where archives and signatures lie.
    pub folder: &'a Path,
    /// Who makes the signatures that are not there.
    pub maker: Maker<'a>,
    /// The public keys that signatures are checked with, in turn.
    pub public_keys: &'a [&'a PublicKeys],
    /// The SHA-256 after all bytes of the archives that were just read or written, so that they need
    /// not be read again.
    pub read: &'a BTreeMap<ObjectKey, Sha256Hasher>,
    /// Archives that lie in the folder with other bytes than the plan's. They have no signature.
    pub refused: &'a [ObjectKey],
    /// Number of worker threads, at least 1.
    pub jobs: usize,
}

/// What is signed.
#[derive(Debug, Default)]
pub struct Signed {
    /// The signatures, in the order of their archives.
    pub uploads: Vec<SignatureUpload>,
    /// How each archive stands.
    pub coverage: Coverage,
    /// Number of signatures that were made.
    pub made_count: u64,
    /// Number of signatures that were there already, and stay.
    pub kept_count: u64,
    /// Signatures that are there already and must not be published, by their key.
    pub refused: Vec<(ObjectKey, SignatureState)>,
}

/// Takes the signatures that are there into account, and makes those that are not, as far as
/// `options` say so.
///
/// Stops soon after `interrupt` becomes true.
///
/// # Errors
/// [`Error::UnplannedBytes`] with all archives that are not what the plan says: none of them was
/// signed, all others were. Whatever keeps a signature from being made, checked or kept.
pub fn sign(
    plan: &Plan,
    options: &Options<'_>,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<Signed, Error> {
    let archives: Vec<&ArchiveUpload> = plan.archives().collect();
    let refused: HashSet<&ObjectKey> = options.refused.iter().collect();
    let work = Work { options, refused, observer };
    let there = signature_keys(options.folder)?;
    let is_work = matches!(options.maker, Maker::Signer { .. }) || !there.is_empty();
    if is_work {
        let phase = match options.maker {
            Maker::Signer { .. } => Phase::Signing,
            Maker::LaterRun | Maker::NoSigner => Phase::Checking,
        };
        observer.observe(Event::Started(phase, archives.len() as u64));
    }
    let outcomes =
        parallel::each(options.jobs, interrupt, &archives, |archive| work.finish(archive))?;
    if is_work {
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
    for (key, has_archive) in there {
        // A folder may hold the archives of other plans, with their signatures.
        if !has_archive && !planned.contains(&key) {
            signed.coverage.add(key, SignatureState::Orphan);
        }
    }
    Ok(signed)
}

impl Signed {
    /// What there is to say of signatures in no folder: each is pending, or missing.
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
