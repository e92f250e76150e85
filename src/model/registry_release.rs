//! Releases of package-registry, and ranges of them.
//!
//! The releases are the tags of elastic/package-registry from 1.10.0 on, and 1.40.1, the version of its main branch
//! (16f54b670). The rules of each release are in `rules/registry`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The minor and the patch number of each known release, in ascending order; the major number is 1.
const KNOWN: [(u8, u8); 41] = [
    (10, 0),
    (11, 0),
    (12, 0),
    (12, 1),
    (13, 0),
    (14, 0),
    (15, 0),
    (16, 0),
    (16, 1),
    (16, 2),
    (16, 3),
    (17, 0),
    (18, 0),
    (19, 0),
    (20, 0),
    (21, 0),
    (22, 0),
    (23, 0),
    (23, 1),
    (24, 0),
    (24, 1),
    (25, 0),
    (26, 0),
    (27, 0),
    (28, 0),
    (29, 0),
    (30, 0),
    (30, 1),
    (31, 0),
    (31, 1),
    (32, 0),
    (32, 1),
    (33, 0),
    (34, 0),
    (35, 0),
    (36, 0),
    (37, 0),
    (38, 0),
    (39, 0),
    (40, 0),
    (40, 1),
];

/// A release of the registry, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegistryRelease {
    minor: u8,
    patch: u8,
}

/// The error for a text that is not a known release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a known release of the registry: expected {} to {}",
    RegistryRelease::OLDEST,
    RegistryRelease::NEWEST
)]
pub struct NoRelease;

impl RegistryRelease {
    /// The oldest release whose rules are known.
    pub const OLDEST: RegistryRelease = RegistryRelease { minor: KNOWN[0].0, patch: KNOWN[0].1 };

    /// The newest known release.
    pub const NEWEST: RegistryRelease = {
        let (minor, patch) = KNOWN[KNOWN.len() - 1];
        RegistryRelease { minor, patch }
    };

    /// Returns the release 1.`minor`.`patch`.
    pub(crate) const fn new(minor: u8, patch: u8) -> Self {
        RegistryRelease { minor, patch }
    }

    /// Returns the newest release, as the default of a field.
    pub(crate) fn newest() -> Self {
        RegistryRelease::NEWEST
    }

    /// Returns all known releases, in ascending order.
    pub fn known() -> impl DoubleEndedIterator<Item = RegistryRelease> {
        KNOWN.into_iter().map(|(minor, patch)| RegistryRelease { minor, patch })
    }

    /// Returns the previous release; `None` for the oldest.
    pub(crate) fn previous(self) -> Option<RegistryRelease> {
        RegistryRelease::known().rev().find(|release| *release < self)
    }

    /// Returns the next release; `None` for the newest.
    pub(crate) fn next(self) -> Option<RegistryRelease> {
        RegistryRelease::known().find(|release| *release > self)
    }
}

impl FromStr for RegistryRelease {
    type Err = NoRelease;

    /// Parses `1.28.0`, or `1.28` for its newest patch release.
    fn from_str(text: &str) -> Result<Self, NoRelease> {
        let is_named = |release: &RegistryRelease| {
            let name = release.to_string();
            name == text || name.rsplit_once('.').is_some_and(|(minor, _)| minor == text)
        };
        RegistryRelease::known().rev().find(is_named).ok_or(NoRelease)
    }
}

impl TryFrom<String> for RegistryRelease {
    type Error = NoRelease;

    fn try_from(text: String) -> Result<Self, NoRelease> {
        text.parse()
    }
}

impl From<RegistryRelease> for String {
    fn from(release: RegistryRelease) -> Self {
        release.to_string()
    }
}

impl fmt::Display for RegistryRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}.{}", self.minor, self.patch)
    }
}

/// A range of releases, inclusive at both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Releases {
    /// The first release; [`RegistryRelease::OLDEST`] includes all older ones.
    pub since: RegistryRelease,
    /// The last release; `None` if the range includes the newest known release.
    pub until: Option<RegistryRelease>,
}

impl Releases {
    /// All releases.
    pub(crate) const ALL: Releases = Releases { since: RegistryRelease::OLDEST, until: None };

    /// Returns the releases from 1.`minor`.`patch` on.
    pub(crate) const fn since(minor: u8, patch: u8) -> Self {
        Releases { since: RegistryRelease::new(minor, patch), until: None }
    }

    /// Sets the last release to 1.`minor`.`patch`.
    pub(crate) const fn until(self, minor: u8, patch: u8) -> Self {
        Releases { until: Some(RegistryRelease::new(minor, patch)), ..self }
    }

    /// Returns whether a release is in the range.
    pub fn contains(&self, release: RegistryRelease) -> bool {
        self.since <= release && self.until.is_none_or(|until| release <= until)
    }

    /// Returns the intersection of both ranges, which may be empty.
    pub(crate) fn and(self, other: Releases) -> Releases {
        let until = match (self.until, other.until) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Releases { since: self.since.max(other.since), until }
    }
}

impl fmt::Display for Releases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until {
            Some(until) => write!(f, "{} to {until}", self.since),
            None => write!(f, "since {}", self.since),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_known_by_their_names() {
        let rows = [
            ("1.10.0", Some((10, 0))),
            ("1.10", Some((10, 0))),
            ("1.16", Some((16, 3))),
            ("1.16.1", Some((16, 1))),
            ("1.40", Some((40, 1))),
            ("1.40.1", Some((40, 1))),
            ("1.9.0", None),
            ("1.40.2", None),
            ("1.28.1", None),
            ("2.0.0", None),
            ("v1.28.0", None),
            ("1", None),
            ("1.", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let expected = expected.map(|(minor, patch)| RegistryRelease::new(minor, patch));
            assert_eq!(text.parse().ok(), expected, "{text}");
        }
        assert!(RegistryRelease::known().is_sorted());
    }

    #[test]
    fn ranges_hold_both_ends() {
        let at = RegistryRelease::new;
        let range = Releases::since(23, 1).until(36, 0);
        assert_eq!(range.to_string(), "1.23.1 to 1.36.0");
        assert_eq!(Releases::ALL.to_string(), "since 1.10.0");
        for (release, expected) in
            [(at(23, 0), false), (at(23, 1), true), (at(36, 0), true), (at(37, 0), false)]
        {
            assert_eq!(range.contains(release), expected, "{release}");
        }
        assert_eq!(range.and(Releases::since(30, 0)), Releases::since(30, 0).until(36, 0));
        assert_eq!(range.and(Releases::ALL.until(28, 0)), Releases::since(23, 1).until(28, 0));
        assert_eq!((at(17, 0).previous(), at(16, 3).next()), (Some(at(16, 3)), Some(at(17, 0))));
    }
}
