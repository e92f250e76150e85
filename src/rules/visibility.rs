//! What users will see: the packages that a registry shows over v1 as it is served today, and over v2.
//!
//! Both sides are judged by the rules of one release of the registry, so that differences come from the move alone; what
//! another release would show is listed separately. Pure. The rules are in `search`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::constraint::Version;
use super::search::{Query, Searchable, search};
use crate::model::package::Stage;
use crate::model::registry_release::RegistryRelease;

/// The last releases of Kibana 7, 8 and 9 known in August 2026 (elastic/docs-content#1794, the tags of elastic/kibana, and
/// `internal/install/stack_version.go` of elastic/elastic-package at 6371beee).
pub const KNOWN_KIBANA_VERSIONS: [&str; 3] = ["7.17.29", "8.19.18", "9.5.2"];

/// The release of the registry in the last image of v1's production (its `Dockerfile` since October 2022).
pub const LAST_OF_V1: RegistryRelease = RegistryRelease::new(15, 0);

/// The copy of a revision that a side serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Its searchable fields.
    pub entry: Searchable,
    /// The stage whose copy is migrated.
    pub stage: Stage,
    /// Whether v1 serves it today.
    pub in_v1: bool,
    /// Whether v2 serves it.
    pub in_v2: bool,
}

/// How to compare.
#[derive(Clone, Copy, Debug)]
pub struct Options<'o> {
    /// The stage that v1 serves today.
    pub v1: Stage,
    /// The release of the registry.
    pub registry: RegistryRelease,
    /// The versions of Kibana.
    pub kibana_versions: &'o [Version],
}

/// What users see before and after the move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visibility {
    /// The stage that v1 serves today.
    pub v1: Stage,
    /// Releases of the registry that are compared over v2, in addition to the comparison with v1.
    pub registries: Registries,
    /// Revisions that v1 serves but that are on neither side, because their entries cannot be derived; sorted.
    pub unread: Vec<String>,
    /// The answer to each query.
    pub views: Vec<View>,
}

/// Two releases of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registries {
    /// The older one.
    pub older: RegistryRelease,
    /// The newer one.
    pub newer: RegistryRelease,
}

/// The flags of a query.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::Display,
)]
#[serde(rename_all = "kebab-case")]
pub enum Flags {
    /// None: what Kibana sends since 8.6.
    #[strum(to_string = "plain")]
    Plain,
    /// `prerelease=true`: what Kibana sends since 8.6 if a user asks for beta packages.
    #[strum(to_string = "prerelease=true")]
    Prerelease,
    /// `experimental=true`: what Kibana sends up to 8.5.
    #[strum(to_string = "experimental=true")]
    Experimental,
}

/// The answer to a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Its flags.
    pub query: Flags,
    /// The version of Kibana; `None` if the query has none.
    pub kibana: Option<Version>,
    /// Number of packages that are shown.
    pub packages: Sides,
    /// Number of revisions that are shown with `all=true`.
    pub revisions: Sides,
    /// Packages whose newest shown version differs, by name.
    pub changes: Vec<Change>,
    /// What differs between the two releases of the registry over v2.
    pub by_registry: ByRegistry,
}

/// A count in v1 and in v2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sides {
    /// In v1.
    pub v1: u64,
    /// In v2.
    pub v2: u64,
}

/// A package whose newest shown version differs between v1 and v2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The package.
    pub package: String,
    /// The version in v1; `None` if the package is not shown.
    pub before: Option<Version>,
    /// The version in v2; `None` if the package is not shown.
    pub after: Option<Version>,
    /// Why it differs.
    pub reason: Reason,
    /// The stage from which the version in v2 comes.
    pub stage: Option<Stage>,
}

/// Why the newest shown version differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// v1 does not serve the version of v2 today: it comes from another stage.
    OtherStage,
    /// The version of v1 is not migrated.
    NotMigrated,
    /// A decision keeps another copy of one of the versions, with another manifest.
    OtherCopy,
}

/// What two releases of the registry show of v2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByRegistry {
    /// Number of packages that the older one shows.
    pub older: u64,
    /// Number of packages that the newer one shows.
    pub newer: u64,
    /// Packages whose newest shown version differs, by name.
    pub changes: Vec<Step>,
}

