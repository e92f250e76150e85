//! The search index of a run: compares the entries of winners with published ones, and collects them.
//!
//! Contains no rules: they are in `rules/index`.

use super::window::ArchiveJob;
use crate::error::Error;
use crate::model::content::escape;
use crate::model::finding::{Defect, Finding, FindingKind};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::ops::index::{Base, Entries};
use crate::rules::index::{Comparison, EntryId};
use crate::v1::listing::Listing;

/// The entry of a winner, compared with the published one.
pub(super) struct Compared {
    line: Vec<u8>,
    comparison: Option<Comparison>,
}

/// Compares the entry of a winner with the published one; returns the finding, if there is one.
pub(super) fn compare(
    entries: &Entries,
    archive: &ArchiveJob<'_>,
    line: Vec<u8>,
) -> Result<(Compared, Option<Finding>), Error> {
    let ArchiveJob { resolution, winner, .. } = archive;
    let comparison = entries.compare(&EntryId::from(&resolution.revision), &line)?;
    let kind = match &comparison {
        None | Some(Comparison::Same) => None,
        Some(Comparison::OtherRelease { releases, fields }) => {
            let (since, until, fields) = (releases.since, releases.until, fields.clone());
            Some(FindingKind::IndexOtherRelease { since, until, fields })
        }
        Some(Comparison::Conflict { fields }) => {
            Some(FindingKind::IndexConflict { fields: fields.clone() })
        }
    };
    let about = |kind| {
        let defect = Defect { path: None, kind };
        Finding::of_revision(&resolution.revision, winner.same_in.clone(), defect)
    };
    Ok((Compared { line, comparison }, kind.map(about)))
}

/// Returns the findings on published revisions of a shard that v1 does not have, as far as the scope goes.
///
/// A package that v1 has and that cannot be listed may have them.
pub(super) fn only_published(
    base: &Base,
    shard: Shard,
    scope: &Scope,
    listing: &Listing,
) -> Vec<Finding> {
    let is_in_v1 = |id: &EntryId| {
        let Some(revision) = id.revision() else { return false };
        listing.packages.get(&revision.name).is_some_and(|package| {
            package.unreadable_from.is_some() || package.revisions.contains_key(&revision)
        }) || listing.unpromoted.contains(&revision)
    };
    base.revisions_of(shard)
        .filter(|id| scope.contains(&id.name, &id.version.to_string()) && !is_in_v1(id))
        .map(|id| Finding {
            package: Some(escape(id.name.as_bytes())),
            version: Some(id.version.to_string()),
            stages: Vec::new(),
            path: None,
            kind: FindingKind::IndexOnly,
            settled: None,
        })
        .collect()
}

/// Adds the entry of a revision that is migrated.
pub(super) fn add(
    entries: &Entries,
    archive: &ArchiveJob<'_>,
    compared: &Compared,
) -> Result<(), Error> {
    let id = EntryId::from(&archive.resolution.revision);
    entries.add(id, &compared.line, compared.comparison.as_ref())
}
