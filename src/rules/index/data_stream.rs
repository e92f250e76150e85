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
    /// Its policy for the life of indices.
    #[serde(skip_serializing_if = "is_empty")]
    pub ilm_policy: String,
    /// Whether the dataset is only how names of datasets begin.
    #[serde(skip_serializing_if = "is_empty")]
    pub dataset_is_prefix: bool,
    /// What people see.
    pub title: String,
    /// How mature it is; set in every entry.
    #[serde(skip_serializing_if = "is_empty")]
    pub release: String,
    /// The ingest pipeline that takes its data.
    #[serde(skip_serializing_if = "is_empty")]
    pub ingest_pipeline: String,
    /// Its streams.
    #[serde(skip_serializing_if = "is_empty")]
    pub streams: Vec<Stream>,
    /// The package; none in a manifest that does not say another one.
    #[serde(skip_serializing_if = "is_blank")]
    pub package: Option<String>,
    /// Settings for Elasticsearch.
    #[serde(skip_serializing_if = "is_empty")]
    pub elasticsearch: Option<DataStreamElasticsearch>,
    /// Settings for the agent.
    #[serde(skip_serializing_if = "is_empty")]
    pub agent: Option<Agent>,
    /// The folder's name; none in a manifest that does not say another one.
    #[serde(skip_serializing_if = "is_blank")]
    pub path: Option<String>,
    /// Since when it is not to be used.
    #[serde(skip_serializing_if = "is_empty")]
    pub deprecated: Option<Deprecated>,
    /// Where the registry looks for pipelines, if that is not the folder: a field of its struct that manifests reach,
    /// since go-ucfg takes every exported one.
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
    /// What it may do.
    #[serde(skip_serializing_if = "is_empty")]
    pub privileges: Option<DataStreamPrivileges>,
}

/// What a data stream may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataStreamPrivileges {
    /// With indices.
    #[serde(skip_serializing_if = "is_empty")]
    pub indices: Vec<String>,
}

/// The block in a manifest, whose dotted keys are nested there.
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
        // Null is dropped at the top only.
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
