//! What all revisions of a run share while they are checked: the parameters, and what is counted.
//!
//! Used from several threads. `revision` checks a revision, `archive` its archive.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use super::blobs::Blobs;
use super::planned::Planned;
use super::stated::Statements;
use crate::model::package::Stage;
use crate::model::resources::{Resource, StaticSet};
use crate::model::verification::{Depth, Notice};
use crate::openpgp::PublicKeys;
use crate::v1::workers::Workers;
use crate::v2::store::Place;
use crate::v2::zip_reader::FileReader;

/// The parameters and counters shared by all revisions of a run.
pub(super) struct Check<'c> {
    pub(super) place: &'c dyn Place,
    /// The sorted names of all files among the archives, if the place can be listed.
    pub(super) names: Option<&'c [String]>,
    /// How what the place states about archives and signatures is compared.
    pub(super) statements: Statements<'c>,
    pub(super) kinds: &'c BTreeSet<Resource>,
    pub(super) statics: &'c StaticSet,
    pub(super) depth: Depth,
    pub(super) precedence: &'c [Stage],
    pub(super) workers: Workers<'c, FileReader>,
    pub(super) blobs: Blobs,
    pub(super) planned: Option<Planned<'c>>,
    /// Whether to derive the entry of each revision in the index.
    pub(super) derives_entries: bool,
    pub(super) keys: Option<&'c PublicKeys>,
    pub(super) counts: Counts,
}

/// Counters.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Archives that were opened.
    pub(super) archives: AtomicU64,
    /// Archives of which only the size could be compared with the plan.
    pub(super) lengths_only: AtomicU64,
}

impl Check<'_> {
    /// Returns the number of archives that were opened.
    pub(super) fn archive_count(&self) -> u64 {
        self.counts.archives.load(Ordering::Relaxed)
    }

    /// Returns remarks on how v2 was read; `len_only_count` is the number of other objects of which only the size could
    /// be compared with the plan.
    pub(super) fn notices(&self, len_only_count: u64) -> Vec<Notice> {
        let lengths_only = match self.counts.lengths_only.load(Ordering::Relaxed) + len_only_count {
            0 => None,
            object_count => Some(Notice::LengthsOnly { object_count }),
        };
        let no_ranges = self.place.lacks_range_support().then_some(Notice::NoRanges);
        lengths_only.into_iter().chain(no_ranges).collect()
    }

    /// Returns the plan, if it was made for archives.
    pub(super) fn planned_archives(&self) -> Option<&Planned<'_>> {
        self.planned.as_ref().filter(|planned| planned.has(Resource::Archives))
    }
}
