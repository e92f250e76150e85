//! The classes that findings of one code fall into; part of their evidence.
//!
//! Found by `rules`, said in words by `text`.

use serde::{Deserialize, Serialize};

use crate::model::validation::TimeLimit;

/// What a content conflict is about, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictClass {
    /// Every difference is LF against CRLF, or the last line's end.
    LineEndings,
    /// Only files that tell people something: changelog, docs, images, licences, `_dev`.
    Metadata,
    /// Something that the package does may be different.
    Behaviour,
}

/// How alike two paths of one revision are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alike {
    /// The same path twice, or as a file and as a folder.
    Same,
    /// One path where upper and lower case are one, as on Windows and macOS.
    Case,
    /// One text in two Unicode forms, which macOS takes for one path.
    Normalization,
}

/// Where a version stands in its package once v2 shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recency {
    /// No newer than the newest version of production.
    Older,
    /// Newer than anything in production, though not the newest of what is read.
    Newer,
    /// The newest of its package: what everyone is offered.
    Newest,
}

/// Why a validator gave no verdict on a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoVerdict {
    /// It ran longer than it may; it was killed, and its process group with it.
    TimedOut(TimeLimit),
    /// A signal that the tool did not send ended it; the signal's number.
    Signal(i32),
    /// The package cannot be unpacked here, for a path that the file system does not take.
    NotUnpacked(String),
}

/// A rule of Kibana's package parser; numbers are this tool's own.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::Display,
)]
pub enum KibanaRule {
    /// All paths begin with the first path's folder.
    K1,
    /// There is a manifest.
    K2,
    /// Manifests, and what is parsed with them, are YAML to Kibana.
    K3,
    /// The manifest has the keys that it must have.
    K4,
    /// The folder has the name and the version of the manifest.
    K5,
    /// What lies under `data_stream` has a manifest.
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
    /// Policy templates, inputs and streams are lists, and nothing in them is null.
    K12,
    /// No file is too long.
    K13,
    /// Pipelines and lists of fields are YAML to Kibana.
    K14,
}

/// A value that the registry and Kibana read differently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadDifference {
    /// The field, with those that it is in: `a.b[0].c`.
    pub field: String,
    /// The line, counted from 1.
    pub line: u64,
    /// What it is to the registry.
    pub registry: String,
    /// What it is to Kibana.
    pub kibana: String,
}
