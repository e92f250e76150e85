//! Mismatches: differences between v2 and v1, as data with stable codes.
//!
//! [`MismatchKind`] has every code with its evidence, and `text` the messages and the advice.
//! Differences that do not matter (modes, times, the order of entries, the compressor) have no code.
//! Created by `verify`, rendered by `report`.

mod kind;
mod registry;
mod text;

use serde::{Deserialize, Serialize};

use super::content::escape;
use super::package::ObjectKey;

pub use kind::MismatchKind;
pub use registry::RegistryMismatch;

/// One mismatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The file name of the archive or signature, `<name>-<version>.zip` or `….zip.sig`, or the key of any
    /// other object, or of any object that was read through the endpoint; escaped. Or the request to a registry.
    pub object: String,
    /// The path inside the revision, if the mismatch is about a file of an archive; escaped. In an answer of a registry:
    /// a JSON path, a revision, a package or a category.
    pub path: Option<String>,
    /// The kind.
    pub kind: MismatchKind,
}

/// A mismatch without its object, which is known from the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathMismatch {
    /// The path inside the revision, if the mismatch is about a file; escaped.
    pub path: Option<String>,
    /// The kind.
    pub kind: MismatchKind,
}

impl PathMismatch {
    /// Adds the object.
    pub fn of(self, object: &str) -> Mismatch {
        Mismatch { object: object.to_owned(), path: self.path, kind: self.kind }
    }
}

impl From<MismatchKind> for PathMismatch {
    /// Creates a mismatch of the object as a whole.
    fn from(kind: MismatchKind) -> Self {
        PathMismatch { path: None, kind }
    }
}

impl Mismatch {
    /// Creates a mismatch of the object with this key, as a whole.
    pub fn of_object(key: &ObjectKey, kind: MismatchKind) -> Self {
        Mismatch { object: escape(key.as_str().as_bytes()), path: None, kind }
    }

    /// Compares by object, path, code and message.
    pub fn order(&self, other: &Mismatch) -> std::cmp::Ordering {
        (&self.object, &self.path)
            .cmp(&(&other.object, &other.path))
            .then_with(|| self.kind.code().cmp(other.kind.code()))
            .then_with(|| self.kind.message().cmp(&other.kind.message()))
    }
}

/// What a mismatch means for the verdict; ordered from harmless to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Class {
    /// Information only; v1 and v2 still match.
    Information,
    /// It is unknown whether v1 and v2 match here: a match cannot be proven.
    Unknown,
    /// v1 and v2 do not match.
    Mismatch,
}

/// Whether v2 may have objects that v1 does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extras {
    /// Allowed: packages are published to v2 after the migration.
    #[default]
    Allowed,
    /// Not allowed: v2 must have exactly the revisions of v1.
    Refused,
}
