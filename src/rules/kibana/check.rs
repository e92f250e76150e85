//! Judges an archive: the names of its entries and what is known of each, against the rules.
//!
//! Every broken rule is told, not only the first.

use std::collections::BTreeSet;

use super::faults::excerpt;
use super::{Facts, Faults};
use crate::model::finding::KibanaRule;

/// The longest asset, in characters as Kibana stores it.
const MAX_ASSET_LEN: u64 = 4 << 20;

/// The longest asset whose path holds [`MODEL`].
const MAX_MODEL_LEN: u64 = 50 << 20;

const MODEL: &str = "ml_model";

/// An entry of an archive.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Its name, with the folder that all entries lie in.
    pub name: &'a str,
    /// What it says, if it has a role.
    pub facts: Option<&'a Facts>,
    /// Its length as [`super::asset_len`] has it.
    pub len: Option<u64>,
}

/// A rule that an archive breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: KibanaRule,
    /// The file or folder at fault inside the package, unless it is about several.
    pub path: Option<String>,
    /// The key in that file.
    pub key: Option<String>,
    /// What breaks it.
    pub detail: String,
}

/// Judges an archive by its entries, in their order.
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
            format!("`{}` lies outside `{}`", excerpt(other.name), excerpt(top)),
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
        let detail = format!("it names the folder `{}`, not `{}`", excerpt(folder), excerpt(top));
        add(KibanaRule::K5, manifest_path(), detail);
    }
    let (mut streams, mut manifests) = (BTreeSet::new(), BTreeSet::new());
    let streams_folder = format!("{top}/data_stream");
    for entry in entries {
        // Compared as texts: `data_streams/a` counts as well.
        let below = entry.name.strip_prefix(&streams_folder);
        let stream = below.and_then(|rest| rest.split('/').find(|part| !part.is_empty()));
        streams.extend(stream);
        manifests.extend(below.and_then(|below| below.strip_suffix("/manifest.yml")));
        let (limit, name) = match entry.name.contains(MODEL) {
            true => (MAX_MODEL_LEN, "50 MiB"),
            false => (MAX_ASSET_LEN, "4 MiB"),
        };
        if let Some(len) = entry.len.filter(|len| *len > limit) {
            let detail = format!("Kibana stores it as {len} characters, more than {name}");
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
