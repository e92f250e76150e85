//! What a registry shows: the answers to `/search` and `/categories`, by its release.
//!
//! Pure: takes the searchable fields of all entries, a release and a query. The rules are those of the tags of
//! package-registry 1.10.0 to 1.40.1 (`packages/packages.go`, `search.go`, `categories.go`), compared with the answers of
//! 1.14.0, 1.15.0, 1.28.0, 1.36.0 and 1.40.1. Not here: whether the registry loads a package (`registry`), and the
//! parameter `discovery`. A revision's own page, its archive and its files are served regardless of these rules.
//!
//! | release | plain | `prerelease=true` | `experimental=true` |
//! |---|---|---|---|
//! | to 1.14 | no tag, not below 1.0.0, not experimental | not experimental | everything |
//! | 1.15 to 1.35 | no tag, not below 1.0.0, not experimental | everything | legacy: a tag or below 1.0.0 only without another version |
//! | since 1.36 | no tag, not experimental | everything | legacy: a tag only without another version |

mod categories;
mod searchable;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::registry_release::RegistryRelease;
use crate::rules::constraint::{Constraint, Prereleases, Version};

pub use searchable::{Searchable, Unsearchable};

/// The parameters of a query; the default has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// `prerelease`; `None` if it is not given.
    pub prerelease: Option<bool>,
    /// `experimental`, which Kibana sent up to 8.5.
    pub experimental: bool,
    /// `all`: all versions instead of the newest of each package.
    pub all: bool,
    /// `kibana.version`.
    pub kibana_version: Option<Version>,
    /// `agent.version`; ignored before 1.33, and with `experimental` since 1.15.
    pub agent_version: Option<Version>,
    /// `package`.
    pub package: Option<String>,
    /// `type`.
    pub kind: Option<String>,
    /// `category`.
    pub category: Option<String>,
    /// `capabilities`; ignored before 1.21, and with `experimental`.
    pub capabilities: Option<Vec<String>>,
    /// `spec.min`, major and minor number; ignored before 1.21, and with `experimental`.
    pub spec_min: Option<(u64, u64)>,
    /// `spec.max`, likewise.
    pub spec_max: Option<(u64, u64)>,
}

/// Returns the entries that `/search` shows, in no particular order.
///
/// The order of `entries` is that in which the registry has them; it matters only for versions of equal precedence, of
/// which the first is shown.
pub fn search<'e>(
    entries: impl IntoIterator<Item = &'e Searchable>,
    release: RegistryRelease,
    query: &Query,
) -> Vec<&'e Searchable> {
    let search = Search { rules: Rules::of(release), query };
    let is_legacy = search.rules.has_legacy && query.experimental;
    let matching = entries.into_iter().filter(|entry| match is_legacy {
        true => search.matches_always(entry),
        false => search.is_visible(entry) && search.matches_always(entry) && search.matches(entry),
    });
    let mut shown: Vec<&Searchable> = match (query.all, is_legacy) {
        (true, false) => matching.collect(),
        (true, true) => search.without_superseded(matching.collect()),
        (false, _) => search.newest(matching, is_legacy),
    };
    if let Some(category) = &query.category {
        shown.retain(|entry| entry.has_category_or_template(category, release));
    }
    shown
}

/// Returns the ids of the categories that `/categories` shows, with their counts; with `include_policy_templates`,
/// policy templates count as well.
///
/// `all`, `package`, `type` and `category` are no parameters of `/categories`, and are ignored.
///
/// The answer is that of a registry in storage mode. Over folders and archives, a single policy template with an empty
/// list of categories counts as well, because the registry distinguishes an empty list from a missing one there.
pub fn categories<'e>(
    entries: impl IntoIterator<Item = &'e Searchable>,
    release: RegistryRelease,
    query: &Query,
    include_policy_templates: bool,
) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    let query = Query { all: false, package: None, kind: None, category: None, ..query.clone() };
    for entry in search(entries, release, &query) {
        entry.count_categories(&mut counts, release, include_policy_templates);
    }
    counts
}

/// The rules of a release.
struct Rules {
    /// Whether `experimental=true` follows rules of its own, and no longer implies `prerelease=true`.
    has_legacy: bool,
    /// Whether versions below 1.0.0 count as prereleases.
    hides_below_one: bool,
    has_spec_and_capabilities: bool,
    has_agent: bool,
    prereleases: Prereleases,
}

