//! Detached OpenPGP signatures over archives: made with a key or by another program, and checked.
//!
//! A signature never changes an archive, and the result of a check is a
//! [`SignatureState`], never a bool. Secrets stay here: no passphrase and no byte of a secret key is
//! in an error, in `Debug` output or in a file. The clock is used for one purpose only: a
//! signature is not good before its own creation time. The only user of pgp, shlex and zeroize.

mod algorithm;
mod armor;
mod certificate;
mod command;
mod critical;
mod file;
mod issuer;
mod keyring;
mod packets;
mod part;
mod passphrase;
mod public_keys;
mod secret_key;
mod signature;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use crate::digest::Sha256Hasher;
use crate::error::Error;
use crate::model::package::ObjectKey;
use crate::model::signature_status::SignatureState;

pub use command::{CommandSigner, SignCommand};
pub use file::SignatureFile;
pub use part::Malformed;
pub use passphrase::Passphrase;
pub use public_keys::PublicKeys;
pub use secret_key::OpenPgpSigner;
pub use signature::{Checker, DetachedSignature};

/// The longest signature that is read, in bytes. One of RSA-16384 takes 3 KiB in armor.
pub const SIGNATURE_MAX_LEN: u64 = 64 << 10;

/// Makes signatures; used by several threads at the same time.
pub trait Signer: Sync {
    /// Signs an archive, and checks the signature as far as possible.
    ///
    /// # Errors
    /// [`Error::Sign`]; [`Error::File`] when the archive must be read again, and that fails.
    fn sign(&self, archive: &ArchiveToSign<'_>) -> Result<ArmoredSignature, Error>;

    /// Returns the public keys that check this signer's signatures; empty when none are known.
    fn public_keys(&self) -> &PublicKeys;
}

/// An archive that has just been read or written.
#[derive(Clone, Copy)]
pub struct ArchiveToSign<'a> {
    /// Its file.
    pub path: &'a Path,
    /// Its key in the bucket.
    pub key: &'a ObjectKey,
    /// The SHA-256 hasher after all its bytes.
    pub sha256: &'a Sha256Hasher,
    /// The creation time of the signature. An external program uses its own clock.
    pub signed_at: SystemTime,
}

/// A signature as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmoredSignature {
    /// The file's text: ASCII armor (RFC 9580, 6.2), with a trailing line break.
    pub text: String,
    /// The result of the check: [`SignatureState::Good`], or [`SignatureState::UnknownKey`] without a
    /// public key.
    pub state: SignatureState,
}

/// Checks a possible signature of an archive at the current time: one that is dated in the future
/// is not good yet.
///
/// `read` is the archive's SHA-256 hasher after all its bytes, if the caller has it. Without it, and
/// for signatures with another digest, the archive is read.
///
/// # Errors
/// [`Error::File`] when the archive cannot be read.
pub fn check(
    signature: &[u8],
    archive: &Path,
    read: Option<&Sha256Hasher>,
    keys: &PublicKeys,
) -> Result<SignatureState, Error> {
    let signature = match DetachedSignature::parse(signature) {
        Ok(signature) => signature,
        Err(malformed) => return Ok(malformed.into()),
    };
    let modified = std::fs::metadata(archive)
        .and_then(|metadata| metadata.modified())
        .map_err(Error::file("look at", archive))?;
    Ok(checker_of(&signature, archive, read)?.finish(keys, modified, SystemTime::now()))
}

/// Returns a checker that has processed the whole archive.
fn checker_of<'a>(
    signature: &'a DetachedSignature,
    archive: &Path,
    read: Option<&Sha256Hasher>,
) -> Result<Checker<'a>, Error> {
    if let Some(checker) = read.and_then(|sha256| signature.checker_after(sha256)) {
        return Ok(checker);
    }
    let mut checker = signature.checker();
    let mut file = File::open(archive).map_err(Error::file("open", archive))?;
    let mut chunk = vec![0; 256 << 10];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(checker),
            Ok(len) => checker.update(&chunk[..len]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::file("read", archive)(error)),
        }
    }
}

/// Reads a file of at most `max_len` bytes; returns `None` when it is longer.
fn read_bounded(path: &Path, max_len: u64) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, Error> {
    let file = File::open(path).map_err(Error::file("open", path))?;
    let len = file.metadata().map_err(Error::file("look at", path))?.len().min(max_len);
    // Allocated at once: a growing vector would leave copies of secrets in memory.
    let capacity = usize::try_from(len).unwrap_or(0).saturating_add(2);
    let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(capacity));
    file.take(max_len.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(Error::file("read", path))?;
    Ok((bytes.len() as u64 <= max_len).then_some(bytes))
}

/// Converts to an OpenPGP time: whole seconds, 1970 to 2106; other times are clamped.
fn timestamp(time: SystemTime) -> pgp::types::Timestamp {
    let before_1970 = time < SystemTime::UNIX_EPOCH;
    pgp::types::Timestamp::try_from(time).unwrap_or_else(|_| {
        pgp::types::Timestamp::from_secs(if before_1970 { 0 } else { u32::MAX })
    })
}
