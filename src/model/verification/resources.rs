//! The kinds of object that `verify` compares, and how many of each.
//!
//! Which files are static resources is a setting (`model/resources`).

use serde::Serialize;

use super::RevisionStatus;
use crate::model::mismatch::Mismatch;

/// The number of objects of one kind by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ObjectCounts {
    /// Objects that v2 should have and that should be checked.
    pub to_check: u64,
    /// Objects that were checked: the sum of `good` and `mismatch`.
    pub checked: u64,
    /// Objects that match.
    pub good: u64,
    /// Objects that are missing from v2 or differ.
    pub mismatch: u64,
    /// Objects that could not be checked.
    pub unknown: u64,
}

impl ObjectCounts {
    /// Counts the objects to check by the status of each; those without a result are in neither.
    pub fn of(to_check: u64, statuses: impl Iterator<Item = RevisionStatus>) -> Self {
        let mut counts = ObjectCounts { to_check, ..ObjectCounts::default() };
        for status in statuses {
            counts.add(status);
        }
        counts
    }

    /// Adds the result of one object.
    pub fn add(&mut self, status: RevisionStatus) {
        match status {
            RevisionStatus::Good => self.good += 1,
            RevisionStatus::Mismatch => self.mismatch += 1,
            RevisionStatus::Unknown => self.unknown += 1,
        }
        self.checked = self.good + self.mismatch;
    }

    /// Returns whether there was something to check, and all of it is good.
    pub fn is_proven(&self) -> bool {
        self.to_check > 0 && self.good == self.to_check
    }
}

/// What was found of the static resources; their mismatches are those of their revisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StaticsResult {
    /// Number of static resources of the revisions in the scope and the sample.
    pub in_v1: u64,
    /// Those that were to be compared, and the results.
    #[serde(flatten)]
    pub counts: ObjectCounts,
}

impl StaticsResult {
    /// Returns whether only a sample was compared.
    pub fn is_sampled(&self) -> bool {
        self.counts.to_check < self.in_v1
    }
}

/// What was found of the index; the mismatches of entries of v1's revisions are those of the revisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexResult {
    /// The entries of v1's revisions in the scope and the sample.
    pub counts: ObjectCounts,
    /// Number of those that equal the entry of the base index instead of the one derived from v1.
    pub as_published: u64,
    /// Number of entries that only the base index has.
    pub base_only: u64,
    /// The mismatches of the index as a whole, and of entries of no revision of v1.
    pub mismatches: Vec<Mismatch>,
}

/// What was found of the objects of the index, where it was not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexObjects {
    /// The cursor, the index and its delta.
    pub counts: ObjectCounts,
    /// Their mismatches.
    pub mismatches: Vec<Mismatch>,
}
