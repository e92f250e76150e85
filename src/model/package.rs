//! Names: stages, packages, versions, revisions and the keys of v2 objects.
//!
//! Every name with a grammar is parsed once, here, and has its own type from then on. Nothing here
//! reads a repository or a file.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use super::content::EntryPath;

/// A v1 branch that serves packages.
///
/// The registry serves the most promoted copy of a version first, hence the default precedence
/// production, staging, snapshot (package-storage `main`, README and Dockerfiles of the branches).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase", parse_err_ty = GrammarError, parse_err_fn = stage_error)]
pub enum Stage {
    /// Released packages; versions are never overwritten.
    Production,
    /// The stage before production.
    Staging,
    /// New packages; versions may be overwritten.
    Snapshot,
}

impl Stage {
    /// All stages in the default precedence.
    pub const ALL: [Stage; 3] = [Stage::Production, Stage::Staging, Stage::Snapshot];
}

fn stage_error(_: &str) -> GrammarError {
    GrammarError::Stage
}

/// Why a text is not a valid name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrammarError {
    /// Not one of the three branches.
    #[error("expected production, staging or snapshot")]
    Stage,
    /// Outside `[a-z0-9_]+`.
    #[error("a package name consists of a-z, 0-9 and _")]
    Name,
    /// Not a strict semantic version.
    #[error(
        "a version is strict semver: three numbers without leading zeros, then an optional prerelease and build"
    )]
    Version,
    /// An object key that is not a relative path.
    #[error("an object key is a relative path without empty, . or .. components")]
    Key,
    /// The file name of the archive or its signature would be too long for common file systems.
    #[error("the archive's file name would be longer than {MAX_FILE_NAME_LEN} bytes")]
    TooLong,
}

/// The maximum length of a file name on common file systems, in bytes (ext4, XFS, APFS, NTFS).
pub const MAX_FILE_NAME_LEN: usize = 255;

/// The maximum length of a key in stores, in bytes (GCS, "Object naming"; S3, "Object key names").
pub const MAX_KEY_LEN: usize = 1024;

/// The name of a package: `[a-z0-9_]+`, as required by the registry's routes and the package-spec.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PackageName(String);

impl PackageName {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether this is the marker of a distribution rather than a package.
    ///
    /// Each stage of v1 has a package named after the stage, only to show which distribution is served;
    /// the promotion tool skips them as well.
    pub fn is_marker(&self) -> bool {
        Stage::from_str(&self.0).is_ok()
    }
}

impl FromStr for PackageName {
    type Err = GrammarError;

    fn from_str(text: &str) -> Result<Self, GrammarError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(GrammarError::Name);
        }
        Ok(PackageName(text.to_owned()))
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The version of a package: strict semver 2, ordered by precedence, then by build.
///
/// Displays exactly as the text it was parsed from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageVersion(semver::Version);

impl PackageVersion {
    /// Compares by semver precedence only, which ignores the build.
    pub fn cmp_precedence(&self, other: &PackageVersion) -> std::cmp::Ordering {
        self.0.cmp_precedence(&other.0)
    }

    /// Returns whether the version has a prerelease tag; such versions are hidden unless prereleases are
    /// requested.
    pub fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }

    /// Returns whether the version is stable: 1.0.0 or above, without a prerelease tag.
    pub fn is_stable(&self) -> bool {
        self.0.major >= 1 && !self.is_prerelease()
    }

    /// Returns the major version.
    pub fn major(&self) -> u64 {
        self.0.major
    }
}

impl FromStr for PackageVersion {
    type Err = GrammarError;

    fn from_str(text: &str) -> Result<Self, GrammarError> {
        semver::Version::parse(text).map(PackageVersion).map_err(|_| GrammarError::Version)
    }
}

impl fmt::Display for PackageVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A package name and version; published once and never changed in v2.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RevisionId {
    /// The package.
    #[serde(rename = "package")]
    pub name: PackageName,
    /// Its version.
    #[serde(serialize_with = "as_text")]
    pub version: PackageVersion,
}

/// Serializes a value as its `Display` text.
pub(crate) fn as_text<S: Serializer>(value: &impl fmt::Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

impl RevisionId {
    /// Combines a name and a version.
    ///
    /// # Errors
    /// [`GrammarError::TooLong`] if the signature's file name would exceed [`MAX_FILE_NAME_LEN`].
    pub fn new(name: PackageName, version: PackageVersion) -> Result<Self, GrammarError> {
        let revision = RevisionId { name, version };
        if revision.to_string().len() + ".zip.sig".len() > MAX_FILE_NAME_LEN {
            return Err(GrammarError::TooLong);
        }
        Ok(revision)
    }

    /// Returns the key of the archive in the bucket: `artifacts/packages/<name>-<version>.zip`
    /// (package-registry, `internal/storage/paths.go`).
    pub fn archive_key(&self) -> ObjectKey {
        ObjectKey(format!("{ARCHIVE_PREFIX}{self}.zip"))
    }

    /// The key of a static resource in the bucket: `artifacts/static/<name>-<version>/<path>`, with the
    /// path as it is, spaces and brackets included (package-registry, `internal/storage/paths.go`).
    pub fn static_key(&self, path: &EntryPath) -> ObjectKey {
        ObjectKey(format!("{STATIC_PREFIX}{self}/{path}"))
    }
}

impl fmt::Display for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.name, self.version)
    }
}

/// The prefix of every archive's key.
pub const ARCHIVE_PREFIX: &str = "artifacts/packages/";

/// The prefix of every static resource's key.
pub const STATIC_PREFIX: &str = "artifacts/static/";

/// The prefix of the keys of the search index and its cursor.
pub const METADATA_PREFIX: &str = "v2/metadata/";

/// The key of an object in the v2 bucket; also its path in the output folder.
///
/// Has only safe path components: it is built from checked names, or parsed from a plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = GrammarError;

    fn try_from(text: String) -> Result<Self, GrammarError> {
        let safe = |component: &str| {
            !matches!(component, "" | "." | "..")
                && !component.contains(|c: char| c == '\\' || c.is_control())
        };
        if text.split('/').all(safe) { Ok(ObjectKey(text)) } else { Err(GrammarError::Key) }
    }
}

impl ObjectKey {
    /// Returns the key as text, with `/` between components.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key of the object's detached signature: the key with the suffix `.sig`
    /// (package-registry, `packages/package.go`, `getSignaturePath`).
    pub fn signature_key(&self) -> ObjectKey {
        ObjectKey(format!("{self}.sig"))
    }

    /// Returns the part after the last `/`.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
