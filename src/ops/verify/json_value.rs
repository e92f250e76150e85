//! JSON values of index entries: a digest of the value, and the fields in which two values differ.
//!
//! The order of members and the spelling of texts and numbers do not matter, as for the registry. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use crate::digest::{Sha256, Sha256Hasher};
use crate::model::finding::FieldDifference;
use crate::rules::index::shown;

/// The maximum length of a value that is shown, in characters.
const SHOWN_LEN: usize = 60;
/// The maximum number of fields that are reported.
const MAX_FIELDS: usize = 100;

/// Returns a digest that is the same for equal values only.
pub(super) fn digest(value: &Value) -> Sha256 {
    let mut hasher = Sha256Hasher::default();
    update(&mut hasher, value);
    hasher.finish()
}

fn update(hasher: &mut Sha256Hasher, value: &Value) {
    match value {
        Value::Null => hasher.update(b"n"),
        Value::Bool(true) => hasher.update(b"t"),
        Value::Bool(false) => hasher.update(b"f"),
        Value::Number(number) => text(hasher, b'#', &canonical(number)),
        Value::String(string) => text(hasher, b'"', string),
        Value::Array(items) => {
            hasher.update(b"[");
            hasher.update(&(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| update(hasher, item));
        }
        Value::Object(members) => {
            hasher.update(b"{");
            hasher.update(&(members.len() as u64).to_le_bytes());
            let names: BTreeSet<&String> = members.keys().collect();
            for name in names {
                text(hasher, b':', name);
                update(hasher, &members[name]);
            }
        }
    }
}

fn text(hasher: &mut Sha256Hasher, tag: u8, text: &str) {
    hasher.update(&[tag]);
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

/// Returns a number's value as text: the same for 1, 1.0 and 1e0.
fn canonical(number: &Number) -> String {
    let float = number.as_f64().filter(|_| !number.is_i64() && !number.is_u64());
    match float {
        // Each integer below 2^53 has exactly one float.
        Some(float) if float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 => {
            format!("{float:.0}").replace("-0", "0")
        }
        Some(float) => float.to_string(),
        None => number.to_string(),
    }
}

/// Returns the fields in which two values differ, by path, at most `MAX_FIELDS`.
pub(super) fn differences(found: &Value, expected: &Value) -> Vec<FieldDifference> {
    let mut fields = Vec::new();
    collect(String::new(), Some(found), Some(expected), &mut fields);
    fields
}

fn collect(
    path: String,
    found: Option<&Value>,
    expected: Option<&Value>,
    fields: &mut Vec<FieldDifference>,
) {
    match (found, expected) {
        _ if fields.len() == MAX_FIELDS => {}
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            members(&path, one, other, fields);
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) if one.len() == other.len() => {
            for (index, pair) in one.iter().zip(other).enumerate() {
                collect(format!("{path}[{index}]"), Some(pair.0), Some(pair.1), fields);
            }
        }
        (Some(one), Some(other)) if digest(one) == digest(other) => {}
        (None, None) => {}
        _ => {
            fields.push(FieldDifference {
                field: path,
                published: found.map(|value| shown(value, SHOWN_LEN)),
                derived: expected.map(|value| shown(value, SHOWN_LEN)),
            });
        }
    }
}

fn members(
    path: &str,
    found: &Map<String, Value>,
    expected: &Map<String, Value>,
    fields: &mut Vec<FieldDifference>,
) {
    let names: BTreeSet<&String> = found.keys().chain(expected.keys()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        collect(path, found.get(name), expected.get(name), fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn only_equal_values_have_the_same_digest_and_no_differences() {
        let rows = [
            ("{\"a\":1,\"b\":[true,null]}", "{ \"b\": [true, null], \"a\": 1.0 }", ""),
            ("\"\\u003c\"", "\"<\"", ""),
            ("-0.0", "0", ""),
            ("9007199254740993", "9007199254740992", "="),
            ("[1,2]", "[1,3]", "[1]=2/3"),
            ("[1,2]", "[1]", "=[1,2]/[1]"),
            ("[]", "{}", "=[]/{}"),
            ("\"1\"", "1", "=\"1\"/1"),
            ("null", "false", "=null/false"),
            ("{\"a\":{\"b\":1}}", "{\"a\":{\"c\":1}}", "a.b=1/- a.c=-/1"),
            ("{\"a\":null}", "{}", "a=null/-"),
            ("[\"a\",\"b\"]", "[\"ab\",\"\"]", "[0]=\"a\"/\"ab\" [1]=\"b\"/\"\""),
        ];
        for (one, other, expected) in rows {
            let (found, wanted) = (value(one), value(other));
            let fields = differences(&found, &wanted);
            assert_eq!(digest(&found) == digest(&wanted), expected.is_empty(), "{one} {other}");
            let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
            let lines: Vec<String> = fields
                .iter()
                .map(|one| format!("{}={}/{}", one.field, text(&one.published), text(&one.derived)))
                .collect();
            assert!(lines.join(" ").starts_with(expected), "{lines:?}");
            assert_eq!(lines.is_empty(), expected.is_empty(), "{one} {other}");
        }
    }
}
