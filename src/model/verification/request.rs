//! What `verify` was asked: which part of v1, which place, how deep; told with every answer.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::model::mismatch::Extras;
use crate::model::plan::{Source, Tool};
use crate::model::scope::Scope;
use crate::model::shard::Shard;

/// How deep v2 is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase", parse_err_ty = DepthError, parse_err_fn = depth_error)]
pub enum Depth {
    /// Each object is there, and has the length and digest of a plan where the place tells one.
    Listing,
    /// Name, length and CRC-32 of every file, by the archive's own directory.
    Entries,
    /// Every byte.
    Content,
}

/// Why a text is no depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a depth is listing, entries or content")]
pub struct DepthError;

impl Depth {
    /// All depths, the shallowest first.
    pub const ALL: [Depth; 3] = [Depth::Listing, Depth::Entries, Depth::Content];
}

fn depth_error(_: &str) -> DepthError {
    DepthError
}

/// A place as the user named it, without what may be secret in a URL: user, password, query and
/// fragment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PlaceName(String);

impl PlaceName {
    /// Takes the name as it was given.
    pub fn new(given: &str) -> Self {
        let Some((scheme, rest)) = given.split_once("://") else {
            return PlaceName(given.to_owned());
        };
        let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
        let (authority, path) = rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len()));
        let host = authority.rsplit('@').next().unwrap_or(authority);
        PlaceName(format!("{scheme}://{host}{path}"))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What was to be verified, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyRequest {
    /// What looked.
    pub tool: Tool,
    /// What was read of v1.
    pub source: Source,
    /// Which revisions.
    pub scope: Scope,
    /// The SHA-256 of the file of decisions, if there was one.
    pub resolutions: Option<Sha256>,
    /// The SHA-256 of the plan, if v2 was compared with one as well.
    pub plan: Option<Sha256>,
    /// Where v2 is.
    pub place: PlaceName,
    /// How deep.
    pub depth: Depth,
    /// Which slice of the revisions.
    pub sample: Shard,
    /// What v2 may hold besides.
    pub extras: Extras,
    /// The fingerprints of the keys that signatures were checked with, hex; without any, signatures
    /// were not looked at.
    pub public_keys: Vec<String>,
}
