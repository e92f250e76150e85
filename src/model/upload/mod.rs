//! The outcome of an upload: what was asked for, and what became of each object.
//!
//! The same model for a run and a dry run, which differ only in what `created` means. The sentences are in `text`.

mod text;

use std::collections::BTreeMap;

use serde::Serialize;

use super::cursor::Cursor;
use super::plan::{Source, Tool, Upload};
use super::scope::Scope;
use super::shard::Shard;
use super::verification::{EndpointResult, PlaceName};
use crate::digest::Sha256;

/// What to upload, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRequest {
    /// The tool.
    pub tool: Tool,
    /// The source of the plan.
    pub source: Source,
    /// The selected packages of the plan.
    pub shard: Shard,
    /// The selected revisions of the plan.
    pub scope: Scope,
    /// The SHA-256 of the decisions file of the plan.
    pub resolutions: Option<Sha256>,
    /// The SHA-256 of the plan.
    pub plan: Sha256,
    /// The store of archives and static resources.
    pub to: PlaceName,
    /// The store of the index, if it is another one.
    pub internal: Option<PlaceName>,
    /// The layout of the keys.
    pub layout: Layout,
    /// The `Cache-Control` of archives, signatures and static resources.
    pub cache_control: Option<String>,
    /// The endpoint of registries, if objects are read through it afterwards.
    pub endpoint: Option<PlaceName>,
    /// Whether nothing is written.
    pub is_dry_run: bool,
}

/// The layout of the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// The keys of the plan.
    #[default]
    Bucket,
    /// Archives and signatures by their file names, for a job that publishes what is in a queue.
    Queue,
}

/// The kinds of object, in the order in which they are uploaded; a signature follows its archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// An archive.
    Archive,
    /// The signature of an archive.
    Signature,
    /// A static resource.
    Static,
    /// The search index.
    Index,
    /// The changes since the previous index.
    Delta,
    /// The object that names the newest index.
    Cursor,
}

impl ObjectKind {
    /// All kinds.
    pub const ALL: &[ObjectKind] = &[
        ObjectKind::Archive,
        ObjectKind::Signature,
        ObjectKind::Static,
        ObjectKind::Index,
        ObjectKind::Delta,
        ObjectKind::Cursor,
    ];

    /// Returns the kind of an upload.
    pub fn of(upload: &Upload) -> Self {
        match upload {
            Upload::Archive(_) => ObjectKind::Archive,
            Upload::Signature(_) => ObjectKind::Signature,
            Upload::Static(_) => ObjectKind::Static,
            Upload::Index(_) => ObjectKind::Index,
            Upload::Delta(_) => ObjectKind::Delta,
            Upload::Cursor(_) => ObjectKind::Cursor,
        }
    }

    /// Returns whether it is an object of the search index.
    pub fn is_of_index(self) -> bool {
        self >= ObjectKind::Index
    }
}

/// What became of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was created or, for the cursor, replaced; in a dry run, it would be.
    Created,
    /// It was there before, with the same bytes.
    AlreadyThere,
    /// Something else is there; it was not touched.
    Conflict(Conflict),
    /// It is not there, or that is unknown.
    Failed(Failure),
    /// It was not sent, because of something else.
    Withheld(Withheld),
}

/// The names of the outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    /// [`Outcome::Created`].
    Created,
    /// [`Outcome::AlreadyThere`].
    AlreadyThere,
    /// [`Outcome::Conflict`].
    Conflict,
    /// [`Outcome::Failed`].
    Failed,
    /// [`Outcome::Withheld`].
    Withheld,
}

/// What is there instead of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Conflict {
    /// An object with other bytes.
    OtherBytes {
        /// Its length.
        found_len: u64,
    },
    /// The cursor is not the one that the plan continues.
    CursorMoved {
        /// The cursor that the plan continues.
        base: Option<Cursor>,
        /// The cursor that was found.
        found: Option<Cursor>,
    },
    /// The cursor that is there cannot be read.
    CursorUnreadable,
    /// The published index has the name of the one that the plan continues, and other bytes.
    BaseChanged {
        /// Its cursor.
        base: Cursor,
        /// Its length.
        found_len: u64,
    },
    /// The cursor names the index that the plan continues, which is not there.
    BaseMissing {
        /// Its cursor.
        base: Cursor,
    },
}

/// Why an object is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Failure {
    /// The store did not do it, or its answers leave open whether it did.
    Store {
        /// The fault of the last attempt; contains no secret.
        detail: String,
    },
    /// Entries of the index whose archives are neither in the plan nor in the store.
    ArchivesMissing {
        /// Their number.
        entry_count: u64,
        /// The first one's archive.
        first: String,
    },
}

/// Why an object was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Withheld {
    /// It is a signature that does not exist yet.
    Pending,
    /// Its archive is not there.
    ArchiveNotThere,
    /// Another signature of the same archive is published, and stays on request.
    SignatureStays,
    /// Objects that must be there before are not.
    NotComplete {
        /// Their number.
        object_count: u64,
    },
    /// The published cursor is not the one that the plan continues.
    CursorNotBase,
    /// Another index lies between the published one and this one. A registry would apply its changes, too.
    IndexBetween,
}

