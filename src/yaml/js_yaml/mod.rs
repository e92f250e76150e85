//! YAML as js-yaml 3.14.1 reads it, which is what Kibana's package parser calls (`safeLoad`).
//!
//! It has a grammar and types of its own: it refuses duplicate keys and tags that it does not know, takes tabs and
//! anchors in other places than go-yaml, and makes numbers of `1:20`. No crate reads what it reads. So this is a reader
//! of our own: characters (`reader`), scalars (`scalars`), collections (`collections`), nodes with their tags (`node`,
//! `tags`), what plain scalars mean (`resolve`). Texts on which the two grammars agree are not read a second time:
//! `ordinary` makes the value of go-yaml's tree. js-yaml judges both, in `tests/it/judges/js_yaml.rs`.

mod collections;
mod node;
mod number;
mod ordinary;
mod reader;
mod resolve;
mod scalars;
mod tags;
mod value;

use std::borrow::Cow;

use super::{Document, YamlError};

pub use ordinary::has_duplicates;
pub use resolve::resolve;
pub use value::{Map, Value};

use reader::Reader;

/// How deep collections may be nested. js-yaml goes as deep as the stack of its process allows, some thousand levels.
pub const MAX_DEPTH: usize = 350;

/// Reads a text; `document` is what go-yaml makes of it, as far as it was read already.
///
/// # Errors
/// What js-yaml refuses.
pub fn load<'t>(
    bytes: &'t [u8],
    document: Option<&'t Document<'t>>,
) -> Result<Value<'t>, YamlError> {
    match document.and_then(ordinary::value) {
        Some(value) => value,
        None => read(bytes),
    }
}

/// Reads a text letter by letter.
///
/// # Errors
/// What js-yaml refuses.
pub fn read(bytes: &[u8]) -> Result<Value<'_>, YamlError> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Reader::of(text)?.document(),
        Cow::Owned(text) => Ok(Reader::of(&text)?.document()?.into_owned()),
    }
}

/// Reads a text of which only this matters: whether there is anything in it but null.
///
/// # Errors
/// What js-yaml refuses.
pub fn holds_value(bytes: &[u8]) -> Result<bool, YamlError> {
    let text = String::from_utf8_lossy(bytes);
    let value = Reader::of(&text)?.document()?;
    Ok(!matches!(value, Value::Null | Value::Undefined))
}
