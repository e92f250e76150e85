//! What a proof comes to: do v1 and v2 match, do they not, or is that not known.
//!
//! Said in words by `report/verify`; decides the exit code.

use serde::Serialize;

use super::{Notice, VerifyOutcome};
use crate::model::mismatch::{Class, Extras};

/// What a proof comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// There was something to check, all of it was checked, and all of it is as it should be.
    Match,
    /// Something is not as it should be.
    Mismatch,
    /// Nothing was found wrong, but not all was checked, or there was nothing to check.
    NotProven,
}

impl Conclusion {
    pub(super) fn of(outcome: &VerifyOutcome) -> Self {
        let any_is = |class| {
            outcome.mismatches().iter().any(|(_, mismatch)| outcome.class(mismatch) == class)
        };
        let counts = outcome.revision_counts();
        // Told twice, a revision would stand for another one that was forgotten.
        let each_once =
            outcome.revisions().windows(2).all(|pair| pair[0].revision != pair[1].revision);
        let is_whole = counts.to_check > 0 && counts.good == counts.to_check && each_once;
        if any_is(Class::Mismatch) {
            Conclusion::Mismatch
        } else if any_is(Class::Unknown) || !is_whole || !outcome.knows_extras() {
            Conclusion::NotProven
        } else {
            Conclusion::Match
        }
    }
}

impl VerifyOutcome {
    /// Tells whether everything that v2 holds besides is known, as far as it was asked for.
    pub fn knows_extras(&self) -> bool {
        match self.asked.extras {
            Extras::Allowed => true,
            Extras::Refused => !self.notices().contains(&Notice::NotListed),
        }
    }
}
