//! Where v2's objects are: in a folder, below a base URL, or in a bucket.
//!
//! One trait to read from all of them; only buckets are also written to. A place is independent of ZIP, and does not trust
//! what a server declares about content: stored digests are returned as claims.

mod access;
mod arg;
#[cfg(feature = "stores")]
pub mod bucket;
mod bucket_url;
pub mod folder;
pub mod http;
mod open;

use std::collections::BTreeMap;
use std::io;
use std::time::SystemTime;

use crate::digest::{Crc32c, Md5, Sha256};
use crate::error::Error;
use crate::model::package::ObjectKey;
use crate::read_at::ReadAt;

pub use self::access::Access;
pub use self::arg::{PlaceArg, PlaceArgError, PlaceKind};
pub use self::bucket_url::{BucketUrl, BucketUrlError, StoreKind};
pub use self::open::open_place;

/// A place that contains v2's objects.
pub trait Place: Send + Sync {
    /// Returns the names of all files among the archives, sorted; `None` when the place cannot be listed.
    ///
    /// # Errors
    /// [`Error::File`], and any error that makes the place unavailable.
    fn list(&self) -> Result<Option<Vec<String>>, Error>;

    /// Returns what is below a prefix that ends with `/`, by key with special bytes escaped; `None` when the
    /// place cannot be listed. Links are not followed.
    ///
    /// # Errors
    /// [`Error::File`], and any error that makes the place unavailable.
    fn list_below(&self, prefix: &str) -> Result<Option<BTreeMap<String, Listed>>, Error>;

    /// Finds an object; `None` when it does not exist.
    ///
    /// `wanted` is only a hint: it changes the number of requests to a server, never what is read.
    ///
    /// # Errors
    /// The place gives no definite response, after all attempts: nothing is known about the object.
    fn find(
        &self,
        key: &ObjectKey,
        wanted: Wanted,
    ) -> io::Result<Option<Box<dyn StoredObject + '_>>>;

    /// Returns whether the place has content types of objects; a folder has none.
    fn has_content_types(&self) -> bool {
        false
    }

    /// Returns the number of bytes read from the place so far; lists count where they are read over a network.
    fn read_len(&self) -> u64;

    /// Returns whether archives were read as a whole where a part would do, since the place does not
    /// support ranges.
    fn lacks_range_support(&self) -> bool {
        false
    }
}

/// What a place has at a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// An object.
    Object {
        /// Its size in bytes.
        len: u64,
    },
    /// A folder, which may be empty; only on disk.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, a socket or a pipe.
    Special,
}

/// What will be read of an object, so that one request to a server suffices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// No bytes: the length and the claims are enough.
    Claims,
    /// No bytes: the length, the claims and the description are enough.
    Description,
    /// This many bytes at the end, such as a central directory of the length expected from v1.
    Tail(u64),
    /// Every byte.
    Whole,
}

/// An object in a place.
pub trait StoredObject: ReadAt {
    /// Returns what the place declares about the object's bytes.
    fn claims(&self) -> Claims;

    /// Returns when the object was last written according to the place, if known.
    fn modified(&self) -> Option<SystemTime> {
        None
    }

    /// Returns what the place states about the object beside its bytes; `None` if it is not known, as of a file, or of
    /// an object in a list of S3.
    fn description(&self) -> Option<&Description> {
        None
    }

    /// Returns what other names of the same file (hard links) have in common, if known.
    fn file_id(&self) -> Option<FileId> {
        None
    }
}

/// What a place states about an object beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The content type, if one is stated.
    pub content_type: Option<String>,
    /// The value of `Cache-Control`, if there is one.
    pub cache_control: Option<String>,
}

impl Description {
    /// Creates a description; an empty text states nothing.
    pub fn of(content_type: Option<String>, cache_control: Option<String>) -> Self {
        let stated = |text: Option<String>| text.filter(|text| !text.is_empty());
        Description { content_type: stated(content_type), cache_control: stated(cache_control) }
    }
}

/// The identity of a file on disk: device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId(pub u64, pub u64);

/// Digests that a store declares for an object, unverified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// MD5: GCS in `x-goog-hash`, S3 as the ETag of an object uploaded in one part, Azure in `Content-MD5`.
    pub md5: Option<Md5>,
    /// CRC-32C: GCS in `x-goog-hash`, S3 in `x-amz-checksum-crc32c`.
    pub crc32c: Option<Crc32c>,
    /// SHA-256: S3 in `x-amz-checksum-sha256`.
    pub sha256: Option<Sha256>,
}
