//! What a registry shows: its answers to `/search` and `/categories`, by release.
//!
//! `answers.txt` has the answers of the registry's own code (1.14.0, 1.15.0, 1.28.0, 1.36.0 and 1.40.1) to each query
//! over `entries.jsonl`: kind, releases, query, and packages or counts.

#![allow(clippy::unwrap_used)]

use package_storage_migrate::model::registry_release::RegistryRelease;
use package_storage_migrate::rules::index::PackageManifest;
use package_storage_migrate::rules::search::{Query, Searchable, Unsearchable, categories, search};

const ENTRIES: &str = include_str!("search/entries.jsonl");
const ANSWERS: &str = include_str!("search/answers.txt");

fn entries() -> Vec<Searchable> {
    let entry = |line| Searchable::of(&serde_json::from_str(line).unwrap()).unwrap();
    ENTRIES.lines().map(entry).collect()
}

/// Parses the parameters of a URL.
fn query(text: &str) -> Query {
    let mut query = Query::default();
    let spec = |text: &str| {
        let (major, minor) = text.split_once('.').unwrap();
        Some((major.parse().unwrap(), minor.parse().unwrap()))
    };
    for (name, value) in text.split('&').filter_map(|part| part.split_once('=')) {
        let text = value.to_owned();
        match name {
            "prerelease" => query.prerelease = Some(value.parse().unwrap()),
            "experimental" => query.experimental = value.parse().unwrap(),
            "all" => query.all = value.parse().unwrap(),
            "kibana.version" => query.kibana_version = Some(value.parse().unwrap()),
            "agent.version" => query.agent_version = Some(value.parse().unwrap()),
            "package" => query.package = Some(text),
            "type" => query.kind = Some(text),
            "category" => query.category = Some(text),
            "capabilities" => {
                query.capabilities = Some(value.split(',').map(str::to_owned).collect());
            }
            "spec.min" => query.spec_min = spec(value),
            "spec.max" => query.spec_max = spec(value),
            other => panic!("{other}"),
        }
    }
    query
}

#[test]
fn the_registry_gives_the_same_answers() {
    let entries = entries();
    let mut count = 0;
    for line in ANSWERS.lines() {
        let parts: Vec<&str> = line.split('|').collect();
        let [kind, releases, text, expected] = parts[..] else { panic!("{line}") };
        let query = query(text);
        for release in releases.split(' ') {
            let release: RegistryRelease = release.parse().unwrap();
            let counts = |templates| {
                let counts = categories(&entries, release, &query, templates);
                counts.iter().map(|(id, count)| format!("{id}={count}")).collect()
            };
            let mut answer: Vec<String> = match kind {
                "search" => search(&entries, release, &query)
                    .iter()
                    .map(|entry| format!("{}-{}", entry.name, entry.version))
                    .collect(),
                "categories" => counts(false),
                "categories+templates" => counts(true),
                other => panic!("{other}"),
            };
            answer.sort();
            assert_eq!(answer.join(" "), expected, "{kind} {text} in {release}");
            count += 1;
        }
    }
    assert!(count > 300, "only {count} answers");
}

/// Releases between those of the answers: the first and the last with each rule.
#[test]
fn rules_change_with_releases() {
    let rows = [
        // Prereleases of Kibana, where only one of two comparisons has a tag.
        ("1.28.0", "prerelease=true&kibana.version=8.2.0-rc.1&package=ebb", ""),
        ("1.29.0", "prerelease=true&kibana.version=8.2.0-rc.1&package=ebb", "ebb-1.0.0"),
        // Below 1.0.0.
        ("1.35.0", "package=drift", ""),
        ("1.36.0", "package=drift", "drift-0.9.0"),
        // `experimental=true` implies `prerelease=true`.
        ("1.10.0", "experimental=true&package=buoy", "buoy-1.2.0-rc.1"),
        ("1.14.0", "prerelease=true&package=ebb", ""),
        ("1.15.0", "prerelease=true&package=ebb", "ebb-1.0.0"),
        // Capabilities and the version of the specification.
        ("1.20.0", "capabilities=none&package=helm", "helm-1.1.0"),
        ("1.21.0", "capabilities=none&package=helm", ""),
        ("1.20.0", "spec.max=2.3&package=helm", "helm-1.1.0"),
        ("1.21.0", "spec.max=2.3&package=helm", "helm-1.0.0"),
        // The version of the agent.
        ("1.32.1", "agent.version=8.19.0&package=helm", "helm-1.1.0"),
        ("1.33.0", "agent.version=8.19.0&package=helm", "helm-1.0.0"),
        // Subcategories, which moved.
        ("1.15.0", "category=infrastructure&package=gale", ""),
        ("1.16.0", "category=infrastructure&package=gale", "gale-1.0.0"),
        ("1.18.0", "category=infrastructure&package=gale", "gale-1.0.0"),
        ("1.19.0", "category=infrastructure&package=gale", ""),
        ("1.18.0", "category=observability&package=gale", ""),
        ("1.19.0", "category=observability&package=gale", "gale-1.0.0"),
    ];
    let entries = entries();
    for (release, text, expected) in rows {
        let shown = search(&entries, release.parse().unwrap(), &query(text));
        let shown: Vec<String> =
            shown.iter().map(|entry| format!("{}-{}", entry.name, entry.version)).collect();
        assert_eq!(shown.join(" "), expected, "{text} in {release}");
    }
}

/// Entries that keep a registry from loading the index.
#[test]
fn unsearchable_entries() {
    let manifest = |more: &str| -> PackageManifest {
        let all = "\"name\":\"buoy\",\"version\":\"1.0.0\",\"format_version\":\"1.0.0\"";
        serde_json::from_str(&format!("{{{all}{more}}}")).unwrap()
    };
    let condition = |product, version: &str| {
        Some(Unsearchable::Condition { product, version: version.to_owned() })
    };
    let version = |text: &str| PackageManifest { version: text.to_owned(), ..manifest("") };
    let spec = |text: &str| PackageManifest { format_version: text.to_owned(), ..manifest("") };
    let rows = [
        (manifest(""), None),
        (manifest(",\"conditions\":{}"), None),
        (manifest(",\"conditions\":{\"kibana\":{\"version\":\"^8.1\"}}"), None),
        (manifest(",\"conditions\":{\"kibana\":{\"version\":\"\"}}"), condition("kibana", "")),
        (manifest(",\"conditions\":{\"agent\":{\"version\":\">>8\"}}"), condition("agent", ">>8")),
        (version("1.0"), Some(Unsearchable::Version("1.0".to_owned()))),
        (version("v1.0.0"), Some(Unsearchable::Version("v1.0.0".to_owned()))),
        (version("1.0.0-rc.1+b"), None),
        (spec("1"), Some(Unsearchable::FormatVersion("1".to_owned()))),
        (spec(""), Some(Unsearchable::FormatVersion(String::new()))),
        (spec("3.0.0-next"), None),
    ];
    for (manifest, expected) in rows {
        assert_eq!(Searchable::of(&manifest).err(), expected, "{manifest:?}");
    }
}