impl Rules {
    fn of(release: RegistryRelease) -> Self {
        let since = |minor| release >= RegistryRelease::new(minor, 0);
        Rules {
            has_legacy: since(15),
            hides_below_one: !since(36),
            has_spec_and_capabilities: since(21),
            has_agent: since(33),
            // 1.29.0 is the first with semver 3.4.0.
            prereleases: match since(29) {
                true => Prereleases::ByAlternative,
                false => Prereleases::ByComparison,
            },
        }
    }
}

struct Search<'q> {
    rules: Rules,
    query: &'q Query,
}

impl Search<'_> {
    fn is_prerelease(&self, entry: &Searchable) -> bool {
        entry.version.is_prerelease() || self.rules.hides_below_one && entry.is_preview()
    }

    /// Returns whether the flags of a query show an entry, except for those of the legacy rules.
    fn is_visible(&self, entry: &Searchable) -> bool {
        let Query { prerelease, experimental, .. } = *self.query;
        let (shows_prereleases, shows_experimental) = match self.rules.has_legacy {
            true => (prerelease.unwrap_or(false), prerelease.unwrap_or(false)),
            false => (prerelease.unwrap_or(experimental), experimental),
        };
        (shows_experimental || !entry.is_experimental)
            && (shows_prereleases || !self.is_prerelease(entry))
    }

    /// Returns whether an entry matches the filters that apply in all releases and to all queries.
    fn matches_always(&self, entry: &Searchable) -> bool {
        let Query { kibana_version, package, kind, .. } = self.query;
        self.allows(entry.kibana.as_ref(), kibana_version.as_ref())
            && package.as_ref().is_none_or(|package| *package == entry.name)
            && kind.as_ref().is_none_or(|kind| *kind == entry.kind)
    }

    /// Returns whether an entry matches the other filters, which the legacy rules ignore.
    fn matches(&self, entry: &Searchable) -> bool {
        let Query { agent_version, capabilities, spec_min, spec_max, .. } = self.query;
        let has_capabilities = || {
            let given = capabilities.as_ref();
            given.is_none_or(|given| entry.capabilities.iter().all(|needed| given.contains(needed)))
        };
        let has_spec = || {
            spec_min.is_none_or(|min| min <= entry.spec)
                && spec_max.is_none_or(|max| entry.spec <= max)
        };
        (!self.rules.has_agent || self.allows(entry.agent.as_ref(), agent_version.as_ref()))
            && (!self.rules.has_spec_and_capabilities || has_capabilities() && has_spec())
    }

    fn allows(&self, constraint: Option<&Constraint>, version: Option<&Version>) -> bool {
        match (constraint, version) {
            (Some(constraint), Some(version)) => constraint.allows(version, self.rules.prereleases),
            (None, _) | (_, None) => true,
        }
    }

    /// Returns the newest version of each package; by the legacy rules, a prerelease only if there is nothing else.
    fn newest<'e>(
        &self,
        entries: impl Iterator<Item = &'e Searchable>,
        is_legacy: bool,
    ) -> Vec<&'e Searchable> {
        let mut newest: HashMap<&str, &Searchable> = HashMap::new();
        let is_newer = |entry: &Searchable, than: &Searchable| {
            let is_higher = entry.version.cmp_precedence(&than.version).is_gt();
            match (self.is_prerelease(entry), self.is_prerelease(than)) {
                (true, false) if is_legacy => false,
                (false, true) if is_legacy => true,
                _ => is_higher,
            }
        };
        for entry in entries {
            match newest.entry(&entry.name) {
                Entry::Vacant(slot) => drop(slot.insert(entry)),
                Entry::Occupied(mut slot) if is_newer(entry, slot.get()) => {
                    slot.insert(entry);
                }
                Entry::Occupied(_) => {}
            }
        }
        newest.into_values().collect()
    }

    /// Drops prereleases and versions below 1.0.0 of packages that have other versions, as the legacy rules do for all
    /// versions.
    fn without_superseded<'e>(&self, mut entries: Vec<&'e Searchable>) -> Vec<&'e Searchable> {
        let is_stable =
            |entry: &&&Searchable| !entry.version.is_prerelease() && !entry.is_preview();
        let stable: HashSet<&str> =
            entries.iter().filter(is_stable).map(|entry| entry.name.as_str()).collect();
        entries.retain(|entry| !stable.contains(entry.name.as_str()) || is_stable(&entry));
        entries
    }
}
