//! The manifest of a data stream.
//!
//! Rules that need only the manifest are checked here; the facts for the other rules are kept for `check`, which has the
//! list of files. Pure.

use super::config::Config;
use super::fault::{Faults, Rule, excerpt};
use super::fields::with_place;
use super::manifest::{RELEASES, one_of, one_of_two};
use super::shape::{DATA_STREAM, compare};
use super::value::Value;
use crate::rules::index::{DataStream, UnpackError, unpack};
use crate::yaml::{Document, YamlError};

/// The types of data streams.
const TYPES: [&str; 4] = ["logs", "metrics", "synthetics", "traces"];

/// The facts about a data stream's manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataStreamFacts {
    /// The faults of the manifest itself.
    pub(super) faults: Faults,
    /// The facts for checking its files; `None` if the manifest cannot be read.
    pub(super) read: Option<ReadDataStream>,
    /// Its part of the index entry.
    entry: Option<Box<Result<DataStream, UnpackError>>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ReadDataStream {
    /// Whether `dataset` is set; otherwise it is derived from the names of the package and the folder.
    pub(super) has_dataset: bool,
    /// `ingest_pipeline`, a legacy field that the registry still reads.
    pub(super) pipeline: String,
    /// Whether `elasticsearch` exists without the name of a pipeline.
    pub(super) takes_default: bool,
    /// `basepath`, which replaces the data stream's folder.
    pub(super) base_path: Option<String>,
}

impl DataStreamFacts {
    /// Returns its part of the index entry, or why there is none; `None` if the manifest cannot be read.
    pub fn entry(&self) -> Option<&Result<DataStream, UnpackError>> {
        self.entry.as_deref()
    }

    pub(super) fn of(document: &Result<Document<'_>, YamlError>) -> Self {
        let mut facts = DataStreamFacts::default();
        let read = document.as_ref().map_err(Clone::clone);
        let config = match read.and_then(Config::of) {
            Ok(config) => config,
            Err(error) => {
                facts.faults.add(Rule::DATA_STREAM, || with_place(&error));
                return facts;
            }
        };
        let Config { root, faults: mut found, .. } = config;
        compare(&root, &DATA_STREAM, Rule::DATA_STREAM, &mut found);
        one_of(&root, "release", &RELEASES, Rule::DATA_STREAM_RELEASE, &mut found);
        one_of(&root, "type", &TYPES, Rule::DATA_STREAM_TYPE, &mut found);
        let dataset = root.text("dataset");
        if dataset.contains('-') {
            found.add(Rule::DATASET, || format!("dataset is `{}`", excerpt(&dataset)));
        }
        for (index, stream) in root.list("streams").iter().enumerate() {
            one_of_two(stream, "input", Rule::STREAM, &mut found, || format!("streams[{index}]"));
        }
        let elasticsearch = root.field("elasticsearch");
        let named = elasticsearch
            .and_then(|elasticsearch| elasticsearch.field("ingest_pipeline"))
            .map(|pipeline| pipeline.text("name"))
            .unwrap_or_default();
        DataStreamFacts {
            faults: found,
            read: Some(ReadDataStream {
                has_dataset: !dataset.is_empty(),
                pipeline: root.text("ingest_pipeline"),
                takes_default: elasticsearch.is_some() && named.is_empty(),
                base_path: root
                    .field("basepath")
                    .and_then(Value::reading)
                    .map(|path| path.text().unwrap_or_default().to_owned()),
            }),
            entry: Some(Box::new(unpack(&root))),
        }
    }
}
