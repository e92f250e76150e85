//! The objects that `verify` looked at: one row of counts for each kind, the same in every table.

use crate::model::resources::Resource;
use crate::model::verification::{EndpointResult, ObjectCounts, VerifyOutcome};

/// Returns the counts of the revisions, and of each kind of object that was looked at.
pub(super) fn kinds(outcome: &VerifyOutcome) -> Vec<(&'static str, ObjectCounts)> {
    let is_archives = outcome.has(Resource::Archives);
    let of_archives = match outcome.registry {
        Some(_) => "archives and pages",
        None => "archives",
    };
    let rows = [
        ("revisions", Some(outcome.revision_counts())),
        (of_archives, is_archives.then(|| outcome.archive_counts())),
        ("static resources", outcome.statics.map(|found| found.counts)),
        ("index entries", outcome.index.as_ref().map(|found| found.counts)),
        ("objects of the index", outcome.index_objects.as_ref().map(|found| found.counts)),
        ("objects at the endpoint", outcome.endpoint.as_ref().map(EndpointResult::counts)),
    ];
    rows.into_iter().filter_map(|(name, counts)| Some((name, counts?))).collect()
}
