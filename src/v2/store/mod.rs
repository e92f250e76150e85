//! Where v2's objects are: a folder, or a base URL.
//!
//! One trait, so that buckets can come later. A place knows nothing of ZIP, and believes nothing
//! that a server says about content: stored digests are told as what they are, claims.

mod arg;
pub mod folder;
pub mod http;

use std::io;
use std::time::SystemTime;

use crate::digest::{Crc32c, Md5};
use crate::error::Error;
use crate::model::package::ObjectKey;
use crate::read_at::ReadAt;

pub use self::arg::{PlaceArg, PlaceArgError, PlaceKind};

/// A place that holds v2's objects.
pub trait Place: Sync {
    /// The names of all files among the archives, sorted; none when the place cannot be listed.
    ///
    /// # Errors
    /// [`Error::File`], and what keeps the place from answering at all.
    fn list(&self) -> Result<Option<Vec<String>>, Error>;

    /// Looks for an object; none when it is not there.
    ///
    /// What is `wanted` is only advice: it changes how often a server is asked, never what is read.
    ///
    /// # Errors
    /// The place does not tell, after all attempts: nothing is known about the object.
    fn find(
        &self,
        key: &ObjectKey,
        wanted: Wanted,
    ) -> io::Result<Option<Box<dyn StoredObject + '_>>>;

    /// Number of bytes read from the place's objects so far.
    fn read_len(&self) -> u64;

    /// Tells whether archives were read whole where a part would do, since the place hands out no
    /// parts.
    fn knows_no_ranges(&self) -> bool {
        false
    }
}

/// What will be read of an object, so that a server need be asked only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// No bytes: the length and the claims are enough.
    Claims,
    /// This many bytes at the end, such as a central directory of the length that v1 makes expect.
    Tail(u64),
    /// Every byte.
    Whole,
}

/// An object in a place.
pub trait StoredObject: ReadAt {
    /// What the place says about the object's bytes.
    fn claims(&self) -> Claims;

    /// When the place says that the object was last written; none when it does not say.
    fn modified(&self) -> Option<SystemTime> {
        None
    }
}

/// Digests that a store tells about an object; nobody has checked them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// MD5: GCS in `x-goog-hash`, S3 as the ETag of an object that was put in one part.
    pub md5: Option<Md5>,
    /// CRC-32C: GCS in `x-goog-hash`, S3 in `x-amz-checksum-crc32c`.
    pub crc32c: Option<Crc32c>,
}
