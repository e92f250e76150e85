//! Validates the output of the tool against the JSON Schemas in `docs/schemas`.
//!
//! Uses an external validator, so that the schemas are interpreted as by their users. No other schemas are loaded.
//! `schemas` tests whether the schemas are strict.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::{Registry, Validator};
use serde_json::Value;

/// The schema that the others refer to, by its file name.
const COMMON: &str = "common.schema.json";

/// All schemas by name: the file name without `.schema.json`.
pub(crate) const SCHEMAS: [&str; 10] = [
    "common",
    "history-report",
    "log-event",
    "plan",
    "report",
    "signature-report",
    "signing-manifest",
    "story",
    "upload-report",
    "verify-report",
];

/// A schema as JSON.
pub(crate) fn schema(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
    let text = fs::read(folder.join(format!("{name}.schema.json"))).expect("read a schema");
    serde_json::from_slice(&text).expect("a schema is JSON")
}

static VALIDATORS: LazyLock<BTreeMap<&str, Validator>> = LazyLock::new(|| {
    let uri = |name: &str| format!("json-schema:///{name}");
    let registry = Registry::new()
        .add(uri(COMMON), schema("common"))
        .and_then(jsonschema::RegistryBuilder::prepare)
        .expect("the common definitions are a schema");
    let validator = |name: &str| {
        let base = uri(&format!("{name}.schema.json"));
        let options = jsonschema::options().with_registry(&registry).with_base_uri(base);
        options.build(&schema(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    SCHEMAS.iter().map(|name| (*name, validator(name))).collect()
});

/// Returns whether a schema accepts a document.
pub(crate) fn accepts(name: &str, document: &Value) -> bool {
    VALIDATORS[name].is_valid(document)
}

/// Asserts that a schema accepts a document; `row` names the case.
#[track_caller]
pub(crate) fn assert_valid(name: &str, document: &Value, row: &str) {
    let faults: Vec<String> = VALIDATORS[name]
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{row}: not as docs/schemas/{name}.schema.json has it\n{faults:#?}");
}
