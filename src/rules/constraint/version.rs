//! Versions as the registry compares them: those of packages, and those that clients send.
//!
//! Looser than strict semver: `8.1` is 8.1.0, `v8` is 8.0.0. Identifiers of a prerelease that do not fit into 64 bits
//! are compared as text. Not for names of packages and keys, which need strict versions (`model::package`).

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// Major, minor and patch number.
    pub(super) numbers: [u64; 3],
    /// The tag after `-`; empty for none.
    prerelease: String,
    /// As written.
    text: String,
}

/// The error for a text that is not a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a version such as 8.19.0")]
pub struct NoVersion;

impl Version {
    /// Returns the version that is written as `text`, with these numbers and this tag.
    pub(super) fn new(text: &str, numbers: [u64; 3], prerelease: &str) -> Self {
        Version { numbers, prerelease: prerelease.to_owned(), text: text.to_owned() }
    }

    /// Returns the major number.
    pub fn major(&self) -> u64 {
        self.numbers[0]
    }

    /// Returns the major and the minor number.
    pub fn major_minor(&self) -> (u64, u64) {
        (self.numbers[0], self.numbers[1])
    }

    /// Returns whether it has a prerelease tag.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    /// Returns the tag after `-`; empty for none.
    pub(super) fn prerelease(&self) -> &str {
        &self.prerelease
    }

    /// Compares by precedence, which ignores the build.
    pub fn cmp_precedence(&self, other: &Version) -> Ordering {
        let numbers = self.numbers.cmp(&other.numbers);
        numbers.then_with(|| match (self.is_prerelease(), other.is_prerelease()) {
            (false, false) => Ordering::Equal,
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (true, true) => self
                .prerelease
                .split('.')
                .map(Identifier::of)
                .cmp(other.prerelease.split('.').map(Identifier::of)),
        })
    }
}

/// An identifier of a prerelease; numbers are lower than texts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identifier<'t> {
    Number(u64),
    Text(&'t str),
}

impl<'t> Identifier<'t> {
    fn of(text: &'t str) -> Self {
        text.parse().map_or(Identifier::Text(text), Identifier::Number)
    }
}

impl TryFrom<String> for Version {
    type Error = NoVersion;

    fn try_from(text: String) -> Result<Self, NoVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.text
    }
}

impl fmt::Display for Version {
    /// Writes it as it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
