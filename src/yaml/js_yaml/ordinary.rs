//! Converts go-yaml's tree for texts that js-yaml parses to the same tree.
//!
//! The scanner records whether a document contains syntax that the two libraries parse differently. If not, only the
//! values of plain scalars and duplicate keys remain to be handled.

use std::borrow::Cow;
use std::rc::Rc;

use super::{MAX_DEPTH, Map, Value, resolve};
use crate::yaml::{Data, Document, Node, Scalar, YamlError};

/// Up to this number of keys, duplicates are found by comparing all pairs.
const FEW: usize = 12;

/// `None` if the text has to be read by the parser.
type Agreed<T> = Option<Result<T, YamlError>>;

/// Returns the value of a document.
pub(super) fn value<'t>(document: &'t Document<'t>) -> Agreed<Value<'t>> {
    is_ordinary(document).then(|| value_of(document.root()))?
}

fn is_ordinary(document: &Document<'_>) -> bool {
    document.is_ordinary
        && document.depth < MAX_DEPTH
        && !matches!(document.root().data(), Data::Scalar(_))
}

fn value_of(node: Node<'_>) -> Agreed<Value<'_>> {
    Some(Ok(match node.data() {
        Data::Scalar(scalar) => scalar_value(scalar),
        Data::Sequence(nodes) => {
            let mut items = Vec::with_capacity(nodes.len());
            for node in nodes.iter() {
                match value_of(node)? {
                    Ok(value) => items.push(value),
                    error => return Some(error),
                }
            }
            Value::List(Rc::new(items))
        }
        Data::Mapping(pairs) => {
            let mut map = Map::new();
            for (key, node) in pairs.iter() {
                let name = key_text(key)?;
                let value = match value_of(node)? {
                    Ok(value) => value,
                    error => return Some(error),
                };
                if map.contains_key(&name) {
                    return Some(Err(duplicate(key, &name)));
                }
                map.insert(name, value);
            }
            Value::Map(Rc::new(map))
        }
    }))
}

fn scalar_value(scalar: Scalar<'_>) -> Value<'_> {
    match scalar {
        Scalar { text: "", is_plain: true } => Value::Null,
        Scalar { text, is_plain: true } => resolve(text),
        Scalar { text, is_plain: false } => Value::Text(Cow::Borrowed(text)),
    }
}

fn key_text(key: Node<'_>) -> Option<Cow<'_, str>> {
    let Data::Scalar(Scalar { text, is_plain }) = key.data() else { return None };
    match text {
        "" | "<<" if is_plain => None,
        "__proto__" => None,
        text if !is_plain => Some(Cow::Borrowed(text)),
        text => match resolve(text) {
            Value::Text(text) => Some(text),
            other => Some(Cow::Owned(other.to_text())),
        },
    }
}

fn duplicate(key: Node<'_>, name: &str) -> YamlError {
    YamlError::at(key.place(), format!("the key `{name}` appears twice"))
}

/// Returns whether js-yaml refuses a document because of duplicate keys; `None` if the text has to be read by the
/// parser.
pub fn has_duplicates(document: &Document<'_>) -> Option<bool> {
    if !is_ordinary(document) {
        return None;
    }
    let mut keys = Vec::new();
    for index in 0..document.nodes.len() {
        let Data::Mapping(pairs) = document.node(index).data() else { continue };
        keys.clear();
        for (key, _) in pairs.iter() {
            match key_text(key)? {
                Cow::Borrowed(text) => keys.push(text),
                Cow::Owned(_) => return None,
            }
        }
        let is_double = if keys.len() <= FEW {
            (1..keys.len()).any(|at| keys[..at].contains(&keys[at]))
        } else {
            keys.sort_unstable();
            keys.windows(2).any(|pair| pair[0] == pair[1])
        };
        if is_double {
            return Some(true);
        }
    }
    Some(false)
}
