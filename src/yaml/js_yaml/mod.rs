//! A YAML parser that is compatible with js-yaml 3.14.1, which Kibana's package parser uses (`safeLoad`).
//!
//! js-yaml differs from go-yaml: it refuses duplicate keys and unknown tags, allows tabs and anchors in other places,
//! and reads `1:20` as a number. No crate is compatible with it. The parser consists of characters and lines (`reader`),
//! scalars (`scalars`), collections (`collections`), nodes and tags (`node`, `tags`), and the values of plain scalars
//! (`resolve`). Texts that both libraries parse to the same tree are not parsed again: `ordinary` converts go-yaml's tree.
//! `tests/it/judges/js_yaml.rs` compares both with js-yaml itself.

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

/// The maximum nesting depth of collections. In js-yaml it is limited by the stack, at several thousand levels.
pub const MAX_DEPTH: usize = 350;

/// Reads a text; `document` is go-yaml's tree, if the text was already parsed.
///
/// # Errors
/// js-yaml refuses the text.
pub fn load<'t>(
    bytes: &'t [u8],
    document: Option<&'t Document<'t>>,
) -> Result<Value<'t>, YamlError> {
    match document.and_then(ordinary::value) {
        Some(value) => value,
        None => read(bytes),
    }
}

/// Reads a text with the parser, without go-yaml's tree.
///
/// # Errors
/// js-yaml refuses the text.
pub fn read(bytes: &[u8]) -> Result<Value<'_>, YamlError> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Reader::of(text)?.document(),
        Cow::Owned(text) => Ok(Reader::of(&text)?.document()?.into_owned()),
    }
}

/// Reads a text and returns whether its value is something other than null.
///
/// # Errors
/// js-yaml refuses the text.
pub fn holds_value(bytes: &[u8]) -> Result<bool, YamlError> {
    let text = String::from_utf8_lossy(bytes);
    let value = Reader::of(&text)?.document()?;
    Ok(!matches!(value, Value::Null | Value::Undefined))
}
