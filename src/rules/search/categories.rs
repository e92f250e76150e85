//! Categories of a package, and the subcategories that count as one.
//!
//! `subcategories.txt` has a subcategory per line: its name, its category, the first release in which it belongs to that
//! category, and the last one if it is not the newest. From `categories/categories.yml` of the tags.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::model::registry_release::{RegistryRelease, Releases};

const SUBCATEGORIES: &str = include_str!("subcategories.txt");

/// Returns whether categories include one, or one of its subcategories.
pub(super) fn has_category(
    categories: &[String],
    category: &str,
    release: RegistryRelease,
) -> bool {
    let includes = |name: &str| categories.iter().any(|category| category == name);
    includes(category) || subcategories(category, release).any(includes)
}

fn subcategories(category: &str, release: RegistryRelease) -> impl Iterator<Item = &'static str> {
    let parse = |text: &str| RegistryRelease::from_str(text).expect("a release of the file");
    SUBCATEGORIES.lines().filter_map(move |line| {
        let mut parts = line.split(' ');
        let mut next = || parts.next().expect("a line has at least three parts");
        let (name, parent, since) = (next(), next(), parse(next()));
        let releases = Releases { since, until: parts.next().map(parse) };
        (parent == category && releases.contains(release)).then_some(name)
    })
}

/// Adds one to the count of each category.
pub(super) fn count<'c>(
    counts: &mut BTreeMap<String, u64>,
    categories: impl IntoIterator<Item = &'c String>,
) {
    for category in categories {
        *counts.entry(category.clone()).or_default() += 1;
    }
}
