//! The search index of a run: compares the entries of winners with published ones, and collects them.
//!
//! Contains no rules: they are in `rules/index`.

use super::window::ArchiveJob;
use crate::error::Error;
use crate::model::finding::{Defect, Finding, FindingKind};
use crate::ops::index::Entries;
use crate::rules::index::{Comparison, EntryId};

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

/// Adds the entry of a revision that is migrated.
pub(super) fn add(
    entries: &Entries,
    archive: &ArchiveJob<'_>,
    compared: &Compared,
) -> Result<(), Error> {
    let id = EntryId::from(&archive.resolution.revision);
    entries.add(id, &compared.line, compared.comparison.as_ref())
}
