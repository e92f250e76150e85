//! What entries say, package by package, and those of the fixture.

use std::collections::BTreeMap;
use std::path::Path;

use tempfile::TempDir;

use super::{archive, put};
use crate::support::fixture;
use crate::support::tool::Tool;

/// Packages with their files and entries: `=== <name> <version>`, `+++ <path>` before each file, `>>> <entry>`.
const EDGES: &str = include_str!("edges.txt");

/// What the registry demands below `fields/`, and no entry shows.
const FIELDS: &str = "- {name: data_stream.type, type: constant_keyword}\n\
                      - {name: data_stream.dataset, type: constant_keyword}\n\
                      - {name: data_stream.namespace, type: constant_keyword}\n\
                      - {name: '@timestamp', type: date}\n";

/// Bytes that a text file would not show.
const ODD_BYTES: [(&str, &str, &str); 2] = [
    (
        "escapes",
        "format_version: 1.0.0\nname: escapes\ntitle: \"<b>&amp;</b>\"\nversion: 1.0.0\n\
         description: \"\\\"q\\\" \\\\ / \\t\\r\\n\\b\\f\\x01\\x7f\\N\\_ \\u2028\\u2029 \u{e9} \u{1f30a}\"\ngroup: <<\n",
        "{\"package_manifest\":{\"name\":\"escapes\",\"title\":\"\\u003cb\\u003e\\u0026amp;\\u003c/b\\u003e\",\
         \"version\":\"1.0.0\",\"release\":\"ga\",\
         \"description\":\"\\\"q\\\" \\\\ / \\t\\r\\n\\b\\f\\u0001\u{7f}\u{85}\u{a0} \\u2028\\u2029 \u{e9} \u{1f30a}\",\
         \"type\":\"integration\",\"download\":\"/epr/escapes/escapes-1.0.0.zip\",\"path\":\"/package/escapes/1.0.0\",\
         \"group\":\"\\u003c\\u003c\",\"format_version\":\"1.0.0\",\
         \"readme\":\"/package/escapes/1.0.0/docs/README.md\",\"license\":\"basic\",\
         \"assets\":[\"/package/escapes/1.0.0/manifest.yml\",\"/package/escapes/1.0.0/docs/README.md\"]}}",
    ),
    (
        "crlf",
        "\u{feff}format_version: 1.0.0\r\nname: crlf\r\ntitle: Buoy # c\r\nversion: 1.0.0\r\ndescription: |\r\n  Sways.\r\n  Twice.\r\n",
        "{\"package_manifest\":{\"name\":\"crlf\",\"title\":\"Buoy\",\"version\":\"1.0.0\",\"release\":\"ga\",\
         \"description\":\"Sways.\\nTwice.\\n\",\"type\":\"integration\",\
         \"download\":\"/epr/crlf/crlf-1.0.0.zip\",\"path\":\"/package/crlf/1.0.0\",\"format_version\":\"1.0.0\",\
         \"readme\":\"/package/crlf/1.0.0/docs/README.md\",\"license\":\"basic\",\
         \"assets\":[\"/package/crlf/1.0.0/manifest.yml\",\"/package/crlf/1.0.0/docs/README.md\"]}}",
    ),
];

/// Entries by the revision.
pub(crate) type Entries = BTreeMap<String, String>;

/// An edge: its revision, its files, and its entry.
pub(crate) type Edge = (String, Vec<(String, Vec<u8>)>, String);

/// Returns all edges, with the registry's own entries.
pub(crate) fn edges() -> Vec<Edge> {
    let mut edges = Vec::new();
    for edge in EDGES.split("=== ").skip(1) {
        let (head, rest) = edge.split_once('\n').unwrap();
        let (files, entry) = rest.split_once(">>> ").unwrap();
        let mut package = Vec::new();
        for file in files.split("+++ ").skip(1) {
            let (path, text) = file.split_once('\n').unwrap();
            let is_fields = path.contains("/fields/") || path.starts_with("fields/");
            let text = if is_fields { FIELDS } else { text };
            package.push((path.to_owned(), text.as_bytes().to_vec()));
        }
        edges.push((head.replace(' ', "-"), package, entry.trim_end().to_owned()));
    }
    for (name, manifest, entry) in ODD_BYTES {
        let files = [("docs/README.md", ""), ("manifest.yml", manifest)];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        edges.push((format!("{name}-1.0.0"), files.to_vec(), entry.to_owned()));
    }
    edges
}

/// Returns the registry's own entries of `fixtures/v1-repo`, by revision.
pub(crate) fn fixture_entries() -> Entries {
    let lines = include_str!("fixture.txt").lines();
    lines.map(|line| (revision_of(line), line.to_owned())).collect()
}

#[test]
fn each_edge_has_the_entry_that_the_registry_makes_of_it() {
    let (folder, mut expected) = (TempDir::new().unwrap(), Entries::new());
    for (revision, package, entry) in edges() {
        let package: Vec<(&str, &[u8])> =
            package.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        put(folder.path(), &format!("{revision}.zip"), &archive(&revision, &package));
        assert_eq!(expected.insert(revision.clone(), entry), None, "{revision}");
    }
    assert!(expected.len() >= 60, "only {} packages", expected.len());
    compare(&indexed(folder.path()), &expected);
}

/// The registry's answers about the archives of `fixtures/v1-repo`.
#[test]
fn the_fixture_has_the_entries_that_the_registry_makes_of_it() {
    let folder = TempDir::new().unwrap();
    Tool::migrate(fixture::folder()).output(folder.path()).run().expect_code(1, "migrate");
    let expected = fixture_entries();
    assert!(expected.len() > 5, "only {} revisions", expected.len());
    compare(&indexed(folder.path()), &expected);
}

/// The entries of the index that the tool makes of a folder.
fn indexed(folder: &Path) -> Entries {
    let run = Tool::on("index", folder).args("--cursor 1 --output - --quiet").run();
    assert_eq!(run.code, Some(0), "{run}");
    let text = std::str::from_utf8(&run.stdout).unwrap();
    let text = text.strip_prefix("{\"packages\":[\n").unwrap();
    let lines = text.strip_suffix("\n]}\n").unwrap().split(",\n");
    lines.map(|line| (revision_of(line), line.to_owned())).collect()
}

fn revision_of(line: &str) -> String {
    let entry: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |field: &str| entry["package_manifest"][field].as_str().unwrap().to_owned();
    format!("{}-{}", text("name"), text("version"))
}

pub(crate) fn compare(found: &Entries, expected: &Entries) {
    let revisions: Vec<&String> = found.keys().collect();
    assert_eq!(revisions, expected.keys().collect::<Vec<_>>());
    let differs = |revision: &&String| found[*revision] != expected[*revision];
    let told: Vec<String> = found
        .keys()
        .filter(differs)
        .map(|revision| format!("{revision}\n  {}\n  {}", found[revision], expected[revision]))
        .collect();
    assert!(told.is_empty(), "{} of {} differ:\n{}", told.len(), found.len(), told.join("\n"));
}
