//! The releases of the registry that would have written an entry in another way.
//!
//! Members were added over time: the tags of package-registry from 1.10.0 to 1.40.1, struct tags in `packages/`.
//! A difference counts as explained only if one release explains all of them, and also writes what the published entry
//! has. Pure.

use serde_json::Value;

use crate::model::registry_release::{RegistryRelease, Releases};
use crate::rules::registry::is_known_category;

/// The minor number of the first release that writes a member, with the member's path.
const SINCE: &[(u8, &str)] = &[
    (11, "source"),
    (11, "conditions.elastic"),
    (21, "conditions.elastic.capabilities"),
    (23, "agent"),
    (23, "data_streams[].agent"),
    (23, "owner.type"),
    (25, "discovery"),
    (26, "policy_templates_behavior"),
    (26, "policy_templates[].deployment_modes"),
    (30, "discovery.datasets"),
    (30, "policy_templates[].inputs[].deployment_modes"),
    (32, "data_streams[].streams[].ingestion_method"),
    (32, "policy_templates[].inputs[].streams[].ingestion_method"),
    (33, "conditions.agent"),
    (33, "policy_templates[].ingestion_method"),
    (36, "deprecated"),
    (36, "data_streams[].deprecated"),
    (36, "policy_templates[].deprecated"),
    (36, "policy_templates[].inputs[].deprecated"),
    (37, "data_streams[].streams[].package"),
    (37, "policy_templates[].inputs[].package"),
    (37, "policy_templates[].inputs[].streams[].package"),
    (37, "requires"),
    (39, "policy_templates[].deployment_modes.agentless.release"),
    (40, "group"),
];

/// The paths of variables.
const VARIABLES: [&str; 4] = [
    "vars[]",
    "data_streams[].streams[].vars[]",
    "policy_templates[].inputs[].vars[]",
    "policy_templates[].inputs[].streams[].vars[]",
];

/// A value that differs.
pub(super) struct Difference<'v> {
    /// Its path with the positions in lists, `vars[0].default`.
    pub(super) path: String,
    /// Its path without them, `vars[].default`.
    pub(super) pattern: String,
    /// `None` if only the derived entry has it.
    pub(super) published: Option<&'v Value>,
    /// `None` if only the published entry has it.
    pub(super) derived: Option<&'v Value>,
}

/// Removes the members of an entry that a release does not write yet.
pub fn as_written_by(release: RegistryRelease, entry: &mut Value) {
    remove_later(release, entry, &mut String::new());
}

fn remove_later(release: RegistryRelease, value: &mut Value, pattern: &mut String) {
    let len = pattern.len();
    match value {
        Value::Object(members) => members.retain(|name, member| {
            if len > 0 {
                pattern.push('.');
            }
            pattern.push_str(name);
            let is_written =
                since(pattern).is_none_or(|minor| release >= RegistryRelease::new(minor, 0));
            if is_written {
                remove_later(release, member, pattern);
            }
            pattern.truncate(len);
            is_written
        }),
        Value::Array(items) => {
            pattern.push_str("[]");
            for item in items {
                remove_later(release, item, pattern);
            }
            pattern.truncate(len);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns the releases that explain all differences; `None` if there is none.
pub(super) fn explaining(
    differences: &[Difference<'_>],
    published: &Value,
    derived: &Value,
) -> Option<Releases> {
    let mut releases = Releases::ALL;
    for difference in differences {
        releases = releases.and(of_difference(difference, derived)?);
    }
    releases = releases.and(writing(published, &mut String::new()));
    releases.until.is_none_or(|until| releases.since <= until).then_some(releases)
}

/// Returns the releases that explain a difference; `None` if there is none.
fn of_difference(difference: &Difference<'_>, derived: &Value) -> Option<Releases> {
    let Difference { pattern, published, derived: own, .. } = difference;
    match (published, own) {
        (None, Some(own)) => {
            if let Some(minor) = since(pattern) {
                return Some(before(minor));
            }
            // go-ucfg keeps empty lists since 0.8.6, which 1.19.0 was the first to use.
            let is_default = variable_of(pattern) == Some("default");
            (is_default && own.as_array().is_some_and(Vec::is_empty)).then(|| before(19))
        }
        // Only 1.32 wrote the method of a data stream here.
        (Some(_), None) if pattern == "data_streams[].ingestion_method" => {
            Some(Releases::since(32, 0).until(32, 1))
        }
        (Some(Value::Array(listed)), None) if pattern == "categories" => only_unknown(listed, &[]),
        (Some(Value::Array(listed)), Some(Value::Array(own))) if pattern == "categories" => {
            only_unknown(listed, own)
        }
        // Until 1.10, the default was `basic` whatever the subscription.
        (Some(Value::String(license)), Some(own)) if pattern == "license" => {
            let subscription = derived.pointer("/conditions/elastic/subscription");
            (license == "basic" && subscription == Some(own)).then(|| before(11))
        }
        _ => None,
    }
}

/// Releases that know other categories, or do not check them, keep categories that are dropped here.
fn only_unknown(published: &[Value], derived: &[Value]) -> Option<Releases> {
    let is_known = |category: &&Value| category.as_str().is_none_or(is_known_category);
    published.iter().filter(is_known).eq(derived).then_some(Releases::ALL)
}

fn since(pattern: &str) -> Option<u8> {
    if variable_of(pattern) == Some("deprecated") {
        return Some(36);
    }
    SINCE.iter().find(|(_, path)| *path == pattern).map(|(minor, _)| *minor)
}

/// Returns the member of a variable that a path names.
fn variable_of(pattern: &str) -> Option<&str> {
    VARIABLES.iter().find_map(|path| pattern.strip_prefix(path)?.strip_prefix('.'))
}

fn before(minor: u8) -> Releases {
    let release = Releases::since(minor, 0).since;
    Releases { until: release.previous(), ..Releases::ALL }
}

/// Returns the releases that write all members of an entry.
fn writing(value: &Value, pattern: &mut String) -> Releases {
    let len = pattern.len();
    let mut releases = since(pattern).map_or(Releases::ALL, |minor| Releases::since(minor, 0));
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if len > 0 {
                    pattern.push('.');
                }
                pattern.push_str(name);
                releases = releases.and(writing(member, pattern));
                pattern.truncate(len);
            }
        }
        Value::Array(items) => {
            pattern.push_str("[]");
            for item in items {
                releases = releases.and(writing(item, pattern));
            }
            pattern.truncate(len);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    releases
}
