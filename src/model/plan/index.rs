//! The search index in a plan: its cursor, the published index that it continues, and its objects.
//!
//! A shard makes a part of the index, which is not an upload: `merge-plans` joins the parts.

use serde::{Deserialize, Serialize};

use crate::digest::{Crc32c, Md5, ObjectDigests, Sha256};
use crate::model::cursor::Cursor;
use crate::model::package::ObjectKey;

/// The search index of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedIndex {
    /// The name of the index.
    pub cursor: Cursor,
    /// The published index, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseIndex>,
    /// The number of entries.
    pub counts: IndexCounts,
    /// The parts that a shard has made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<IndexPart>,
}

/// A published index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseIndex {
    /// Its name.
    pub cursor: Cursor,
    /// The length of the file in bytes.
    pub size: u64,
    /// The SHA-256 of the file, hex.
    pub sha256: Sha256,
    /// The MD5 of the file, base64.
    pub md5: Md5,
    /// The CRC-32C of the file, base64, big-endian.
    pub crc32c: Crc32c,
}

impl BaseIndex {
    /// Returns size and digests of the file.
    pub fn digests(&self) -> ObjectDigests {
        let BaseIndex { size, sha256, md5, crc32c, .. } = *self;
        ObjectDigests { size, sha256, md5, crc32c }
    }
}

/// The number of entries of an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexCounts {
    /// All entries.
    pub entries: u64,
    /// Entries that remain as published.
    pub published: u64,
    /// Entries that are not published yet.
    pub added: u64,
    /// Published entries that now refer to a signature.
    pub updated: u64,
}

impl IndexCounts {
    /// Adds other counts.
    pub fn add(&mut self, more: IndexCounts) {
        self.entries += more.entries;
        self.published += more.published;
        self.added += more.added;
        self.updated += more.updated;
    }

    /// Returns whether all entries are those of the published index.
    pub fn is_unchanged(&self) -> bool {
        self.published == self.entries
    }
}

/// The files of a shard's part of the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexPart {
    /// Its entries.
    pub index: PartFile,
    /// Its changes, if there is a published index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<PartFile>,
}

/// A file of a shard that is not published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartFile {
    /// The path of the file relative to the output folder, with `/` as separator.
    pub file: ObjectKey,
    /// Its length in bytes.
    pub size: u64,
    /// Its SHA-256, hex.
    pub sha256: Sha256,
}

/// An object of the search index to be uploaded to v2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexUpload {
    /// The content type.
    pub content_type: IndexType,
    /// The object's key in the bucket.
    pub key: ObjectKey,
    /// The path of the file relative to the output folder, with `/` as separator.
    pub file: ObjectKey,
    /// The object's length in bytes.
    pub size: u64,
    /// The object's SHA-256, hex.
    pub sha256: Sha256,
    /// The object's MD5, base64.
    pub md5: Md5,
    /// The object's CRC-32C, base64, big-endian.
    pub crc32c: Crc32c,
}

impl IndexUpload {
    /// Creates an upload.
    pub fn of(key: ObjectKey, digests: ObjectDigests) -> Self {
        let ObjectDigests { size, sha256, md5, crc32c } = digests;
        let content_type = IndexType::Json;
        IndexUpload { content_type, file: key.clone(), key, size, sha256, md5, crc32c }
    }

    /// Returns size and digests of the object.
    pub fn digests(&self) -> ObjectDigests {
        let IndexUpload { size, sha256, md5, crc32c, .. } = *self;
        ObjectDigests { size, sha256, md5, crc32c }
    }
}

/// The content type of the search index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexType {
    /// RFC 8259.
    #[default]
    #[serde(rename = "application/json")]
    Json,
}
