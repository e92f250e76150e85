//! The words that name things: stages, packages, versions, revisions and the keys of v2 objects.
//!
//! Every name that has a grammar is parsed here, once, and carried as its own type from then on.
//! Nothing here reads a repository or a file.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

/// A v1 branch that serves packages.
///
/// The registry serves the most promoted copy of a version first, hence the default precedence
/// production, staging, snapshot (package-storage `main`, README and Dockerfiles of the branches).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase", parse_err_ty = GrammarError, parse_err_fn = stage_error)]
pub enum Stage {
    /// What is released: versions are never overwritten here.
    Production,
    /// The step before production.
    Staging,
    /// Where packages enter; versions may be overwritten here.
    Snapshot,
}

impl Stage {
    /// All stages in the default precedence.
    pub const ALL: [Stage; 3] = [Stage::Production, Stage::Staging, Stage::Snapshot];
}

fn stage_error(_: &str) -> GrammarError {
    GrammarError::Stage
}

/// Why a text is not the name it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrammarError {
    /// Not one of the three branches.
    #[error("a stage is production, staging or snapshot")]
    Stage,
    /// Outside `[a-z0-9_]+`.
    #[error("a package name consists of a-z, 0-9 and _")]
    Name,
    /// Not a strict semantic version.
    #[error(
        "a version is strict semver: three numbers without leading zeros, then an optional prerelease and build"
    )]
    Version,
    /// An object key that is no path below a folder.
    #[error("an object key is a relative path without empty, . or .. components")]
    Key,
    /// The archive or its signature would get a file name that no common file system takes.
    #[error("the archive's file name would be longer than {MAX_FILE_NAME_LEN} bytes")]
    TooLong,
}

/// The longest file name in bytes that common file systems take (ext4, XFS, APFS, NTFS).
pub const MAX_FILE_NAME_LEN: usize = 255;

/// A package's name: `[a-z0-9_]+`, as the registry's routes and the package-spec demand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PackageName(String);

impl PackageName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether the name marks a distribution and is no package.
    ///
    /// v1 keeps a package named after the stage on each stage, only to show which distribution is
    /// served; the promotion tool leaves them out as well.
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

/// A package's version: strict semver 2, ordered by its precedence.
///
/// Displays exactly the text it was parsed from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageVersion(semver::Version);

impl PackageVersion {
    /// Compares by semver's precedence alone, which leaves the build out.
    pub fn cmp_precedence(&self, other: &PackageVersion) -> std::cmp::Ordering {
        self.0.cmp_precedence(&other.0)
    }

    /// Tells whether the version has a prerelease tag: hidden from whoever asks for releases.
    pub fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }

    /// Tells whether the version promises stability: 1.0.0 or above, without a prerelease tag.
    pub fn is_stable(&self) -> bool {
        self.0.major >= 1 && !self.is_prerelease()
    }

    /// The first of the three numbers.
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

/// A package name and version: what is published once and never changed in v2.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RevisionId {
    /// The package.
    #[serde(rename = "package")]
    pub name: PackageName,
    /// Its version.
    #[serde(serialize_with = "as_text")]
    pub version: PackageVersion,
}

/// Serializes a value as the text that it displays as.
pub(crate) fn as_text<S: Serializer>(value: &impl fmt::Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

impl RevisionId {
    /// Joins a name and a version.
    ///
    /// # Errors
    /// [`GrammarError::TooLong`] when the signature's file name would exceed [`MAX_FILE_NAME_LEN`].
    pub fn new(name: PackageName, version: PackageVersion) -> Result<Self, GrammarError> {
        let revision = RevisionId { name, version };
        if revision.to_string().len() + ".zip.sig".len() > MAX_FILE_NAME_LEN {
            return Err(GrammarError::TooLong);
        }
        Ok(revision)
    }

    /// The key of the archive in the bucket: `artifacts/packages/<name>-<version>.zip`
    /// (package-registry, `internal/storage/paths.go`).
    pub fn archive_key(&self) -> ObjectKey {
        ObjectKey(format!("{ARCHIVE_PREFIX}{self}.zip"))
    }
}

impl fmt::Display for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.name, self.version)
    }
}

/// The prefix of every archive's key.
pub const ARCHIVE_PREFIX: &str = "artifacts/packages/";

/// The key of one object in the v2 bucket; also its path below the output folder.
///
/// Consists of safe path components only: it is made from checked names, or parsed from a plan.
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
                && !component.contains(|letter: char| letter == '\\' || letter.is_control())
        };
        if text.split('/').all(safe) { Ok(ObjectKey(text)) } else { Err(GrammarError::Key) }
    }
}

impl ObjectKey {
    /// The key as text, with `/` between components.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of the object's detached signature: `.sig` follows
    /// (package-registry, `packages/package.go`, `getSignaturePath`).
    pub fn signature_key(&self) -> ObjectKey {
        ObjectKey(format!("{self}.sig"))
    }

    /// The part after the last `/`.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
