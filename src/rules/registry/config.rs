//! A manifest as read by the registry's configuration library (go-ucfg with yaml.v2).
//!
//! Keys with dots become nested objects, and numeric keys become list items (`path`); `<<` merges, the last one of
//! duplicate keys wins, and a list is an object without names. Duplicate keys, which other readers refuse or read
//! differently, are collected as [`Duplicate`]s. Pure; used by `manifest` and `data_stream`.

use std::collections::BTreeMap;

use super::fault::{Faults, MAX_REPORTED, Rule, excerpt};
use super::path::{KeyPath, KeyStep};
use super::scalar::Reading;
use super::value::{ConfigEntry, Object, Value};
use crate::yaml::{Data, Document, Mark, Node, Pairs, Scalar, YamlError};

/// The maximum nesting depth, including dots in keys.
const MAX_DEPTH: usize = 500;

/// A key that appears more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The path of the key, such as `a.b[0].c`.
    pub field: String,
    /// The first and the last value, shortened.
    pub readings: [String; 2],
    /// Whether they are equal.
    pub is_same: bool,
    /// The position of the last one.
    pub place: Mark,
}

/// A manifest as the registry reads it.
#[derive(Debug)]
pub struct Config<'d> {
    /// The whole document; it has no names if it is not a mapping.
    pub root: Value<'d>,
    /// The first few duplicate keys.
    pub duplicates: Vec<Duplicate>,
    /// The number of other duplicate keys.
    pub more_duplicates: usize,
    /// The faults of keys that the registry refuses.
    pub faults: Faults,
}

impl<'d> Config<'d> {
    /// Reads a document.
    ///
    /// # Errors
    /// The nesting exceeds the limit.
    pub fn of(document: &'d Document<'_>) -> Result<Self, YamlError> {
        let mut reader = Reader::default();
        let root = reader.value(document.root())?;
        let Reader { duplicates, more_duplicates, faults, .. } = reader;
        Ok(Config { root, duplicates, more_duplicates, faults })
    }
}

#[derive(Default)]
struct Reader {
    path: Vec<Step>,
    duplicates: Vec<Duplicate>,
    more_duplicates: usize,
    faults: Faults,
}

enum Step {
    Key(String),
    Item(usize),
}

impl Reader {
    fn value<'d>(&mut self, node: Node<'d>) -> Result<Value<'d>, YamlError> {
        let place = node.place();
        if self.path.len() > MAX_DEPTH {
            return Err(too_deep(place));
        }
        let data = match node.data() {
            Data::Scalar(scalar) => ConfigEntry::Scalar(scalar),
            Data::Sequence(items) => {
                let mut values = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.path.push(Step::Item(index));
                    values.push(self.value(item)?);
                    self.path.pop();
                }
                ConfigEntry::List(values)
            }
            Data::Mapping(pairs) => {
                let object = self.object(pairs)?;
                match object.names.is_empty() && !object.items.is_empty() {
                    true => ConfigEntry::List(object.items),
                    false => ConfigEntry::Object(object),
                }
            }
        };
        Ok(Value { place, data })
    }

    fn object<'d>(&mut self, pairs: Pairs<'d>) -> Result<Object<'d>, YamlError> {
        let mut last = BTreeMap::new();
        let mut seen = BTreeMap::new();
        for (key, value) in pairs.iter() {
            let Data::Scalar(name) = key.data() else { continue };
            if name.text == "<<" && name.is_plain {
                self.merge(value, &mut last, 0)?;
                continue;
            }
            if !self.is_text(name) {
                continue;
            }
            if let Some(first) = seen.insert(name.text, value) {
                self.duplicate(name.text, first, value, key.place());
            }
            last.insert(name.text, value);
        }
        let mut object = Object::default();
        let mut paths: Vec<KeyPath<'d>> = Vec::new();
        for (name, node) in last {
            let path = KeyPath::of(name);
            let depth = self.path.len() + path.0.len();
            if depth > MAX_DEPTH {
                return Err(too_deep(node.place()));
            }
            self.path.push(Step::Key(name.to_owned()));
            let value = self.value(node)?;
            if path.0.contains(&KeyStep::Negative) {
                let label = self.label(None);
                self.faults.add(Rule::TYPES, || {
                    format!("{label} has a negative number as a name, which crashes the registry")
                });
            } else {
                path.put(&mut object, value, &paths).unwrap_or_else(|_| {
                    let label = self.label(None);
                    self.faults.add(Rule::TYPES, || {
                        format!(
                            "{label} appears twice, once with dots, which the registry may refuse"
                        )
                    });
                });
                paths.push(path);
            }
            self.path.pop();
        }
        Ok(object)
    }

    /// Returns whether a key is text; adds a fault otherwise.
    fn is_text(&mut self, name: Scalar<'_>) -> bool {
        let is_text = matches!(Reading::of(name), Reading::Text(_) | Reading::Timestamp(_));
        if !is_text {
            let label = self.label(Some(name.text));
            self.faults.add(Rule::TYPES, || format!("the key {label} is not text"));
        }
        is_text
    }

    fn duplicate(&mut self, key: &str, first: Node<'_>, last: Node<'_>, place: Mark) {
        if self.duplicates.len() == MAX_REPORTED {
            self.more_duplicates += 1;
            return;
        }
        let text = |node: Node<'_>| match node.data() {
            Data::Scalar(scalar) => excerpt(scalar.text),
            Data::Sequence(_) => "a list".to_owned(),
            Data::Mapping(_) => "an object".to_owned(),
        };
        let is_same = match (first.data(), last.data()) {
            (Data::Scalar(first), Data::Scalar(last)) => first.text == last.text,
            _ => false,
        };
        let readings = [text(first), text(last)];
        self.duplicates.push(Duplicate { field: self.label(Some(key)), readings, is_same, place });
    }

    /// Returns the current path, with a key appended.
    fn label(&self, key: Option<&str>) -> String {
        let mut label = String::new();
        let keys = self.path.iter().map(|step| match step {
            Step::Key(key) => (Some(key.as_str()), 0),
            Step::Item(index) => (None, *index),
        });
        for step in keys.chain(key.map(|key| (Some(key), 0))) {
            match step {
                (Some(key), _) if label.is_empty() => label += key,
                (Some(key), _) => label = label + "." + key,
                (None, index) => label += &format!("[{index}]"),
            }
        }
        excerpt(&label)
    }

    /// Adds the pairs of the value of `<<`; as in yaml.v2, they replace keys before the `<<`.
    fn merge<'d>(
        &mut self,
        value: Node<'d>,
        last: &mut BTreeMap<&'d str, Node<'d>>,
        depth: usize,
    ) -> Result<(), YamlError> {
        if depth > MAX_DEPTH {
            return Err(too_deep(value.place()));
        }
        match value.data() {
            Data::Mapping(pairs) => {
                for (key, value) in pairs.iter() {
                    let Data::Scalar(name) = key.data() else { continue };
                    if name.text == "<<" && name.is_plain {
                        self.merge(value, last, depth + 1)?;
                    } else if self.is_text(name) {
                        last.insert(name.text, value);
                    }
                }
                Ok(())
            }
            // The parser guarantees that it is a list of mappings.
            Data::Sequence(items) => {
                items.iter().rev().try_for_each(|item| self.merge(item, last, depth + 1))
            }
            Data::Scalar(_) => Ok(()),
        }
    }
}

fn too_deep(place: Mark) -> YamlError {
    YamlError::at(place, format!("it is nested deeper than {MAX_DEPTH} levels"))
}
