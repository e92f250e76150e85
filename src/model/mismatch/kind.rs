//! Every mismatch code, with its evidence and its class.
//!
//! To add a code: add a variant here, its class below, its texts in `text`, and a row in the table in
//! `docs/mismatches.md`. There are no `_` arms, so that the compiler reports what is missing.

use serde::Serialize;

use super::{Class, Extras, RegistryMismatch};
use crate::digest::Sha256;
use crate::model::content::ObjectId;
use crate::model::finding::FieldDifference;
use crate::model::package::Stage;
use crate::model::signature_status::SignatureState;

/// The kind of a mismatch, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", content = "evidence", rename_all = "kebab-case")]
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum MismatchKind {
    /// v1's copy cannot be read, so that the expected content is unknown.
    NotCheckable {
        /// The copy that cannot be read.
        stage: Stage,
        /// The reason.
        detail: String,
    },
    /// v2 has no archive of a revision.
    ArchiveMissing,
    /// v2 has an archive of a revision that v1 does not have: information, unless `--exact` is given.
    ArchiveExtra,
    /// The archive could not be fetched: its content is unknown.
    ArchiveUnreachable {
        /// The error.
        detail: String,
    },
    /// The bytes are not a ZIP archive, or the archive is truncated or damaged.
    ArchiveUnreadable {
        /// The reader's error.
        detail: String,
    },
    /// Bytes before, between or after the parts of the archive, which some readers do not accept.
    StrayBytes {
        /// Where they are, and which readers accept the archive.
        detail: String,
    },
    /// Files are not in the root folder `<name>-<version>/`.
    WrongRoot {
        /// The first path component that was found instead; empty if there is none.
        found: String,
    },
    /// A file of v1 is not in the archive.
    FileMissing,
    /// A file in the archive is not in v1.
    FileExtra,
    /// A file has different content.
    FileDiffers {
        /// The blob in v1.
        expected: ObjectId,
        /// The blob id of the bytes in v2; `None` if they could not all be read.
        found: Option<ObjectId>,
        /// Size in v1 in bytes, if known.
        expected_len: Option<u64>,
        /// Size in v2 in bytes.
        found_len: u64,
    },
    /// The archive has the content of another stage's copy than expected.
    OtherCopy {
        /// The stage whose copy it has.
        stage: Stage,
        /// The stage whose copy is expected.
        expected: Stage,
    },
    /// A name appears twice.
    DuplicateEntry,
    /// A name that is unsafe to unpack.
    UnsafeEntry {
        /// The reason.
        reason: String,
    },
    /// A compression method that the registry does not support.
    UnsupportedCompression {
        /// The method's number (APPNOTE 4.4.5).
        method: u16,
    },
    /// The central directory and the local header of an entry disagree.
    HeaderDisagreement {
        /// The field.
        field: String,
    },
    /// The object differs from the plan.
    PlanDisagreement {
        /// The field: `size`, `md5`, `crc32c`, `sha256`, `content_type`, or `key` if only one of plan and v2
        /// has the object.
        field: String,
        /// The planned value; empty if the plan does not have the object.
        planned: String,
        /// The value in v2; empty if v2 does not have the object.
        found: String,
    },
    /// v2 lacks a static resource, or all those of a revision, which are then reported together.
    StaticMissing {
        /// Number of objects.
        object_count: u64,
    },
    /// v2 has an object among the static resources that v1 does not: information, unless `--exact` is given.
    StaticExtra {
        /// Number of objects: all those of a revision that v1 does not have are reported together.
        object_count: u64,
    },
    /// v2 has a static resource only under a key that differs in case.
    StaticCase {
        /// The key in v2.
        found: String,
    },
    /// v2 has a folder or a link at the key of a static resource.
    StaticNotAFile {
        /// What it is.
        found: String,
    },
    /// The static resource could not be fetched: its content is unknown.
    StaticUnreachable {
        /// The error.
        detail: String,
    },
    /// A static resource has another size.
    StaticSize {
        /// Size in v1 in bytes.
        expected_len: u64,
        /// Size in v2 in bytes.
        found_len: u64,
    },
    /// A static resource has other bytes of the same size.
    StaticDiffers {
        /// The blob in v1.
        expected: ObjectId,
        /// The blob id of the bytes in v2.
        found: ObjectId,
    },
    /// A static resource has another content type.
    StaticContentType {
        /// The type that the registry states for a file with this extension.
        expected: String,
        /// The type in v2; empty if a registry states none.
        found: String,
    },
    /// An archive, a signature or an object of the index has another content type.
    ContentTypeDiffers {
        /// The type that uploads have.
        expected: String,
        /// The type in v2.
        found: String,
    },
    /// An object has another `Cache-Control` than the given one.
    CacheControlDiffers {
        /// The given value, or that of a cursor.
        expected: String,
        /// The value in v2; empty if there is none.
        found: String,
    },
    /// There is no `cursor.json`, so that no registry finds the index.
    CursorMissing,
    /// `cursor.json` names no index.
    CursorUnreadable {
        /// The reader's error.
        detail: String,
    },
    /// The cursor sorts before that of the base index, so that a registry that loads deltas ignores it.
    CursorStale {
        /// The cursor.
        cursor: String,
        /// The base index's.
        base: String,
    },
    /// There is no index under the name in `cursor.json`.
    IndexMissing,
    /// The cursor, the index or its delta could not be fetched.
    IndexUnreachable {
        /// The error.
        detail: String,
    },
    /// The registry does not read the index.
    IndexUnreadable {
        /// The reader's error.
        detail: String,
    },
    /// The index has no entry of a revision.
    EntryMissing,
    /// The index has an entry that it should not have.
    EntryExtra {
        /// Why.
        detail: String,
    },
    /// An entry differs from the one that the registry derives from v1's files.
    EntryDiffers {
        /// The fields by path; the published value is that in v2.
        fields: Vec<FieldDifference>,
    },
    /// The registry does not read an entry, and therefore not the index.
    EntryUnreadable {
        /// What is wrong.
        detail: String,
    },
    /// The index has two entries of a revision.
    EntryDuplicate,
    /// An entry is not at its place in the order by name, then by version.
    EntryOrder {
        /// The entry before it.
        after: String,
    },
    /// An entry refers to a signature that v2 does not have, or not to the one that it has.
    EntrySignature {
        /// The path of the signature; `None` if v2 has none.
        expected: Option<String>,
        /// The path in the entry.
        found: Option<String>,
    },
    /// The registry derives another entry from the archive than from v1's files.
    ArchiveEntry {
        /// The fields by path; the published value is that of the archive.
        fields: Vec<FieldDifference>,
    },
    /// An entry of the base index was changed or removed.
    BaseEntryLost {
        /// Whether the index has another entry of the revision.
        is_changed: bool,
    },
    /// The list of changes cannot be read.
    DeltaUnreadable {
        /// The reader's error.
        detail: String,
    },
    /// The list of changes contradicts the index or the base index.
    DeltaDiffers {
        /// How.
        detail: String,
    },
    /// The endpoint of registries has no such object.
    EndpointMissing,
    /// The endpoint of registries refuses a request without credentials.
    EndpointRefused {
        /// The HTTP status.
        status: u16,
    },
    /// The endpoint of registries serves other bytes than v2 has.
    EndpointDiffers {
        /// The SHA-256 of the bytes in v2.
        expected: Sha256,
        /// Size in v2 in bytes.
        expected_len: u64,
        /// The SHA-256 of the bytes that the endpoint serves.
        found: Sha256,
        /// Their number.
        found_len: u64,
    },
    /// The object could not be fetched through the endpoint of registries.
    EndpointUnreachable {
        /// The error.
        detail: String,
    },
    /// The archive's signature is not good; the state has the code and the evidence.
    #[serde(untagged)]
    #[strum(transparent)]
    Signature(SignatureState),
    /// An answer of a registry differs.
    #[serde(untagged)]
    #[strum(transparent)]
    Registry(RegistryMismatch),
}

