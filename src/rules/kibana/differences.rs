//! Values of a manifest that the registry and Kibana read differently.

use super::items::described;
use crate::model::finding::ReadDifference;
use crate::yaml::js_yaml::{Value, resolve};
use crate::yaml::{Data, Node, Resolved, Scalar};

/// The maximum number of differences reported for one file.
pub(super) const MAX_REPORTED: usize = 5;

/// Integers up to this one are exact in JavaScript.
const EXACT: i128 = 1 << 53;

/// Returns the first differences between go-yaml's tree and js-yaml's value.
pub(super) fn differences(root: Node<'_>, value: &Value<'_>) -> Vec<ReadDifference> {
    let mut found = Vec::new();
    compare(root, value, &mut String::new(), &mut found);
    found
}

fn compare(node: Node<'_>, value: &Value<'_>, place: &mut String, found: &mut Vec<ReadDifference>) {
    if found.len() == MAX_REPORTED {
        return;
    }
    let len = place.len();
    match (node.data(), value) {
        (Data::Scalar(scalar), value) if is_same(scalar, value) => {}
        (Data::Sequence(nodes), Value::List(items)) if nodes.len() == items.len() => {
            for (index, (node, item)) in nodes.iter().zip(items.iter()).enumerate() {
                *place += &format!("[{index}]");
                compare(node, item, place, found);
                place.truncate(len);
            }
        }
        (Data::Mapping(pairs), Value::Map(map)) => {
            for (key, node) in pairs.iter() {
                let Data::Scalar(key) = key.data() else { continue };
                // Merged values are compared where they are defined.
                if key.is_plain && key.text == "<<" {
                    continue;
                }
                let name =
                    if key.is_plain { resolve(key.text).to_text() } else { key.text.to_owned() };
                if let Some(value) = map.get(&*name).or_else(|| map.get(key.text)) {
                    let dot = if place.is_empty() { "" } else { "." };
                    *place += &format!("{dot}{}", key.text);
                    compare(node, value, place, found);
                    place.truncate(len);
                }
            }
        }
        (data, value) => {
            let registry = match data {
                Data::Scalar(scalar) => described_for_registry(scalar),
                Data::Sequence(_) => "a list".to_owned(),
                Data::Mapping(_) => "a mapping".to_owned(),
            };
            found.push(ReadDifference {
                field: place.clone(),
                line: node.place().line,
                registry,
                kibana: described(value),
            });
        }
    }
}

fn is_same(scalar: Scalar<'_>, value: &Value<'_>) -> bool {
    let Scalar { text, is_plain } = scalar;
    let is_text = matches!(value, Value::Text(value) if value == text);
    if !is_plain {
        return is_text;
    }
    match (Resolved::of(text), value) {
        (Resolved::Null, Value::Null | Value::Undefined) => true,
        (Resolved::Bool(ours), Value::Bool(theirs)) => ours == *theirs,
        (Resolved::Integer(ours), Value::Number(theirs)) => {
            ours.abs() <= EXACT && ours as f64 == *theirs
        }
        (Resolved::Float(ours), Value::Number(theirs)) => {
            ours == *theirs || ours.is_nan() && theirs.is_nan()
        }
        (Resolved::Timestamp | Resolved::Text, Value::Text(_)) => is_text,
        _ => false,
    }
}

fn described_for_registry(scalar: Scalar<'_>) -> String {
    if !scalar.is_plain {
        return described(&Value::Text(scalar.text.into()));
    }
    match Resolved::of(scalar.text) {
        Resolved::Null => "null".to_owned(),
        Resolved::Bool(value) => value.to_string(),
        Resolved::Integer(value) => format!("the number {value}"),
        Resolved::Float(value) => described(&Value::Number(value)),
        Resolved::Timestamp | Resolved::Text => described(&Value::Text(scalar.text.into())),
    }
}
