//! The objects that are uploaded to v2: archives, their signatures, static resources, and the search index.
//!
//! In JSON, `kind` distinguishes them. A signature must be published after its archive, so the order of uploads is
//! part of the plan: [`Upload::cmp_order`].

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{IndexUpload, StaticUpload};
use crate::digest::{Crc32c, Md5, ObjectDigests, Sha256};
use crate::model::package::{ObjectKey, Stage};

/// An object to be uploaded to v2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Upload {
    /// A revision's archive.
    Archive(ArchiveUpload),
    /// The detached signature of an archive.
    Signature(SignatureUpload),
    /// A file of a revision.
    Static(StaticUpload),
    /// The search index.
    Index(IndexUpload),
    /// The changes since the previous search index.
    Delta(IndexUpload),
    /// The name of the newest search index, which registries read first.
    Cursor(IndexUpload),
}

/// The content type of every archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArchiveType {
    /// ZIP, as IANA registers it.
    #[default]
    #[serde(rename = "application/zip")]
    Zip,
}

/// The content type of every signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum SignatureType {
    /// RFC 3156.
    #[default]
    #[serde(rename = "application/pgp-signature")]
    Pgp,
}

/// An archive to be uploaded to v2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveUpload {
    /// The content type.
    pub content_type: ArchiveType,
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
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The stage whose copy is migrated.
    pub stage: Stage,
    /// The digest of the revision's files: [`crate::model::content::Content::digest`].
    pub content_digest: Sha256,
    /// Number of files in the archive.
    pub file_count: u64,
}

/// A signature to be uploaded to v2, right after its archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SignatureRecord", into = "SignatureRecord")]
pub struct SignatureUpload {
    /// The object's key in the bucket: the key of the archive with the suffix `.sig`.
    key: ObjectKey,
    /// The path of the file relative to the output folder, with `/` as separator.
    file: ObjectKey,
    /// The key of the archive that is signed.
    signs: ObjectKey,
    /// Size and digests; `None` while the signature is pending. It contains its creation time, so a dry run
    /// cannot know its bytes.
    digests: Option<ObjectDigests>,
}

impl Upload {
    /// Returns the object's key in the bucket.
    pub fn key(&self) -> &ObjectKey {
        match self {
            Upload::Archive(archive) => &archive.key,
            Upload::Signature(signature) => &signature.key,
            Upload::Static(resource) => resource.key(),
            Upload::Index(object) | Upload::Delta(object) | Upload::Cursor(object) => &object.key,
        }
    }

    /// Returns the path of the file relative to the output folder, with `/` as separator.
    pub fn file(&self) -> &ObjectKey {
        match self {
            Upload::Archive(archive) => &archive.file,
            Upload::Signature(signature) => &signature.file,
            Upload::Static(resource) => resource.key(),
            Upload::Index(object) | Upload::Delta(object) | Upload::Cursor(object) => &object.file,
        }
    }

    /// Returns size and digests of the object; `None` for a signature that is pending.
    pub fn digests(&self) -> Option<ObjectDigests> {
        match self {
            Upload::Archive(archive) => Some(archive.digests()),
            Upload::Signature(signature) => signature.digests,
            Upload::Static(resource) => Some(*resource.digests()),
            Upload::Index(object) | Upload::Delta(object) | Upload::Cursor(object) => {
                Some(object.digests())
            }
        }
    }

    /// Returns the content type.
    pub fn content_type(&self) -> &str {
        match self {
            Upload::Archive(ArchiveUpload { content_type: ArchiveType::Zip, .. }) => {
                "application/zip"
            }
            Upload::Signature(_) => "application/pgp-signature",
            Upload::Static(resource) => resource.content_type().as_str(),
            Upload::Index(_) | Upload::Delta(_) | Upload::Cursor(_) => "application/json",
        }
    }

    /// Returns whether it is an object of the search index.
    pub fn is_of_index(&self) -> bool {
        matches!(self, Upload::Index(_) | Upload::Delta(_) | Upload::Cursor(_))
    }

