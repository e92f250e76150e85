//! A package's item in the list, made of its page.
//!
//! Fields: `BasePackage`, `BasePolicyTemplate` and `BaseDataStream` of package-registry 1.10.0 to 1.40.1.

use serde_json::{Map, Value};

use crate::model::registry_release::RegistryRelease;

/// The fields of a package that the list has, apart from policy templates and data streams.
const FIELDS: [&str; 19] = [
    "name",
    "title",
    "version",
    "release",
    "source",
    "description",
    "type",
    "download",
    "path",
    "icons",
    "policy_templates_behavior",
    "conditions",
    "owner",
    "categories",
    "signature_path",
    "discovery",
    "deprecated",
    "requires",
    "group",
];
/// Those of a policy template.
const TEMPLATE_FIELDS: [&str; 8] = [
    "name",
    "title",
    "description",
    "icons",
    "categories",
    "deployment_modes",
    "data_streams",
    "deprecated",
];
/// Those of a data stream.
const STREAM_FIELDS: [&str; 4] = ["type", "dataset", "title", "deprecated"];

/// Returns the item of a package in the list of a release, made of its page.
pub fn item(page: &Value, release: RegistryRelease) -> Value {
    let mut item = some_fields(page, &FIELDS);
    let since = |minor| release >= RegistryRelease::new(minor, 0);
    let mut add = |field: &str, of_one: &dyn Fn(&Value) -> Map<String, Value>| {
        if let Some(Value::Array(all)) = page.get(field) {
            let all = all.iter().map(|one| Value::Object(of_one(one))).collect();
            item.insert(field.to_owned(), Value::Array(all));
        }
    };
    add("policy_templates", &|template| {
        let mut template = some_fields(template, &TEMPLATE_FIELDS);
        if !since(TEMPLATE_STREAMS_SINCE) {
            template.remove("data_streams");
        }
        template
    });
    if since(STREAMS_SINCE) {
        add("data_streams", &stream);
    }
    Value::Object(item)
}

/// The minor number of the first release whose policy templates in the list have data streams.
const TEMPLATE_STREAMS_SINCE: u8 = 32;
/// The minor number of the first release whose list has data streams.
const STREAMS_SINCE: u8 = 29;

/// Returns a data stream; here, an empty type is omitted and an empty dataset is not, unlike on the page.
fn stream(stream: &Value) -> Map<String, Value> {
    let mut stream = some_fields(stream, &STREAM_FIELDS);
    if stream.get("type").is_some_and(|kind| kind == "") {
        stream.remove("type");
    }
    stream.entry("dataset").or_insert_with(|| Value::String(String::new()));
    stream
}

fn some_fields(of: &Value, fields: &[&str]) -> Map<String, Value> {
    let Value::Object(all) = of else { return Map::new() };
    let listed = all.iter().filter(|(name, _)| fields.contains(&name.as_str()));
    listed.map(|(name, value)| (name.clone(), value.clone())).collect()
}
