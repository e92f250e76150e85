//! Any bytes as each file of the registry's rules: YAML documents, manifests, fields, pipelines.

#![no_main]

use libfuzzer_sys::fuzz_target;
use package_storage_migrate::model::finding::FindingKind;
use package_storage_migrate::model::registry_release::RegistryRelease;
use package_storage_migrate::rules::index::{RevisionFiles, entry, line};
use package_storage_migrate::rules::registry::{Facts, KnownItems, Manifest, Role, check};
use package_storage_migrate::yaml::{Data, Document, Node, Mark};
use package_storage_migrate_fuzz::Lines;

/// A path of each role.
const PATHS: [(&str, Role); 5] = [
    ("manifest.yml", Role::Manifest),
    ("data_stream/a/manifest.yml", Role::DataStream),
    ("data_stream/a/fields/a.yml", Role::Fields),
    ("data_stream/a/elasticsearch/ingest_pipeline/default.json", Role::JsonPipeline),
    ("data_stream/a/elasticsearch/ingest_pipeline/default.yml", Role::YamlPipeline),
];

/// Maximum number of visited nodes: with aliases there may be a million.
const MAX_VISITS: usize = 10_000;

fuzz_target!(|bytes: &[u8]| {
    let lines = Lines::of(bytes);
    match Document::parse(bytes) {
        Ok(document) => check_nodes(document.root(), &lines),
        Err(error) => error.place.iter().for_each(|place| lines.check(*place)),
    }
    let manifest = Manifest::parse(bytes);
    match &manifest {
        Ok(manifest) => check_manifest(manifest, bytes, &lines),
        Err(error) => error.place.iter().for_each(|place| lines.check(*place)),
    }
    let known_items = KnownItems::default();
    let facts = PATHS.map(|(path, role)| {
        assert_eq!(Role::of(path), Some(role));
        let facts = Facts::read(role, bytes, &known_items);
        assert_eq!(facts, Facts::read(role, bytes, &known_items), "known items change nothing");
        (path, Some(facts))
    });
    let files = facts.iter().map(|(path, facts)| (*path, facts.as_ref()));
    let files: Vec<(&str, Option<&Facts>)> = files.collect();
    let newest = RegistryRelease::known().next_back().expect("some release is known");
    for broken in check(files.iter().copied(), newest).broken {
        assert!((1..=34).contains(&broken.rule.number()), "{broken:?}");
    }
    let revision = RevisionFiles { root: "a-1.0.0", files: &files, listed_depth: 9, is_signed: bytes.len() % 2 == 0 };
    if let Ok(manifest) = entry(revision) {
        check_line(&line(&manifest));
    }
});

/// Checks that an entry is one line of JSON.
fn check_line(line: &[u8]) {
    assert!(!line.contains(&b'\n'));
    let read: serde_json::Value = serde_json::from_slice(line).expect("an entry is JSON");
    assert!(read["package_manifest"]["assets"].is_array());
}

/// Checks that every node starts within the text.
fn check_nodes(root: Node<'_>, lines: &Lines) {
    let mut open = vec![root];
    for _ in 0..MAX_VISITS {
        let Some(node) = open.pop() else { return };
        lines.check(node.place());
        match node.data() {
            Data::Scalar(_) => {}
            Data::Sequence(items) => open.extend(items.iter()),
            Data::Mapping(pairs) => {
                for (key, value) in pairs.iter() {
                    assert!(matches!(key.data(), Data::Scalar(_)), "a key is a scalar");
                    open.extend([key, value]);
                }
            }
        }
    }
}

/// Checks that name and version are in the text, unless quotes or folded lines change them.
fn check_manifest(manifest: &Manifest, bytes: &[u8], lines: &Lines) {
    // It may be UTF-16, and anything may follow its first document.
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for identity in [&manifest.name, &manifest.version] {
        assert!(!identity.is_empty());
        if !text.contains(['"', '\'']) && !identity.contains([' ', '\t', '\n']) {
            assert!(text.contains(identity.as_str()), "{identity:?} is not in the text");
        }
    }
    for ambiguity in &manifest.ambiguities {
        let FindingKind::ManifestAmbiguous { line, column, .. } = ambiguity else {
            panic!("{ambiguity:?} is not an ambiguity");
        };
        lines.check(Mark { line: *line, column: *column });
    }
}
