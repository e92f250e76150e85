//! Holds an archive's signature against its bytes, and against what a plan says of it.
//!
//! What a signature is, and which key may have made it, is known to `openpgp`.

use std::io;
use std::time::SystemTime;

use super::planned::Says;
use crate::digest::{Sha256, Sha256Hasher};
use crate::model::mismatch::MismatchKind;
use crate::model::package::ObjectKey;
use crate::model::signature_status::SignatureState;
use crate::openpgp::{DetachedSignature, PublicKeys, SIGNATURE_MAX_LEN};
use crate::v2::store::{Place, StoredObject, Wanted};

/// Length of a read, in bytes.
const STEP_LEN: u64 = 256 << 10;

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
    let Some(bytes) = read(place, &key.signature_key())? else {
        return Ok(SignatureState::Missing);
    };
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
    let modified = object.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Ok(checker.finish(keys, modified, SystemTime::now()))
}

/// Tells how the signature that a plan has of an archive is not in the place as planned.
///
/// # Errors
/// The place does not hand the signature out: nothing is known.
pub(super) fn compare(
    place: &dyn Place,
    archive: &ObjectKey,
    says: Says,
) -> io::Result<Vec<MismatchKind>> {
    let key = archive.signature_key();
    let missing = || vec![MismatchKind::Signature(SignatureState::Missing)];
    let digests = match says {
        // The plan of a run that signs nothing says nothing about those who do later.
        Says::Nothing => return Ok(Vec::new()),
        Says::Pending => {
            let found = place.find(&key, Wanted::Claims)?;
            return Ok(if found.is_some() { Vec::new() } else { missing() });
        }
        Says::Exactly(digests) => digests,
    };
    // It is short, so that it is as well read as asked about.
    let Some(bytes) = read(place, &key)? else { return Ok(missing()) };
    let says = Says::Exactly(digests);
    Ok(says.by_bytes(key.as_str(), bytes.len() as u64, Sha256::of(&bytes)))
}

/// Reads a signature; of what is too long for one, a byte more than it may have.
fn read(place: &dyn Place, key: &ObjectKey) -> io::Result<Option<Vec<u8>>> {
    let Some(found) = place.find(key, Wanted::Whole)? else { return Ok(None) };
    let mut bytes = vec![0; found.len().min(SIGNATURE_MAX_LEN + 1) as usize];
    found.read_exact_at(&mut bytes, 0)?;
    Ok(Some(bytes))
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
