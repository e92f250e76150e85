//! The definitions of the four required fields of a data stream in a file of its folder `fields/`.
//!
//! The registry reads all files of a data stream as one list and searches it for a name; the search fails at the first
//! entry without a name. The fields `data_stream.*` may also be defined as a group `data_stream` with fields such as
//! `type`. Pure; `check` combines the files.

use crate::yaml::{Data, Document, Node, Pairs, YamlError};

/// The required fields: their names, their types, and their names inside the group.
pub(super) const REQUIRED: [(&str, &str, Option<&str>); 4] = [
    ("data_stream.type", "constant_keyword", Some("type")),
    ("data_stream.dataset", "constant_keyword", Some("dataset")),
    ("data_stream.namespace", "constant_keyword", Some("namespace")),
    ("@timestamp", "date", None),
];

/// The name of the group.
const GROUP: &str = "data_stream";

/// The result of searching one file for a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Search {
    /// All entries have names, but not this one.
    #[default]
    Absent,
    /// The search failed at an entry without a name.
    Nameless,
    /// The field exists with this type; a type that is not text crashes the registry.
    Found(String),
    /// The field exists without a type.
    Typeless,
}

/// The facts about a file with field definitions, or why it cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldsFacts(pub(super) Result<Fields, String>);

/// The results of all searches; the default is a list without any of the required fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// The searches for [`REQUIRED`], in its order.
    pub(super) whole: [Search; 4],
    /// The search for the group, and those for [`REQUIRED`] inside it.
    pub(super) group: Group,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Group {
    #[default]
    Absent,
    Nameless,
    /// Its fields are not a list of objects.
    Invalid,
    Found([Search; 4]),
}

impl FieldsFacts {
    pub(super) fn of(document: &Result<Document<'_>, YamlError>) -> Self {
        FieldsFacts(match document {
            Ok(document) => Fields::of(document.root()),
            Err(error) => Err(with_place(error)),
        })
    }
}

/// Returns the text of an error with its position.
pub(super) fn with_place(error: &YamlError) -> String {
    match error.place {
        Some(place) => format!("{} (line {}, column {})", error, place.line, place.column),
        None => error.to_string(),
    }
}

/// A field: the pairs of its mapping; `None` for null, which has no name.
type Field<'d> = Option<Pairs<'d>>;

impl Fields {
    /// Searches a list of fields.
    pub(super) fn of(root: Node<'_>) -> Result<Self, String> {
        let entries: Vec<Node<'_>> = match root.data() {
            Data::Sequence(items) => items.iter().collect(),
            Data::Scalar(scalar) if is_null(scalar.text, scalar.is_plain) => Vec::new(),
            Data::Scalar(_) | Data::Mapping(_) => {
                return Err("it is not a list of fields".to_owned());
            }
        };
        let fields: Vec<Field<'_>> = entries.into_iter().map(field).collect::<Result<_, _>>()?;
        Ok(Fields {
            whole: REQUIRED.map(|(name, ..)| search(&fields, name)),
            group: group(&fields),
        })
    }

    /// Combines the results with those of a later list: searches that found nothing continue there.
    pub(super) fn or_later(self, later: Fields) -> Self {
        let mut later_searches = later.whole.into_iter();
        let whole = self.whole.map(|search| match (search, later_searches.next()) {
            (Search::Absent, Some(later)) => later,
            (ended, _) => ended,
        });
        let group = match self.group {
            Group::Absent => later.group,
            ended => ended,
        };
        Fields { whole, group }
    }
}

fn field(entry: Node<'_>) -> Result<Field<'_>, String> {
    match entry.data() {
        Data::Mapping(pairs) => Ok(Some(pairs)),
        Data::Scalar(scalar) if is_null(scalar.text, scalar.is_plain) => Ok(None),
        Data::Scalar(_) | Data::Sequence(_) => {
            Err(format!("an entry is not a field (line {})", entry.place().line))
        }
    }
}

fn group<'d>(fields: &[Field<'d>]) -> Group {
    for field in fields {
        match scalar(*field, "name") {
            Some(GROUP) => {
                let Some(Data::Sequence(items)) = last(*field, "fields").map(Node::data) else {
                    return Group::Invalid;
                };
                let pairs = |item: Node<'d>| match item.data() {
                    Data::Mapping(pairs) => Some(Some(pairs)),
                    Data::Scalar(_) | Data::Sequence(_) => None,
                };
                let Some(fields) = items.iter().map(pairs).collect::<Option<Vec<_>>>() else {
                    return Group::Invalid;
                };
                return Group::Found(REQUIRED.map(|(_, _, name)| {
                    name.map(|name| search(&fields, name)).unwrap_or_default()
                }));
            }
            Some(_) => {}
            None if last(*field, "name").is_some() => {}
            None => return Group::Nameless,
        }
    }
    Group::Absent
}

/// Searches for a name, starting at the first field.
fn search(fields: &[Field<'_>], wanted: &str) -> Search {
    for field in fields {
        match last(*field, "name").map(Node::data) {
            None => return Search::Nameless,
            Some(Data::Scalar(name)) if name.text == wanted => {
                return match last(*field, "type").map(Node::data) {
                    None => Search::Typeless,
                    Some(Data::Scalar(kind)) if is_null(kind.text, kind.is_plain) => {
                        Search::Found("null".to_owned())
                    }
                    Some(Data::Scalar(kind)) => Search::Found(kind.text.to_owned()),
                    Some(Data::Sequence(_)) => Search::Found("a list".to_owned()),
                    Some(Data::Mapping(_)) => Search::Found("a mapping".to_owned()),
                };
            }
            Some(_) => {}
        }
    }
    Search::Absent
}

fn scalar<'d>(field: Field<'d>, key: &str) -> Option<&'d str> {
    match last(field, key)?.data() {
        Data::Scalar(scalar) => Some(scalar.text),
        Data::Sequence(_) | Data::Mapping(_) => None,
    }
}

/// Returns the value of a key as yaml.v2 does: the last definition wins, including those merged by `<<`.
fn last<'d>(field: Field<'d>, wanted: &str) -> Option<Node<'d>> {
    field?.iter().rev().find_map(|(key, value)| match key.data() {
        Data::Scalar(key) if key.text == "<<" && key.is_plain => merged(value, wanted),
        Data::Scalar(key) if key.text == wanted => Some(value),
        _ => None,
    })
}

/// Returns the value of a key in a merged value; of a list, the first mapping that has the key.
fn merged<'d>(value: Node<'d>, wanted: &str) -> Option<Node<'d>> {
    match value.data() {
        Data::Mapping(pairs) => last(Some(pairs), wanted),
        Data::Sequence(items) => items.iter().find_map(|item| merged(item, wanted)),
        Data::Scalar(_) => None,
    }
}

fn is_null(text: &str, is_plain: bool) -> bool {
    is_plain && matches!(text, "" | "~" | "null" | "Null" | "NULL")
}
