//! Our reading and the registry's reading of YAML in a common form, and their comparison.
//!
//! Two comparisons: of the plain document, and of the manifest that go-ucfg makes of it. The second one
//! counts only where the first one agrees, so that each difference is reported once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use package_storage_migrate::rules::registry::{
    Config, ConfigEntry, Reading, Value as ConfigValue,
};
use package_storage_migrate::yaml::{Data, Document, Node};
use serde_json::{Value, json};

use crate::support::judge::{Answer, Case, Judge};

/// The result of comparing a case.
pub(super) struct Compared {
    /// Whether the registry accepts it.
    pub(super) is_accepted: bool,
    pub(super) difference: Option<Difference>,
}

/// Two readings that differ.
#[derive(Clone)]
pub(super) struct Difference {
    /// The kind of difference, equal for cases that differ in the same way.
    pub(super) kind: String,
    pub(super) ours: String,
    pub(super) theirs: String,
}

/// A value in the form of the judges, or the error.
type Read = Result<Value, String>;

/// Compares all readings of each case.
pub(super) fn compare(judge: &Judge, cases: &[Vec<u8>]) -> Vec<Compared> {
    let ask =
        |name: &str| judge.ask(&cases.iter().map(|case| Case::new(name, case)).collect::<Vec<_>>());
    let compare_one = |((case, yaml), config): ((&Vec<u8>, Answer), Answer)| {
        let document = Document::parse(case);
        let ours = document.as_ref().map(|document| of_node(document.root()));
        let plain = difference("yaml", ours.map_err(|error| error.to_string()), &yaml);
        let difference = plain.or_else(|| match &document {
            Ok(document) => {
                let ours = of_config(document);
                // Keys that conflict below an empty name are out of go-ucfg's sight.
                let is_unseen = ours.is_err() && has_empty_name(document.root());
                (!is_unseen).then(|| difference("config", ours, &config)).flatten()
            }
            Err(_) => None,
        });
        Compared { is_accepted: matches!(yaml, Answer::Ok(_)), difference }
    };
    cases.iter().zip(ask("yaml")).zip(ask("config")).map(compare_one).collect()
}

fn difference(of: &str, ours: Read, theirs: &Answer) -> Option<Difference> {
    let theirs = match theirs {
        Answer::Ok(value) => Ok(untyped(value.get("texts").unwrap_or(value))),
        Answer::Refused(message) => Err(message.clone()),
        Answer::Panic(message) => Err(format!("PANIC {message}")),
        // A case that may be rejected by chance must be rejected here.
        Answer::Varies(_) => Err("VARIES".to_owned()),
    };
    let kind = match (&ours, &theirs) {
        (Err(_), Err(_)) => return None,
        (Err(ours), Ok(_)) => format!("rejected only by us: {}", unnumbered(ours)),
        (Ok(_), Err(theirs)) => format!("accepted only by us: {}", unnumbered(theirs)),
        (Ok(ours), Ok(theirs)) => format!("another value: {}", first_difference(ours, theirs)?),
    };
    let shown = |read: Read| match read {
        Ok(value) => value.to_string(),
        Err(message) => format!("rejected: {message}"),
    };
    Some(Difference { kind: format!("{of}, {kind}"), ours: shown(ours), theirs: shown(theirs) })
}

/// Removes everything specific to a case from a message: lines, numbers, and quoted text.
fn unnumbered(message: &str) -> String {
    let message = match message.strip_prefix("yaml: line ").and_then(|rest| rest.split_once(": ")) {
        Some((_, rest)) => format!("yaml: {rest}"),
        None => message.to_owned(),
    };
    let quote = ['`', '\'', '"'].into_iter().find(|quote| message.matches(*quote).count() > 1);
    let message = match quote.and_then(|quote| message.find(quote).zip(message.rfind(quote))) {
        Some((start, end)) => format!("{}…{}", &message[..=start], &message[end..]),
        None => message,
    };
    let mut kept = String::new();
    for c in message.chars() {
        match c {
            '0'..='9' if kept.ends_with('N') => {}
            '0'..='9' => kept.push('N'),
            _ => kept.push(c),
        }
    }
    kept
}

/// Returns the first types or texts that differ; `None` if nothing does.
fn first_difference(ours: &Value, theirs: &Value) -> Option<String> {
    if ours == theirs || *ours == json!(["merged"]) || *theirs == json!(["deep"]) {
        return None;
    }
    let kind = |value: &Value| value[0].as_str().unwrap_or_default().to_owned();
    let kinds = (kind(ours), kind(theirs));
    if kinds.0 != kinds.1 || ours.as_array().map(Vec::len) != theirs.as_array().map(Vec::len) {
        return Some(format!("{} here, {} there", kinds.0, kinds.1));
    }
    let (Some(our_items), Some(their_items)) = (ours[1].as_array(), theirs[1].as_array()) else {
        return Some(format!("another {}", kinds.0));
    };
    if our_items.len() != their_items.len() {
        return Some(format!("another number of items in a {}", kinds.0));
    }
    let below = |(ours, theirs): (&Value, &Value)| match kinds.0.as_str() {
        "list" => first_difference(ours, theirs),
        _ => first_difference(&ours[0], &theirs[0])
            .map(|key| format!("key, {key}"))
            .or_else(|| first_difference(&ours[1], &theirs[1])),
    };
    our_items.iter().zip(their_items).find_map(below)
}

