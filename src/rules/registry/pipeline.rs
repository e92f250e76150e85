//! Checks whether the registry accepts a file as an ingest pipeline: a JSON object or a YAML mapping.
//!
//! It accepts an empty YAML file and `null` as well. The content of the pipeline is not checked. Pure.

use super::fields::with_place;
use super::json::check_object;
use super::scalar::Reading;
use crate::yaml::{Data, Document, YamlError};

/// Whether a file is a pipeline, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineFacts(pub(super) Result<(), String>);

impl PipelineFacts {
    pub(super) fn of_yaml(document: &Result<Document<'_>, YamlError>) -> Self {
        PipelineFacts(match document.as_ref().map(|document| document.root().data()) {
            Ok(Data::Mapping(_)) => Ok(()),
            Ok(Data::Scalar(scalar)) if Reading::of(scalar) == Reading::Null => Ok(()),
            Ok(Data::Scalar(_) | Data::Sequence(_)) => Err("expected a YAML mapping".to_owned()),
            Err(error) => Err(with_place(error)),
        })
    }

    pub(super) fn of_json(bytes: &[u8]) -> Self {
        PipelineFacts(check_object(bytes))
    }
}
