//! Version constraints of the registry, and the versions that satisfy them (Masterminds/semver 3.5.0).
//!
//! `^7.16.0 || ^8.0.0`, `>=1.2, <2`, `~8.1`, `1.x`, `1.0 - 2.0`: alternatives separated by `||`, each a series of
//! comparisons separated by blanks or commas. The registry checks `conditions.kibana.version` and
//! `conditions.agent.version` against the version that a client sends. Which packages it then shows is the subject of
//! `search`.
//!
//! | what | where |
//! |---|---|
//! | the grammar | `syntax` |
//! | the meaning of an operator | `comparison` |
//! | versions and their order | `version` |

mod comparison;
mod syntax;
mod version;

use comparison::Comparison;

pub use version::{NoVersion, Version};

/// A constraint that the registry accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// The alternatives, each with the comparisons that must all hold.
    alternatives: Vec<Vec<Comparison>>,
}

/// Which constraints allow a version with a prerelease tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prereleases {
    /// An alternative in which any version has a tag (semver 3.4.0 and later).
    ByAlternative,
    /// A comparison with a version that has a tag, and `!=` with any complete version (before semver 3.4.0).
    ByComparison,
}

impl Constraint {
    /// Parses a constraint; `None` if the registry refuses it.
    pub fn parse(text: &str) -> Option<Self> {
        syntax::alternatives(text).map(|alternatives| Constraint { alternatives })
    }

    /// Returns whether a version satisfies the constraint.
    pub fn allows(&self, version: &Version, prereleases: Prereleases) -> bool {
        self.alternatives.iter().any(|comparisons| {
            let has_tagged =
                comparisons.iter().any(|comparison| comparison.version.is_prerelease());
            comparisons.iter().all(|comparison| {
                let takes_prereleases = match prereleases {
                    Prereleases::ByAlternative => has_tagged,
                    Prereleases::ByComparison => comparison.takes_prereleases_by_itself(),
                };
                (takes_prereleases || !version.is_prerelease()) && comparison.holds(version)
            })
        })
    }
}

#[cfg(test)]
mod tests;
