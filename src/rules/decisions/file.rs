//! The YAML form of the decisions file: its fields, their types, and their lines.
//!
//! An error of syntax or structure is a single fault with line and column. The parent module checks the values.
//! `serde_yaml` does not report the positions of values; they are taken from the tree of `yaml`.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use super::DecisionFault;
use crate::model::finding::NoDecision;
use crate::yaml::{Data, Document, Node};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `resolutions`")]
struct File {
    #[serde(deserialize_with = "list")]
    resolutions: Vec<Entry>,
}

/// Requires a list: `serde_yaml` reads an empty value as an empty list, which would accept a truncated file.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entry>, D::Error> {
    let list = Option::deserialize(deserializer)?;
    list.ok_or_else(|| D::Error::custom("`resolutions` is not a list"))
}

/// A decision as written in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with the fields of a decision")]
pub(super) struct Entry {
    pub(super) package: String,
    pub(super) version: String,
    pub(super) code: String,
    pub(super) decision: DecisionText,
    pub(super) reason: String,
    pub(super) digests: DigestTexts,
}

/// `skip`, `accept`, or `keep: <stage>` as a text or a mapping; `None` if it was not filled in.
pub(super) struct DecisionText(pub(super) Option<String>);

/// The stages with their digests, in the order of the file; `None` for `~`.
pub(super) struct DigestTexts(pub(super) Vec<(String, Option<String>)>);

impl<'de> Deserialize<'de> for DecisionText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfDecision;

        impl<'de> Visitor<'de> for OfDecision {
            type Value = DecisionText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`skip`, `accept`, `keep-published` or `{keep: <stage>}`")
            }

            fn visit_unit<E>(self) -> Result<DecisionText, E> {
                Ok(DecisionText(None))
            }

            fn visit_str<E>(self, text: &str) -> Result<DecisionText, E> {
                Ok(DecisionText(Some(text.to_owned())))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DecisionText, A::Error> {
                let first: Option<(String, String)> = map.next_entry()?;
                match (first, map.next_key::<String>()?) {
                    (Some((key, value)), None) => Ok(DecisionText(Some(format!("{key}: {value}")))),
                    _ => Err(A::Error::custom(NoDecision)),
                }
            }
        }

        deserializer.deserialize_any(OfDecision)
    }
}

impl<'de> Deserialize<'de> for DigestTexts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfDigests;

        impl<'de> Visitor<'de> for OfDigests {
            type Value = DigestTexts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of stages to digests")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DigestTexts, A::Error> {
                let mut digests = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    digests.push(entry);
                }
                Ok(DigestTexts(digests))
            }
        }

        deserializer.deserialize_map(OfDigests)
    }
}

/// Reads the decisions, in the order of the file.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Entry>, DecisionFault> {
    let file: File = serde_yaml::from_slice(bytes).map_err(|error| fault(&error))?;
    Ok(file.resolutions)
}

fn fault(error: &serde_yaml::Error) -> DecisionFault {
    let text = error.to_string();
    let Some(at) = error.location() else {
        return DecisionFault { line: 1, column: None, detail: text };
    };
    let (line, column) = (at.line() as u64, at.column() as u64);
    let detail = text.replacen(&format!(" at line {line} column {column}"), "", 1);
    DecisionFault { line, column: Some(column), detail }
}

/// The positions of the decisions in a file that was read by [`read`].
pub(super) struct Places<'d> {
    items: Vec<Node<'d>>,
}

impl<'d> Places<'d> {
    /// Finds the decisions in a parsed file.
    pub(super) fn of(document: &'d Document<'_>) -> Self {
        let items = match field(document.root(), "resolutions").map(Node::data) {
            Some(Data::Sequence(items)) => items.iter().collect(),
            _ => Vec::new(),
        };
        Places { items }
    }

    /// Returns the first line of the decision with that index, counted from 1.
    pub(super) fn line(&self, index: usize) -> u64 {
        self.items.get(index).map_or(1, |item| item.place().line)
    }

    /// Returns the line of a field's value, or of the decision if the field is missing.
    pub(super) fn line_of(&self, index: usize, name: &str) -> u64 {
        let value = self.items.get(index).and_then(|item| field(*item, name));
        value.map_or_else(|| self.line(index), |value| value.place().line)
    }
}

fn field<'d>(node: Node<'d>, name: &str) -> Option<Node<'d>> {
    let Data::Mapping(pairs) = node.data() else { return None };
    let is_named = |key: Node<'_>| matches!(key.data(), Data::Scalar(key) if key.text == name);
    pairs.iter().find_map(|(key, value)| is_named(key).then_some(value))
}
