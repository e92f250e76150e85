//! What users see of a revision: the searchable fields of the copy that v1 serves today, and of the copy in v2.

use super::first_copy::{FirstCopy, searchable};
use super::window::ArchiveJob;
use crate::model::package::{RevisionId, Stage};
use crate::rules::index::{EntryFault, PackageManifest};
use crate::rules::precedence::Resolution;
use crate::rules::visibility::Sighting;

/// What was seen of a revision.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) sightings: Vec<Sighting>,
    /// Set if v1 serves the revision, but its entry cannot be derived.
    pub(super) unread: Option<RevisionId>,
}

impl Seen {
    /// Returns what is seen of a revision whose winner has this entry.
    pub(super) fn of(
        archive: &ArchiveJob<'_>,
        entry: Result<PackageManifest, EntryFault>,
        is_migrated: bool,
    ) -> Self {
        let ArchiveJob { resolution, winner, first_copy, .. } = archive;
        let stage = winner.stage;
        let in_v1 = matches!(first_copy, FirstCopy::Winner);
        let mut seen = Seen::default();
        let mut is_unread = false;
        if in_v1 || is_migrated {
            match searchable(entry) {
                Some(entry) => {
                    seen.sightings.push(Sighting { entry, stage, in_v1, in_v2: is_migrated });
                }
                None => is_unread = true,
            }
        }
        match first_copy {
            FirstCopy::Other(Some(entry)) => seen.sightings.push(Sighting {
                entry: (**entry).clone(),
                stage,
                in_v1: true,
                in_v2: false,
            }),
            FirstCopy::Other(None) => is_unread = true,
            FirstCopy::Absent | FirstCopy::Winner => {}
        }
        seen.unread = is_unread.then(|| resolution.revision.clone());
        seen
    }

    /// Returns what is seen of a revision without a winner: nothing can be read.
    pub(super) fn without_winner(resolution: &Resolution, first: Stage) -> Self {
        let is_served = resolution.digests.contains_key(&first);
        let unread = is_served.then(|| resolution.revision.clone());
        Seen { sightings: Vec::new(), unread }
    }
}
