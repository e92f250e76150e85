//! The conclusion of `verify`: v1 and v2 match, do not match, or a match is not proven.
//!
//! Determines the exit code; `report/verify` renders it as text.

use serde::{Deserialize, Serialize};

use super::{Notice, VerifyOutcome};
use crate::model::mismatch::{Class, Extras};
use crate::model::resources::Resource;

/// The conclusion of `verify`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// There was something to check, everything was checked, and everything matches.
    Match,
    /// Something does not match.
    Mismatch,
    /// No mismatch was found, but not everything was checked, or there was nothing to check.
    NotProven,
}

impl VerifyOutcome {
    /// Returns the conclusion.
    pub fn conclusion(&self) -> Conclusion {
        let any_is =
            |class| self.mismatches().iter().any(|(_, mismatch)| self.class(mismatch) == class);
        // A revision that is reported twice would hide one that was not checked.
        let each_once =
            self.revisions().windows(2).all(|pair| pair[0].revision != pair[1].revision);
        let is_proven = |kind: &Resource| match kind {
            Resource::Archives => self.archive_counts().is_proven(),
            Resource::Static => self.statics.is_some_and(|found| found.counts.is_proven()),
            Resource::Index => match (&self.index, &self.index_objects) {
                (Some(entries), _) => entries.counts.is_proven(),
                (None, Some(objects)) => objects.counts.is_proven(),
                (None, None) => false,
            },
        };
        let kinds = &self.request.kinds;
        let is_served = self.endpoint.as_ref().is_none_or(|found| found.counts().is_proven());
        let is_whole = !kinds.is_empty() && kinds.iter().all(is_proven) && each_once && is_served;
        if any_is(Class::Mismatch) {
            Conclusion::Mismatch
        } else if any_is(Class::Unknown) || !is_whole || !self.knows_extras() {
            Conclusion::NotProven
        } else {
            Conclusion::Match
        }
    }

    /// Returns whether extra archives in v2 are known, or are allowed and do not matter.
    pub fn knows_extras(&self) -> bool {
        self.request.extras == Extras::Allowed || !self.notices().contains(&Notice::NotListed)
    }
}
