//! Mismatches: how v2 differs from v1, as data with stable codes.
//!
//! Evidence only; the texts are in `mismatch/text.rs`. Made by `verify`, told by `report`.

use serde::Serialize;

use crate::content::ObjectId;
use crate::coverage::SignatureState;
use crate::package::Stage;

/// One mismatch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// The archive's or signature's file name, `<name>-<version>.zip`.
    pub object: String,
    /// The file inside the revision, where it is about one; odd bytes escaped.
    pub path: Option<String>,
    /// What it is.
    pub kind: MismatchKind,
}

/// What differs, with the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "evidence")]
pub enum MismatchKind {
    /// v1's copy cannot be read, so that nobody can say what v2 should hold.
    #[serde(rename = "not-checkable")]
    NotCheckable {
        /// The copy that cannot be read.
        stage: Stage,
        /// Why.
        detail: String,
    },
    /// v2 has no archive of a revision.
    #[serde(rename = "archive-missing")]
    ArchiveMissing,
    /// v2 has an archive that v1 has no revision for: information, unless exactness is asked for.
    #[serde(rename = "archive-extra")]
    ArchiveExtra,
    /// The place does not hand the archive out: nothing is known about it.
    #[serde(rename = "archive-unreachable")]
    ArchiveUnreachable {
        /// What the place said.
        detail: String,
    },
    /// The bytes are no ZIP archive, or one that is cut off or damaged.
    #[serde(rename = "archive-unreadable")]
    ArchiveUnreadable {
        /// What the reader said.
        detail: String,
    },
    /// Files are not below `<name>-<version>/`.
    #[serde(rename = "wrong-root")]
    WrongRoot {
        /// The first component that is there instead; empty when there is none.
        found: String,
    },
    /// A file of v1 is not in the archive.
    #[serde(rename = "file-missing")]
    FileMissing,
    /// A file in the archive is not in v1.
    #[serde(rename = "file-extra")]
    FileExtra,
    /// A file has other bytes.
    #[serde(rename = "file-differs")]
    FileDiffers {
        /// The blob in v1.
        expected: ObjectId,
        /// What the bytes in v2 hash to as a blob; none when they could not all be read.
        found: Option<ObjectId>,
        /// Length in v1, in bytes, if it is known.
        expected_len: Option<u64>,
        /// Length in v2, in bytes.
        found_len: u64,
    },
    /// The archive holds another stage's copy than the most promoted one.
    #[serde(rename = "other-copy")]
    OtherCopy {
        /// The stage whose copy it holds.
        stage: Stage,
        /// The stage whose copy it should hold.
        expected: Stage,
    },
    /// A name is there twice.
    #[serde(rename = "duplicate-entry")]
    DuplicateEntry,
    /// A name that an unpacker could be hurt by.
    #[serde(rename = "unsafe-entry")]
    UnsafeEntry {
        /// Why.
        reason: String,
    },
    /// A compression method that the registry does not read.
    #[serde(rename = "unsupported-compression")]
    UnsupportedCompression {
        /// The method's number (APPNOTE 4.4.5).
        method: u16,
    },
    /// Central directory and local header say different things about an entry.
    #[serde(rename = "header-disagreement")]
    HeaderDisagreement {
        /// The field.
        field: String,
    },
    /// The object is not what the plan says.
    #[serde(rename = "plan-disagreement")]
    PlanDisagreement {
        /// The field: `size`, `md5`, `crc32c`, `sha256`, or `key` when the plan lacks the upload.
        field: String,
        /// What the plan says.
        planned: String,
        /// What the place has.
        found: String,
    },
    /// The archive's signature is not good.
    #[serde(untagged)]
    Signature(SignatureState),
}
