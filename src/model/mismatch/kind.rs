//! Every mismatch code, with its evidence and its class.
//!
//! Adding a code: a variant here, its code and class below, its texts in `text`, a row in the
//! README's table. No `_` arms, so that the compiler names what is missing.

use serde::Serialize;

use super::{Class, Extras};
use crate::model::content::ObjectId;
use crate::model::package::Stage;
use crate::model::signature_status::SignatureState;

/// What differs, with the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "evidence", rename_all = "kebab-case")]
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum MismatchKind {
    /// v1's copy cannot be read, so that nobody can say what v2 should hold.
    NotCheckable {
        /// The copy that cannot be read.
        stage: Stage,
        /// Why.
        detail: String,
    },
    /// v2 has no archive of a revision.
    ArchiveMissing,
    /// v2 has an archive that v1 has no revision for: information, unless exactness is asked for.
    ArchiveExtra,
    /// The place does not hand the archive out: nothing is known about it.
    ArchiveUnreachable {
        /// What the place said.
        detail: String,
    },
    /// The bytes are no ZIP archive, or one that is cut off or damaged.
    ArchiveUnreadable {
        /// What the reader said.
        detail: String,
    },
    /// Bytes before, between or after what the archive consists of, which not all readers skip.
    StrayBytes {
        /// Where they are, and who reads the archive.
        detail: String,
    },
    /// Files are not below `<name>-<version>/`.
    WrongRoot {
        /// The first component that is there instead; empty when there is none.
        found: String,
    },
    /// A file of v1 is not in the archive.
    FileMissing,
    /// A file in the archive is not in v1.
    FileExtra,
    /// A file has other bytes.
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
    OtherCopy {
        /// The stage whose copy it holds.
        stage: Stage,
        /// The stage whose copy it should hold.
        expected: Stage,
    },
    /// A name is there twice.
    DuplicateEntry,
    /// A name that an unpacker could be hurt by.
    UnsafeEntry {
        /// Why.
        reason: String,
    },
    /// A compression method that the registry does not read.
    UnsupportedCompression {
        /// The method's number (APPNOTE 4.4.5).
        method: u16,
    },
    /// Central directory and local header say different things about an entry.
    HeaderDisagreement {
        /// The field.
        field: String,
    },
    /// The object is not what the plan says.
    PlanDisagreement {
        /// The field: `size`, `md5`, `crc32c`, `sha256`, or `key` when the plan lacks the upload.
        field: String,
        /// What the plan says.
        planned: String,
        /// What the place has.
        found: String,
    },
    /// The archive's signature is not good; the state has the code and the evidence.
    #[serde(untagged)]
    #[strum(transparent)]
    Signature(SignatureState),
}

impl MismatchKind {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// What it means for the proof, given what v2 may hold besides.
    pub fn class(&self, extras: Extras) -> Class {
        match self {
            MismatchKind::ArchiveExtra => match extras {
                Extras::Allowed => Class::Information,
                Extras::Refused => Class::Mismatch,
            },
            MismatchKind::NotCheckable { .. } | MismatchKind::ArchiveUnreachable { .. } => {
                Class::Unknown
            }
            MismatchKind::ArchiveMissing
            | MismatchKind::ArchiveUnreadable { .. }
            | MismatchKind::StrayBytes { .. }
            | MismatchKind::WrongRoot { .. }
            | MismatchKind::FileMissing
            | MismatchKind::FileExtra
            | MismatchKind::FileDiffers { .. }
            | MismatchKind::OtherCopy { .. }
            | MismatchKind::DuplicateEntry
            | MismatchKind::UnsafeEntry { .. }
            | MismatchKind::UnsupportedCompression { .. }
            | MismatchKind::HeaderDisagreement { .. }
            | MismatchKind::PlanDisagreement { .. } => Class::Mismatch,
            MismatchKind::Signature(SignatureState::Good { .. }) => Class::Information,
            MismatchKind::Signature(_) => Class::Mismatch,
        }
    }
}
