//! The outcome of `verify`: the request, what was checked, and the mismatches.
//!
//! Pure data. Every count is computed from the results, so that only recorded results are reported.
//! [`VerifyOutcome::conclusion`] alone decides whether v1 and v2 match; 0 of 0 is not a match. Created
//! by `verify`, rendered by `report`.

mod conclusion;
mod endpoint;
mod registry;
mod request;
mod resources;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::mismatch::{Class, Mismatch};
use super::package::RevisionId;
use super::registry_release::RegistryRelease;
use super::resources::Resource;

pub use conclusion::Conclusion;
pub use endpoint::{EndpointKind, EndpointObject, EndpointResult};
pub use registry::{RegistryAnswers, RegistryRequest, ServedFrom, ServedFromError, Share};
pub use request::{Depth, DepthError, PlaceName, VerifyRequest};
pub use resources::{IndexObjects, IndexResult, ObjectCounts, StaticsResult};

/// The result for one revision of v1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionResult {
    /// The revision.
    pub revision: RevisionId,
    /// Number of its files that were compared: 0 at depth `listing`, or if the copy in v1 or the archive
    /// in v2 cannot be read.
    pub file_count: u64,
    /// Mismatches of its archive and signature, including the reasons why something could not be checked.
    pub mismatches: Vec<Mismatch>,
    /// Mismatches of its static resources and its entry in the index.
    pub of_resources: Vec<Mismatch>,
}

impl RevisionResult {
    /// Returns all its mismatches.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Mismatch> {
        self.mismatches.iter().chain(&self.of_resources)
    }
}

/// The status of a revision or of one of its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum RevisionStatus {
    /// v2 matches v1.
    Good,
    /// v2 does not match v1.
    Mismatch,
    /// The revision could not be checked completely, and no mismatch was found.
    Unknown,
}

impl RevisionStatus {
    /// Returns the status that follows from the classes of all mismatches.
    pub fn of(classes: impl Iterator<Item = Class>) -> Self {
        match classes.max() {
            None | Some(Class::Information) => RevisionStatus::Good,
            Some(Class::Unknown) => RevisionStatus::Unknown,
            Some(Class::Mismatch) => RevisionStatus::Mismatch,
        }
    }
}

/// A remark on how v1 and v2 were read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "code", content = "evidence", rename_all = "kebab-case")]
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Notice {
    /// The server does not support range requests, so that archives were read in full where parts would
    /// have been enough.
    NoRanges,
    /// v2 cannot be listed, so that extra objects are unknown.
    NotListed,
    /// Refs in `refs/replace/` of v1, which Git honours, were ignored.
    ReplacedObjects {
        /// The number of objects that they replace.
        object_count: u64,
    },
    /// Replaced parents in v1's `info/grafts`, which Git honours, were ignored.
    GraftedCommits {
        /// The number of commits that have them.
        commit_count: u64,
    },
    /// Flags or decisions name what v1 does not have any more.
    NoLongerInV1 {
        /// The flags with their values, and the revisions that decisions are about.
        names: BTreeSet<String>,
    },
    /// v2 provides no digest for some objects, so that only their sizes were compared.
    LengthsOnly {
        /// The number of objects.
        object_count: u64,
    },
    /// The index was not read: its objects have the planned sizes, and digests if v2 provides them.
    IndexByDigest {
        /// The number of objects.
        object_count: u64,
    },
    /// The index was not read: its objects exist.
    IndexByName {
        /// The number of objects.
        object_count: u64,
    },
    /// The server states no content type for some objects, so that it was not compared.
    TypesUnknown {
        /// The number of objects.
        object_count: u64,
    },
    /// No list has the content type and `Cache-Control` of some objects, so that they were not compared.
    TypesNotListed {
        /// The number of objects.
        object_count: u64,
    },
    /// The registry reports no version, or one that this tool does not know: it is judged like the newest known release.
    UnknownRelease {
        /// The version that it reports, if any.
        version: Option<String>,
        /// The release by whose rules it is judged.
        judged_as: RegistryRelease,
    },
    /// The registry makes archives at each request, so that only their content could be compared, at depth content.
    ArchivesMadeOnRequest {
        /// The number of archives.
        object_count: u64,
    },
    /// The content types of some static resources depend on the registry's host: neither Go nor the registry define them.
    TypesNotJudged {
        /// The extensions, sorted; empty for names without one.
        extensions: BTreeSet<String>,
    },
    /// Packages of v1 that are not migrated, which a registry serves from folders.
    ServedUnmigrated {
        /// The revisions.
        revisions: BTreeSet<String>,
    },
}

impl Notice {
    /// Returns the stable code.
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

/// How much of v2 was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Number of archives that were opened.
    pub archive_count: u64,
    /// Number of bytes that were read.
    pub byte_len: u64,
}

/// The outcome of a run of `verify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyOutcome {
    /// The request.
    pub request: VerifyRequest,
    /// The number of revisions of v1 in the scope and the sample.
    pub to_check_count: u64,
    /// How much of v2 was read.
    pub reading: Reading,
    /// What was found of the static resources; `None` if they were not looked at.
    pub statics: Option<StaticsResult>,
    /// What was found of the entries of the index; `None` if it was not read.
    pub index: Option<IndexResult>,
    /// What was found of the objects of the index, if it was looked at and not read.
    pub index_objects: Option<IndexObjects>,
    /// What a registry answered, if the place is one.
    pub registry: Option<RegistryAnswers>,
    /// What was read through the endpoint of registries; `None` if none was given.
    pub endpoint: Option<EndpointResult>,
    revisions: Vec<RevisionResult>,
    others: Vec<Mismatch>,
    notices: Vec<Notice>,
}