/// What became of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedObject {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its key in the store.
    pub key: String,
    /// Its length; `None` for a signature that is pending.
    pub size: Option<u64>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What does not concern a single object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum UploadNotice {
    /// A registry reads the index from Google Cloud Storage only.
    IndexNotReadable,
    /// The layout has no static resources and no index.
    NotInQueue {
        /// Number of objects that are not uploaded.
        object_count: u64,
    },
    /// Signatures do not exist yet.
    Pending {
        /// Their number.
        signature_count: u64,
    },
}

/// The outcome of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadOutcome {
    /// What was to be done.
    pub request: UploadRequest,
    /// All objects, in the order of the plan.
    pub objects: Vec<UploadedObject>,
    /// What does not concern a single object.
    pub notices: Vec<UploadNotice>,
    /// Number of pages of the stores' lists.
    pub page_count: u64,
    /// What was read through the endpoint of registries; `None` if none was given.
    pub endpoint: Option<EndpointResult>,
}

/// What uploading a plan would do, compared with a place by lists and digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The outcome of a dry run.
    pub outcome: UploadOutcome,
    /// The number of objects in the place that the plan does not have, by kind; they stay. Kinds that the plan does not
    /// have, and the index, are not looked at.
    pub others: BTreeMap<ObjectKind, u64>,
}

/// The number of objects by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OutcomeCounts {
    /// All objects.
    pub planned: u64,
    /// [`Outcome::Created`].
    pub created: u64,
    /// [`Outcome::AlreadyThere`].
    pub already_there: u64,
    /// [`Outcome::Conflict`].
    pub conflict: u64,
    /// [`Outcome::Failed`].
    pub failed: u64,
    /// [`Outcome::Withheld`].
    pub withheld: u64,
    /// The bytes of the created objects.
    pub created_bytes: u64,
}

impl OutcomeCounts {
    /// Counts an object.
    pub fn add(&mut self, object: &UploadedObject) {
        self.planned += 1;
        let count = match object.outcome.kind() {
            OutcomeKind::Created => {
                self.created_bytes += object.size.unwrap_or(0);
                &mut self.created
            }
            OutcomeKind::AlreadyThere => &mut self.already_there,
            OutcomeKind::Conflict => &mut self.conflict,
            OutcomeKind::Failed => &mut self.failed,
            OutcomeKind::Withheld => &mut self.withheld,
        };
        *count += 1;
    }
}

/// How an upload ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UploadConclusion {
    /// Every object is there, but for those that were left out on request.
    Complete,
    /// Every object is there, but the endpoint does not serve one of each kind.
    NotServed,
    /// Others are there instead of some objects.
    Conflicts,
    /// Some objects are not there.
    Failed,
}

impl Outcome {
    /// Returns the name of the outcome.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Outcome::Created => OutcomeKind::Created,
            Outcome::AlreadyThere => OutcomeKind::AlreadyThere,
            Outcome::Conflict(_) => OutcomeKind::Conflict,
            Outcome::Failed(_) => OutcomeKind::Failed,
            Outcome::Withheld(_) => OutcomeKind::Withheld,
        }
    }

    /// Returns the code of the reason why the object is not there as planned; `None` if it is.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Outcome::Created | Outcome::AlreadyThere => None,
            Outcome::Conflict(conflict) => Some(conflict.into()),
            Outcome::Failed(failure) => Some(failure.into()),
            Outcome::Withheld(withheld) => Some(withheld.into()),
        }
    }

    /// Returns whether the object is there and right.
    pub fn is_there(&self) -> bool {
        matches!(self, Outcome::Created | Outcome::AlreadyThere)
    }
}

impl UploadOutcome {
    /// Counts all objects.
    pub fn counts(&self) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        self.objects.iter().for_each(|object| counts.add(object));
        counts
    }

    /// Counts the objects of each kind that the plan has.
    pub fn counts_by_kind(&self) -> BTreeMap<ObjectKind, OutcomeCounts> {
        let mut counts: BTreeMap<ObjectKind, OutcomeCounts> = BTreeMap::new();
        self.objects.iter().for_each(|object| counts.entry(object.kind).or_default().add(object));
        counts
    }

    /// Returns the objects with an outcome.
    pub fn with(&self, kind: OutcomeKind) -> impl Iterator<Item = &UploadedObject> {
        self.objects.iter().filter(move |object| object.outcome.kind() == kind)
    }

    /// Returns how the upload ended. Whatever is withheld because of others ends as they do.
    pub fn conclusion(&self) -> UploadConclusion {
        let counts = self.counts();
        match (counts.failed, counts.conflict) {
            (1.., _) => UploadConclusion::Failed,
            (0, 1..) => UploadConclusion::Conflicts,
            (0, 0) if !self.is_served() => UploadConclusion::NotServed,
            (0, 0) => UploadConclusion::Complete,
        }
    }

    /// Returns whether the endpoint serves an object of each kind, if one was given.
    pub fn is_served(&self) -> bool {
        self.endpoint.as_ref().is_none_or(|found| found.counts().is_proven())
    }
}