/// A package whose newest shown version differs between two releases of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The package.
    pub package: String,
    /// The version that the older one shows; `None` if it does not show the package.
    pub before: Option<Version>,
    /// The version that the newer one shows, likewise.
    pub after: Option<Version>,
}

/// The newest shown version of each package.
type Newest<'s> = BTreeMap<&'s str, &'s Version>;

impl Visibility {
    /// Compares both sides. `unread` are the revisions that are on neither, sorted.
    pub fn of(
        sightings: &[Sighting],
        options: &Options<'_>,
        unread: impl Iterator<Item = String>,
    ) -> Self {
        let Options { v1, registry, kibana_versions } = *options;
        let registries = match registry == RegistryRelease::NEWEST {
            true => Registries { older: LAST_OF_V1, newer: registry },
            false => Registries { older: registry, newer: RegistryRelease::NEWEST },
        };
        // Versions of equal precedence are shown in the order of the index.
        let mut sightings: Vec<&Sighting> = sightings.iter().collect();
        sightings.sort_by(|one, other| {
            let [one, other] = [one, other].map(|sighting| &sighting.entry);
            let names = one.name.cmp(&other.name);
            let versions = || one.version.cmp_precedence(&other.version);
            let texts = || one.version.to_string().cmp(&other.version.to_string());
            names.then_with(versions).then_with(texts)
        });
        let content = Content { sightings: &sightings, registry, registries };
        let ids = Ids::of(&sightings);
        let kibanas = [None].into_iter().chain(kibana_versions.iter().map(Some));
        let queries = kibanas.flat_map(|kibana| {
            let sent = Flags::ALL.into_iter().filter(move |flags| flags.are_sent_by(kibana));
            sent.map(move |flags| (flags, kibana.cloned()))
        });
        let mut views: Vec<View> =
            queries.map(|(flags, kibana)| content.view(flags, kibana, &ids)).collect();
        views.sort_by_key(|view| view.query);
        Visibility { v1, registries, unread: unread.collect(), views }
    }
}

/// The parts of a run have different packages, so that everything adds up.
impl Visibility {
    /// Returns the same views without any packages.
    pub fn emptied(&self) -> Self {
        let emptied = |view: &View| View {
            packages: Sides::default(),
            revisions: Sides::default(),
            changes: Vec::new(),
            by_registry: ByRegistry { older: 0, newer: 0, changes: Vec::new() },
            ..view.clone()
        };
        Visibility {
            unread: Vec::new(),
            views: self.views.iter().map(emptied).collect(),
            ..self.clone()
        }
    }

    /// Returns whether both have the same views.
    pub fn has_views_of(&self, other: &Visibility) -> bool {
        let queries = |visibility: &Visibility| -> Vec<_> {
            visibility.views.iter().map(|view| (view.query, view.kibana.clone())).collect()
        };
        queries(self) == queries(other)
    }

    /// Adds a part with the same views.
    pub fn add(&mut self, part: Visibility) {
        self.unread.extend(part.unread);
        self.unread.sort();
        for (view, part) in self.views.iter_mut().zip(part.views) {
            view.packages.add(part.packages);
            view.revisions.add(part.revisions);
            view.changes.extend(part.changes);
            view.changes.sort_by(|one, other| one.package.cmp(&other.package));
            let ByRegistry { older, newer, changes } = part.by_registry;
            view.by_registry.older += older;
            view.by_registry.newer += newer;
            view.by_registry.changes.extend(changes);
            view.by_registry.changes.sort_by(|one, other| one.package.cmp(&other.package));
        }
    }
}

impl Sides {
    fn add(&mut self, other: Sides) {
        self.v1 += other.v1;
        self.v2 += other.v2;
    }
}

impl Flags {
    const ALL: [Flags; 3] = [Flags::Plain, Flags::Prerelease, Flags::Experimental];

    /// Returns whether clients of this version may send them: Kibana stopped to send `experimental` in 8.6
    /// (kibana#143853).
    fn are_sent_by(self, kibana: Option<&Version>) -> bool {
        self != Flags::Experimental || kibana.is_none_or(|kibana| kibana.major_minor() < (8, 6))
    }

    /// Returns the flags that a version of Kibana sends by default.
    pub fn sent_by(kibana: &Version) -> Flags {
        match Flags::Experimental.are_sent_by(Some(kibana)) {
            true => Flags::Experimental,
            false => Flags::Plain,
        }
    }

