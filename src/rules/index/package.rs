//! The entry itself: `package_manifest`, its fields in the registry's order.

use serde::{Deserialize, Serialize};

use super::{DataStream, Deprecated, Image, PolicyTemplate, Variable, is_empty};

/// A revision's entry. If only filled from a manifest, it lacks what `entry` adds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackageManifest {
    /// The package's name.
    pub name: String,
    /// Its title.
    #[serde(skip_serializing_if = "is_empty")]
    pub title: Option<String>,
    /// The version, as in the manifest.
    pub version: String,
    /// Its maturity: experimental, beta or ga; set in every entry.
    #[serde(skip_serializing_if = "is_empty")]
    pub release: String,
    /// Its source.
    #[serde(skip_serializing_if = "is_empty")]
    pub source: Option<Source>,
    /// Its description.
    pub description: String,
    /// Its type, such as integration, input or content.
    #[serde(rename = "type")]
    pub kind: String,
    /// The archive's path on the registry.
    pub download: String,
    /// The revision's path on the registry.
    pub path: String,
    /// Its icons.
    #[serde(skip_serializing_if = "is_empty")]
    pub icons: Vec<Image>,
    /// Whether policy templates are shown separately.
    #[serde(skip_serializing_if = "is_empty")]
    pub policy_templates_behavior: String,
    /// Its conditions.
    #[serde(skip_serializing_if = "is_empty")]
    pub conditions: Option<Conditions>,
    /// Its owner.
    #[serde(skip_serializing_if = "is_empty")]
    pub owner: Option<Owner>,
    /// Its categories, except those unknown to the registry.
    #[serde(skip_serializing_if = "is_empty")]
    pub categories: Vec<String>,
    /// The signature's path on the registry, if there is one.
    #[serde(skip_serializing_if = "is_empty")]
    pub signature_path: String,
    /// The data by which it can be discovered.
    #[serde(skip_serializing_if = "is_nowhere")]
    pub discovery: Option<Discovery>,
    /// Its deprecation.
    #[serde(skip_serializing_if = "is_empty")]
    pub deprecated: Option<Deprecated>,
    /// The packages that it requires.
    #[serde(skip_serializing_if = "is_empty")]
    pub requires: Option<Requirements>,
    /// The group it belongs to.
    #[serde(skip_serializing_if = "is_empty")]
    pub group: String,
    /// The version of its package-spec.
    pub format_version: String,
    /// The path of `docs/README.md` on the registry.
    #[serde(skip_serializing_if = "is_empty")]
    pub readme: Option<String>,
    /// The required subscription; set in every entry.
    #[serde(skip_serializing_if = "is_empty")]
    pub license: String,
    /// Its screenshots.
    #[serde(skip_serializing_if = "is_empty")]
    pub screenshots: Vec<Image>,
    /// The paths of its files on the registry.
    #[serde(skip_serializing_if = "is_empty")]
    pub assets: Vec<String>,
    /// Its policy templates.
    #[serde(skip_serializing_if = "is_empty")]
    pub policy_templates: Vec<PolicyTemplate>,
    /// Its data streams.
    #[serde(skip_serializing_if = "is_empty")]
    pub data_streams: Vec<DataStream>,
    /// Its variables.
    #[serde(skip_serializing_if = "is_empty")]
    pub vars: Vec<Variable>,
    /// Settings for Elasticsearch.
    #[serde(skip_serializing_if = "is_empty")]
    pub elasticsearch: Option<Elasticsearch>,
    /// Settings for the agent.
    #[serde(skip_serializing_if = "is_empty")]
    pub agent: Option<Agent>,
}

fn is_nowhere(discovery: &Option<Discovery>) -> bool {
    discovery.as_ref().is_none_or(is_empty)
}

/// The source of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Source {
    /// The licence of its source.
    #[serde(skip_serializing_if = "is_empty")]
    pub license: String,
}

/// The conditions of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    /// On Kibana.
    #[serde(skip_serializing_if = "is_empty")]
    pub kibana: Option<VersionCondition>,
    /// On the subscription.
    #[serde(skip_serializing_if = "is_empty")]
    pub elastic: Option<ElasticConditions>,
    /// On the agent.
    #[serde(skip_serializing_if = "is_empty")]
    pub agent: Option<VersionCondition>,
}

/// A condition on the version of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VersionCondition {
    /// A constraint.
    pub version: String,
}

/// A condition on the subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ElasticConditions {
    /// The subscription.
    pub subscription: String,
    /// The required capabilities of the deployment.
    #[serde(skip_serializing_if = "is_empty")]
    pub capabilities: Vec<String>,
}

/// The owner of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Owner {
    /// Elastic, a partner, or the community.
    #[serde(rename = "type", skip_serializing_if = "is_empty")]
    pub kind: String,
    /// The team on GitHub.
    #[serde(skip_serializing_if = "is_empty")]
    pub github: String,
}

/// The data by which a package can be discovered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Discovery {
    /// The fields.
    #[serde(skip_serializing_if = "is_empty")]
    pub fields: Vec<Named>,
    /// The datasets.
    #[serde(skip_serializing_if = "is_empty")]
    pub datasets: Vec<Named>,
}

/// Something with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Named {
    /// The name.
    pub name: String,
}

/// The packages that a package requires.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Requirements {
    /// Input packages.
    #[serde(skip_serializing_if = "is_empty")]
    pub input: Vec<Requirement>,
    /// Content packages.
    #[serde(skip_serializing_if = "is_empty")]
    pub content: Vec<Requirement>,
}

/// A required package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Requirement {
    /// Its name.
    pub package: String,
    /// Its version.
    pub version: String,
}

/// The Elasticsearch settings of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Elasticsearch {
    /// Its privileges.
    #[serde(skip_serializing_if = "is_empty")]
    pub privileges: Option<ClusterPrivileges>,
}

/// The privileges of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterPrivileges {
    /// Cluster privileges.
    #[serde(skip_serializing_if = "is_empty")]
    pub cluster: Vec<String>,
}

/// Settings for the agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// Its privileges.
    #[serde(skip_serializing_if = "is_empty")]
    pub privileges: Option<AgentPrivileges>,
}

/// The privileges of the agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentPrivileges {
    /// Whether it runs as root.
    #[serde(skip_serializing_if = "is_empty")]
    pub root: bool,
}
