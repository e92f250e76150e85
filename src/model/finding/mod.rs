//! Findings: everything that a person should know before the move, with a stable code each.
//!
//! A finding is data about v1, never a failure of the tool: what could not be found out is an error
//! instead. [`FindingKind`] holds every code with its evidence, `text` what is said about it,
//! `details` what takes more room.
//! Made by `v1`, `rules` and `migrate`; rendered by `report`.

mod class;
mod details;
mod kind;
mod settlement;
mod text;

use serde::{Deserialize, Serialize};

use super::content::{EntryPath, escape};
use super::package::{RevisionId, Stage};

pub use class::{Alike, ConflictClass, KibanaRule, NoVerdict, ReadDifference, Recency};
pub use details::Detail;
pub use kind::FindingKind;
pub use settlement::{Decision, NoDecision, Settlement};

/// How much a finding matters; ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase", parse_err_ty = NoSeverity, parse_err_fn = no_severity)]
pub enum Severity {
    /// Good to know; nothing to decide.
    Info,
    /// Something is odd; the migration is whole without it.
    Warning,
    /// A rule decided what a person may want to decide otherwise.
    Conflict,
    /// Something of v1 is not migrated.
    Blocker,
}

/// Why a text is no severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a severity is info, warning, conflict or blocker")]
pub struct NoSeverity;

fn no_severity(_: &str) -> NoSeverity {
    NoSeverity
}

/// The kind of a Git object that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum ObjectKind {
    /// A file's bytes.
    Blob,
    /// A folder.
    Tree,
    /// What a stage's branch points to.
    Commit,
}

/// What a tree entry is, where only folders or only files may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A commit of another repository.
    Submodule,
    /// A mode that Git does not define.
    #[strum(serialize = "entry of unknown kind")]
    Unknown,
}

/// Why readers of YAML may not agree on a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[derive(strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum Ambiguity {
    /// Without quotes it is a number.
    #[strum(serialize = "a number")]
    Number,
    /// Without quotes it is a bool, at least to readers of YAML 1.1.
    #[strum(serialize = "a bool")]
    Bool,
    /// Without quotes it is null.
    Null,
    /// Without quotes it is a date to some readers.
    #[strum(serialize = "a date")]
    Date,
    /// The key is there more than once.
    #[strum(serialize = "a duplicate key")]
    DuplicateKey,
}

/// What a version says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[derive(strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum Stability {
    /// With a prerelease tag.
    #[strum(serialize = "a prerelease")]
    Prerelease,
    /// 0.x without a tag.
    #[strum(serialize = "a technical preview")]
    TechnicalPreview,
    /// 1.0.0 or above without a tag.
    Stable,
}

/// Something that is to be told of a copy; as a blocker, it keeps the copy from being migrated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Where, relative to the copy's folder; odd bytes are escaped. None for the copy itself.
    pub path: Option<String>,
    /// What.
    pub kind: FindingKind,
}

/// Something a person should know, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Finding {
    /// The package folder's name, as far as it is about one; odd bytes are escaped.
    pub package: Option<String>,
    /// The version folder's name, likewise.
    pub version: Option<String>,
    /// The stages it was found in, in their precedence.
    pub stages: Vec<Stage>,
    /// The path inside the revision, or inside `packages/` when it is about no revision.
    pub path: Option<String>,
    /// Code and evidence.
    pub kind: FindingKind,
    /// What a person decided on it; none while it is open.
    pub settled: Option<Settlement>,
}

impl Finding {
    /// A finding about a whole stage.
    pub fn of_stage(stage: Stage, kind: FindingKind) -> Self {
        Finding::of_stages(vec![stage], kind)
    }

    /// A finding about several stages as a whole.
    pub fn of_stages(stages: Vec<Stage>, kind: FindingKind) -> Self {
        Finding { package: None, version: None, stages, path: None, kind, settled: None }
    }

    /// A finding about a revision, or a file of it.
    pub fn of_revision(revision: &RevisionId, stages: Vec<Stage>, defect: Defect) -> Self {
        Finding {
            package: Some(revision.name.to_string()),
            version: Some(revision.version.to_string()),
            stages,
            path: defect.path,
            kind: defect.kind,
            settled: None,
        }
    }

    /// Tells whether a person may still want to decide on it.
    pub fn is_to_decide(&self) -> bool {
        self.settled.is_none() && self.kind.severity() > Severity::Info
    }

    /// Sorts findings by [`Finding::order`].
    pub fn sort(findings: &mut [Finding]) {
        findings.sort_by(Finding::order);
    }

    /// The worst first, then by code, package, version (by precedence), path, stages.
    pub fn order(&self, other: &Finding) -> std::cmp::Ordering {
        let key = |finding: &Finding| {
            let parsed = finding.version.as_deref().map(|text| semver::Version::parse(text).ok());
            (
                std::cmp::Reverse(finding.kind.severity()),
                finding.kind.code(),
                finding.package.clone(),
                parsed,
            )
        };
        key(self)
            .cmp(&key(other))
            .then_with(|| self.version.cmp(&other.version))
            .then_with(|| self.path.cmp(&other.path))
            .then_with(|| self.stages.cmp(&other.stages))
            .then_with(|| self.kind.cmp(&other.kind))
    }
}

/// Turns checked paths into evidence; odd bytes are escaped.
pub(crate) fn path_texts(paths: &[EntryPath]) -> Vec<String> {
    paths.iter().map(|path| escape(path.as_str().as_bytes())).collect()
}
