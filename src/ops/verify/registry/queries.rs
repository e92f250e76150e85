//! Compares the plain query and the categories with what the registry's rules select from the revisions that it lists.
//!
//! Whether it lists the right revisions is compared before; so a missing one is not reported again here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::answers::{self, mismatch, text};
use super::list::List;
use crate::model::mismatch::{Mismatch, RegistryMismatch};
use crate::model::registry_release::RegistryRelease;
use crate::rules::index::PackageManifest;
use crate::rules::search::{Query, Searchable, categories, search};
use crate::v2::registry::{Registry, RegistryQuery};

/// The answers to the queries.
#[derive(Debug, Default)]
pub(super) struct Queried {
    pub(super) mismatches: Vec<Mismatch>,
    /// Packages that the plain query should show.
    pub(super) visible: u64,
    /// Categories that should be listed.
    pub(super) categories: u64,
}

/// Compares the plain query and the categories; `entry` returns v1's entry of a listed revision, if it has one.
pub(super) fn compare<'e>(
    registry: &Registry,
    release: RegistryRelease,
    list: &List,
    entry: impl Fn(&str) -> Option<&'e Value>,
) -> Queried {
    let mut queried = Queried::default();
    let mut searchable = Vec::new();
    for (revision, items) in &list.items {
        let known = entry(revision);
        match known.map_or_else(|| of_item(&items[0]), of_entry) {
            Ok(entry) => searchable.push(entry),
            Err(detail) => {
                let kind = answers::unreadable(&detail);
                let all = RegistryQuery::All.request();
                queried.mismatches.push(mismatch(&all, Some(revision.clone()), kind));
            }
        }
    }
    let query = Query::default();
    let shown: BTreeMap<String, String> = search(&searchable, release, &query)
        .into_iter()
        .map(|entry| (entry.name.clone(), entry.version.to_string()))
        .collect();
    queried.visible = shown.len() as u64;
    queried.mismatches.extend(plain(registry, &shown));
    let counts = categories(&searchable, release, &query, false);
    queried.categories = counts.len() as u64;
    queried.mismatches.extend(by_category(registry, &counts));
    queried
}

fn of_entry(entry: &Value) -> Result<Searchable, String> {
    let manifest: PackageManifest =
        serde_json::from_value(entry.clone()).map_err(|error| error.to_string())?;
    Searchable::of(&manifest).map_err(|error| error.to_string())
}

/// The item in the list has all that these queries depend on.
fn of_item(item: &Value) -> Result<Searchable, String> {
    let mut fields = item.as_object().cloned().unwrap_or_else(Map::new);
    // Only the queries by spec depend on it.
    fields.insert("format_version".to_owned(), Value::String("1.0.0".to_owned()));
    of_entry(&Value::Object(fields))
}

fn plain(registry: &Registry, expected: &BTreeMap<String, String>) -> Vec<Mismatch> {
    let query = RegistryQuery::Plain;
    let items = match answers::list(registry.query(query)) {
        Ok(items) => items,
        Err(kind) => return vec![mismatch(&query.request(), None, kind)],
    };
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in &items {
        let name = text(item, "name").unwrap_or_default();
        found.entry(name).or_default().push(text(item, "version").unwrap_or_default());
    }
    let names: BTreeSet<&str> =
        expected.keys().map(String::as_str).chain(found.keys().copied()).collect();
    let differs = names.into_iter().filter_map(|name| {
        let expected = expected.get(name).cloned();
        let found = found.get(name).map(|versions| versions.join(", "));
        let kind = RegistryMismatch::QueryDiffers { expected, found };
        let is_same = matches!(&kind, RegistryMismatch::QueryDiffers { expected, found } if expected == found);
        (!is_same).then(|| mismatch(&query.request(), Some(name.to_owned()), kind))
    });
    differs.collect()
}

fn by_category(registry: &Registry, expected: &BTreeMap<String, u64>) -> Vec<Mismatch> {
    let query = RegistryQuery::Categories;
    let items = match answers::list(registry.query(query)) {
        Ok(items) => items,
        Err(kind) => return vec![mismatch(&query.request(), None, kind)],
    };
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for item in &items {
        let (Some(id), Some(count)) = (text(item, "id"), item.get("count").and_then(Value::as_u64))
        else {
            let kind = answers::unreadable("a category has no id or no count");
            return vec![mismatch(&query.request(), None, kind)];
        };
        *found.entry(id).or_default() += count;
    }
    let ids: BTreeSet<&str> =
        expected.keys().map(String::as_str).chain(found.keys().copied()).collect();
    let differs = ids.into_iter().filter_map(|id| {
        let expected = expected.get(id).copied().unwrap_or_default();
        let found = found.get(id).copied().unwrap_or_default();
        let kind = RegistryMismatch::CategoryDiffers { expected, found };
        (expected != found).then(|| mismatch(&query.request(), Some(id.to_owned()), kind))
    });
    differs.collect()
}
