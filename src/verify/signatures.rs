//! Holds an archive's signature against its bytes.
//!
//! What a signature is, and which key may have made it, is known to `signing`. Called by `revision`.

use std::io;
use std::time::SystemTime;

use crate::coverage::SignatureState;
use crate::digest::Sha256Hasher;
use crate::package::ObjectKey;
use crate::place::{Place, StoredObject, Wanted};
use crate::signing::{DetachedSignature, PublicKeys, SIGNATURE_MAX_LEN, SIGNATURE_SUFFIX};

/// Length of a read, in bytes.
const STEP_LEN: u64 = 256 << 10;

/// The key of an archive's signature.
pub(super) fn signature_key(archive: &ObjectKey) -> ObjectKey {
    let key = format!("{archive}{SIGNATURE_SUFFIX}");
    key.try_into().expect("a suffix leaves a key a key")
}

/// Tells how an archive stands with its signature; `sha256` has taken all of its bytes.
///
/// # Errors
/// The place does not hand the signature or the archive out: nothing is known.
pub(super) fn check(
    place: &dyn Place,
    archive: (&ObjectKey, &dyn StoredObject),
    sha256: &Sha256Hasher,
    keys: &PublicKeys,
) -> io::Result<SignatureState> {
    let (key, object) = archive;
    let Some(found) = place.find(&signature_key(key), Wanted::Whole)? else {
        return Ok(SignatureState::Missing);
    };
    // One byte above the limit is enough to be refused for it.
    let len = found.len().min(SIGNATURE_MAX_LEN + 1);
    let mut bytes = vec![0; len as usize];
    found.read_exact_at(&mut bytes, 0)?;
    let signature = match DetachedSignature::parse(&bytes) {
        Ok(signature) => signature,
        Err(malformed) => return Ok(malformed.into()),
    };
    let checker = match signature.checker_after(sha256) {
        Some(checker) => checker,
        None => {
            let mut checker = signature.checker();
            read_through(object, |bytes| checker.update(bytes))?;
            checker
        }
    };
    // Where nobody knows how old the archive is, a signature cannot be called older.
    Ok(checker.finish(keys, object.modified().unwrap_or(SystemTime::UNIX_EPOCH)))
}

fn read_through(object: &dyn StoredObject, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; STEP_LEN.min(object.len()) as usize];
    let mut offset = 0;
    while offset < object.len() {
        let len = STEP_LEN.min(object.len() - offset) as usize;
        object.read_exact_at(&mut buffer[..len], offset)?;
        take(&buffer[..len]);
        offset += len as u64;
    }
    Ok(())
}