    /// Compares by the order in which uploads may be published: by the archives' keys in byte order, each
    /// signature right after its archive; then static resources by key; then the index, its changes, and the
    /// cursor, which makes registries load it.
    ///
    /// For archives and signatures this is usually the byte order of all keys, but not always:
    /// `a-1.0.0-b.zip+c.zip` sorts between `a-1.0.0-b.zip` and its signature.
    pub fn cmp_order(&self, other: &Upload) -> Ordering {
        self.order().cmp(&other.order())
    }

    fn order(&self) -> (Step, &ObjectKey, bool) {
        match self {
            Upload::Archive(archive) => (Step::Archives, &archive.key, false),
            Upload::Signature(signature) => (Step::Archives, &signature.signs, true),
            Upload::Static(resource) => (Step::Statics, resource.key(), false),
            Upload::Index(object) => (Step::Index, &object.key, false),
            Upload::Delta(object) => (Step::Delta, &object.key, false),
            Upload::Cursor(object) => (Step::Cursor, &object.key, false),
        }
    }
}

/// The steps of publishing, in their order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Archives,
    Statics,
    Index,
    Delta,
    Cursor,
}

impl ArchiveUpload {
    /// Returns size and digests of the object.
    pub fn digests(&self) -> ObjectDigests {
        let ArchiveUpload { size, sha256, md5, crc32c, .. } = *self;
        ObjectDigests { size, sha256, md5, crc32c }
    }
}

impl SignatureUpload {
    /// Creates the signature of `archive`; without digests, it is pending.
    pub fn of(archive: &ArchiveUpload, digests: Option<ObjectDigests>) -> Self {
        SignatureUpload {
            key: archive.key.signature_key(),
            file: archive.file.signature_key(),
            signs: archive.key.clone(),
            digests,
        }
    }

    /// Returns the object's key in the bucket: the key of the archive with the suffix `.sig`.
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the path of the file relative to the output folder, with `/` as separator.
    pub fn file(&self) -> &ObjectKey {
        &self.file
    }

    /// Returns the key of the archive that is signed.
    pub fn signs(&self) -> &ObjectKey {
        &self.signs
    }

    /// Returns size and digests of the object; `None` while it is pending.
    pub fn digests(&self) -> Option<&ObjectDigests> {
        self.digests.as_ref()
    }
}

/// The JSON form of a signature.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureRecord {
    content_type: SignatureType,
    key: ObjectKey,
    file: ObjectKey,
    signs: ObjectKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<Sha256>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    md5: Option<Md5>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crc32c: Option<Crc32c>,
}

impl From<SignatureUpload> for SignatureRecord {
    fn from(upload: SignatureUpload) -> Self {
        let SignatureUpload { key, file, signs, digests } = upload;
        SignatureRecord {
            content_type: SignatureType::Pgp,
            key,
            file,
            signs,
            size: digests.map(|digests| digests.size),
            sha256: digests.map(|digests| digests.sha256),
            md5: digests.map(|digests| digests.md5),
            crc32c: digests.map(|digests| digests.crc32c),
        }
    }
}

/// The error for an invalid record of a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum NoSignature {
    #[error("{key} is not the key of the signature of {signs}")]
    Name { key: ObjectKey, signs: ObjectKey },
    #[error("{0} has some of size, sha256, md5 and crc32c, but not all")]
    Digests(ObjectKey),
}

impl TryFrom<SignatureRecord> for SignatureUpload {
    type Error = NoSignature;

    fn try_from(record: SignatureRecord) -> Result<Self, NoSignature> {
        let SignatureRecord { content_type: SignatureType::Pgp, key, file, signs, .. } = record;
        let SignatureRecord { size, sha256, md5, crc32c, .. } = record;
        if key != signs.signature_key() {
            return Err(NoSignature::Name { key, signs });
        }
        let digests = match (size, sha256, md5, crc32c) {
            (None, None, None, None) => None,
            (Some(size), Some(sha256), Some(md5), Some(crc32c)) => {
                Some(ObjectDigests { size, sha256, md5, crc32c })
            }
            _ => return Err(NoSignature::Digests(key)),
        };
        Ok(SignatureUpload { key, file, signs, digests })
    }
}
