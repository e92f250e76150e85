//! The cursor: the name of an index, which the registry reads first.
//!
//! A registry that loads whole indexes accepts any text; one that loads deltas compares cursors byte by byte, so all
//! of them should have the same length. Elastic's are Unix seconds, ten digits (package-registry#799).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::timeline::CommitTime;

/// The maximum length of a cursor in bytes; it becomes the name of a folder.
const MAX_LEN: usize = 64;

/// The minimum length of a cursor that is derived from a time, in digits.
const TIME_LEN: usize = 10;

/// The name of an index: ASCII letters, digits, `-`, `_` and `.`, not a dot first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor(String);

/// Why an index has no cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NextCursorError {
    /// A registry that loads deltas would not find it after the base's.
    #[error("the cursor {cursor} does not sort after the published one, {base}")]
    NotAfter {
        /// The cursor.
        cursor: Cursor,
        /// The published one.
        base: Cursor,
    },
    /// The published cursor has no successor.
    #[error("the published cursor {0} is not a number, so no next one can be derived")]
    NotANumber(Cursor),
    /// No commit has a time.
    #[error("no stage's commit has a time that can be read")]
    NoTime,
}

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

    /// Derives the cursor of an index from the newest committer time of what it was made from, in Unix seconds, and
    /// from the published cursor: the larger of the time and the number after the published one.
    ///
    /// # Errors
    /// [`NextCursorError`].
    pub fn derived(
        time: Option<CommitTime>,
        base: Option<&Cursor>,
    ) -> Result<Self, NextCursorError> {
        let time = time.map(|CommitTime(seconds)| u128::try_from(seconds).unwrap_or(0));
        let Some(base) = base else {
            let time = time.ok_or(NextCursorError::NoTime)?;
            return Ok(Cursor(format!("{time:0TIME_LEN$}")));
        };
        let is_number = base.0.bytes().all(|byte| byte.is_ascii_digit());
        let next = base.0.parse::<u128>().ok().filter(|_| is_number);
        let next = next.and_then(|number| number.checked_add(1));
        let next = next.ok_or_else(|| NextCursorError::NotANumber(base.clone()))?;
        let len = base.0.len().max(TIME_LEN);
        Cursor(format!("{:0len$}", next.max(time.unwrap_or(0)))).after(base)
    }

    /// Returns the cursor if it sorts after a published one: as text, and not shorter.
    ///
    /// # Errors
    /// [`NextCursorError::NotAfter`].
    pub fn after(self, base: &Cursor) -> Result<Self, NextCursorError> {
        if self > *base && self.0.len() >= base.0.len() {
            return Ok(self);
        }
        Err(NextCursorError::NotAfter { cursor: self, base: base.clone() })
    }
}

impl TryFrom<String> for Cursor {
    type Error = CursorError;

    fn try_from(text: String) -> Result<Self, CursorError> {
        text.parse()
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.0
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
