//! Streams, variables, and what is deprecated: parts of package manifests and of data streams' alike.

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
    /// What people see.
    #[serde(skip_serializing_if = "is_empty")]
    pub title: String,
    /// What it is for.
    #[serde(skip_serializing_if = "is_empty")]
    pub description: String,
    /// Whether it is on by default.
    #[serde(skip_serializing_if = "is_empty")]
    pub enabled: Option<bool>,
    /// How its data comes in.
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
    /// What people see.
    #[serde(skip_serializing_if = "is_empty")]
    pub title: String,
    /// What it is for.
    #[serde(skip_serializing_if = "is_empty")]
    pub description: String,
    /// Whether it takes several values.
    pub multi: bool,
    /// Whether it has to be set.
    pub required: bool,
    /// Whether it is shown without a click on advanced options.
    pub show_user: bool,
    /// Its value when it is not set; null for none.
    #[serde(skip_serializing_if = "Json::is_null")]
    pub default: Json,
    /// Since when it is not to be used.
    #[serde(skip_serializing_if = "is_empty")]
    pub deprecated: Option<Deprecated>,
}

/// Since when something is not to be used, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deprecated {
    /// The version.
    pub since: String,
    /// The reason.
    pub description: String,
    /// What takes its place.
    #[serde(skip_serializing_if = "is_empty")]
    pub replaced_by: Option<ReplacedBy>,
}

/// What takes the place of something deprecated.
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
