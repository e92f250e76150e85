//! Compares a published entry with the one derived from v1: the same, as another release of the registry would have
//! written it, or different.
//!
//! Values are compared: the order of members and the spelling of texts and numbers do not matter. `signature_path` is
//! not compared unless it is a path that the registry never writes: signatures are added later. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::published::{MANIFEST, SIGNATURE};
use super::releases::{self, Difference};
use super::value::{self, is_same_number};
use crate::model::finding::FieldDifference;
use crate::model::registry_release::Releases;

/// The maximum length of a value that is shown, in characters.
const SHOWN_LEN: usize = 60;

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// All values are equal.
    Same,
    /// All differences are explained by these releases of the registry, which wrote the published entry.
    OtherRelease {
        /// The releases.
        releases: Releases,
        /// The differences, by path.
        fields: Vec<FieldDifference>,
    },
    /// No single release explains all differences.
    Conflict {
        /// The differences, by path.
        fields: Vec<FieldDifference>,
    },
}

/// Compares two entries, `{"package_manifest":{…}}`; the derived one is without a signature.
///
/// # Panics
/// The derived entry is not JSON.
pub fn compare(published: &[u8], derived: &[u8]) -> Comparison {
    if published == derived {
        return Comparison::Same;
    }
    let derived: Value = serde_json::from_slice(derived).expect("a derived entry is JSON");
    let published: Value = match serde_json::from_slice(published) {
        Ok(published) => published,
        // Go reads some texts that are not Unicode.
        Err(error) => {
            let fault = FieldDifference {
                field: MANIFEST.to_owned(),
                published: Some(error.to_string()),
                derived: None,
            };
            return Comparison::Conflict { fields: vec![fault] };
        }
    };
    let mut differences = Vec::new();
    let mut path = Path::default();
    // The registry ignores members beside the manifest.
    let [one, other] = [&published, &derived].map(|item| &item[MANIFEST]);
    collect(Some(one), Some(other), &mut path, &mut differences);
    differences.retain(|difference| !is_later_signature(difference, other));
    if differences.is_empty() {
        return Comparison::Same;
    }
    let fields = differences.iter().map(shown).collect();
    match releases::explaining(&differences, one, other) {
        Some(releases) => Comparison::OtherRelease { releases, fields },
        None => Comparison::Conflict { fields },
    }
}

/// Returns whether a difference is the signature of a published entry.
fn is_later_signature(difference: &Difference<'_>, derived: &Value) -> bool {
    let path = derived.get("download").and_then(Value::as_str).map(|path| format!("{path}.sig"));
    let published = difference.published.and_then(Value::as_str);
    difference.pattern == SIGNATURE && difference.derived.is_none() && published == path.as_deref()
}

#[derive(Default)]
struct Path {
    text: String,
    pattern: String,
}

impl Path {
    fn with(&mut self, text: &str, pattern: &str, visit: impl FnOnce(&mut Path)) {
        let lens = (self.text.len(), self.pattern.len());
        self.text.push_str(text);
        self.pattern.push_str(pattern);
        visit(self);
        self.text.truncate(lens.0);
        self.pattern.truncate(lens.1);
    }
}

fn collect<'v>(
    published: Option<&'v Value>,
    derived: Option<&'v Value>,
    path: &mut Path,
    found: &mut Vec<Difference<'v>>,
) {
    match (published, derived) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            members(one, other, path, found);
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                path.with(&format!("[{index}]"), "[]", |path| {
                    collect(Some(one), Some(other), path, found);
                });
            }
        }
        (Some(one), Some(other)) if is_equal(one, other) => {}
        _ => found.push(Difference {
            path: path.text.clone(),
            pattern: path.pattern.clone(),
            published,
            derived,
        }),
    }
}

fn members<'v>(
    published: &'v Map<String, Value>,
    derived: &'v Map<String, Value>,
    path: &mut Path,
    found: &mut Vec<Difference<'v>>,
) {
    let names: BTreeSet<&String> = published.keys().chain(derived.keys()).collect();
    for name in names {
        let step = if path.text.is_empty() { name.clone() } else { format!(".{name}") };
        path.with(&step, &step, |path| {
            collect(published.get(name), derived.get(name), path, found);
        });
    }
}

/// Compares scalars, and lists of different lengths; numbers by their values.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => is_same_number(one, other),
        _ => one == other,
    }
}

fn shown(difference: &Difference<'_>) -> FieldDifference {
    let short = |value: &&Value| value::shown(value, SHOWN_LEN);
    FieldDifference {
        field: difference.path.clone(),
        published: difference.published.as_ref().map(short),
        derived: difference.derived.as_ref().map(short),
    }
}
