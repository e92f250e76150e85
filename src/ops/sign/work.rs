//! Handles one archive and its signature: keeps, makes or refuses the signature.

use std::collections::HashSet;
use std::path::Path;

use super::{Maker, Options};
use crate::digest::{ObjectDigests, Sha256Hasher};
use crate::error::Error;
use crate::model::event::{Event, Observer};
use crate::model::package::ObjectKey;
use crate::model::plan::{ArchiveUpload, SignatureUpload};
use crate::model::signature_status::SignatureState;
use crate::openpgp::{self, ArchiveToSign, PublicKeys, SignatureFile};
use crate::v2::folder::{Delivery, hash_file, put};

/// The outcome for one archive.
pub(super) enum Outcome {
    Made(SignatureUpload, SignatureState),
    Kept(SignatureUpload, SignatureState),
    Refused(SignatureState),
    Pending,
    Missing,
    /// The archive does not match the plan, or does not exist.
    OtherArchive,
}

/// State shared by all workers.
pub(super) struct Work<'a> {
    pub(super) options: &'a Options<'a>,
    pub(super) refused: HashSet<&'a ObjectKey>,
    pub(super) observer: &'a dyn Observer,
}

impl Work<'_> {
    /// Handles one archive, and reports progress.
    pub(super) fn run(&self, archive: &ArchiveUpload) -> Result<Outcome, Error> {
        let outcome = self.outcome(archive)?;
        self.observer.observe(Event::Advanced(archive.size));
        Ok(outcome)
    }

    fn outcome(&self, archive: &ArchiveUpload) -> Result<Outcome, Error> {
        if self.refused.contains(&archive.key) {
            return Ok(Outcome::Missing);
        }
        let path = self.options.folder.join(archive.file.as_str());
        let signature_path = self.options.folder.join(archive.file.signature_key().as_str());
        match (SignatureFile::read(&signature_path)?, &self.options.maker) {
            (SignatureFile::Nothing, Maker::NoSigner) => Ok(Outcome::Missing),
            (SignatureFile::Nothing, Maker::LaterRun) => Ok(Outcome::Pending),
            (SignatureFile::Nothing, Maker::Signer { signer, sink, signed_at }) => {
                let Some(sha256) = self.planned_bytes(archive, &path)? else {
                    return Ok(Outcome::OtherArchive);
                };
                let to_sign = ArchiveToSign {
                    path: &path,
                    key: &archive.key,
                    sha256: &sha256,
                    signed_at: *signed_at,
                };
                let made = signer.sign(&to_sign)?;
                let digests = ObjectDigests::of(made.text.as_bytes());
                let upload = SignatureUpload::of(archive, Some(digests));
                match put(*sink, upload.key(), made.text.as_bytes(), &digests)? {
                    Delivery::Written | Delivery::Kept => Ok(Outcome::Made(upload, made.state)),
                    Delivery::Discarded => Ok(Outcome::Pending),
                    Delivery::Refused => {
                        // Another process has written a signature in the meantime.
                        let found = SignatureFile::read(&signature_path)?;
                        self.check_existing(archive, &path, &sha256, found)
                    }
                }
            }
            (found, Maker::Signer { .. }) => match self.planned_bytes(archive, &path)? {
                Some(sha256) => self.check_existing(archive, &path, &sha256, found),
                None => Ok(Outcome::OtherArchive),
            },
            (found, Maker::LaterRun | Maker::NoSigner) => {
                match self.planned_bytes(archive, &path)? {
                    Some(sha256) => self.check_existing(archive, &path, &sha256, found),
                    // The archive does not exist yet, so the signature cannot be checked before a real run.
                    None => Ok(Outcome::Pending),
                }
            }
        }
    }

    /// Returns the SHA-256 state after all bytes of an archive, or `None` if it does not match the plan.
    fn planned_bytes(
        &self,
        archive: &ArchiveUpload,
        path: &Path,
    ) -> Result<Option<Sha256Hasher>, Error> {
        let read = match self.options.read.get(&archive.key) {
            // A dry run has hashed archives that do not exist as files.
            Some(sha256) => path.is_file().then(|| sha256.clone()),
            None => hash_file(path)?,
        };
        Ok(read.filter(|sha256| sha256.clone().finish() == archive.sha256))
    }

    /// Checks an existing signature file.
    fn check_existing(
        &self,
        archive: &ArchiveUpload,
        path: &Path,
        sha256: &Sha256Hasher,
        found: SignatureFile,
    ) -> Result<Outcome, Error> {
        let bytes = match found {
            SignatureFile::Bytes(bytes) => bytes,
            SignatureFile::NoFile => {
                let detail = "not a regular file".to_owned();
                return Ok(Outcome::Refused(SignatureState::Malformed { detail }));
            }
            SignatureFile::Nothing => return Ok(Outcome::Missing),
        };
        let state = self.state(&bytes, path, sha256)?;
        Ok(if state.may_be_published() {
            let upload = SignatureUpload::of(archive, Some(ObjectDigests::of(&bytes)));
            Outcome::Kept(upload, state)
        } else {
            Outcome::Refused(state)
        })
    }

    /// Returns the state of a signature, combined over all sets of public keys: bad or stale first, then
    /// good, then other objections, then an unknown key.
    fn state(
        &self,
        bytes: &[u8],
        path: &Path,
        sha256: &Sha256Hasher,
    ) -> Result<SignatureState, Error> {
        let (mut good, mut objection, mut unknown) = (None, None, None);
        for keys in self.options.public_keys {
            match openpgp::check(bytes, path, Some(sha256), keys)? {
                state @ (SignatureState::Bad { .. } | SignatureState::Stale { .. }) => {
                    return Ok(state);
                }
                state @ SignatureState::Good { .. } => {
                    good.get_or_insert(state);
                }
                state @ SignatureState::UnknownKey { .. } => {
                    unknown.get_or_insert(state);
                }
                state @ (SignatureState::Missing
                | SignatureState::KeyExpired { .. }
                | SignatureState::KeyRevoked { .. }
                | SignatureState::Orphan
                | SignatureState::Malformed { .. }) => {
                    objection.get_or_insert(state);
                }
            }
        }
        match good.or(objection).or(unknown) {
            Some(state) => Ok(state),
            None => openpgp::check(bytes, path, Some(sha256), &PublicKeys::default()),
        }
    }
}
