//! A cache of the sizes of v1's blobs and, if needed, their CRC-32.
//!
//! Each distinct blob is read once per run, however many revisions have it, and v1's reader checks its
//! hash against its id. At depth content, bytes are compared by blob id, so that no CRC-32 is needed and
//! a blob is only looked up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::model::content::ObjectId;
use crate::model::finding::{FindingKind, ObjectKind};
use crate::v1::objects::ObjectReader;

/// The properties of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlobFacts {
    /// Size in bytes.
    pub(super) len: u64,
    /// CRC-32 as used by ZIP; `None` if it was not requested.
    pub(super) crc32: Option<u32>,
}

/// Which properties of blobs are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needed {
    /// Existence and size.
    Len,
    /// The CRC-32 as well.
    Crc32,
}

type Known = Arc<OnceLock<Result<BlobFacts, FindingKind>>>;

/// The cache.
pub(super) struct Blobs {
    needed: Needed,
    known: Mutex<HashMap<ObjectId, Known>>,
}

impl Blobs {
    pub(super) fn new(needed: Needed) -> Self {
        Blobs { needed, known: Mutex::default() }
    }

    /// Returns the properties of a blob; the first call for a blob reads it.
    ///
    /// # Errors
    /// The blob cannot be read.
    pub(super) fn facts(
        &self,
        reader: &ObjectReader,
        blob_id: ObjectId,
    ) -> Result<BlobFacts, FindingKind> {
        let known = {
            let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(blob_id).or_default())
        };
        known.get_or_init(|| self.read(reader, blob_id)).clone()
    }

    fn read(&self, reader: &ObjectReader, blob_id: ObjectId) -> Result<BlobFacts, FindingKind> {
        let facts = match self.needed {
            Needed::Len => reader.blob_len(blob_id).map(|len| BlobFacts { len, crc32: None }),
            Needed::Crc32 => reader.read(ObjectKind::Blob, blob_id, |bytes| BlobFacts {
                len: bytes.len() as u64,
                crc32: Some(crc32fast::hash(bytes)),
            }),
        };
        facts.map_err(|error| error.into_finding_kind())
    }
}
