//! The scope: which revisions to migrate, selected by globs.
//!
//! Pure: `v1/selection` counts what is excluded and reports globs that match nothing. The scope is
//! recorded in plans and reports, so that those of a part cannot be mistaken for the whole.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A glob over package names and over `<name>-<version>`: `*`, `?`, `[a-z]` and `[!a-z]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RevisionGlob(glob::Pattern);

/// Why a text is not a valid glob.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// The glob is empty and would match nothing.
    #[error("the glob is empty")]
    Empty,
    /// The glob has a control character.
    #[error("the glob contains a control character")]
    Control,
    /// An unclosed bracket, or `**` next to other characters.
    #[error("{0}")]
    Syntax(&'static str),
}

impl RevisionGlob {
    /// Returns the glob as it was given.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns whether the glob matches the package's name or `<package>-<version>`.
    pub fn matches(&self, package: &str, version: &str) -> bool {
        self.matches_package(package) || self.0.matches(&format!("{package}-{version}"))
    }

    /// Returns whether the glob matches the package's name, and thereby every version.
    pub fn matches_package(&self, package: &str) -> bool {
        self.0.matches(package)
    }

    /// Returns whether the glob may match a version of the package; `false` is certain, `true` is not.
    pub fn may_match_in(&self, package: &str) -> bool {
        let (text, start) = (self.as_str(), format!("{package}-"));
        let literal = &text[..text.find(['*', '?', '[']).unwrap_or(text.len())];
        let is_open = literal.len() < text.len();
        self.matches_package(package)
            || literal.starts_with(&start)
            || (is_open && start.starts_with(literal))
    }
}

impl FromStr for RevisionGlob {
    type Err = GlobError;

    fn from_str(text: &str) -> Result<Self, GlobError> {
        pattern(text).map(RevisionGlob)
    }
}

/// Parses a glob.
pub(super) fn pattern(text: &str) -> Result<glob::Pattern, GlobError> {
    if text.is_empty() {
        return Err(GlobError::Empty);
    }
    if text.contains(char::is_control) {
        return Err(GlobError::Control);
    }
    glob::Pattern::new(text).map_err(|error| GlobError::Syntax(error.msg))
}

impl TryFrom<String> for RevisionGlob {
    type Error = GlobError;

    fn try_from(text: String) -> Result<Self, GlobError> {
        text.parse()
    }
}

impl From<RevisionGlob> for String {
    fn from(glob: RevisionGlob) -> Self {
        glob.as_str().to_owned()
    }
}

impl fmt::Display for RevisionGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether to include revisions that are missing from the first stage of the precedence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::EnumString)]
#[strum(serialize_all = "lowercase", parse_err_ty = UnpromotedError, parse_err_fn = unpromoted_error)]
pub enum Unpromoted {
    /// They are included.
    #[default]
    Include,
    /// They are excluded.
    Exclude,
}

/// Why a text is not a valid value of [`Unpromoted`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected include or exclude")]
pub struct UnpromotedError;

fn unpromoted_error(_: &str) -> UnpromotedError {
    UnpromotedError
}

/// Which revisions to migrate; by default, all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// If not empty, one of these must match.
    pub include: BTreeSet<RevisionGlob>,
    /// None of these may match.
    pub exclude: BTreeSet<RevisionGlob>,
    /// Whether to include revisions that are missing from the first stage.
    pub unpromoted: Unpromoted,
}

impl Scope {
    /// Returns whether nothing is excluded.
    pub fn is_everything(&self) -> bool {
        *self == Scope::default()
    }

    /// Returns all globs, those of `include` first.
    pub fn globs(&self) -> impl Iterator<Item = &RevisionGlob> {
        self.include.iter().chain(&self.exclude)
    }

    /// Returns whether the globs include a revision.
    pub fn contains(&self, package: &str, version: &str) -> bool {
        let matches = |glob: &RevisionGlob| glob.matches(package, version);
        (self.include.is_empty() || self.include.iter().any(matches))
            && !self.exclude.iter().any(matches)
    }

    /// Returns whether the globs exclude the package with all its versions.
    pub fn excludes_package(&self, package: &str) -> bool {
        let may_be_included = self.include.iter().any(|glob| glob.may_match_in(package));
        (!self.include.is_empty() && !may_be_included)
            || self.exclude.iter().any(|glob| glob.matches_package(package))
    }
}

impl fmt::Display for Scope {
    /// Writes the command line flags that select this scope.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |globs: &BTreeSet<RevisionGlob>| {
            globs.iter().map(RevisionGlob::as_str).collect::<Vec<_>>().join(",")
        };
        let mut flags = Vec::new();
        for (flag, globs) in [("--include", &self.include), ("--exclude", &self.exclude)] {
            if !globs.is_empty() {
                flags.push(format!("{flag} {}", list(globs)));
            }
        }
        match self.unpromoted {
            Unpromoted::Include => {}
            Unpromoted::Exclude => flags.push("--unpromoted exclude".to_owned()),
        }
        f.write_str(if flags.is_empty() { "everything" } else { "" })?;
        f.write_str(&flags.join(" "))
    }
}
