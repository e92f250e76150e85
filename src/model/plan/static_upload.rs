//! A static resource to be uploaded to v2: its key, its content type, and the file that it comes from.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::{Crc32c, Md5, ObjectDigests, Sha256};
use crate::model::content::EntryPath;
use crate::model::package::{ObjectKey, RevisionId, STATIC_PREFIX};

/// The content type of an object: one line of visible ASCII, as in an HTTP header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentType(Cow<'static, str>);

/// The error for a text that is not a content type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected <type>/<subtype>, in one line of ASCII")]
pub struct ContentTypeError;

impl ContentType {
    /// Returns the type as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for ContentType {
    /// Converts a type from a table of this program.
    fn from(text: &'static str) -> Self {
        ContentType(Cow::Borrowed(text))
    }
}

impl TryFrom<String> for ContentType {
    type Error = ContentTypeError;

    fn try_from(text: String) -> Result<Self, ContentTypeError> {
        let is_line = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        let has_parts = text.split_once('/').is_some_and(|(kind, subtype)| {
            !kind.is_empty() && !subtype.is_empty() && text.trim() == text
        });
        if is_line && has_parts { Ok(ContentType(Cow::Owned(text))) } else { Err(ContentTypeError) }
    }
}

impl From<ContentType> for String {
    fn from(content_type: ContentType) -> Self {
        content_type.0.into_owned()
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The file of v1 that a static resource comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaticOrigin {
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The path inside the revision.
    pub path: String,
}

/// A static resource to be uploaded to v2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StaticRecord", into = "StaticRecord")]
pub struct StaticUpload {
    key: ObjectKey,
    content_type: ContentType,
    digests: ObjectDigests,
    from: StaticOrigin,
}

impl StaticUpload {
    /// Creates the upload of a revision's file.
    pub fn of(
        revision: &RevisionId,
        path: &EntryPath,
        content_type: ContentType,
        digests: ObjectDigests,
    ) -> Self {
        StaticUpload {
            key: revision.static_key(path),
            content_type,
            digests,
            from: StaticOrigin {
                package: revision.name.to_string(),
                version: revision.version.to_string(),
                path: path.to_string(),
            },
        }
    }

    /// Returns the object's key in the bucket; also the path of the file relative to the output folder.
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the content type.
    pub fn content_type(&self) -> &ContentType {
        &self.content_type
    }

    /// Returns size and digests of the object.
    pub fn digests(&self) -> &ObjectDigests {
        &self.digests
    }

    /// Returns the file that it comes from.
    pub fn from(&self) -> &StaticOrigin {
        &self.from
    }
}

/// A static resource's JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StaticRecord {
    content_type: ContentType,
    key: ObjectKey,
    file: ObjectKey,
    size: u64,
    sha256: Sha256,
    md5: Md5,
    crc32c: Crc32c,
    from: StaticOrigin,
}

impl From<StaticUpload> for StaticRecord {
    fn from(upload: StaticUpload) -> Self {
        let StaticUpload { key, content_type, digests, from } = upload;
        let ObjectDigests { size, sha256, md5, crc32c } = digests;
        StaticRecord { content_type, file: key.clone(), key, size, sha256, md5, crc32c, from }
    }
}

/// The error for a record whose key does not match its file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not the key of the static resource in `from`, or `file` differs")]
struct StaticKeyError(ObjectKey);

impl TryFrom<StaticRecord> for StaticUpload {
    type Error = StaticKeyError;

    fn try_from(record: StaticRecord) -> Result<Self, StaticKeyError> {
        let StaticRecord { content_type, key, file, size, sha256, md5, crc32c, from } = record;
        let StaticOrigin { package, version, path } = &from;
        if key.as_str() != format!("{STATIC_PREFIX}{package}-{version}/{path}") || file != key {
            return Err(StaticKeyError(key));
        }
        let digests = ObjectDigests { size, sha256, md5, crc32c };
        Ok(StaticUpload { key, content_type, digests, from })
    }
}
