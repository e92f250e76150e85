//! The request of `verify`: which part of v1, the location of v2, and the depth. Part of every report.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::RegistryRequest;
use crate::digest::Sha256;
use crate::model::mismatch::Extras;
use crate::model::plan::{Source, Tool};
use crate::model::resources::{Resource, StaticSet};
use crate::model::scope::Scope;
use crate::model::shard::Shard;

/// How much of v2 is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase", parse_err_ty = DepthError, parse_err_fn = depth_error)]
pub enum Depth {
    /// Each object exists, and static resources have the right size; with a plan, also an archive's size, and
    /// digests if v2 provides them.
    Listing,
    /// Name, size and CRC-32 of every file according to the archive's central directory; content types of static
    /// resources if v2 states them.
    Entries,
    /// Every byte.
    Content,
}

/// Why a text is not a valid depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected listing, entries or content")]
pub struct DepthError;

impl Depth {
    /// All depths, the shallowest first.
    pub const ALL: [Depth; 3] = [Depth::Listing, Depth::Entries, Depth::Content];
}

fn depth_error(_: &str) -> DepthError {
    DepthError
}

/// The location of v2 as the user gave it, without the parts of a URL that may be secret: user,
/// password, query and fragment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PlaceName(String);

impl PlaceName {
    /// Creates the name from the user's text.
    pub fn new(given: &str) -> Self {
        let Some((scheme, rest)) = given.split_once("://") else {
            return PlaceName(given.to_owned());
        };
        let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
        let (authority, path) = rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len()));
        let host = authority.rsplit('@').next().unwrap_or(authority);
        PlaceName(format!("{scheme}://{host}{path}"))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What to verify, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyRequest {
    /// The tool that verifies.
    pub tool: Tool,
    /// The stages of v1.
    pub source: Source,
    /// The revisions to check.
    pub scope: Scope,
    /// The SHA-256 of the decisions file, if there is one.
    pub resolutions: Option<Sha256>,
    /// The SHA-256 of the plan that v2 is also compared with, if there is one.
    pub plan: Option<Sha256>,
    /// The kinds of object to compare.
    pub kinds: BTreeSet<Resource>,
    /// The files that are static resources.
    pub statics: StaticSet,
    /// The location of v2.
    pub place: PlaceName,
    /// The location of the index, if it is not that of v2.
    pub index: Option<PlaceName>,
    /// The location of the base index, whose entries v2 may have as well.
    pub base_index: Option<PlaceName>,
    /// The endpoint of registries, if objects are also read through it.
    pub endpoint: Option<PlaceName>,
    /// The `Cache-Control` that objects should have, if it is compared.
    pub cache_control: Option<String>,
    /// How much of v2 is compared.
    pub depth: Depth,
    /// The slice of the revisions to check.
    pub sample: Shard,
    /// Whether v2 may have archives that v1 does not.
    pub extras: Extras,
    /// The fingerprints of the keys that signatures are checked with, hex; if empty, signatures are not
    /// checked.
    pub public_keys: Vec<String>,
    /// The settings of a comparison with a registry, if the place is one.
    pub registry: Option<RegistryRequest>,
}
