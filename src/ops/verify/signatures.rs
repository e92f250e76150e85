//! Checks an archive's signature against its bytes and against a plan.
//!
//! `openpgp` has the rules for signatures and keys.

use std::io;
use std::time::SystemTime;

use super::planned::PlannedObject;
use crate::digest::{Sha256, Sha256Hasher};
use crate::model::mismatch::MismatchKind;
use crate::model::package::ObjectKey;
use crate::model::signature_status::SignatureState;
use crate::model::verification::Depth;
use crate::openpgp::{DetachedSignature, PublicKeys, SIGNATURE_MAX_LEN};
use crate::v2::store::{Claims, Place, StoredObject, Wanted};

/// The size of a read, in bytes.
const STEP_LEN: u64 = 256 << 10;

/// Returns the signature state of an archive; `sha256` is the state after all its bytes.
///
/// # Errors
/// The signature or the archive cannot be fetched.
pub(super) fn check(
    place: &dyn Place,
    archive: (&ObjectKey, &dyn StoredObject),
    sha256: &Sha256Hasher,
    keys: &PublicKeys,
) -> io::Result<SignatureState> {
    let (key, object) = archive;
    let Some((_, bytes)) = read(place, &key.signature_key())? else {
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
    // If the archive's age is unknown, a signature is never reported as older than it.
    let modified = object.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Ok(checker.finish(keys, modified, SystemTime::now()))
}

/// A signature that was compared with the plan.
#[derive(Default)]
pub(super) struct Compared<'p> {
    pub(super) kinds: Vec<MismatchKind>,
    /// The signature, if it was looked at and exists.
    pub(super) found: Option<Box<dyn StoredObject + 'p>>,
}

/// A signature that was read, and its bytes.
type ReadSignature<'p> = (Box<dyn StoredObject + 'p>, Vec<u8>);

/// Returns what is wanted of a signature that is not read.
pub(super) fn wanted(depth: Depth) -> Wanted {
    match depth {
        Depth::Listing => Wanted::Claims,
        Depth::Entries | Depth::Content => Wanted::Description,
    }
}

/// Returns how the signature of an archive differs from the plan.
///
/// # Errors
/// The signature cannot be fetched.
pub(super) fn compare<'p>(
    place: &'p dyn Place,
    archive: &ObjectKey,
    planned: PlannedObject,
    depth: Depth,
) -> io::Result<Compared<'p>> {
    let key = archive.signature_key();
    let missing = || {
        let kinds = vec![MismatchKind::Signature(SignatureState::Missing)];
        Compared { kinds, found: None }
    };
    match planned {
        // A plan without signatures does not preclude signing later.
        PlannedObject::Unplanned => return Ok(Compared::default()),
        PlannedObject::Pending => {
            let found = place.find(&key, wanted(depth))?;
            let there = |found| Compared { kinds: Vec::new(), found: Some(found) };
            return Ok(found.map_or_else(missing, there));
        }
        PlannedObject::Exactly(_) => {}
    }
    if depth == Depth::Listing {
        let Some(found) = place.find(&key, Wanted::Claims)? else { return Ok(missing()) };
        let claims = found.claims();
        let is_claimed = claims != Claims::default()
            && planned.compare_claims(key.as_str(), found.len(), claims).is_empty();
        if is_claimed {
            return Ok(Compared { kinds: Vec::new(), found: Some(found) });
        }
    }
    // A signature is short, so it is read where the digests that v2 provides do not suffice.
    let Some((found, bytes)) = read(place, &key)? else { return Ok(missing()) };
    let kinds = planned.compare_bytes(key.as_str(), bytes.len() as u64, Sha256::of(&bytes));
    Ok(Compared { kinds, found: Some(found) })
}

/// Reads a signature, at most one byte more than the maximum size, so that a larger file is detected.
fn read<'p>(place: &'p dyn Place, key: &ObjectKey) -> io::Result<Option<ReadSignature<'p>>> {
    let Some(found) = place.find(key, Wanted::Whole)? else { return Ok(None) };
    let mut bytes = vec![0; found.len().min(SIGNATURE_MAX_LEN + 1) as usize];
    found.read_exact_at(&mut bytes, 0)?;
    Ok(Some((found, bytes)))
}

fn read_through(object: &dyn StoredObject, mut update: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; STEP_LEN.min(object.len()) as usize];
    let mut offset = 0;
    while offset < object.len() {
        let len = STEP_LEN.min(object.len() - offset) as usize;
        object.read_exact_at(&mut buffer[..len], offset)?;
        update(&buffer[..len]);
        offset += len as u64;
    }
    Ok(())
}
