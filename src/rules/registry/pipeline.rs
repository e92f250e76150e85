//! Whether a file is an ingest pipeline to the registry: a JSON object or a YAML mapping.
//!
//! An empty YAML file and `null` pass there as well. What the pipeline does is not looked at. Pure.

use super::fields::told;
use super::json::check_object;
use super::scalar::Reading;
use crate::yaml::{Data, Document, YamlError};

/// Whether a file holds a pipeline; or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineFacts(pub(super) Result<(), String>);

impl PipelineFacts {
    pub(super) fn of_yaml(document: &Result<Document<'_>, YamlError>) -> Self {
        PipelineFacts(match document.as_ref().map(|document| document.root().data()) {
            Ok(Data::Mapping(_)) => Ok(()),
            Ok(Data::Scalar(scalar)) if Reading::of(scalar) == Reading::Null => Ok(()),
            Ok(Data::Scalar(_) | Data::Sequence(_)) => Err("it is no YAML mapping".to_owned()),
            Err(error) => Err(told(error)),
        })
    }

    pub(super) fn of_json(bytes: &[u8]) -> Self {
        PipelineFacts(check_object(bytes))
    }
}
