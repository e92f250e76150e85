//! Tests that the JSON Schemas in `docs/schemas` match the output of the tool, and are strict.
//!
//! Each golden file is valid, and becomes invalid if a field is added, removed, or changes its type. All other
//! findings, mismatches and states of signatures are validated where they are tested: the galleries
//! call [`assert_valid`](crate::support::schemas::assert_valid).

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::findings;
use crate::log;
use crate::proof;
use crate::support::schemas::{SCHEMAS, accepts, assert_valid, schema};
use crate::support::tool::Tool;
use crate::support::{fixture, keys};

/// Optional fields, with the end of the JSON pointer to their parent; empty for the document itself.
const OPTIONAL: [(&str, &str); 22] = [
    ("", "against"),
    ("/against", "internal"),
    ("", "internal"),
    ("", "cache_control"),
    ("/balance_by_stage", "production"),
    ("/balance_by_stage", "staging"),
    ("/balance_by_stage", "snapshot"),
    ("", "registry"),
    ("", "plan"),
    ("", "resolutions"),
    ("", "scope"),
    ("", "static"),
    ("", "index"),
    ("", "base_index"),
    ("", "endpoint"),
    ("", "shard"),
    ("/signatures", "several"),
    ("/evidence", "among"),
    ("/evidence", "unknown_critical"),
    ("/index", "base"),
    ("/index", "part"),
    ("/index/part", "delta"),
];

/// Every document that is mutated: the schema's name, and the document.
fn documents() -> Vec<(&'static str, Value)> {
    let golden = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    };
    let dir = tempfile::tempdir().unwrap();
    let v2 = dir.path().join("v2");
    let key = keys::secret("ed25519");
    let run = Tool::migrate(fixture::folder()).output(&v2).arg("--sign-key").arg(key);
    run.args("--exclude drift_net,rusty_anchor").run().expect_code(0, "migrate");
    let file = |path: &Path| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap();
    let signatures = Tool::on("verify-signatures", &v2).arg("--public-key");
    let signatures = signatures.arg(keys::public("rsa")).args("--report -").run();
    let pending =
        Tool::migrate(fixture::folder()).args("--dry-run --shard 1/3 --plan - --sign-key");
    let continued = Tool::migrate(fixture::folder()).args("--dry-run --shard 1/3 --plan -");
    let continued = continued.args("--fail-on never --base-index").arg(&v2).run();
    let to = dir.path().join("to-sign");
    fs::remove_file(v2.join("artifacts/packages/buoy-2.0.0.zip.sig")).unwrap();
    Tool::migrate(fixture::folder())
        .output(&v2)
        .args("--exclude drift_net,rusty_anchor")
        .run()
        .expect_code(0, "migrate once more");
    let story = |subject| {
        let tool = Tool::explain(fixture::folder(), subject).args("--format json --v2").arg(&v2);
        tool.run().expect_code(0, subject).json()
    };
    let export = Tool::on("signatures export", &v2).arg("--to").arg(&to);
    export.run().expect_code(0, "export");
    let compared = Tool::migrate(fixture::folder()).args("--dry-run --report - --against");
    let compared = compared.arg(dir.path()).arg("--internal").arg(&v2);
    let compared = compared.args("--fail-on never").run().expect_code(0, "a comparison");
    let mut documents = vec![
        ("report", compared.json()),
        ("plan", golden("plan.json")),
        ("plan", file(&v2.join("plan.json"))),
        ("plan", pending.arg(keys::secret("ed25519")).run().expect_code(0, "dry run").json()),
        ("plan", continued.expect_code(0, "a part of a continued index").json()),
        ("report", golden("report.json")),
        ("report", file(&v2.join("report.json"))),
        ("signature-report", signatures.expect_code(1, "verify-signatures").json()),
        ("signing-manifest", file(&to.join("manifest.json"))),
        ("history-report", golden("history.json")),
        ("story", story("harbor_log-1.2.0")),
        ("story", story("lantern")),
        ("verify-report", golden("verify.json")),
        ("verify-report", golden("verify-good.json")),
        ("upload-report", golden("upload.json")),
        ("upload-report", golden("upload-index.json")),
    ];
    documents.extend(log::events().into_iter().map(|event| ("log-event", event)));
    documents
}

