//! The outcome of `verify`: what was asked, what was checked, and what does not match.
//!
//! Pure data. Every count is taken from the results themselves, so that nothing can be told that was
//! not recorded; only [`VerifyOutcome::conclusion`] says that they match, and never of 0 of 0.
//! Filled by `verify`, told by `report`.

mod conclusion;
mod request;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::mismatch::{Class, Mismatch};
use super::package::RevisionId;

pub use conclusion::Conclusion;
pub use request::{Depth, DepthError, PlaceName, VerifyRequest};

/// What was found out about one revision of v1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionResult {
    /// The revision.
    pub revision: RevisionId,
    /// Number of its files that were compared: none when only the listing was looked at, or when
    /// v1's or v2's copy cannot be read.
    pub file_count: u64,
    /// What does not match, or keeps anyone from knowing.
    pub mismatches: Vec<Mismatch>,
}

/// How a revision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum RevisionStatus {
    /// v2 has what v1 has.
    Good,
    /// It does not.
    Mismatch,
    /// It could not be checked, at least not as a whole, and nothing else was found.
    Unknown,
}

/// What a person should know of the reading itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "code", content = "evidence", rename_all = "kebab-case")]
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Notice {
    /// The server has no ranges, so that whole archives were read where parts would do.
    NoRanges,
    /// The place cannot be listed, so that nobody knows what else it holds.
    NotListed,
    /// Refs in `refs/replace/` of v1, which Git honours, were ignored.
    ReplacedObjects {
        /// How many objects they replace.
        object_count: u64,
    },
    /// Other parents for commits in v1's `info/grafts`, which Git honours, were ignored.
    GraftedCommits {
        /// How many commits have them.
        commit_count: u64,
    },
    /// The place tells no digest of some objects, so that only their lengths were compared.
    LengthsOnly {
        /// How many.
        object_count: u64,
    },
}

impl Notice {
    /// The notice's code.
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

/// What was read of v2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Archives that were opened.
    pub archive_count: u64,
    /// Bytes that came from the place.
    pub byte_len: u64,
}

/// Everything that came of a run of `verify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyOutcome {
    /// What was to be verified.
    pub request: VerifyRequest,
    /// How many revisions v1 has in the scope and the sample.
    pub to_check_count: u64,
    /// What was read of v2.
    pub reading: Reading,
    revisions: Vec<RevisionResult>,
    others: Vec<Mismatch>,
    notices: Vec<Notice>,
}

/// Numbers of revisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RevisionCounts {
    /// Those that v1 has in the scope and the sample.
    pub to_check: u64,
    /// Those that were checked: the sum of `good` and `mismatch`.
    pub checked: u64,
    /// Those that v2 holds as v1 does.
    pub good: u64,
    /// Those that v2 does not hold, or holds otherwise.
    pub mismatch: u64,
    /// Those that could not be checked.
    pub unknown: u64,
}

impl VerifyOutcome {
    /// Puts together what was found; results, mismatches and notices may come in any order.
    ///
    /// `others` are about objects that belong to no revision of v1.
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
        }
        others.sort_by(Mismatch::order);
        notices.sort();
        notices.dedup();
        VerifyOutcome { request, to_check_count, reading, revisions, others, notices }
    }

    /// What was found out about each revision, by name and version.
    pub fn revisions(&self) -> &[RevisionResult] {
        &self.revisions
    }

    /// Mismatches of objects that belong to no revision of v1.
    pub fn others(&self) -> &[Mismatch] {
        &self.others
    }

    /// What a person should know of the reading itself.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// All mismatches by object, path and code; with the revision that each is about.
    pub fn mismatches(&self) -> Vec<(Option<&RevisionId>, &Mismatch)> {
        let of_revisions = self.revisions.iter().flat_map(|result| {
            result.mismatches.iter().map(move |mismatch| (Some(&result.revision), mismatch))
        });
        let mut all: Vec<_> =
            of_revisions.chain(self.others.iter().map(|mismatch| (None, mismatch))).collect();
        all.sort_by(|(_, a), (_, b)| a.order(b));
        all
    }

    /// What a mismatch means here.
    pub fn class(&self, mismatch: &Mismatch) -> Class {
        mismatch.kind.class(self.request.extras)
    }

    /// How a revision stands.
    pub fn status(&self, result: &RevisionResult) -> RevisionStatus {
        match result.mismatches.iter().map(|mismatch| self.class(mismatch)).max() {
            None | Some(Class::Information) => RevisionStatus::Good,
            Some(Class::Unknown) => RevisionStatus::Unknown,
            Some(Class::Mismatch) => RevisionStatus::Mismatch,
        }
    }

    /// Mismatches by class and code, the worst first, then by code.
    pub fn by_code(&self) -> Vec<CodeGroup<'_>> {
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (revision, mismatch) in self.mismatches() {
            let key = (Reverse(self.class(mismatch)), mismatch.kind.code());
            groups.entry(key).or_default().push((revision, mismatch));
        }
        let group = |((Reverse(class), code), mismatches)| CodeGroup { class, code, mismatches };
        groups.into_iter().map(group).collect()
    }

    /// Revisions by how they stand.
    pub fn revision_counts(&self) -> RevisionCounts {
        let count = |standing| {
            let standings = self.revisions.iter().map(|result| self.status(result));
            standings.filter(|found| *found == standing).count() as u64
        };
        let (good, mismatch) = (count(RevisionStatus::Good), count(RevisionStatus::Mismatch));
        RevisionCounts {
            to_check: self.to_check_count,
            checked: good + mismatch,
            good,
            mismatch,
            unknown: count(RevisionStatus::Unknown),
        }
    }

    /// Number of files that were compared.
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
    /// The mismatches by object and path, each with the revision that it is about.
    pub mismatches: Vec<(Option<&'a RevisionId>, &'a Mismatch)>,
}