impl VerifyOutcome {
    /// Creates an outcome; results, mismatches and notices may be in any order.
    ///
    /// `others` are mismatches of objects that belong to no revision of v1.
    pub fn new(
        request: VerifyRequest,
        to_check_count: u64,
        mut revisions: Vec<RevisionResult>,
        mut others: Vec<Mismatch>,
        mut notices: Vec<Notice>,
        reading: Reading,
    ) -> Self {
        revisions.sort_by(|a, b| a.revision.cmp(&b.revision));
        for result in &mut revisions {
            result.mismatches.sort_by(Mismatch::order);
            result.of_resources.sort_by(Mismatch::order);
        }
        others.sort_by(Mismatch::order);
        notices.sort();
        notices.dedup();
        VerifyOutcome {
            request,
            to_check_count,
            reading,
            statics: None,
            index: None,
            index_objects: None,
            registry: None,
            endpoint: None,
            revisions,
            others,
            notices,
        }
    }

    /// Adds what was found of the static resources and of the index.
    pub fn with_resources(
        mut self,
        statics: Option<StaticsResult>,
        index: Option<IndexResult>,
    ) -> Self {
        self.statics = statics;
        self.index = index;
        if let Some(index) = &mut self.index {
            index.mismatches.sort_by(Mismatch::order);
        }
        self
    }

    /// Adds what was found of the objects of the index.
    pub fn with_index_objects(mut self, objects: Option<IndexObjects>) -> Self {
        self.index_objects = objects;
        if let Some(objects) = &mut self.index_objects {
            objects.mismatches.sort_by(Mismatch::order);
        }
        self
    }

    /// Adds what a registry answered.
    pub fn with_registry(self, answers: RegistryAnswers) -> Self {
        VerifyOutcome { registry: Some(answers), ..self }
    }

    /// Adds what was read through the endpoint of registries.
    pub fn with_endpoint(self, endpoint: Option<EndpointResult>) -> Self {
        VerifyOutcome { endpoint, ..self }
    }

    /// Returns the result for each revision, by name and version.
    pub fn revisions(&self) -> &[RevisionResult] {
        &self.revisions
    }

    /// Returns the mismatches of objects that belong to no revision of v1, except those of the index.
    pub fn others(&self) -> &[Mismatch] {
        &self.others
    }

    /// Returns the mismatches of the index as a whole, and of entries that belong to no revision of v1.
    pub fn of_index(&self) -> &[Mismatch] {
        match (&self.index, &self.index_objects) {
            (Some(index), _) => &index.mismatches,
            (None, Some(objects)) => &objects.mismatches,
            (None, None) => &[],
        }
    }

    /// Returns the mismatches of objects that were read through the endpoint.
    pub fn of_endpoint(&self) -> impl Iterator<Item = &Mismatch> {
        self.endpoint.iter().flat_map(EndpointResult::mismatches)
    }

    /// Returns the remarks on how v1 and v2 were read.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Returns all mismatches by object, path and code, each with its revision.
    pub fn mismatches(&self) -> Vec<(Option<&RevisionId>, &Mismatch)> {
        let of_revisions = self.revisions.iter().flat_map(|result| {
            result.all().map(move |mismatch| (Some(&result.revision), mismatch))
        });
        let of_none = self.others.iter().chain(self.of_index()).chain(self.of_endpoint());
        let mut all: Vec<_> =
            of_revisions.chain(of_none.map(|mismatch| (None, mismatch))).collect();
        all.sort_by(|(_, a), (_, b)| a.order(b));
        all
    }

    /// Returns the class of a mismatch under this request.
    pub fn class(&self, mismatch: &Mismatch) -> Class {
        mismatch.kind.class(self.request.extras)
    }

    /// Returns the status of a revision with all its objects that were looked at.
    pub fn status(&self, result: &RevisionResult) -> RevisionStatus {
        RevisionStatus::of(result.all().map(|mismatch| self.class(mismatch)))
    }

    /// Returns whether a kind of object was looked at.
    pub fn has(&self, kind: Resource) -> bool {
        self.request.kinds.contains(&kind)
    }

    /// Groups the mismatches by class, the worst first, then by code.
    pub fn by_code(&self) -> Vec<CodeGroup<'_>> {
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (revision, mismatch) in self.mismatches() {
            let key = (Reverse(self.class(mismatch)), mismatch.kind.code());
            groups.entry(key).or_default().push((revision, mismatch));
        }
        let group = |((Reverse(class), code), mismatches)| CodeGroup { class, code, mismatches };
        groups.into_iter().map(group).collect()
    }

    /// Counts the revisions by status, with all their objects that were looked at.
    pub fn revision_counts(&self) -> ObjectCounts {
        let statuses = self.revisions.iter().map(|result| self.status(result));
        ObjectCounts::of(self.to_check_count, statuses)
    }

    /// Counts the archives by status, each with its signature.
    pub fn archive_counts(&self) -> ObjectCounts {
        let classes = |result: &RevisionResult| {
            RevisionStatus::of(result.mismatches.iter().map(|m| self.class(m)))
        };
        ObjectCounts::of(self.to_check_count, self.revisions.iter().map(classes))
    }

    /// Returns the number of files that were compared.
    pub fn file_count(&self) -> u64 {
        self.revisions.iter().map(|result| result.file_count).sum()
    }
}

/// The mismatches of one class and code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeGroup<'a> {
    /// The class.
    pub class: Class,
    /// The code.
    pub code: &'static str,
    /// The mismatches by object and path, each with its revision.
    pub mismatches: Vec<(Option<&'a RevisionId>, &'a Mismatch)>,
}
