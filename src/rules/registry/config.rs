//! A manifest as the registry's configuration reader (go-ucfg over yaml.v2) takes it.
//!
//! Keys with dots become nested objects, and keys that are numbers items of lists (`path`); `<<` merges, of a
//! key that is there twice the last one counts, and a list is an object without names. What other readers may
//! take otherwise, or refuse, is kept as a list of [`Duplicate`]s. Pure; used by `manifest` and `data_stream`.

use std::collections::BTreeMap;

use super::fault::{Faults, MAX_TOLD, Rule, excerpt};
use super::path::{KeyPath, KeyStep};
use super::scalar::Reading;
use super::value::{ConfigEntry, Object, Value};
use crate::yaml::{Data, Document, Mark, Node, Pairs, Scalar, YamlError};

/// The deepest nesting that is followed, dots in keys included.
const MAX_DEPTH: usize = 500;

/// A key that is there more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The key with those above it, `a.b[0].c`.
    pub field: String,
    /// What the first and the last one say, shortened.
    pub readings: [String; 2],
    /// Whether they say the same.
    pub is_same: bool,
    /// Where the last one stands.
    pub place: Mark,
}

/// A manifest as the registry reads it.
#[derive(Debug)]
pub struct Config<'d> {
    /// All of it; a document that is no mapping has no names.
    pub root: Value<'d>,
    /// The first few keys that are there twice.
    pub duplicates: Vec<Duplicate>,
    /// How many more there are.
    pub more_duplicates: usize,
    /// Keys that the registry refuses.
    pub faults: Faults,
}

impl<'d> Config<'d> {
    /// Reads a document.
    ///
    /// # Errors
    /// Nesting beyond any meaning.
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
                    format!("{label} has a negative number for a name, which ends the registry")
                });
            } else {
                path.put(&mut object, value, &paths).unwrap_or_else(|_| {
                    let label = self.label(None);
                    self.faults.add(Rule::TYPES, || {
                        format!(
                            "{label} is there twice, once with dots, which the registry may refuse"
                        )
                    });
                });
                paths.push(path);
            }
            self.path.pop();
        }
        Ok(object)
    }

    /// Tells whether a key is text, which is a fault otherwise.
    fn is_text(&mut self, name: Scalar<'_>) -> bool {
        let is_text = matches!(Reading::of(name), Reading::Text(_) | Reading::Timestamp(_));
        if !is_text {
            let label = self.label(Some(name.text));
            self.faults.add(Rule::TYPES, || format!("the key {label} is no text"));
        }
        is_text
    }

    fn duplicate(&mut self, key: &str, first: Node<'_>, last: Node<'_>, place: Mark) {
        if self.duplicates.len() == MAX_TOLD {
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

    /// The path to where the reader is, and a key below it.
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

    /// Adds the pairs of what `<<` names; as in yaml.v2, they replace what stands above the `<<`.
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
            // The document has no other lists there than those of mappings.
            Data::Sequence(items) => {
                items.iter().rev().try_for_each(|item| self.merge(item, last, depth + 1))
            }
            Data::Scalar(_) => Ok(()),
        }
    }
}

fn too_deep(place: Mark) -> YamlError {
    YamlError::at(place, format!("it is nested deeper than {MAX_DEPTH}"))
}
