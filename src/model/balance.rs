//! The balance: the outcome of every copy, and the reasons for exclusion.
//!
//! Every (stage, name, version) of v1 has exactly one outcome, and the tool checks that the numbers add
//! up. Filled by `v1` (exclusions by name) and `migrate` (the rest), and added up by `merge_plans`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::package::Stage;
use crate::error::Error;

/// The number of copies by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// All copies that were listed.
    pub copies: u64,
    /// Copies that became an archive.
    pub archived: u64,
    /// Copies of a revision of which another copy was archived.
    pub duplicates: u64,
    /// Copies that were excluded on purpose, by reason.
    pub excluded: Excluded,
    /// Copies that could not be migrated faithfully, or that need a decision.
    pub blocked: u64,
}

impl Balance {
    /// Adds the outcomes of some copies; `copies` is counted separately and does not change.
    pub fn add(&mut self, outcomes: &Balance) {
        self.archived += outcomes.archived;
        self.duplicates += outcomes.duplicates;
        self.excluded.add(&outcomes.excluded);
        self.blocked += outcomes.blocked;
    }

    /// Checks that every copy has exactly one outcome.
    ///
    /// # Errors
    /// [`Error::Balance`]: a bug in this tool.
    pub fn check(&self) -> Result<(), Error> {
        let sum = self.archived + self.duplicates + self.excluded.total() + self.blocked;
        if sum == self.copies { Ok(()) } else { Err(Error::Balance { copies: self.copies, sum }) }
    }
}

/// The balance of each stage; their sum is the balance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageBalances(BTreeMap<Stage, Balance>);

impl StageBalances {
    /// Returns the balance of a stage, to be changed; from then on, the stage is listed.
    pub fn of(&mut self, stage: Stage) -> &mut Balance {
        self.0.entry(stage).or_default()
    }

    /// Returns the stages, each with its balance.
    pub fn iter(&self) -> impl Iterator<Item = (Stage, &Balance)> {
        self.0.iter().map(|(stage, balance)| (*stage, balance))
    }

    /// Adds other copies, or the outcomes of copies that are already counted.
    pub fn add(&mut self, other: &StageBalances) {
        for (stage, balance) in other.iter() {
            let own = self.of(stage);
            own.copies += balance.copies;
            own.add(balance);
        }
    }

    /// Returns the sum of all stages.
    pub fn total(&self) -> Balance {
        let mut total = Balance::default();
        for (_, balance) in self.iter() {
            total.copies += balance.copies;
            total.add(balance);
        }
        total
    }

    /// Checks that every copy of each stage has exactly one outcome.
    ///
    /// # Errors
    /// [`Error::Balance`]: a bug in this tool.
    pub fn check(&self) -> Result<(), Error> {
        self.0.values().try_for_each(Balance::check)
    }
}

/// Why a copy is excluded on purpose, by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// It is a marker of a distribution, not a package.
    Marker,
    /// The globs of the scope exclude it.
    Scope,
    /// Its revision is missing from the first stage, and the scope excludes such revisions.
    Unpromoted,
}

/// The number of copies that are excluded on purpose, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    /// [`Exclusion::Marker`].
    pub marker: u64,
    /// [`Exclusion::Scope`].
    pub scope: u64,
    /// [`Exclusion::Unpromoted`].
    pub unpromoted: u64,
    /// The decisions file skips their revision.
    pub skipped: u64,
}

impl Excluded {
    /// Counts one copy.
    pub fn count(&mut self, reason: Exclusion) {
        match reason {
            Exclusion::Marker => self.marker += 1,
            Exclusion::Scope => self.scope += 1,
            Exclusion::Unpromoted => self.unpromoted += 1,
        }
    }

    /// Returns the number of excluded copies.
    pub fn total(&self) -> u64 {
        self.reasons().map(|(_, count)| count).sum()
    }

    /// Returns each reason and its number of copies, also if it is 0.
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
