//! The objects that a run makes of each revision: their kinds, and which files become static resources.
//!
//! Pure. Both are settings of a run and recorded in its plan and report, so that parts made with different
//! settings are never joined. Keys are in `package`, content types in `v2/statics`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::scope::{GlobError, pattern};

/// A kind of object in v2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display, strum::EnumString, strum::VariantArray)]
#[strum(serialize_all = "lowercase", parse_err_ty = ResourceError, parse_err_fn = resource_error)]
pub enum Resource {
    /// Archives, and their signatures.
    Archives,
    /// Static resources.
    Static,
    /// The search index.
    Index,
}

impl Resource {
    /// All kinds, in the order in which they are published.
    pub const ALL: &'static [Resource] = <Resource as strum::VariantArray>::VARIANTS;
}

/// The error for a text that is not a kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected archives, static or index")]
pub struct ResourceError;

fn resource_error(_: &str) -> ResourceError {
    ResourceError
}

/// A glob over the paths of a revision's files: `*`, `?`, `[a-z]` and `[!a-z]` within a component, and
/// `**` for any number of components.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StaticGlob(glob::Pattern);

/// The error for a text that is not a glob over paths.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaticGlobError {
    /// Not a glob.
    #[error(transparent)]
    Glob(#[from] GlobError),
    /// It would never match: paths are relative to the revision.
    #[error("paths are relative to the package: remove the leading / or ./")]
    Rooted,
    /// It would never match: globs match files.
    #[error("globs match files: write /** for all files of a folder")]
    Folder,
}

impl StaticGlob {
    /// Returns whether it matches a file's path. It is case-sensitive, like keys.
    fn matches(&self, path: &str) -> bool {
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: false,
        };
        self.0.matches_with(path, options)
    }
}

impl FromStr for StaticGlob {
    type Err = StaticGlobError;

    fn from_str(text: &str) -> Result<Self, StaticGlobError> {
        if text.starts_with(['/']) || text.starts_with("./") {
            return Err(StaticGlobError::Rooted);
        }
        if text.ends_with('/') {
            return Err(StaticGlobError::Folder);
        }
        Ok(StaticGlob(pattern(text)?))
    }
}

impl TryFrom<String> for StaticGlob {
    type Error = StaticGlobError;

    fn try_from(text: String) -> Result<Self, StaticGlobError> {
        text.parse()
    }
}

impl From<StaticGlob> for String {
    fn from(glob: StaticGlob) -> Self {
        glob.0.as_str().to_owned()
    }
}

impl fmt::Display for StaticGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.as_str())
    }
}

/// The files of a revision that are static resources: those that match one of the globs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StaticSet(BTreeSet<StaticGlob>);

/// The files that Kibana requests: README and images, the notice since 7.14, the licence since 8.5, and the
/// changelog since 8.8 (kibana#101663, #137799, #152082).
const DEFAULT_GLOBS: [&str; 5] =
    ["LICENSE.txt", "NOTICE.txt", "changelog.yml", "docs/**", "img/**"];

impl Default for StaticSet {
    fn default() -> Self {
        let glob = |text: &str| text.parse().expect("the default globs are well-formed");
        StaticSet(DEFAULT_GLOBS.into_iter().map(glob).collect())
    }
}

impl FromIterator<StaticGlob> for StaticSet {
    fn from_iter<I: IntoIterator<Item = StaticGlob>>(globs: I) -> Self {
        StaticSet(globs.into_iter().collect())
    }
}

impl fmt::Display for StaticSet {
    /// Writes the globs in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let globs: Vec<String> = self.0.iter().map(StaticGlob::to_string).collect();
        f.pad(&globs.join(", "))
    }
}

impl StaticSet {
    /// Returns whether it is the default set.
    pub fn is_default(&self) -> bool {
        *self == StaticSet::default()
    }

    /// Returns whether the file with this path is a static resource.
    pub fn contains(&self, path: &str) -> bool {
        self.0.iter().any(|glob| glob.matches(path))
    }

    /// Returns the globs that match none of the paths, except those of the default set: packages need not
    /// have a licence.
    pub fn unused<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Vec<&StaticGlob> {
        let default = StaticSet::default();
        let mut unused: Vec<_> = self.0.iter().filter(|glob| !default.0.contains(glob)).collect();
        for path in paths {
            if unused.is_empty() {
                break;
            }
            unused.retain(|glob| !glob.matches(path));
        }
        unused
    }
}

/// The objects that a run makes of each revision; by default, all kinds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    /// The kinds of object.
    pub kinds: BTreeSet<Resource>,
    /// The files that become static resources.
    #[serde(rename = "static")]
    pub statics: StaticSet,
}

impl Default for Resources {
    fn default() -> Self {
        let kinds = Resource::ALL.iter().copied().collect();
        Resources { kinds, statics: StaticSet::default() }
    }
}

impl Resources {
    /// Returns whether they are the default.
    pub fn is_default(&self) -> bool {
        *self == Resources::default()
    }

    /// Returns whether a kind of object is among them.
    pub fn has(&self, kind: Resource) -> bool {
        self.kinds.contains(&kind)
    }
}

impl fmt::Display for Resources {
    /// Writes the flags that select it, in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> = self.kinds.iter().map(Resource::to_string).collect();
        write!(f, "--resources {}", kinds.join(","))?;
        if self.statics != StaticSet::default() {
            self.statics.0.iter().try_for_each(|glob| write!(f, " --static {glob}"))?;
        }
        Ok(())
    }
}

/// The number of static resources, and their length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaticCounts {
    /// Number of objects.
    pub objects: u64,
    /// Their total length in bytes.
    pub bytes: u64,
}

impl StaticCounts {
    /// Adds other counts.
    pub fn add(&mut self, more: StaticCounts) {
        self.objects += more.objects;
        self.bytes += more.bytes;
    }
}
