//! Checks on all versions of a package: versions that share a key or a precedence, and versions that
//! v2 would expose although production never had them.
//!
//! Needs only names, versions and stages. Packages are independent of each other: a package name has no
//! `-`, so that it cannot be a prefix of another package's key.

use std::collections::BTreeMap;

use crate::model::finding::{FindingKind, Recency};
use crate::model::package::{PackageVersion, RevisionId, Stage};

/// Whether the versions of a package in production are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Production<'a> {
    /// All versions in production are known: they are among the given revisions, or listed here.
    Listed {
        /// Versions in production that the scope excludes.
        left_out: &'a [PackageVersion],
    },
    /// Production was not among the stages, or could not be listed.
    Unknown,
}

impl<'a> Production<'a> {
    /// Returns what is known if the stages from `unreadable_from` on could not be listed.
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

/// Checks the revisions of one package, each with the stages that have a copy of it.
///
/// `exposes-unpromoted` is reported only if production is [`Production::Listed`].
pub fn check(
    revisions: &BTreeMap<RevisionId, Vec<Stage>>,
    production: Production<'_>,
) -> BTreeMap<RevisionId, Vec<FindingKind>> {
    let mut found: BTreeMap<RevisionId, Vec<FindingKind>> = BTreeMap::new();
    let mut report = |revision: &RevisionId, kind| {
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
            report(revision, FindingKind::KeyCollision { key, others, other_count });
        }
    }
    let in_order: Vec<&RevisionId> = revisions.keys().collect();
    for equal in in_order.chunk_by(|a, b| a.version.cmp_precedence(&b.version).is_eq()) {
        for (revision, others) in each_with_others(equal) {
            let other_count = equal.len() - 1;
            report(revision, FindingKind::EqualPrecedence { others, other_count });
        }
    }
    if let Production::Listed { left_out } = production {
        exposed(revisions, left_out).for_each(|(revision, kind)| report(revision, kind));
    }
    found
}

/// The maximum number of other versions that a finding lists; all are counted.
pub const NAMED_COUNT: usize = 5;

/// Returns each revision with the versions of up to [`NAMED_COUNT`] others; nothing for a single revision.
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

/// Returns the stable versions that are not in production, and how recent they are among the versions
/// that v2 shows if prereleases are not requested: all without a prerelease tag, including those below
/// 1.0.0 (package-registry 1.36 and later).
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
        let recency = if !is_newer(version, newest_of_production) {
            Recency::Older
        } else if newest_of_all.is_some_and(|newest| is_newer(newest, Some(version))) {
            Recency::Newer
        } else {
            Recency::Newest
        };
        let production_newest = newest_of_production.map(PackageVersion::to_string);
        FindingKind::ExposesUnpromoted { standing: recency, production_newest }
    };
    revisions
        .iter()
        .filter(move |(revision, stages)| !is_promoted(stages) && revision.version.is_stable())
        .map(move |(revision, _)| (revision, exposes(&revision.version)))
}
