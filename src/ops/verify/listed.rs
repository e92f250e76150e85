//! What v1 and v2 list: the revisions that v2 should have, what v1 has but cannot be listed, and the lists of v2.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;

use super::decisions::Ruling;
use super::surplus::in_sample;
use super::truth::Listed;
use crate::error::Error;
use crate::model::finding::{Finding, Severity};
use crate::model::mismatch::{Mismatch, MismatchKind};
use crate::model::package::{RevisionId, STATIC_PREFIX};
use crate::model::shard::Shard;
use crate::model::verification::Notice;
use crate::v1::listing::Listing;
use crate::v1::overrides::Overrides;
use crate::v2::store::{Listed as ListedObject, Place};

/// Names of the files among the archives, and what is below the static resources, of a place that can be listed.
pub(super) type Lists = (Option<Vec<String>>, Option<BTreeMap<String, ListedObject>>);

/// Lists the archives and, if wanted, the static resources of v2 at the same time: the pages of a list come one after
/// the other, and are most of what a run at depth `listing` waits for.
pub(super) fn lists(place: &dyn Place, with_statics: bool) -> Result<Lists, Error> {
    thread::scope(|threads| {
        let statics = with_statics
            .then(|| {
                thread::Builder::new().spawn_scoped(threads, || place.list_below(STATIC_PREFIX))
            })
            .transpose()
            .map_err(|source| Error::Workers { jobs: 1, source: source.into() })?;
        let names = place.list();
        let statics =
            statics.map(|lists| lists.join().unwrap_or_else(|panic| resume_unwind(panic)));
        Ok((names?, statics.transpose()?.flatten()))
    })
}

/// Returns the revisions that v2 should have, grouped by package, so that similar revisions are read
/// together; packages with the most revisions come first, for an even load of the workers.
pub(super) fn expected<'l>(
    listing: &'l Listing,
    rulings: &BTreeMap<RevisionId, Ruling>,
) -> Vec<(&'l RevisionId, Listed<'l>)> {
    let mut packages: Vec<_> = listing.packages.values().collect();
    packages.sort_by_key(|package| std::cmp::Reverse(package.revisions.len()));
    let mut expected = Vec::new();
    for package in packages {
        for (revision, copies) in &package.revisions {
            let kept = match rulings.get(revision) {
                Some(Ruling::Skip) => continue,
                Some(Ruling::Keep(stage)) => Some(*stage),
                None => None,
            };
            let unreadable_from = package.unreadable_from;
            expected.push((revision, Listed { copies, unreadable_from, kept }));
        }
    }
    expected
}

/// Returns what v1 has but cannot be listed as revisions, such as unreadable package folders and invalid
/// names: nothing in v2 can match them.
pub(super) fn not_listed(findings: &[Finding], sample: Shard) -> Vec<Mismatch> {
    let blockers = findings.iter().filter(|finding| finding.kind.severity() == Severity::Blocker);
    let mismatches = blockers.filter_map(|finding| {
        let package = finding.package.as_deref().unwrap_or("*");
        let stem = format!("{package}-{}", finding.version.as_deref().unwrap_or("*"));
        in_sample(sample, &stem).then(|| Mismatch {
            object: format!("{stem}.zip"),
            path: finding.path.clone(),
            kind: MismatchKind::NotCheckable {
                stage: finding.stages[0],
                detail: finding.kind.message(),
            },
        })
    });
    mismatches.collect()
}

/// Returns a notice for each kind of override that Git would apply to v1's objects and this tool ignores.
pub(super) fn ignored(overrides: Overrides) -> impl Iterator<Item = Notice> {
    let Overrides { replaced_object_count, grafted_commit_count } = overrides;
    let replaced = Notice::ReplacedObjects { object_count: replaced_object_count };
    let grafted = Notice::GraftedCommits { commit_count: grafted_commit_count };
    let notices = [(replaced_object_count, replaced), (grafted_commit_count, grafted)];
    notices.into_iter().filter_map(|(count, notice)| (count > 0).then_some(notice))
}
