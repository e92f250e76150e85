//! Reads objects as registries do: through their endpoint and without credentials. Compares the bytes with those of
//! the store.
//!
//! A bucket that only its owner can read passes every other comparison. The caller selects the objects.

use std::fmt;
use std::io;

use crate::digest::{Sha256, Sha256Hasher};
use crate::error::Error;
use crate::model::mismatch::{Mismatch, MismatchKind};
use crate::model::package::ObjectKey;
use crate::model::verification::{EndpointKind, EndpointObject, PlaceName};
use crate::read_at::ReadAt;
use crate::v2::store::http::{BaseUrl, HttpPlace, Limits, final_refusal};
use crate::v2::store::{Place, Wanted};

/// The size of a read, in bytes.
const STEP_LEN: u64 = 256 << 10;

/// The endpoint of registries.
pub struct Endpoint {
    /// Its name, for display.
    pub name: PlaceName,
    place: HttpPlace,
}

/// The length and the digest of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes {
    /// Size in bytes.
    pub len: u64,
    /// The SHA-256.
    pub sha256: Sha256,
}

impl Endpoint {
    /// Checks with one request that a server responds. `url` has no credentials.
    ///
    /// # Errors
    /// [`Error::ReachPlace`] when no server responds.
    pub fn open(name: PlaceName, url: BaseUrl, limits: Limits) -> Result<Self, Error> {
        Ok(Endpoint { name, place: HttpPlace::open(url, limits)? })
    }

    /// Reads an object, and compares its bytes with those that `stored` returns. If they differ, `stored` is asked
    /// again: the object may have been replaced in between.
    pub fn read(
        &self,
        kind: EndpointKind,
        key: ObjectKey,
        stored: &dyn Fn() -> io::Result<Option<Bytes>>,
    ) -> EndpointObject {
        let mismatch = self.compare(&key, stored).err();
        let mismatch = mismatch.map(|kind| Mismatch::of_object(&key, kind));
        EndpointObject { kind, key, mismatch }
    }

    fn compare(
        &self,
        key: &ObjectKey,
        stored: &dyn Fn() -> io::Result<Option<Bytes>>,
    ) -> Result<(), MismatchKind> {
        let stored = || {
            let detail = match stored() {
                Ok(Some(bytes)) => return Ok(bytes),
                Ok(None) => "the store does not have it any more".to_owned(),
                Err(error) => format!("the store does not deliver it: {error}"),
            };
            Err(MismatchKind::EndpointUnreachable { detail })
        };
        let mut expected = stored()?;
        let served = match bytes_of(&self.place, key) {
            Ok(Some(served)) => served,
            Ok(None) => return Err(MismatchKind::EndpointMissing),
            Err(error) => {
                return Err(match final_refusal(&error) {
                    Some(status) => MismatchKind::EndpointRefused { status },
                    None => MismatchKind::EndpointUnreachable { detail: error.to_string() },
                });
            }
        };
        if served != expected {
            expected = stored()?;
        }
        match served == expected {
            true => Ok(()),
            false => Err(MismatchKind::EndpointDiffers {
                expected: expected.sha256,
                expected_len: expected.len,
                found: served.sha256,
                found_len: served.len,
            }),
        }
    }

    /// Returns the number of bytes read so far.
    pub fn read_len(&self) -> u64 {
        self.place.read_len()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.name).finish()
    }
}

/// Reads an object of a place; `None` if it does not exist.
///
/// # Errors
/// The object cannot be read.
pub fn bytes_of(place: &dyn Place, key: &ObjectKey) -> io::Result<Option<Bytes>> {
    let Some(object) = place.find(key, Wanted::Whole)? else { return Ok(None) };
    let source: &dyn ReadAt = &*object;
    let len = source.len();
    let mut hasher = Sha256Hasher::default();
    let mut buffer = vec![0; len.min(STEP_LEN) as usize];
    let mut offset = 0;
    while offset < len {
        let step = (len - offset).min(STEP_LEN);
        let part = &mut buffer[..step as usize];
        source.read_exact_at(part, offset)?;
        hasher.update(part);
        offset += step;
    }
    Ok(Some(Bytes { len, sha256: hasher.finish() }))
}
