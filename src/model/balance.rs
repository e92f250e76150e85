//! The balance sheet: where every copy ended, and why those that are left out are.
//!
//! Every (stage, name, version) of v1 ends in exactly one place, and the tool checks its own sum.
//! Filled by `v1` (what is sorted out by name) and `migrate` (the rest), joined by `merge_plans`.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Where every copy ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// All copies, as they were listed.
    pub copies: u64,
    /// Copies that became an archive.
    pub archived: u64,
    /// Copies beside an archived one of the same revision.
    pub duplicates: u64,
    /// Copies that are left out on purpose, by the reason.
    pub excluded: Excluded,
    /// Copies that could not be migrated faithfully, or not be decided on.
    pub blocked: u64,
}

impl Balance {
    /// Adds where some copies ended; `copies` is counted apart and stays.
    pub fn add(&mut self, ends: &Balance) {
        self.archived += ends.archived;
        self.duplicates += ends.duplicates;
        self.excluded.add(&ends.excluded);
        self.blocked += ends.blocked;
    }

    /// Checks that every copy ended in exactly one place.
    ///
    /// # Errors
    /// [`Error::Balance`]: a defect of this tool.
    pub fn check(&self) -> Result<(), Error> {
        let sum = self.archived + self.duplicates + self.excluded.total() + self.blocked;
        if sum == self.copies { Ok(()) } else { Err(Error::Balance { copies: self.copies, sum }) }
    }
}

/// Why a copy is left out on purpose, by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// It marks a distribution and is no package.
    Marker,
    /// The globs of the scope leave it out.
    Scope,
    /// The first stage does not have its revision, and the scope leaves such out.
    Unpromoted,
}

/// Copies that are left out on purpose, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    /// [`Exclusion::Marker`].
    pub marker: u64,
    /// [`Exclusion::Scope`].
    pub scope: u64,
    /// [`Exclusion::Unpromoted`].
    pub unpromoted: u64,
    /// A person decided not to migrate their revision.
    pub skipped: u64,
}

impl Excluded {
    /// Counts one copy.
    pub fn count(&mut self, why: Exclusion) {
        match why {
            Exclusion::Marker => self.marker += 1,
            Exclusion::Scope => self.scope += 1,
            Exclusion::Unpromoted => self.unpromoted += 1,
        }
    }

    /// Copies that are left out for whichever reason.
    pub fn total(&self) -> u64 {
        self.reasons().map(|(_, count)| count).sum()
    }

    /// Each reason and the number of its copies, those that do not occur included.
    pub fn reasons(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let Excluded { marker, scope, unpromoted, skipped } = *self;
        let reasons = [marker, scope, unpromoted, skipped];
        ["marker", "scope", "unpromoted", "skipped"].into_iter().zip(reasons)
    }

    fn add(&mut self, other: &Excluded) {
        let Excluded { marker, scope, unpromoted, skipped } = other;
        self.marker += marker;
        self.scope += scope;
        self.unpromoted += unpromoted;
        self.skipped += skipped;
    }
}
