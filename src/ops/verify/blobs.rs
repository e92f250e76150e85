//! What the verifier knows of v1's blobs: their lengths and, where it is asked for, their CRC-32.
//!
//! Each distinct blob is read once in a run, whatever the number of revisions that hold it, and
//! hashed against its id by v1's reader. A checksum is of no use where every byte is compared by
//! blob id: then a blob is only looked up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::model::content::ObjectId;
use crate::model::finding::{FindingKind, ObjectKind};
use crate::v1::objects::ObjectReader;

/// What is known of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlobFacts {
    /// Length in bytes.
    pub(super) len: u64,
    /// CRC-32 as ZIP has it; none where nobody asked for it.
    pub(super) crc32: Option<u32>,
}

/// What is to be found out about blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// That they are there, and their lengths.
    Len,
    /// Their checksums as well.
    Crc32,
}

type Known = Arc<OnceLock<Result<BlobFacts, FindingKind>>>;

/// All blobs that were asked for.
pub(super) struct Blobs {
    wish: Wish,
    known: Mutex<HashMap<ObjectId, Known>>,
}

impl Blobs {
    pub(super) fn new(wish: Wish) -> Self {
        Blobs { wish, known: Mutex::default() }
    }

    /// What is known of a blob; who asks first finds it out.
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
        known.get_or_init(|| self.find_out(reader, blob_id)).clone()
    }

    fn find_out(&self, reader: &ObjectReader, blob_id: ObjectId) -> Result<BlobFacts, FindingKind> {
        let facts = match self.wish {
            Wish::Len => reader.blob_len(blob_id).map(|len| BlobFacts { len, crc32: None }),
            Wish::Crc32 => reader.read(ObjectKind::Blob, blob_id, |bytes| BlobFacts {
                len: bytes.len() as u64,
                crc32: Some(crc32fast::hash(bytes)),
            }),
        };
        facts.map_err(|error| error.into_finding_kind())
    }
}
