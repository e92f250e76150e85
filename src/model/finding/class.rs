//! Enums that classify the findings of one code; part of the evidence.
//!
//! Computed by `rules`; `text` has the wording.

use serde::{Deserialize, Serialize};

use crate::model::validation::TimeLimit;

/// The class of a content conflict, from least to most important.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictClass {
    /// Only line endings differ: LF or CRLF, or a missing newline at the end of the file.
    LineEndings,
    /// Only files without influence on behaviour differ: changelog, docs, images, licences, `_dev`.
    Metadata,
    /// The package may behave differently.
    Behaviour,
}

/// The kind of a collision of two paths of one revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alike {
    /// The same path appears twice, or both as a file and as a folder.
    Same,
    /// The paths are equal on file systems that ignore case, as on Windows and macOS.
    Case,
    /// The paths differ only in their Unicode normalization; macOS treats them as equal.
    Normalization,
}

/// The position of a version in its package once v2 serves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recency {
    /// Not newer than the newest version of production.
    Older,
    /// Newer than every version in production, but not the newest of the stages that were read.
    Newer,
    /// The newest of its package: the version that users are offered.
    Newest,
}

/// What names revisions, so that a run needs them to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NamedBy {
    /// A glob of `--include`.
    Include,
    /// A glob of `--exclude`.
    Exclude,
    /// An entry of the decisions file.
    Decision,
}

/// Why a validator gave no verdict on a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoVerdict {
    /// It exceeded the time limit and was killed together with its process group.
    TimedOut(TimeLimit),
    /// It was killed by a signal that this tool did not send; the number of the signal.
    Signal(i32),
    /// The package could not be unpacked because the file system does not accept a path.
    NotUnpacked(String),
}

/// A rule of Kibana's package parser; the numbers are defined by this tool.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::Display,
)]
pub enum KibanaRule {
    /// All paths are in the top-level folder of the first path.
    K1,
    /// The package has a manifest.
    K2,
    /// Manifests, and the files parsed with them, are valid YAML for Kibana.
    K3,
    /// The manifest has all required keys.
    K4,
    /// The folder name matches the name and version of the manifest.
    K5,
    /// Each folder in `data_stream` has a manifest.
    K6,
    /// A data stream has a title and a type.
    K7,
    /// A stream has an input and a title.
    K8,
    /// A variable has a name and a type.
    K9,
    /// A policy template has a name, a title and a description.
    K10,
    /// An input has a type and a title.
    K11,
    /// Policy templates, inputs and streams are lists without null items.
    K12,
    /// No file exceeds the maximum length.
    K13,
    /// Pipelines and field definitions are valid YAML for Kibana.
    K14,
}

/// A value that the registry and Kibana read differently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadDifference {
    /// The path of the field: `a.b[0].c`.
    pub field: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The value that the registry reads.
    pub registry: String,
    /// The value that Kibana reads.
    pub kibana: String,
}

/// The use that Kibana makes of a file of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceUse {
    /// The icon of the package.
    Icon,
    /// A screenshot of the package.
    Screenshot,
    /// The text of the package's overview.
    Readme,
    /// The icon of a policy template.
    TemplateIcon,
    /// A screenshot of a policy template.
    TemplateScreenshot,
    /// The text of a policy template's overview.
    TemplateReadme,
    /// The changes of the package.
    Changelog,
    /// The licence of the package.
    License,
    /// The notice of the package.
    Notice,
}

/// Why the registry cannot serve a file that it refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DanglingCause {
    /// The package does not have the file.
    Missing,
    /// The file is not a static resource.
    NotStatic,
    /// The path is not in the package.
    Outside,
}

/// An integer that a registry in storage mode changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedInteger {
    /// The path of the field: `vars[0].default`.
    pub field: String,
    /// Its digits.
    pub value: String,
    /// The number that the registry shows.
    pub shown: String,
}

/// A field of an index entry that differs between the published entry and the one derived from v1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldDifference {
    /// The path of the field: `a.b[0].c`.
    pub field: String,
    /// The published value as JSON, shortened; `None` if it is missing.
    pub published: Option<String>,
    /// The value derived from v1 as JSON, shortened; `None` if it is missing.
    pub derived: Option<String>,
}
