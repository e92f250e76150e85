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

impl VerifyOutcome {
    /// What it comes to.
    pub fn conclusion(&self) -> Conclusion {
        let any_is =
            |class| self.mismatches().iter().any(|(_, mismatch)| self.class(mismatch) == class);
        let counts = self.revision_counts();
        // Told twice, a revision would stand for another one that was forgotten.
        let each_once =
            self.revisions().windows(2).all(|pair| pair[0].revision != pair[1].revision);
        let is_whole = counts.to_check > 0 && counts.good == counts.to_check && each_once;
        if any_is(Class::Mismatch) {
            Conclusion::Mismatch
        } else if any_is(Class::Unknown) || !is_whole || !self.knows_extras() {
            Conclusion::NotProven
        } else {
            Conclusion::Match
        }
    }

    /// Tells whether everything that v2 holds besides is known, as far as it was asked for.
    pub fn knows_extras(&self) -> bool {
        self.request.extras == Extras::Allowed || !self.notices().contains(&Notice::NotListed)
    }
}
