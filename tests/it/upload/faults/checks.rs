//! What is wrong with a run: outcomes that are not those of the row, and outcomes that the store contradicts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{CURSOR, Migrated, PREFIX};
use crate::support::bucket_server::{Store, Stored};

/// Returns whether a text is the expected one, or starts like it.
fn is_like(text: &str, expected: &str) -> bool {
    match expected.strip_suffix('…') {
        Some(start) => text.starts_with(start),
        None => text == expected,
    }
}

/// Returns the outcome of each object of a report, as rows have it.
pub(super) fn outcomes(report: &Value) -> BTreeMap<String, String> {
    let objects = report["objects"].as_array().expect("objects").iter();
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let outcome = |object: &Value| match (text(&object["outcome"]), &object["reason"]) {
        (name, reason) if name == "failed" => format!("{name} {}", text(&reason["detail"])),
        (name, reason) => format!("{name} {}", text(&reason["code"])).trim().to_owned(),
    };
    objects.map(|object| (text(&object["key"]), outcome(object))).collect()
}

/// Returns the objects of the plan that are stored, by their keys.
pub(super) fn stored(store: &Store) -> BTreeMap<String, Stored> {
    let keys = store.keys().into_iter();
    let object = |key: String| {
        let object = store.get(&key).expect("an object");
        (key[PREFIX.len() + 1..].to_owned(), object)
    };
    keys.map(object).collect()
}

/// Returns what contradicts the store in the outcomes of a run.
pub(super) fn contradictions(
    outcomes: &BTreeMap<String, String>,
    unknown: &[&str],
    migrated: &Migrated,
    store: &Store,
    before: &BTreeMap<String, Stored>,
) -> Vec<String> {
    let now = stored(store);
    let mut wrong = Vec::new();
    for (key, upload) in migrated.uploads() {
        let bytes = migrated.bytes(&key);
        let is_ours = now.get(&key).map(|object| object.bytes == bytes);
        let outcome = outcomes.get(&key).map_or("missing", String::as_str);
        let is_right = match outcome.split(' ').next() {
            Some("created") => {
                let content_type = now.get(&key).map(|object| object.content_type.as_str());
                is_ours == Some(true) && content_type == upload["content_type"].as_str()
            }
            Some("already-there") => is_ours == Some(true),
            Some("conflict") => {
                is_ours == Some(false) || (is_ours.is_none() && key.ends_with(CURSOR))
            }
            Some("failed") if unknown.iter().any(|part| key.contains(part)) => {
                is_ours == Some(true)
            }
            Some("failed" | "withheld") => is_ours != Some(true),
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{key} is {outcome}, and ours: {is_ours:?}"));
        }
    }
    for (key, object) in before {
        let is_kept = now.get(key).is_some_and(|now| now.generation == object.generation);
        if !is_kept && !key.ends_with(CURSOR) {
            wrong.push(format!("{key} was replaced"));
        }
    }
    for key in now.keys().filter(|key| !migrated.uploads().contains_key(*key)) {
        if !before.contains_key(key) {
            wrong.push(format!("{key} was created"));
        }
    }
    wrong
}

/// Compares the outcomes of a run with those of the row.
pub(super) fn differences(
    outcomes: &BTreeMap<String, String>,
    expected: &[(&str, &str)],
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (key, outcome) in outcomes {
        let found = expected.iter().find(|(part, _)| key.contains(part));
        let wanted = found.map_or("created", |(_, wanted)| wanted);
        if !is_like(outcome, wanted) {
            wrong.push(format!("{key}: {outcome}, expected {wanted}"));
        }
    }
    for (part, _) in expected {
        if !outcomes.keys().any(|key| key.contains(part)) {
            wrong.push(format!("no object is like {part}"));
        }
    }
    wrong
}
