//! Mismatches: how v2 differs from v1, as data with stable codes.
//!
//! [`MismatchKind`] holds every code with its evidence, `text` what is said about it. Differences
//! that do not matter (modes, times, the order of entries, the compressor) have no code at all.
//! Made by `verify`, told by `report`.

mod kind;
mod text;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use kind::MismatchKind;

/// One mismatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The archive's or signature's file name, `<name>-<version>.zip` or `….zip.sig`; odd bytes
    /// escaped.
    pub object: String,
    /// The file inside the revision, where it is about one; odd bytes escaped.
    pub path: Option<String>,
    /// What it is.
    pub kind: MismatchKind,
}

impl Mismatch {
    /// By object, path and code; of one code, by its message.
    pub fn order(&self, other: &Mismatch) -> std::cmp::Ordering {
        (&self.object, &self.path)
            .cmp(&(&other.object, &other.path))
            .then_with(|| self.kind.code().cmp(other.kind.code()))
            .then_with(|| self.kind.message().cmp(&other.kind.message()))
    }
}

/// What a mismatch means for the proof; ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Good to know; the proof stands.
    Information,
    /// Nobody can say whether v1 and v2 match there: the proof has a hole.
    Unknown,
    /// v1 and v2 do not match.
    Mismatch,
}

impl Class {
    /// All classes, the worst first.
    pub const WORST_FIRST: [Class; 3] = [Class::Mismatch, Class::Unknown, Class::Information];

    /// The class's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Information => "information",
            Class::Unknown => "unknown",
            Class::Mismatch => "mismatch",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What v2 may hold besides what v1 has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extras {
    /// More archives: v2 lives on after the move.
    #[default]
    Allowed,
    /// Nothing: v2 is to be exactly v1.
    Refused,
}