impl MismatchKind {
    /// Returns the stable code.
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// Returns whether it is about an archive or its signature, so that the revision identifies the object.
    pub fn is_of_archive(&self) -> bool {
        const OTHERS: [&str; 7] =
            ["static-", "cursor-", "index-", "entry-", "base-", "delta-", "endpoint-"];
        // Its object may be any.
        let is_stated = matches!(
            self,
            MismatchKind::ContentTypeDiffers { .. } | MismatchKind::CacheControlDiffers { .. }
        );
        let is_answer = matches!(self, MismatchKind::Registry(_));
        !is_answer && !is_stated && !OTHERS.iter().any(|prefix| self.code().starts_with(prefix))
    }

    /// Returns the class, which for extra objects depends on `extras`.
    pub fn class(&self, extras: Extras) -> Class {
        match self {
            MismatchKind::ArchiveExtra | MismatchKind::StaticExtra { .. } => match extras {
                Extras::Allowed => Class::Information,
                Extras::Refused => Class::Mismatch,
            },
            MismatchKind::NotCheckable { .. }
            | MismatchKind::ArchiveUnreachable { .. }
            | MismatchKind::StaticUnreachable { .. }
            | MismatchKind::IndexUnreachable { .. }
            | MismatchKind::EndpointUnreachable { .. } => Class::Unknown,
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
            | MismatchKind::PlanDisagreement { .. }
            | MismatchKind::StaticMissing { .. }
            | MismatchKind::StaticCase { .. }
            | MismatchKind::StaticNotAFile { .. }
            | MismatchKind::StaticSize { .. }
            | MismatchKind::StaticDiffers { .. }
            | MismatchKind::StaticContentType { .. }
            | MismatchKind::ContentTypeDiffers { .. }
            | MismatchKind::CacheControlDiffers { .. }
            | MismatchKind::CursorMissing
            | MismatchKind::CursorUnreadable { .. }
            | MismatchKind::CursorStale { .. }
            | MismatchKind::IndexMissing
            | MismatchKind::IndexUnreadable { .. }
            | MismatchKind::EntryMissing
            | MismatchKind::EntryExtra { .. }
            | MismatchKind::EntryDiffers { .. }
            | MismatchKind::EntryUnreadable { .. }
            | MismatchKind::EntryDuplicate
            | MismatchKind::EntryOrder { .. }
            | MismatchKind::EntrySignature { .. }
            | MismatchKind::ArchiveEntry { .. }
            | MismatchKind::BaseEntryLost { .. }
            | MismatchKind::DeltaUnreadable { .. }
            | MismatchKind::DeltaDiffers { .. }
            | MismatchKind::EndpointMissing
            | MismatchKind::EndpointRefused { .. }
            | MismatchKind::EndpointDiffers { .. } => Class::Mismatch,
            MismatchKind::Registry(mismatch) => mismatch.class(),
            MismatchKind::Signature(SignatureState::Good { .. }) => Class::Information,
            MismatchKind::Signature(
                SignatureState::Missing
                | SignatureState::UnknownKey { .. }
                | SignatureState::Bad { .. }
                | SignatureState::KeyExpired { .. }
                | SignatureState::KeyRevoked { .. }
                | SignatureState::Stale { .. }
                | SignatureState::Orphan
                | SignatureState::Malformed { .. },
            ) => Class::Mismatch,
        }
    }
}
