//! What `verify` asked a registry, and how the registry served it.

use std::fmt;

use serde::Serialize;

use crate::model::registry_release::RegistryRelease;

/// What a registry serves a package from: determines what it changes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase", parse_err_ty = ServedFromError, parse_err_fn = served_from_error)]
pub enum ServedFrom {
    /// A folder: the archive is made at each request, and everything in the folder is served.
    Folders,
    /// An archive next to the registry.
    Archives,
    /// A bucket: the registry has read an index, and forwards objects.
    Storage,
}

/// Why a text is not one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected folders, archives or storage")]
pub struct ServedFromError;

fn served_from_error(_: &str) -> ServedFromError {
    ServedFromError
}

/// The settings of a comparison with a registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegistryRequest {
    /// Revisions that v1 does not have and the registry should, `<name>-<version>`, sorted.
    pub known_extras: Vec<String>,
}

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Those that were compared.
    pub compared: u64,
    /// All of them.
    pub total: u64,
}

/// The registry, and how much of its answers was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegistryAnswers {
    /// The version that it reports; `None` if it reports none.
    pub version: Option<String>,
    /// The release by whose rules its answers are judged.
    pub release: RegistryRelease,
    /// What it serves the revisions of v1 from, sorted.
    pub served_from: Vec<ServedFrom>,
    /// Revisions in its list.
    pub listed: u64,
    /// Pages of revisions of v1.
    pub pages: Share,
    /// Archives whose size was compared, among those that it serves; 0 if no plan has their sizes.
    pub archive_sizes: Share,
    /// Packages that the plain query shows.
    pub visible: u64,
    /// Categories.
    pub categories: u64,
    /// Revisions of v1 whose published entry in the base index is not v1's: it was compared instead.
    pub as_published: u64,
    /// Revisions that only the base index has: the registry should list them.
    pub base_only: u64,
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.compared, self.total)
    }
}
