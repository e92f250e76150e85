//! Policy templates and their inputs.

use serde::{Deserialize, Serialize};

use super::{Deprecated, Image, Stream, Variable, is_empty};

/// A policy template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyTemplate {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// Its data streams; all if empty.
    #[serde(skip_serializing_if = "is_empty")]
    pub data_streams: Vec<String>,
    /// Its inputs.
    #[serde(skip_serializing_if = "is_empty")]
    pub inputs: Vec<Input>,
    /// Whether a policy may have multiple instances; set in every entry.
    #[serde(skip_serializing_if = "is_empty")]
    pub multiple: Option<bool>,
    /// Its icons.
    #[serde(skip_serializing_if = "is_empty")]
    pub icons: Vec<Image>,
    /// Its categories; the registry keeps unknown ones here.
    #[serde(skip_serializing_if = "is_empty")]
    pub categories: Vec<String>,
    /// Its screenshots.
    #[serde(skip_serializing_if = "is_empty")]
    pub screenshots: Vec<Image>,
    /// The path of `docs/<name>.md` on the registry, if the package has it.
    #[serde(skip_serializing_if = "is_empty")]
    pub readme: Option<String>,
    /// Its deployment modes.
    #[serde(skip_serializing_if = "is_empty")]
    pub deployment_modes: Option<DeploymentModes>,
    /// The type of data, in an input package.
    #[serde(rename = "type", skip_serializing_if = "is_empty")]
    pub kind: String,
    /// The input, in an input package.
    #[serde(skip_serializing_if = "is_empty")]
    pub input: String,
    /// The ingestion method of the input, in an input package.
    #[serde(skip_serializing_if = "is_empty")]
    pub ingestion_method: String,
    /// The template's file name, in an input package.
    #[serde(skip_serializing_if = "is_empty")]
    pub template_path: String,
    /// Its deprecation.
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
    /// Its title.
    #[serde(skip_serializing_if = "is_empty")]
    pub title: String,
    /// Its description.
    #[serde(skip_serializing_if = "is_empty")]
    pub description: String,
    /// Its streams as in the manifest, without the defaults of a data stream's streams.
    #[serde(skip_serializing_if = "is_empty")]
    pub streams: Vec<Stream>,
    /// The template's file name.
    #[serde(skip_serializing_if = "is_empty")]
    pub template_path: String,
    /// The group it belongs to.
    #[serde(skip_serializing_if = "is_empty")]
    pub input_group: String,
    /// Its deployment modes.
    #[serde(skip_serializing_if = "is_empty")]
    pub deployment_modes: Vec<String>,
    /// Its deprecation.
    #[serde(skip_serializing_if = "is_empty")]
    pub deprecated: Option<Deprecated>,
}

/// The deployment modes of a policy template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeploymentModes {
    /// With an agent.
    #[serde(skip_serializing_if = "is_empty")]
    pub default: Option<DefaultMode>,
    /// Without one.
    #[serde(skip_serializing_if = "is_empty")]
    pub agentless: Option<AgentlessMode>,
}

/// The default deployment mode, with an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultMode {
    /// Whether it is enabled.
    pub enabled: bool,
}

/// The agentless deployment mode.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentlessMode {
    /// Whether it is enabled.
    pub enabled: bool,
    /// Whether it is the default.
    #[serde(skip_serializing_if = "is_empty")]
    pub is_default: Option<bool>,
    /// Its maturity.
    #[serde(skip_serializing_if = "is_empty")]
    pub release: String,
}