/// Converts the registry's value: removes the types of numbers that our reader does not distinguish.
fn untyped(value: &Value) -> Value {
    match (value[0].as_str(), &value[1]) {
        (Some("int" | "uint" | "float"), number) => json!(["number", number]),
        (Some("list"), Value::Array(items)) => {
            json!(["list", items.iter().map(untyped).collect::<Vec<_>>()])
        }
        (Some("map"), Value::Array(pairs)) => {
            let read = pairs.iter().map(|pair| (untyped(&pair[0]), untyped(&pair[1])));
            let sorted = sorted(read);
            // 1 and 1.0 are the same key for our reader.
            if sorted.len() < pairs.len() {
                return json!(["deep"]);
            }
            let numbered =
                value.as_array().into_iter().flatten().skip(2).map(|items| match items {
                    Value::Array(items) => items.iter().map(untyped).collect(),
                    other => other.clone(),
                });
            json!(["map", sorted])
                .as_array()
                .into_iter()
                .flatten()
                .cloned()
                .chain(numbered)
                .collect()
        }
        // Bytes that are not UTF-8 become texts that are not otherwise used: no rule looks for such a text.
        (Some("bytes"), Value::String(bytes)) => {
            let bytes = STANDARD.decode(bytes).expect("base64");
            json!(["text", String::from_utf8_lossy(&bytes)])
        }
        _ => value.clone(),
    }
}

/// Converts a node; of duplicate keys the last one counts, as everywhere in the registry.
fn of_node(node: Node<'_>) -> Value {
    match node.data() {
        Data::Scalar(scalar) => match Reading::of(scalar) {
            Reading::Null => json!(["null"]),
            Reading::Bool(value) => json!(["bool", value]),
            Reading::Number(text) => json!(["number", text]),
            Reading::Timestamp(text) | Reading::Text(text) => json!(["text", text]),
        },
        Data::Sequence(items) => json!(["list", items.iter().map(of_node).collect::<Vec<_>>()]),
        Data::Mapping(pairs) => {
            let is_merge = |key: Node<'_>| matches!(key.data(), Data::Scalar(key) if key.is_plain && key.text == "<<");
            // Merges are handled by `Config`.
            if pairs.iter().any(|(key, _)| is_merge(key)) {
                return json!(["merged"]);
            }
            let pairs = pairs.iter().map(|(key, value)| (of_node(key), of_node(value)));
            json!(["map", sorted(pairs)])
        }
    }
}

/// Returns whether a key, or a part of one between its dots, is empty.
fn has_empty_name(node: Node<'_>) -> bool {
    match node.data() {
        Data::Scalar(_) => false,
        Data::Sequence(items) => items.iter().any(has_empty_name),
        Data::Mapping(pairs) => pairs.iter().any(|(key, value)| {
            let is_empty =
                matches!(key.data(), Data::Scalar(key) if key.text.split('.').any(str::is_empty));
            is_empty || has_empty_name(value)
        }),
    }
}

/// Converts a manifest's texts.
fn of_config(document: &Document<'_>) -> Read {
    let Config { root, faults, .. } = Config::of(document).map_err(|error| error.to_string())?;
    if faults != Default::default() {
        return Err(format!("{faults:?}"));
    }
    match &root.data {
        ConfigEntry::Scalar(_) if root.is_null() => Ok(json!(["none"])),
        // `shape` rejects it.
        ConfigEntry::Scalar(_) => Err("expected an object".to_owned()),
        ConfigEntry::List(items) if items.is_empty() => Ok(json!(["none"])),
        ConfigEntry::List(_) | ConfigEntry::Object(_) => Ok(of_value(&root)),
    }
}

fn of_value(value: &ConfigValue<'_>) -> Value {
    match &value.data {
        ConfigEntry::Scalar(scalar) => {
            json!(["text", Reading::of(*scalar).text().unwrap_or("null")])
        }
        ConfigEntry::List(items) => json!(["list", items.iter().map(of_value).collect::<Vec<_>>()]),
        ConfigEntry::Object(object) => {
            // go-ucfg cannot read an empty name.
            let names = object.names.iter().filter(|(name, _)| !name.is_empty());
            let pairs = names.map(|(name, value)| (json!(["text", name]), of_value(value)));
            match (object.names.is_empty(), object.items.is_empty()) {
                (true, true) => json!(["none"]),
                (_, true) => json!(["map", sorted(pairs)]),
                (_, false) => {
                    let items = object.items.iter().map(of_value).collect::<Vec<_>>();
                    json!(["map", sorted(pairs), "list", items])
                }
            }
        }
    }
}

/// Sorts pairs like the judges; of duplicate keys the last pair counts.
fn sorted(pairs: impl Iterator<Item = (Value, Value)>) -> Vec<Value> {
    let mut last = std::collections::BTreeMap::new();
    for (key, value) in pairs {
        last.insert(key.to_string(), (key, value));
    }
    last.into_values().map(|(key, value)| json!([key, value])).collect()
}
