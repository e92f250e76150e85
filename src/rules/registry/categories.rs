//! The categories known to each release of the registry.
//!
//! `categories.txt` has one per line: the name, the first release that knows it, and the last one if it is not the
//! newest. From the tags: `CategoryTitles` in `packages/package.go` up to 1.15.0, then
//! `categories/categories.yml`, subcategories included.

use std::str::FromStr;

use crate::model::registry_release::{RegistryRelease, Releases};

const CATEGORIES: &str = include_str!("categories.txt");

/// Returns the releases that know a category; `None` if no release does.
pub(super) fn releases(category: &str) -> Option<Releases> {
    let mut lines = CATEGORIES.lines().map(|line| line.split(' '));
    let release =
        |text: &str| RegistryRelease::from_str(text).expect("a release of categories.txt");
    lines.find_map(|mut parts| {
        let known = parts.next() == Some(category);
        known.then(|| Releases {
            since: release(parts.next().expect("a category has a first release")),
            until: parts.next().map(release),
        })
    })
}

/// Returns the ranges of releases that do not know a category, the older one first.
pub(super) fn unknown_to(category: &str) -> Vec<Releases> {
    let Some(Releases { since, until }) = releases(category) else { return vec![Releases::ALL] };
    let before = since.previous().map(|last| Releases { until: Some(last), ..Releases::ALL });
    let after = until.and_then(RegistryRelease::next).map(|since| Releases { since, until: None });
    before.into_iter().chain(after).collect()
}

/// Returns whether the newest release knows a category; it drops unknown ones.
pub fn is_known_category(name: &str) -> bool {
    releases(name).is_some_and(|releases| releases.until.is_none())
}
