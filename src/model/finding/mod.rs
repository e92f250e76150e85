//! Findings: everything a person should know before the migration, each with a stable code.
//!
//! A finding is data about v1, never a failure of the tool: a failure to determine something is an
//! [`crate::error::Error`]. [`FindingKind`] has all codes with their evidence, `text` the messages and advice,
//! `details` the evidence that is too long for a message.
//! Created by `v1`, `rules` and `migrate`; rendered by `report`.

mod class;
mod details;
mod kind;
mod settlement;
mod text;

use serde::{Deserialize, Serialize};

use super::content::{EntryPath, escape};
use super::package::{RevisionId, Stage};

pub use class::{
    Alike, ChangedInteger, ConflictClass, DanglingCause, FieldDifference, KibanaRule, NamedBy,
    NoVerdict, ReadDifference, Recency, ResourceUse,
};
pub use details::Detail;
pub use kind::FindingKind;
pub use settlement::{Decision, NoDecision, Settlement};

/// The severity of a finding, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase", parse_err_ty = NoSeverity, parse_err_fn = no_severity)]
pub enum Severity {
    /// Good to know; nothing to decide.
    Info,
    /// Should be reviewed; the migration is complete nevertheless.
    Warning,
    /// Resolved by a rule; a person may want to decide differently.
    Conflict,
    /// Part of v1 is not migrated.
    Blocker,
}

/// The error for a text that is not a severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected info, warning, conflict or blocker")]
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
    /// The commit of a stage.
    Commit,
}

/// The kind of a tree entry that is not allowed at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A reference to a commit of another repository.
    Submodule,
    /// A mode that Git does not define.
    #[strum(serialize = "entry of unknown kind")]
    Unknown,
}

/// The reason why YAML readers may interpret a field differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[derive(strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum Ambiguity {
    /// Without quotes, it is a number.
    #[strum(serialize = "a number")]
    Number,
    /// Without quotes, it is a bool, at least in YAML 1.1.
    #[strum(serialize = "a bool")]
    Bool,
    /// Without quotes, it is null.
    Null,
    /// Without quotes, some readers interpret it as a date.
    #[strum(serialize = "a date")]
    Date,
    /// The key appears more than once.
    #[strum(serialize = "a duplicate key")]
    DuplicateKey,
}

/// The stability that a version number implies.
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

/// A finding about a copy, before the stage and revision are attached; a blocker excludes the copy from
/// the migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The path relative to the copy's folder, escaped; `None` for the copy itself.
    pub path: Option<String>,
    /// Code and evidence.
    pub kind: FindingKind,
}

/// A finding and its subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Finding {
    /// The name of the package folder, escaped; `None` if the finding is not about a package.
    pub package: Option<String>,
    /// The name of the version folder, escaped; `None` if the finding is not about a version.
    pub version: Option<String>,
    /// The affected stages, in order of precedence.
    pub stages: Vec<Stage>,
    /// The path inside the revision, or inside `packages/` if the finding is not about a revision.
    pub path: Option<String>,
    /// Code and evidence.
    pub kind: FindingKind,
    /// The decision of a person; `None` while the finding is open.
    pub settled: Option<Settlement>,
}

impl Finding {
    /// Creates a finding about a whole stage.
    pub fn of_stage(stage: Stage, kind: FindingKind) -> Self {
        Finding::of_stages(vec![stage], kind)
    }

    /// Creates a finding about several whole stages.
    pub fn of_stages(stages: Vec<Stage>, kind: FindingKind) -> Self {
        Finding { package: None, version: None, stages, path: None, kind, settled: None }
    }

    /// Creates a finding about a revision, or a file of it.
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

    /// Returns whether the finding is open and more than information.
    pub fn is_to_decide(&self) -> bool {
        self.settled.is_none() && self.kind.severity() > Severity::Info
    }

    /// Sorts findings by [`Finding::order`].
    pub fn sort(findings: &mut [Finding]) {
        findings.sort_by(Finding::order);
    }

    /// Compares by severity (most severe first), code, package, version (by precedence), path and stages.
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

/// Converts checked paths to evidence, escaped.
pub(crate) fn path_texts(paths: &[EntryPath]) -> Vec<String> {
    paths.iter().map(|path| escape(path.as_str().as_bytes())).collect()
}
