//! Data streams.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::unpack::OnTheWay;
use super::{Agent, Deprecated, Json, Stream, is_empty};

/// A data stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataStream {
    /// The type of its data.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its dataset; set in every entry.
    #[serde(skip_serializing_if = "is_empty")]
    pub dataset: String,
    /// Whether it is hidden.
    #[serde(skip_serializing_if = "is_empty")]
    pub hidden: bool,
    /// Its index lifecycle policy.
    #[serde(skip_serializing_if = "is_empty")]
    pub ilm_policy: String,
    /// Whether the dataset is a prefix of dataset names.
    #[serde(skip_serializing_if = "is_empty")]
    pub dataset_is_prefix: bool,
    /// Its title.
    pub title: String,
    /// Its maturity; set in every entry.
    #[serde(skip_serializing_if = "is_empty")]
    pub release: String,
    /// Its ingest pipeline.
    #[serde(skip_serializing_if = "is_empty")]
    pub ingest_pipeline: String,
    /// Its streams.
    #[serde(skip_serializing_if = "is_empty")]
    pub streams: Vec<Stream>,
    /// The package; `None` unless the manifest specifies another one.
    #[serde(skip_serializing_if = "is_blank")]
    pub package: Option<String>,
    /// Settings for Elasticsearch.
    #[serde(skip_serializing_if = "is_empty")]
    pub elasticsearch: Option<DataStreamElasticsearch>,
    /// Settings for the agent.
    #[serde(skip_serializing_if = "is_empty")]
    pub agent: Option<Agent>,
    /// The folder's name; `None` unless the manifest specifies another one.
    #[serde(skip_serializing_if = "is_blank")]
    pub path: Option<String>,
    /// Its deprecation.
    #[serde(skip_serializing_if = "is_empty")]
    pub deprecated: Option<Deprecated>,
    /// The folder in which the registry looks for pipelines, if it is another one: manifests can set this field of its
    /// struct because go-ucfg fills every exported field.
    #[serde(rename = "basepath", skip_serializing)]
    pub base_path: Option<String>,
}

fn is_blank(text: &Option<String>) -> bool {
    text.as_ref().is_none_or(String::is_empty)
}

/// The Elasticsearch settings of a data stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ElasticsearchBlock")]
pub struct DataStreamElasticsearch {
    /// Settings of the index template.
    #[serde(rename = "index_template.settings", skip_serializing_if = "is_empty")]
    pub settings: BTreeMap<String, Json>,
    /// Mappings of the index template.
    #[serde(rename = "index_template.mappings", skip_serializing_if = "is_empty")]
    pub mappings: BTreeMap<String, Json>,
    /// The ingest pipeline's name.
    #[serde(rename = "ingest_pipeline.name", skip_serializing_if = "is_empty")]
    pub pipeline_name: String,
    /// Its privileges.
    #[serde(skip_serializing_if = "is_empty")]
    pub privileges: Option<DataStreamPrivileges>,
}

/// The privileges of a data stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataStreamPrivileges {
    /// Index privileges.
    #[serde(skip_serializing_if = "is_empty")]
    pub indices: Vec<String>,
}

/// The block of a manifest in which dotted keys are nested.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ElasticsearchBlock {
    index_template: OnTheWay<IndexTemplateBlock>,
    ingest_pipeline: OnTheWay<PipelineBlock>,
    privileges: Option<DataStreamPrivileges>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct IndexTemplateBlock {
    settings: BTreeMap<String, Json>,
    mappings: BTreeMap<String, Json>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PipelineBlock {
    name: String,
}

impl From<ElasticsearchBlock> for DataStreamElasticsearch {
    fn from(block: ElasticsearchBlock) -> Self {
        let (OnTheWay(template), OnTheWay(pipeline)) =
            (block.index_template, block.ingest_pipeline);
        // Null is dropped only at the top level.
        let without_null = |mut members: BTreeMap<String, Json>| {
            members.retain(|_, value| !value.is_null());
            members
        };
        DataStreamElasticsearch {
            settings: without_null(template.settings),
            mappings: without_null(template.mappings),
            pipeline_name: pipeline.name,
            privileges: block.privileges,
        }
    }
}
