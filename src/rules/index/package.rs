//! The entry itself: `package_manifest`, its fields in the registry's order.

use serde::{Deserialize, Serialize};

use super::{DataStream, Deprecated, Image, PolicyTemplate, Variable, is_empty};

/// A revision as the index has it. Filled from a manifest, it lacks what `entry` adds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackageManifest {
    /// The package's name.
    pub name: String,
    /// What people see.
    #[serde(skip_serializing_if = "is_empty")]
    pub title: Option<String>,
    /// The version, as the manifest has it.
    pub version: String,
    /// How mature it is: experimental, beta or ga; set in every entry.
    #[serde(skip_serializing_if = "is_empty")]
    pub release: String,
    /// Where it comes from.
    #[serde(skip_serializing_if = "is_empty")]
    pub source: Option<Source>,
    /// What it is for.
    pub description: String,
    /// Integration, input, content or whatever the manifest says.
    #[serde(rename = "type")]
    pub kind: String,
    /// The archive's path on the registry.
    pub download: String,
    /// The revision's path on the registry.
    pub path: String,
    /// Its icons.
    #[serde(skip_serializing_if = "is_empty")]
    pub icons: Vec<Image>,
    /// Whether policy templates are shown one by one.
    #[serde(skip_serializing_if = "is_empty")]
    pub policy_templates_behavior: String,
    /// What it needs of the stack.
    #[serde(skip_serializing_if = "is_empty")]
    pub conditions: Option<Conditions>,
    /// Who looks after it.
    #[serde(skip_serializing_if = "is_empty")]
    pub owner: Option<Owner>,
    /// Its categories, without those that the registry does not know.
    #[serde(skip_serializing_if = "is_empty")]
    pub categories: Vec<String>,
    /// The signature's path on the registry, if there is one.
    #[serde(skip_serializing_if = "is_empty")]
    pub signature_path: String,
    /// By what data it can be found.
    #[serde(skip_serializing_if = "is_nowhere")]
    pub discovery: Option<Discovery>,
    /// Since when it is not to be used.
    #[serde(skip_serializing_if = "is_empty")]
    pub deprecated: Option<Deprecated>,
    /// What it needs of other packages.
    #[serde(skip_serializing_if = "is_empty")]
    pub requires: Option<Requirements>,
    /// The group it belongs to.
    #[serde(skip_serializing_if = "is_empty")]
    pub group: String,
    /// The version of the package-spec that it follows.
    pub format_version: String,
    /// The path of `docs/README.md` on the registry.
    #[serde(skip_serializing_if = "is_empty")]
    pub readme: Option<String>,
    /// The subscription that it needs; set in every entry.
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

/// Where a package comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Source {
    /// The licence of its source.
    #[serde(skip_serializing_if = "is_empty")]
    pub license: String,
}

/// What a package needs of the stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    /// Of Kibana.
    #[serde(skip_serializing_if = "is_empty")]
    pub kibana: Option<VersionCondition>,
    /// Of the subscription.
    #[serde(skip_serializing_if = "is_empty")]
    pub elastic: Option<ElasticConditions>,
    /// Of the agent.
    #[serde(skip_serializing_if = "is_empty")]
    pub agent: Option<VersionCondition>,
}

/// The versions of a product that a package works with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VersionCondition {
    /// A constraint.
    pub version: String,
}

/// What a package needs of the subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ElasticConditions {
    /// The subscription.
    pub subscription: String,
    /// What the deployment has to offer.
    #[serde(skip_serializing_if = "is_empty")]
    pub capabilities: Vec<String>,
}

/// Who looks after a package.
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

/// By what data a package can be found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Discovery {
    /// By fields.
    #[serde(skip_serializing_if = "is_empty")]
    pub fields: Vec<Named>,
    /// By datasets.
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

/// What a package needs of other packages.
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

/// A package that another one needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Requirement {
    /// Its name.
    pub package: String,
    /// Its version.
    pub version: String,
}

/// Settings for Elasticsearch.of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Elasticsearch {
    /// What it may do.
    #[serde(skip_serializing_if = "is_empty")]
    pub privileges: Option<ClusterPrivileges>,
}

/// What a package may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterPrivileges {
    /// With the cluster.
    #[serde(skip_serializing_if = "is_empty")]
    pub cluster: Vec<String>,
}

/// Settings for the agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// How it runs.
    #[serde(skip_serializing_if = "is_empty")]
    pub privileges: Option<AgentPrivileges>,
}

/// How the agent runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentPrivileges {
    /// As root.
    #[serde(skip_serializing_if = "is_empty")]
    pub root: bool,
}
