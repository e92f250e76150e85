//! Policy templates and their inputs.

use serde::{Deserialize, Serialize};

use super::{Deprecated, Image, Stream, Variable, is_empty};

/// A policy template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyTemplate {
    /// Its name.
    pub name: String,
    /// What people see.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The data streams that it is about; all when empty.
    #[serde(skip_serializing_if = "is_empty")]
    pub data_streams: Vec<String>,
    /// Its inputs.
    #[serde(skip_serializing_if = "is_empty")]
    pub inputs: Vec<Input>,
    /// Whether a policy may have several of it; set in every entry.
    #[serde(skip_serializing_if = "is_empty")]
    pub multiple: Option<bool>,
    /// Its icons.
    #[serde(skip_serializing_if = "is_empty")]
    pub icons: Vec<Image>,
    /// Its categories; the registry drops no unknown ones here.
    #[serde(skip_serializing_if = "is_empty")]
    pub categories: Vec<String>,
    /// Its screenshots.
    #[serde(skip_serializing_if = "is_empty")]
    pub screenshots: Vec<Image>,
    /// The path of `docs/<name>.md` on the registry, if the package has it.
    #[serde(skip_serializing_if = "is_empty")]
    pub readme: Option<String>,
    /// Where it can run.
    #[serde(skip_serializing_if = "is_empty")]
    pub deployment_modes: Option<DeploymentModes>,
    /// The type of data, in an input package.
    #[serde(rename = "type", skip_serializing_if = "is_empty")]
    pub kind: String,
    /// The input, in an input package.
    #[serde(skip_serializing_if = "is_empty")]
    pub input: String,
    /// How data of the input comes in, in an input package.
    #[serde(skip_serializing_if = "is_empty")]
    pub ingestion_method: String,
    /// The template's file name, in an input package.
    #[serde(skip_serializing_if = "is_empty")]
    pub template_path: String,
    /// Since when it is not to be used.
    #[serde(skip_serializing_if = "is_empty")]
    pub deprecated: Option<Deprecated>,
}

/// An input of a policy template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Input {
    /// Its type.
    #[serde(rename = "type", skip_serializing_if = "is_empty")]
    pub kind: String,
    /// The package that has the input, instead of `type`.
    #[serde(skip_serializing_if = "is_empty")]
    pub package: String,
    /// Its variables.
    #[serde(skip_serializing_if = "is_empty")]
    pub vars: Vec<Variable>,
    /// What people see.
    #[serde(skip_serializing_if = "is_empty")]
    pub title: String,
    /// What it is for.
    #[serde(skip_serializing_if = "is_empty")]
    pub description: String,
    /// Its streams, as the manifest has them: without the defaults of a data stream's.
    #[serde(skip_serializing_if = "is_empty")]
    pub streams: Vec<Stream>,
    /// The template's file name.
    #[serde(skip_serializing_if = "is_empty")]
    pub template_path: String,
    /// The group it belongs to.
    #[serde(skip_serializing_if = "is_empty")]
    pub input_group: String,
    /// Where it can run.
    #[serde(skip_serializing_if = "is_empty")]
    pub deployment_modes: Vec<String>,
    /// Since when it is not to be used.
    #[serde(skip_serializing_if = "is_empty")]
    pub deprecated: Option<Deprecated>,
}

/// Where a policy template can run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeploymentModes {
    /// On an agent.
    #[serde(skip_serializing_if = "is_empty")]
    pub default: Option<DefaultMode>,
    /// Without one.
    #[serde(skip_serializing_if = "is_empty")]
    pub agentless: Option<AgentlessMode>,
}

/// Whether a policy template runs on an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultMode {
    /// Whether it does.
    pub enabled: bool,
}

/// Whether a policy template runs without an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentlessMode {
    /// Whether it does.
    pub enabled: bool,
    /// Whether that is the default.
    #[serde(skip_serializing_if = "is_empty")]
    pub is_default: Option<bool>,
    /// How mature that is.
    #[serde(skip_serializing_if = "is_empty")]
    pub release: String,
}
