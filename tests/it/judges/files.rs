//! Ingest pipelines and field definitions: compares rules 30 and 31 with go-yaml v2 and `encoding/json`.
//!
//! Compares only whether a file can be read, and for fields whether an entry without a name hides those after it.

use package_storage_migrate::model::registry_release::RegistryRelease;
use package_storage_migrate::rules::registry::{Facts, KnownItems, Role, check};
use serde_json::Value;

use super::draw::{self, Draw};
use super::say;
use super::yaml::cases;
use crate::support::judge::{Answer, Case, Judge};

const MANIFEST: &[u8] =
    b"format_version: 1.0.0\nname: buoy\ntitle: Buoy\nversion: 1.0.0\ndescription: Sways.\n";
const STREAM: &[u8] = b"title: Waves\ntype: logs\n";
const FIELDS: &[u8] = b"- {name: data_stream.type, type: constant_keyword}\n\
                        - {name: data_stream.dataset, type: constant_keyword}\n\
                        - {name: data_stream.namespace, type: constant_keyword}\n\
                        - {name: '@timestamp', type: date}\n";

/// JSON that readers are likely to read differently.
#[rustfmt::skip]
const JSON_VALUES: &[&str] = &[
    "null", "true", "false", "{}", "[]", "\"\"", "\"a\"", "0", "-0", "1", "-1", "1.5", "1e3", "1E+3", "1e-3", "1e999", "-1e999",
    "1e-999", "01", "+1", ".5", "5.", "1e", "-", "0x1", "NaN", "Infinity", "1_0", "9007199254740993", "18446744073709551616",
    "1000000000000000000000000000000000000000", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud83d\\ude00\"", "\"\\ud800\\u0061\"", "\"\\u0000\"",
    "\"\\/\"", "\"\\x41\"", "\"\\u12\"", "\"\\a\"", "\"\\'\"", "'a'", "\"a\tb\"", "\"a\nb\"", "\"\u{7f}\"", "\"\u{1}\"", "\"\u{2028}\"",
    "\"\u{feff}\"", "\"é\"", "\"😀\"", "\"a", "a", "nul", "True", "tru", "/* a */ 1", "// a\n1", "[1,]", "[,1]", "[1 2]", "{\"a\":1,}",
    "{,}", "{\"a\" 1}", "{\"a\":}", "{a:1}", "{1:1}", "{null:1}", "{\"a\":1,\"a\":2}", "{\"\\ud800\":1}", "{\"\":1}", "[[[[]]]]", "{\"a\":{\"b\":[1,{\"c\":null}]}}",
];

const JSON_GAPS: &[&str] =
    &["", "", "", "", " ", "\n", "\t", "\r\n", "\u{c}", "\u{b}", "\u{a0}", "\u{feff}", "\0", "#"];

/// A random JSON text; some are damaged.
fn json(draw: &mut Draw) -> Vec<u8> {
    let gap = |draw: &mut Draw| draw.one(JSON_GAPS);
    let mut text = match draw.below(8) {
        0 => draw.one(JSON_VALUES).to_owned(),
        1 => {
            let depth = draw.one(&[1, 100, 126, 127, 128, 129, 1000, 9998, 9999, 10000, 10001]);
            format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth))
        }
        _ => {
            let mut text = format!("{}{{", gap(draw));
            for index in 0..draw.below(4) {
                text += if index > 0 { "," } else { "" };
                let key = draw.one(&["\"a\"", "\"b\"", "\"processors\"", "\"\"", "\"\\u0061\""]);
                let value = draw.one(JSON_VALUES);
                text +=
                    &format!("{}{key}{}:{}{value}{}", gap(draw), gap(draw), gap(draw), gap(draw));
            }
            text + "}" + gap(draw)
        }
    };
    if draw.happens(1, 12) {
        text += draw.one(&["}", "{}", "null", ",", "x", "\n\n", "\0"]);
    }
    let mut bytes = text.into_bytes();
    if draw.happens(1, 12) && !bytes.is_empty() {
        let at = draw.below(bytes.len());
        bytes[at] = draw.one(b"\x80\xff\xc3\xed\0\"\\,:{}[] a1");
    }
    bytes
}

