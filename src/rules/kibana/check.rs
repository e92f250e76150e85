//! Checks an archive against the rules: the names of its entries and the facts about each.
//!
//! Returns all broken rules, not only the first.

use std::collections::BTreeSet;

use super::{Facts, Faults};
use crate::model::finding::KibanaRule;
use crate::rules::registry::excerpt;

/// The maximum length of an asset, in characters as stored by Kibana.
const MAX_ASSET_LEN: u64 = 4 << 20;

/// The maximum length of an asset whose path contains [`MODEL`].
const MAX_MODEL_LEN: u64 = 50 << 20;

const MODEL: &str = "ml_model";

/// An entry of an archive.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Its name, including the top-level folder.
    pub name: &'a str,
    /// Its facts, if it has a role.
    pub facts: Option<&'a Facts>,
    /// Its length as returned by [`super::asset_len`].
    pub len: Option<u64>,
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: KibanaRule,
    /// The file or folder at fault inside the package; `None` if there are several.
    pub path: Option<String>,
    /// The key in that file.
    pub key: Option<String>,
    /// How the rule is broken.
    pub detail: String,
}

/// Checks an archive by its entries, in the order of the archive.
pub fn check(entries: &[Entry<'_>]) -> Vec<Broken> {
    let top = entries.first().map_or("", |first| first.name.split('/').next().unwrap_or(""));
    let inside =
        |name: &str| name.strip_prefix(top).map(|rest| rest.trim_start_matches('/').to_owned());
    let mut broken = Vec::new();
    let mut add = |rule, path: Option<String>, detail: String| {
        broken.push(Broken { rule, path, key: None, detail });
    };
    if let Some(other) = entries.iter().find(|entry| !entry.name.starts_with(top)) {
        add(
            KibanaRule::K1,
            None,
            format!("`{}` is outside of `{}`", excerpt(other.name), excerpt(top)),
        );
    }
    let manifest_name = format!("{top}/manifest.yml");
    let manifest = entries.iter().find(|entry| entry.name == manifest_name);
    let facts = manifest.and_then(|manifest| match manifest.facts {
        Some(Facts::Manifest(facts)) => Some(facts),
        _ => None,
    });
    let manifest_path = || Some("manifest.yml".to_owned());
    if manifest.is_none() {
        add(KibanaRule::K2, manifest_path(), "it is missing".to_owned());
    } else if facts.is_some_and(|facts| facts.is_empty) {
        add(KibanaRule::K2, manifest_path(), "it is empty".to_owned());
    }
    if let Some(folder) = facts.and_then(|facts| facts.folder.as_deref())
        && folder != top
    {
        let detail =
            format!("it requires the folder name `{}`, not `{}`", excerpt(folder), excerpt(top));
        add(KibanaRule::K5, manifest_path(), detail);
    }
    let (mut streams, mut manifests) = (BTreeSet::new(), BTreeSet::new());
    let streams_folder = format!("{top}/data_stream");
    for entry in entries {
        // Kibana compares text prefixes: `data_streams/a` matches as well.
        let below = entry.name.strip_prefix(&streams_folder);
        let stream = below.and_then(|rest| rest.split('/').find(|part| !part.is_empty()));
        streams.extend(stream);
        manifests.extend(below.and_then(|below| below.strip_suffix("/manifest.yml")));
        let (limit, name) = match entry.name.contains(MODEL) {
            true => (MAX_MODEL_LEN, "50 MiB"),
            false => (MAX_ASSET_LEN, "4 MiB"),
        };
        if let Some(len) = entry.len.filter(|len| *len > limit) {
            let detail = format!("Kibana stores it as {len} characters, which exceeds {name}");
            add(KibanaRule::K13, inside(entry.name), detail);
        }
    }
    for stream in streams {
        if !manifests.contains(format!("/{stream}").as_str()) {
            let detail = "the data stream has no manifest.yml".to_owned();
            add(KibanaRule::K6, Some(format!("data_stream/{stream}")), detail);
        }
    }
    for entry in entries {
        let by_rule = entry.facts.map(Facts::faults).into_iter().flat_map(Faults::by_rule);
        broken.extend(by_rule.map(|(rule, key, detail)| Broken {
            rule,
            path: inside(entry.name),
            key,
            detail,
        }));
    }
    broken
}