#[test]
fn schemas_are_schemas_and_all_are_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
    let mut files: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, SCHEMAS.map(|name| format!("{name}.schema.json")));
    for name in SCHEMAS {
        jsonschema::draft202012::meta::validate(&schema(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn what_the_tool_writes_is_valid() {
    let documents = documents();
    for (index, (name, document)) in documents.iter().enumerate() {
        assert_valid(name, document, &format!("document {index}"));
    }
    let tested: BTreeSet<&str> = documents.iter().map(|(name, _)| *name).collect();
    let all = SCHEMAS.iter().copied().filter(|name| *name != "common");
    assert_eq!(tested, all.collect());
}

/// No field can be added, removed, or changed to another type, in any object of any document.
#[test]
fn schemas_are_strict() {
    let check = |index: usize, name: &str, document: &Value| {
        let mut places = Vec::new();
        walk(document, String::new(), &mut places);
        // An index entry has the registry's format.
        places.retain(|place| name != "story" || !place.contains("/entry"));
        let is_small = name == "log-event";
        assert!(places.len() > if is_small { 3 } else { 10 }, "{name} {index}");
        // Changed in place, and back: copies would take longer than what is tested.
        let mut changed = document.clone();
        for place in places {
            let row = |what: &str| format!("{name} {index}: {what} at {place}");
            let mut change = |value: Value| {
                let old = std::mem::replace(changed.pointer_mut(&place).unwrap(), value);
                let is_accepted = accepts(name, &changed);
                *changed.pointer_mut(&place).unwrap() = old;
                is_accepted
            };
            assert!(!change(json!([[]])), "{}", row("another type"));
            let Some(fields) = document.pointer(&place).and_then(Value::as_object) else {
                continue;
            };
            let mut changed_field = |field: &str, value: Option<Value>| {
                fn at<'a>(document: &'a mut Value, place: &str) -> &'a mut Map<String, Value> {
                    document.pointer_mut(place).and_then(Value::as_object_mut).unwrap()
                }
                let old = match value {
                    Some(value) => at(&mut changed, &place).insert(field.to_owned(), value),
                    None => at(&mut changed, &place).remove(field),
                };
                let is_accepted = accepts(name, &changed);
                match old {
                    Some(old) => at(&mut changed, &place).insert(field.to_owned(), old),
                    None => at(&mut changed, &place).remove(field),
                };
                is_accepted
            };
            assert!(!changed_field("unknown", Some(json!("x"))), "{}", row("a field more"));
            // Maps of counts by fingerprint and by kind have no fixed fields.
            let is_map = ["/keys", "/by_kind"].iter().any(|end| place.ends_with(end));
            for field in fields.keys().filter(|_| !is_map) {
                let is_of_upload = name == "upload-report" && field == "plan";
                let is_optional = OPTIONAL.iter().any(|(parent, name)| {
                    !is_of_upload
                        && name == field
                        && place.ends_with(parent)
                        && place.is_empty() == parent.is_empty()
                });
                assert_eq!(
                    changed_field(field, None),
                    is_optional,
                    "{}",
                    row(&format!("no {field}"))
                );
            }
        }
        assert_eq!(changed, *document, "{name} {index}: it is as before");
    };
    let documents = documents();
    std::thread::scope(|scope| {
        for (index, (name, document)) in documents.iter().enumerate() {
            let check = &check;
            scope.spawn(move || check(index, name, document));
        }
    });
}

/// The lists of codes in the schemas match those of the tool.
#[test]
fn schemas_know_every_code() {
    let (common, verify) = (schema("common"), schema("verify-report"));
    let states = codes(&common["$defs"]["signatureState"]);
    assert_eq!(codes(&common["$defs"]["findingKind"]), sorted(findings::CODES.iter().copied()));
    let mismatches = codes(&verify["$defs"]["mismatchKind"]).into_iter().chain(states.clone());
    assert_eq!(sorted(mismatches), sorted(proof::CODES.iter().copied()));
    let counts = common["$defs"]["signatures"]["properties"]["counts"]["properties"].as_object();
    assert_eq!(states, sorted(counts.unwrap().keys().map(String::as_str)));
}

/// The codes of a schema that has one alternative for each.
fn codes(schema: &Value) -> Vec<&str> {
    let alternatives = schema["oneOf"].as_array().unwrap();
    sorted(alternatives.iter().filter_map(|one| one["properties"]["code"]["const"].as_str()))
}

fn sorted<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    codes.collect::<BTreeSet<_>>().into_iter().collect()
}

/// JSON pointers to every value below.
fn walk(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => walk_fields(fields, &at, places),
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                walk(element, format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}

fn walk_fields(fields: &Map<String, Value>, at: &str, places: &mut Vec<String>) {
    for (name, value) in fields {
        walk(value, format!("{at}/{name}"), places);
    }
}
