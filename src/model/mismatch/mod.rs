//! Mismatches: how v2 differs from v1, as data with stable codes.
//!
//! [`MismatchKind`] holds every code with its evidence, `text` what is said about it. Differences
//! that do not matter (modes, times, the order of entries, the compressor) have no code at all.
//! Made by `verify`, told by `report`.

mod kind;
mod text;

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

/// A mismatch of an object that is known from the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathMismatch {
    /// The file inside the revision, where it is about one; odd bytes escaped.
    pub path: Option<String>,
    /// What it is.
    pub kind: MismatchKind,
}

impl PathMismatch {
    /// The mismatch of this object.
    pub fn of(self, object: &str) -> Mismatch {
        Mismatch { object: object.to_owned(), path: self.path, kind: self.kind }
    }
}

impl From<MismatchKind> for PathMismatch {
    /// A mismatch of the object itself.
    fn from(kind: MismatchKind) -> Self {
        PathMismatch { path: None, kind }
    }
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
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Class {
    /// Good to know; the proof stands.
    Information,
    /// Nobody can say whether v1 and v2 match there: the proof has a hole.
    Unknown,
    /// v1 and v2 do not match.
    Mismatch,
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
