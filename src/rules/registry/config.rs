//! A manifest as the registry's configuration reader (go-ucfg over yaml.v2) takes it.
//!
//! Keys with dots become nested objects, `<<` merges, of a key that is there twice the last one
//! counts, and a list is an object without names. What other readers may take otherwise, or refuse,
//! is kept as a list of [`Duplicate`]s. Pure; used by `manifest` and `data_stream`, and by `v1`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::fault::{Faults, MAX_TOLD, Rule, excerpt};
use super::scalar::Reading;
use crate::yaml::{Data, Document, Mark, Node, Pairs, Scalar, YamlError};

/// The deepest nesting that is followed, dots in keys included.
const MAX_DEPTH: usize = 500;

/// A value, and where it stands.
#[derive(Debug)]
pub struct Value<'d> {
    /// Where it begins.
    pub place: Mark,
    /// What it is.
    pub data: ConfigEntry<'d>,
}

/// What a value is.
#[derive(Debug)]
pub enum ConfigEntry<'d> {
    /// A scalar as it stands there.
    Scalar(Scalar<'d>),
    /// A list.
    List(Vec<Value<'d>>),
    /// Named values.
    Object(Object<'d>),
}

/// Named values; dots in names are resolved.
pub(super) type Object<'d> = BTreeMap<Cow<'d, str>, Value<'d>>;

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
    /// A merge of what is no mapping, and nesting beyond any meaning.
    pub fn of(document: &'d Document<'_>) -> Result<Self, YamlError> {
        let mut reader = Reader::default();
        let root = reader.value(document.root())?;
        let Reader { duplicates, more_duplicates, faults, .. } = reader;
        Ok(Config { root, duplicates, more_duplicates, faults })
    }
}

impl<'d> Value<'d> {
    /// The value of a field, unless it is missing or null.
    pub fn field(&self, name: &str) -> Option<&Value<'d>> {
        match &self.data {
            ConfigEntry::Object(object) => object.get(name).filter(|value| !value.is_null()),
            ConfigEntry::Scalar(_) | ConfigEntry::List(_) => None,
        }
    }

    /// Tells whether it is null.
    pub fn is_null(&self) -> bool {
        self.reading() == Some(Reading::Null)
    }

    /// What the registry takes it for; none for what is no scalar.
    pub fn reading(&self) -> Option<Reading<'d>> {
        match &self.data {
            ConfigEntry::Scalar(scalar) => Some(Reading::of(*scalar)),
            ConfigEntry::List(_) | ConfigEntry::Object(_) => None,
        }
    }

    /// The text of a field as the registry reads it; empty when it is missing, null or no scalar.
    pub fn text(&self, name: &str) -> String {
        let reading = self.field(name).and_then(Value::reading);
        reading.as_ref().and_then(Reading::text).unwrap_or_default().to_owned()
    }

    /// The items where a list is wanted: a single scalar is a list of itself.
    pub fn items(&self) -> &[Value<'d>] {
        match &self.data {
            ConfigEntry::List(items) => items,
            ConfigEntry::Scalar(_) if self.is_null() => &[],
            ConfigEntry::Scalar(_) => std::slice::from_ref(self),
            ConfigEntry::Object(_) => &[],
        }
    }

    /// The items of a field, as [`Value::items`] has them.
    pub fn list(&self, name: &str) -> &[Value<'d>] {
        self.field(name).map_or(&[], Value::items)
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
            Data::Mapping(pairs) => ConfigEntry::Object(self.object(pairs)?),
        };
        Ok(Value { place, data })
    }

    fn object<'d>(&mut self, pairs: Pairs<'d>) -> Result<Object<'d>, YamlError> {
        let mut last = BTreeMap::new();
        let mut seen = BTreeMap::new();
        for (key, value) in pairs.iter() {
            let Data::Scalar(name) = key.data() else { continue };
            if name.text == "<<" && name.is_plain {
                merge(value, &mut last, 0)?;
                continue;
            }
            if !matches!(Reading::of(name), Reading::Text(_) | Reading::Timestamp(_)) {
                let label = self.label(Some(name.text));
                self.faults.add(Rule::TYPES, || format!("the key {label} is no text"));
                continue;
            }
            if let Some(first) = seen.insert(name.text, value) {
                self.duplicate(name.text, first, value, key.place());
            }
            last.insert(name.text, value);
        }
        let mut object = Object::new();
        for (name, node) in last {
            let parts: Vec<&str> = name.split('.').collect();
            let depth = self.path.len() + parts.len();
            if depth > MAX_DEPTH {
                return Err(too_deep(node.place()));
            }
            self.path.push(Step::Key(name.to_owned()));
            let value = self.value(node)?;
            self.insert(&mut object, &parts, value);
            self.path.pop();
        }
        Ok(object)
    }

    /// Puts a value below the names that its key's dots make.
    fn insert<'d>(&mut self, object: &mut Object<'d>, parts: &[&'d str], value: Value<'d>) {
        let [first, rest @ ..] = parts else { return };
        let place = value.place;
        let value = rest.iter().rev().fold(value, |value, part| {
            let data = ConfigEntry::Object(Object::from([(Cow::Borrowed(*part), value)]));
            Value { place, data }
        });
        self.join(object, Cow::Borrowed(first), value);
    }

    /// Sets a name, or merges objects of one name. That one of the two may win by chance, or be
    /// refused, is a fault: the registry goes through names in no order.
    fn join<'d>(&mut self, object: &mut Object<'d>, name: Cow<'d, str>, value: Value<'d>) {
        match object.get_mut(&name) {
            None => {
                object.insert(name, value);
            }
            Some(_) if value.is_null() => {}
            Some(old) if old.is_null() => *old = value,
            Some(old) => {
                match (&mut old.data, value.data) {
                    (ConfigEntry::Object(old), ConfigEntry::Object(new)) => {
                        for (name, value) in new {
                            self.join(old, name, value);
                        }
                    }
                    (_, data) => {
                        let label = self.label(None);
                        self.faults.add(Rule::TYPES, || {
                        format!("{label} is there twice, once with dots, which the registry may refuse")
                    });
                        *old = Value { place: value.place, data };
                    }
                }
            }
        }
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
}

fn too_deep(place: Mark) -> YamlError {
    YamlError::at(place, format!("it is nested deeper than {MAX_DEPTH}"))
}

/// Adds the pairs of what `<<` names; as in yaml.v2, they replace what stands above the `<<`.
fn merge<'d>(
    value: Node<'d>,
    last: &mut BTreeMap<&'d str, Node<'d>>,
    depth: usize,
) -> Result<(), YamlError> {
    let refused =
        || Err(YamlError::at(value.place(), "a merge needs a mapping, or a list of mappings"));
    if depth > MAX_DEPTH {
        return refused();
    }
    match value.data() {
        Data::Mapping(pairs) => {
            for (key, value) in pairs.iter() {
                match key.data() {
                    Data::Scalar(Scalar { text: "<<", is_plain: true }) => {
                        merge(value, last, depth + 1)?;
                    }
                    Data::Scalar(name) => {
                        last.insert(name.text, value);
                    }
                    Data::Sequence(_) | Data::Mapping(_) => {}
                }
            }
            Ok(())
        }
        Data::Sequence(items) if depth == 0 => {
            items.iter().rev().try_for_each(|item| match item.data() {
                Data::Mapping(_) => merge(item, last, depth + 1),
                Data::Scalar(_) | Data::Sequence(_) => refused(),
            })
        }
        Data::Scalar(_) | Data::Sequence(_) => refused(),
    }
}