/// The broken rules of a package with this file in its only data stream.
fn broken(path: &str, bytes: &[u8]) -> Vec<String> {
    let path = format!("data_stream/waves/{path}");
    let files: [(&str, &[u8]); 5] = [
        (&path, bytes),
        ("data_stream/waves/fields/base-fields.yml", FIELDS),
        ("data_stream/waves/manifest.yml", STREAM),
        ("docs/README.md", b""),
        ("manifest.yml", MANIFEST),
    ];
    let known_items = KnownItems::default();
    let facts: Vec<(&str, Option<Facts>)> = files
        .iter()
        .map(|(path, bytes)| {
            (*path, Role::of(path).map(|role| Facts::read(role, bytes, &known_items)))
        })
        .collect();
    let files = facts.iter().map(|(path, facts)| (*path, facts.as_ref()));
    let verdict = check(files, RegistryRelease::NEWEST);
    verdict.broken.iter().map(|found| format!("{} {}", found.rule.number(), found.detail)).collect()
}

/// How a list of fields affects the search in the lists after it.
#[derive(PartialEq)]
enum Search {
    GoesOn,
    /// It stops at an entry without a name.
    Stops,
    /// It finds a field, whose type is not compared here.
    Finds,
}

impl Search {
    fn after(list: &Value) -> Self {
        // `["list", [["map", [[["text", "name"], ["text", "a"]], …]], ["null"]]]`
        let entries = list[1].as_array().map_or(&[][..], Vec::as_slice);
        for entry in entries {
            let pairs = entry[1].as_array().map_or(&[][..], Vec::as_slice);
            let Some(name) = pairs.iter().find(|pair| pair[0][1] == "name") else {
                return Search::Stops;
            };
            let found = |name: &str| name.starts_with("data_stream") || name == "@timestamp";
            if name[1][1].as_str().is_some_and(found) {
                return Search::Finds;
            }
        }
        Search::GoesOn
    }
}

#[test]
fn as_the_registry_reads_pipelines_and_fields() {
    let Some(judge) = Judge::registry() else { return };
    let (mut draw, case_count) =
        (Draw::from_environment("pipelines and fields"), draw::case_count());
    let mut cases: Vec<(&str, Case, Vec<u8>)> = Vec::new();
    let pipeline =
        |bytes: &[u8], extension| Case::new("pipeline", bytes).with("extension", extension);
    for value in JSON_VALUES {
        let bytes = format!("{{\"a\":{value}}}").into_bytes();
        cases.push(("default.json", pipeline(&bytes, ".json"), bytes));
    }
    for yaml in cases::picked() {
        cases.push(("default.yml", pipeline(&yaml, ".yml"), yaml.clone()));
        cases.push(("fields", Case::new("fields", &yaml), yaml));
    }
    for _ in 0..case_count {
        let bytes = json(&mut draw);
        cases.push(("default.json", pipeline(&bytes, ".json"), bytes));
        let yaml = cases::draw(&mut draw);
        cases.push(("default.yml", pipeline(&yaml, ".yml"), yaml.clone()));
        // Random texts are rarely lists, so generate more of them.
        let fields = match draw.happens(1, 2) {
            true => [b"- name: a\n  type: keyword\n- ", &yaml[..]].concat(),
            false => yaml,
        };
        cases.push(("fields", Case::new("fields", &fields), fields));
    }
    let (kinds, rest): (Vec<_>, Vec<_>) =
        cases.into_iter().map(|(kind, case, bytes)| (case, (kind, bytes))).unzip();
    let mut differences = Vec::new();
    let (mut accepted_count, mut compared_count) = (0, 0);
    for ((kind, bytes), answer) in rest.iter().zip(judge.ask(&kinds)) {
        let is_refused = matches!(answer, Answer::Refused(_));
        accepted_count += usize::from(!is_refused);
        let (path, rule) = match *kind {
            "fields" => ("fields/a.yml".to_owned(), "31 "),
            name => (format!("elasticsearch/ingest_pipeline/{name}"), "30 "),
        };
        let search = match (&answer, *kind) {
            (Answer::Ok(list), "fields") => Search::after(list),
            _ => Search::GoesOn,
        };
        if search == Search::Finds {
            continue;
        }
        compared_count += 1;
        let ours = broken(&path, bytes);
        let is_broken = ours.iter().any(|line| line.starts_with(rule));
        if is_broken != (is_refused || search == Search::Stops) {
            let shown =
                format!("{kind} {}\n  ours: {ours:?}\n  theirs: {answer:?}", bytes.escape_ascii());
            differences.push(shown.chars().take(500).collect::<String>());
        }
    }
    say(&format!(
        "{} cases, of which the registry reads {accepted_count}; {compared_count} compared",
        rest.len()
    ));
    differences.sort_by_key(String::len);
    differences.truncate(20);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
