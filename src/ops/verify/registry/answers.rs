//! Reads the registry's answers: bytes in, JSON out, with a mismatch for everything that is not an answer.

use std::io;

use serde_json::Value;

use crate::model::mismatch::{Mismatch, MismatchKind, PathMismatch, RegistryMismatch};
use crate::v2::store::http::Page;

/// Returns a mismatch of a registry.
pub(super) fn mismatch(object: &str, path: Option<String>, kind: RegistryMismatch) -> Mismatch {
    PathMismatch { path, kind: MismatchKind::Registry(kind) }.of(object)
}

pub(super) fn unreachable(error: &io::Error) -> RegistryMismatch {
    RegistryMismatch::AnswerUnreachable { detail: error.to_string() }
}

pub(super) fn unreadable(detail: &str) -> RegistryMismatch {
    RegistryMismatch::AnswerUnreadable { detail: detail.to_owned() }
}

/// Parses an answer that is JSON; `None` if the server has no such page.
///
/// # Errors
/// The answer is unknown, or is no JSON.
pub(super) fn json(answer: io::Result<Option<Page>>) -> Result<Option<Value>, RegistryMismatch> {
    let Some(page) = answer.map_err(|error| unreachable(&error))? else { return Ok(None) };
    let parsed = serde_json::from_slice(&page.bytes);
    parsed.map(Some).map_err(|error| unreadable(&error.to_string()))
}

/// Parses an answer that is a list, which every registry has.
///
/// # Errors
/// The answer is unknown, or is no list.
pub(super) fn list(answer: io::Result<Option<Page>>) -> Result<Vec<Value>, RegistryMismatch> {
    match json(answer)? {
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(unreadable("expected a list")),
        None => Err(unreadable("the server has no such page")),
    }
}

/// Returns a field of an answer that is a text.
pub(super) fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}
