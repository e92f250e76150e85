//! Which revisions are to be migrated, as a person names them.
//!
//! Pure: names in, yes or no out; that a glob fits nothing, and what is counted, is seen to by
//! `v1/selection`. A scope is part of a plan and a report, so that those of a part are never taken
//! for the whole. The only user of glob.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A glob over package names and over `<name>-<version>`: `*`, `?`, `[a-z]` and `[!a-z]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RevisionGlob(glob::Pattern);

/// Why a text is no glob.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// Nothing at all, which would fit nothing.
    #[error("a glob is not empty")]
    Empty,
    /// A letter that no name shows.
    #[error("a glob holds no control characters")]
    Control,
    /// Not closed, or `**` beside other letters.
    #[error("{0}")]
    Syntax(&'static str),
}

impl RevisionGlob {
    /// The glob as it was given.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Tells whether it fits the package's name, or `<package>-<version>`.
    pub fn matches(&self, package: &str, version: &str) -> bool {
        self.matches_package(package) || self.0.matches(&format!("{package}-{version}"))
    }

    /// Tells whether it fits the package's name, and with it every version.
    pub fn matches_package(&self, package: &str) -> bool {
        self.0.matches(package)
    }

    /// Tells whether it may fit a version of the package: where it says no, none can be fit.
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
        if text.is_empty() {
            return Err(GlobError::Empty);
        }
        if text.contains(char::is_control) {
            return Err(GlobError::Control);
        }
        glob::Pattern::new(text).map(RevisionGlob).map_err(|error| GlobError::Syntax(error.msg))
    }
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

/// What becomes of revisions that the first stage of the precedence does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::EnumString)]
#[strum(serialize_all = "lowercase", parse_err_ty = UnpromotedError, parse_err_fn = unpromoted_error)]
pub enum Unpromoted {
    /// They are migrated like all others.
    #[default]
    Include,
    /// They are left out.
    Exclude,
}

/// Why a text says nothing about unpromoted revisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unpromoted revisions are include or exclude")]
pub struct UnpromotedError;

fn unpromoted_error(_: &str) -> UnpromotedError {
    UnpromotedError
}

/// Which revisions are to be migrated; by default, all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// One of these must fit, unless there is none.
    pub include: BTreeSet<RevisionGlob>,
    /// None of these may fit.
    pub exclude: BTreeSet<RevisionGlob>,
    /// What becomes of revisions that the first stage does not have.
    pub unpromoted: Unpromoted,
}

impl Scope {
    /// Tells whether nothing is left out.
    pub fn is_everything(&self) -> bool {
        *self == Scope::default()
    }

    /// Every glob, those of `include` first.
    pub fn globs(&self) -> impl Iterator<Item = &RevisionGlob> {
        self.include.iter().chain(&self.exclude)
    }

    /// Tells whether the globs take a revision in.
    pub fn contains(&self, package: &str, version: &str) -> bool {
        let fits = |glob: &RevisionGlob| glob.matches(package, version);
        (self.include.is_empty() || self.include.iter().any(fits)) && !self.exclude.iter().any(fits)
    }

    /// Tells whether the globs leave out the package, whatever versions it has.
    pub fn excludes_package(&self, package: &str) -> bool {
        let may_be_in = self.include.iter().any(|glob| glob.may_match_in(package));
        (!self.include.is_empty() && !may_be_in)
            || self.exclude.iter().any(|glob| glob.matches_package(package))
    }
}

impl fmt::Display for Scope {
    /// The flags that make it, in one line.
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
