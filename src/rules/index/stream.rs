//! Streams, variables and deprecations: parts of both package and data stream manifests.

use serde::{Deserialize, Serialize};

use super::{Json, is_empty};

/// A stream of an input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stream {
    /// The input.
    #[serde(skip_serializing_if = "is_empty")]
    pub input: String,
    /// The package that has the input, instead of `input`.
    #[serde(skip_serializing_if = "is_empty")]
    pub package: String,
    /// Its variables.
    #[serde(skip_serializing_if = "is_empty")]
    pub vars: Vec<Variable>,
    /// The data stream.
    #[serde(skip_serializing_if = "is_empty")]
    pub data_stream: String,
    /// The template's file name.
    #[serde(skip_serializing_if = "is_empty")]
    pub template_path: String,
    /// Its title.
    #[serde(skip_serializing_if = "is_empty")]
    pub title: String,
    /// Its description.
    #[serde(skip_serializing_if = "is_empty")]
    pub description: String,
    /// Whether it is enabled by default.
    #[serde(skip_serializing_if = "is_empty")]
    pub enabled: Option<bool>,
    /// Its ingestion method.
    #[serde(skip_serializing_if = "is_empty")]
    pub ingestion_method: String,
}

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its title.
    #[serde(skip_serializing_if = "is_empty")]
    pub title: String,
    /// Its description.
    #[serde(skip_serializing_if = "is_empty")]
    pub description: String,
    /// Whether it takes multiple values.
    pub multi: bool,
    /// Whether it is required.
    pub required: bool,
    /// Whether it is shown outside of the advanced options.
    pub show_user: bool,
    /// Its default value; null for none.
    #[serde(skip_serializing_if = "Json::is_null")]
    pub default: Json,
    /// Its deprecation.
    #[serde(skip_serializing_if = "is_empty")]
    pub deprecated: Option<Deprecated>,
}

/// A deprecation: since when, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deprecated {
    /// The version.
    pub since: String,
    /// The reason.
    pub description: String,
    /// Its replacement.
    #[serde(skip_serializing_if = "is_empty")]
    pub replaced_by: Option<ReplacedBy>,
}

/// The replacement of something deprecated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplacedBy {
    /// A package.
    #[serde(skip_serializing_if = "is_empty")]
    pub package: String,
    /// A policy template.
    #[serde(skip_serializing_if = "is_empty")]
    pub policy_template: String,
    /// An input.
    #[serde(skip_serializing_if = "is_empty")]
    pub input: String,
    /// A data stream.
    #[serde(skip_serializing_if = "is_empty")]
    pub data_stream: String,
    /// A variable.
    #[serde(skip_serializing_if = "is_empty")]
    pub variable: String,
}
