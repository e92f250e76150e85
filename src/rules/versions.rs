//! All versions of one package together: which share a key or a precedence, and which of them users
//! have never been shown.
//!
//! Needs names, versions and stages only; packages never concern each other, since a package's name
//! holds no `-` and so begins no other package's key.

use std::collections::BTreeMap;

use crate::model::finding::{FindingKind, Recency};
use crate::model::package::{PackageVersion, RevisionId, Stage};

/// Whether it is known what production has of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Production<'a> {
    /// Each copy in production is among those given, or its version here.
    Listed {
        /// Versions that production has and the run leaves out.
        left_out: &'a [PackageVersion],
    },
    /// Production was not among the stages, or could not be listed.
    Unknown,
}

impl<'a> Production<'a> {
    /// What is known with these stages, when none from `unreadable_from` on could be listed.
    pub fn within(
        precedence: &[Stage],
        unreadable_from: Option<Stage>,
        left_out: &'a [PackageVersion],
    ) -> Self {
        let mut listed = precedence.iter().take_while(|stage| Some(**stage) != unreadable_from);
        if listed.any(|stage| *stage == Stage::Production) {
            Production::Listed { left_out }
        } else {
            Production::Unknown
        }
    }
}

/// Looks at the revisions of one package, each with the stages that have a copy of it.
///
/// `exposes-unpromoted` is told only where production is [`Production::Listed`].
pub fn check(
    revisions: &BTreeMap<RevisionId, Vec<Stage>>,
    production: Production<'_>,
) -> BTreeMap<RevisionId, Vec<FindingKind>> {
    let mut found: BTreeMap<RevisionId, Vec<FindingKind>> = BTreeMap::new();
    let mut tell = |revision: &RevisionId, kind| {
        found.entry(revision.clone()).or_default().push(kind);
    };
    let mut by_key: BTreeMap<String, Vec<&RevisionId>> = BTreeMap::new();
    for revision in revisions.keys() {
        let key = revision.archive_key().as_str().to_ascii_lowercase();
        by_key.entry(key).or_default().push(revision);
    }
    for (key, same) in &by_key {
        for (revision, others) in each_with_others(same) {
            let (key, other_count) = (key.clone(), same.len() - 1);
            tell(revision, FindingKind::KeyCollision { key, others, other_count });
        }
    }
    let in_order: Vec<&RevisionId> = revisions.keys().collect();
    for equal in in_order.chunk_by(|a, b| a.version.cmp_precedence(&b.version).is_eq()) {
        for (revision, others) in each_with_others(equal) {
            let other_count = equal.len() - 1;
            tell(revision, FindingKind::EqualPrecedence { others, other_count });
        }
    }
    if let Production::Listed { left_out } = production {
        exposed(revisions, left_out).for_each(|(revision, kind)| tell(revision, kind));
    }
    found
}

/// How many other versions a finding names; it counts them all.
pub const NAMED_COUNT: usize = 5;

/// Each of several revisions with the versions of the first others; nothing for a single one.
fn each_with_others<'a>(
    revisions: &'a [&RevisionId],
) -> impl Iterator<Item = (&'a RevisionId, Vec<String>)> {
    let others = move |of: &RevisionId| {
        let others = revisions.iter().filter(|other| **other != of);
        others.take(NAMED_COUNT).map(|other| other.version.to_string()).collect::<Vec<_>>()
    };
    let each = revisions.iter().map(move |revision| (*revision, others(revision)));
    each.filter(|(_, others)| !others.is_empty())
}

/// The stable versions that production lacks, and where they stand among those that v2 shows to
/// whoever asks for releases: all without a prerelease tag, those below 1.0.0 included
/// (package-registry 1.36 and later).
fn exposed<'a>(
    revisions: &'a BTreeMap<RevisionId, Vec<Stage>>,
    left_out: &'a [PackageVersion],
) -> impl Iterator<Item = (&'a RevisionId, FindingKind)> {
    let is_promoted = |stages: &[Stage]| stages.contains(&Stage::Production);
    let newest = |among: &dyn Fn(&[Stage]) -> bool| {
        let mut released =
            revisions.iter().filter(|(revision, _)| !revision.version.is_prerelease());
        released.rfind(|(_, stages)| among(stages)).map(|(revision, _)| &revision.version)
    };
    let left_out = left_out.iter().filter(|version| !version.is_prerelease());
    let newest_of_production = left_out.chain(newest(&is_promoted)).max();
    let newest_of_all = newest(&|_| true);
    let is_newer = |version: &PackageVersion, than: Option<&PackageVersion>| {
        than.is_none_or(|than| version.cmp_precedence(than).is_gt())
    };
    let exposes = move |version: &PackageVersion| {
        let standing = if !is_newer(version, newest_of_production) {
            Recency::Older
        } else if newest_of_all.is_some_and(|newest| is_newer(newest, Some(version))) {
            Recency::Newer
        } else {
            Recency::Newest
        };
        let production_newest = newest_of_production.map(PackageVersion::to_string);
        FindingKind::ExposesUnpromoted { standing, production_newest }
    };
    revisions
        .iter()
        .filter(move |(revision, stages)| !is_promoted(stages) && revision.version.is_stable())
        .map(move |(revision, _)| (revision, exposes(&revision.version)))
}