    fn query(self, kibana_version: Option<Version>, all: bool) -> Query {
        Query {
            prerelease: (self == Flags::Prerelease).then_some(true),
            experimental: self == Flags::Experimental,
            kibana_version,
            all,
            ..Query::default()
        }
    }
}

/// A side of the comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    V1,
    V2,
}

struct Content<'s> {
    sightings: &'s [&'s Sighting],
    registry: RegistryRelease,
    registries: Registries,
}

impl<'s> Content<'s> {
    fn view(&self, flags: Flags, kibana: Option<Version>, ids: &Ids<'_>) -> View {
        let query = flags.query(kibana.clone(), false);
        let [v1, v2] = [Side::V1, Side::V2].map(|side| self.newest(side, self.registry, &query));
        let Registries { older, newer } = self.registries;
        let [older, newer] = [older, newer].map(|release| self.newest(Side::V2, release, &query));
        let all = flags.query(kibana.clone(), true);
        let count = |side| search(self.entries(side), self.registry, &all).len() as u64;
        View {
            query: flags,
            kibana,
            packages: Sides { v1: v1.len() as u64, v2: v2.len() as u64 },
            revisions: Sides { v1: count(Side::V1), v2: count(Side::V2) },
            changes: ids.changes(&v1, &v2),
            by_registry: ByRegistry {
                older: older.len() as u64,
                newer: newer.len() as u64,
                changes: differences(&older, &newer)
                    .map(|(package, before, after)| Step {
                        package: package.to_owned(),
                        before: before.cloned(),
                        after: after.cloned(),
                    })
                    .collect(),
            },
        }
    }

    fn entries(&self, side: Side) -> impl Iterator<Item = &'s Searchable> {
        let is_on_side = move |sighting: &&&Sighting| match side {
            Side::V1 => sighting.in_v1,
            Side::V2 => sighting.in_v2,
        };
        self.sightings.iter().filter(is_on_side).map(|sighting| &sighting.entry)
    }

    fn newest(&self, side: Side, release: RegistryRelease, query: &Query) -> Newest<'s> {
        let shown = search(self.entries(side), release, query);
        shown.into_iter().map(|entry| (entry.name.as_str(), &entry.version)).collect()
    }
}

/// The name and the version of all revisions on each side, with the stages from which those in v2 come.
struct Ids<'s> {
    in_v1: BTreeSet<(&'s str, String)>,
    in_v2: BTreeMap<(&'s str, String), Stage>,
}

impl<'s> Ids<'s> {
    fn of(sightings: &[&'s Sighting]) -> Self {
        let id = |entry: &'s Searchable| (entry.name.as_str(), entry.version.to_string());
        let in_v1 = sightings.iter().filter(|sighting| sighting.in_v1);
        let in_v2 = sightings.iter().filter(|sighting| sighting.in_v2);
        Ids {
            in_v1: in_v1.map(|sighting| id(&sighting.entry)).collect(),
            in_v2: in_v2.map(|sighting| (id(&sighting.entry), sighting.stage)).collect(),
        }
    }

    fn changes(&self, v1: &Newest<'s>, v2: &Newest<'s>) -> Vec<Change> {
        let change = |(package, before, after): (&'s str, Option<&Version>, Option<&Version>)| {
            let id = |version: &Version| (package, version.to_string());
            let is_new = after.is_some_and(|version| !self.in_v1.contains(&id(version)));
            let is_gone = before.is_some_and(|version| !self.in_v2.contains_key(&id(version)));
            Change {
                package: package.to_owned(),
                before: before.cloned(),
                after: after.cloned(),
                reason: match (is_new, is_gone) {
                    (true, _) => Reason::OtherStage,
                    (false, true) => Reason::NotMigrated,
                    (false, false) => Reason::OtherCopy,
                },
                stage: after.map(|version| self.in_v2[&id(version)]),
            }
        };
        differences(v1, v2).map(change).collect()
    }
}

/// Returns the packages whose newest versions differ, with both.
fn differences<'n, 's>(
    before: &'n Newest<'s>,
    after: &'n Newest<'s>,
) -> impl Iterator<Item = (&'s str, Option<&'s Version>, Option<&'s Version>)> + use<'n, 's> {
    let packages: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    packages.into_iter().filter_map(|package| {
        let (before, after) = (before.get(package).copied(), after.get(package).copied());
        (before != after).then_some((package, before, after))
    })
}
