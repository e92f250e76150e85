//! The cursor: the name of an index, which the registry reads first.
//!
//! A registry that loads whole indexes accepts any text; one that loads deltas compares cursors byte by byte, so all
//! of them should have the same length. Elastic's are Unix seconds, ten digits (package-registry#799).

use std::fmt;
use std::str::FromStr;

/// The maximum length of a cursor in bytes; it becomes the name of a folder.
const MAX_LEN: usize = 64;

/// The name of an index: ASCII letters, digits, `-`, `_` and `.`, not a dot first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor(String);

/// Why a text is not a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a cursor consists of 1 to {MAX_LEN} ASCII letters, digits, -, _ and ., and does not begin with ."
)]
pub struct CursorError;

impl Cursor {
    /// The text of `cursor.json`.
    pub fn to_json(&self) -> String {
        format!("{{\"current\":\"{self}\"}}\n")
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let is_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_cursor = (1..=MAX_LEN).contains(&text.len())
            && text.bytes().all(is_allowed)
            && !text.starts_with('.');
        if is_cursor { Ok(Cursor(text.to_owned())) } else { Err(CursorError) }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
