//! The rules of Kibana's package parser as a table: for each number an archive that satisfies the rule and one that breaks
//! it.
//!
//! Each row starts from a package without faults. Lines are added to its manifests, or replace the data stream's manifest
//! if they contain a title; files are added or removed. The expected refusals are those of js-yaml 3.14.1.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use package_storage_migrate::model::finding::KibanaRule;
use package_storage_migrate::rules::kibana::{self, Entry, Facts, Role, asset_len, check, read};
use package_storage_migrate::rules::registry::{self, KnownItems};

struct Row {
    rule: KibanaRule,
    name: &'static str,
    /// Lines of the package's manifest.
    manifest: &'static str,
    /// Lines of the data stream's manifest.
    stream: &'static str,
    /// Files to add or replace, by their names in the archive; `None` removes a file.
    files: &'static [(&'static str, Option<&'static str>)],
    /// All broken rules as `rule path key detail`.
    broken: &'static [&'static str],
}

const MANIFEST: &str = "format_version: 1.0.0\nname: buoy\ntitle: Buoy\nversion: 1.0.0\ndescription: Sways.\nowner: ~\n";

const STREAM: &str = "data_stream/waves";

/// Returns the files of a row by name.
fn files_of(row: &Row) -> BTreeMap<String, Vec<u8>> {
    let manifest = format!("{MANIFEST}{}", row.manifest);
    let stream = match row.stream {
        lines if lines.starts_with("title") => lines.to_owned(),
        lines => format!("title: Waves\ntype: logs\n{lines}"),
    };
    let mut files = BTreeMap::from([
        ("buoy-1.0.0/".to_owned(), Vec::new()),
        ("buoy-1.0.0/manifest.yml".to_owned(), manifest.into_bytes()),
        (format!("buoy-1.0.0/{STREAM}/manifest.yml"), stream.into_bytes()),
    ]);
    for (name, text) in row.files {
        match text {
            Some(text) => drop(files.insert((*name).to_owned(), text.as_bytes().to_vec())),
            None => assert!(files.remove(*name).is_some(), "{name}"),
        }
    }
    files
}

fn broken(files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let known_items = KnownItems::default();
    let facts: Vec<Option<Facts>> = files
        .iter()
        .map(|(name, bytes)| {
            let path = name.split_once('/').map_or("", |(_, path)| path);
            read(registry::Role::of(path), Role::of(path), bytes, &known_items).1
        })
        .collect();
    let entry = |((name, bytes), facts): ((&'_ String, &Vec<u8>), &'_ Option<Facts>)| {
        (name.clone(), facts.clone(), asset_len(bytes))
    };
    let owned: Vec<_> = files.iter().zip(&facts).map(entry).collect();
    let entries: Vec<Entry<'_>> = owned
        .iter()
        .map(|(name, facts, len)| Entry { name, facts: facts.as_ref(), len: *len })
        .collect();
    let told = |kibana::Broken { rule, path, key, detail }| {
        let [path, key] = [path, key].map(|text| text.unwrap_or_else(|| "-".to_owned()));
        format!("{rule} {path} {key} {detail}")
    };
    check(&entries).into_iter().map(told).collect()
}

#[test]
fn each_row_breaks_the_expected_rules() {
    let differs = |row: &&Row| broken(&files_of(row)) != row.broken;
    let told = ROWS
        .iter()
        .filter(differs)
        .map(|row| format!("{}, {}: {:#?}", row.rule, row.name, broken(&files_of(row))));
    assert_eq!(told.collect::<Vec<_>>().join("\n"), "");
}

#[test]
fn each_rule_has_a_row_that_satisfies_it_and_one_that_breaks_it() {
    use KibanaRule::*;
    let all = BTreeSet::from([K1, K2, K3, K4, K5, K6, K7, K8, K9, K10, K11, K12, K13, K14]);
    let breaks =
        |row: &&Row| row.broken.iter().any(|line| line.starts_with(&format!("{} ", row.rule)));
    let (breaking, keeping): (Vec<&Row>, Vec<&Row>) = ROWS.iter().partition(breaks);
    // K13 needs files that are too long for literals.
    for rows in [breaking, keeping] {
        let mut rules: BTreeSet<KibanaRule> = rows.iter().map(|row| row.rule).collect();
        rules.insert(K13);
        assert_eq!(rules, all);
    }
}

#[test]
fn the_documentation_lists_every_rule() {
    let (_, rest) = include_str!("../../docs/registry-rules.md").split_once("## Kibana\n").unwrap();
    let rows = rest.lines().filter_map(|line| line.strip_prefix("| K")?.split(' ').next());
    let listed: Vec<u8> = rows.take(14).map(|number| number.parse().unwrap()).collect();
    assert_eq!(listed, (1..=14).collect::<Vec<u8>>());
}

/// Lengths are those of JavaScript strings; `isbinaryfile` decides which files are binary (each text was passed to 4.0.2
/// and 5.0.2).
#[test]
fn long_files_are_measured_as_kibana_stores_them() {
    const MIB: usize = 1 << 20;
    // 62 characters of one byte, and one of four: 64 units, 6 % suspicious bytes.
    let few_long = format!("{}😀", "a".repeat(62));
    let many_long = format!("{}😀", "a".repeat(28));
    let rows: [(&str, &str, usize, bool); 13] = [
        ("text of 4 MiB", "a", 4 * MIB, true),
        ("text of 4 MiB and one", "a", 4 * MIB + 1, false),
        ("two bytes are one unit", "é", 4 * MIB, true),
        ("three bytes are one unit", "日", 4 * MIB + 1, false),
        ("four bytes are two units", &few_long, 4 * MIB / 64, true),
        ("and so twice as many", &few_long, 4 * MIB / 64 + 1, false),
        (
            "more than a tenth of four-byte characters is binary",
            &many_long,
            3 * MIB / 32 + 1,
            false,
        ),
        ("3 MiB of them in base64", "😀", 3 * MIB / 4, true),
        ("and one", "😀", 3 * MIB / 4 + 1, false),
        ("3 MiB in base64", "\0", 3 * MIB, true),
        ("3 MiB and one in base64", "\0", 3 * MIB + 1, false),
        ("control characters are not text", "\u{1}", 3 * MIB + 1, false),
        ("a few are", "\n\t\r\u{c}", MIB, true),
    ];
    for (name, text, count, is_taken) in rows {
        let bytes = text.repeat(count).into_bytes();
        for (path, limit_is_larger) in [("docs/a", false), ("elasticsearch/ml_model/a", true)] {
            let row = Row { rule: KibanaRule::K13, name, ..NOTHING };
            let mut files = files_of(&row);
            files.insert(format!("buoy-1.0.0/{path}"), bytes.clone());
            let expected = is_taken || limit_is_larger;
            assert_eq!(broken(&files).is_empty(), expected, "{name}, {path}");
        }
    }
    let entries = [
        Entry { name: "buoy-1.0.0/", facts: None, len: None },
        Entry { name: "buoy-1.0.0/manifest.yml", facts: None, len: None },
        Entry { name: "buoy-1.0.0/a/ml_model/b.json", facts: None, len: Some(50 << 20) },
        Entry { name: "buoy-1.0.0/a/ml_model/c.json", facts: None, len: Some((50 << 20) + 1) },
    ];
    let found: Vec<_> = check(&entries).into_iter().map(|broken| broken.detail).collect();
    assert_eq!(found, ["Kibana stores it as 52428801 characters, which exceeds 50 MiB"]);
}

/// go-yaml detects UTF-16 by its byte order mark; js-yaml refuses its NUL bytes.
#[test]
fn utf_16_is_refused() {
    let units = MANIFEST.encode_utf16().flat_map(u16::to_le_bytes);
    let manifest: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
    let mut files = files_of(&NOTHING);
    files.insert("buoy-1.0.0/manifest.yml".to_owned(), manifest);
    assert_eq!(broken(&files), ["K3 manifest.yml - null byte is not allowed (line 1, column 4)"]);
}

/// The readings of plain values by go-yaml v2.4.0 and js-yaml 3.14.1.
#[test]
fn values_that_are_read_differently() {
    let rows: &[(&str, &str)] = &[
        ("yes", "true to the registry, the text `yes` to Kibana"),
        ("No", "false to the registry, the text `No` to Kibana"),
        ("on", "true to the registry, the text `on` to Kibana"),
        ("y", "true to the registry, the text `y` to Kibana"),
        ("True", ""),
        ("1:20", "the text `1:20` to the registry, the number 80 to Kibana"),
        ("1:20.5", "the text `1:20.5` to the registry, the number 80.5 to Kibana"),
        ("2020-01-31", "the text `2020-01-31` to the registry, a date to Kibana"),
        ("2020-1-2", ""),
        (
            "2020-01-31T10:00:00Z",
            "the text `2020-01-31T10:00:00Z` to the registry, a date to Kibana",
        ),
        ("9007199254740992", ""),
        (
            "9007199254740993",
            "the number 9007199254740993 to the registry, the number 9007199254740992 to Kibana",
        ),
        ("010", ""),
        ("08", "the number 8 to the registry, the text `08` to Kibana"),
        ("0o10", "the number 8 to the registry, the text `0o10` to Kibana"),
        ("0x1F", ""),
        ("0X1F", "the number 31 to the registry, the text `0X1F` to Kibana"),
        ("1_000", ""),
        ("1.5e3", ""),
        (".5", ""),
        ("-.5", "the number -0.5 to the registry, the text `-.5` to Kibana"),
        (".inf", ""),
        (".nan", ""),
        ("'yes'", ""),
        ("[a, no]", "false to the registry, the text `no` to Kibana"),
        ("[?c]", "a mapping to the registry, the text `?c` to Kibana"),
        ("{a: 1:20}", "the text `1:20` to the registry, the number 80 to Kibana"),
        ("!!str no", ""),
        ("!!timestamp 2020-01-31", "the text `2020-01-31` to the registry, a date to Kibana"),
        ("!!set {a, b}", ""),
        ("~", ""),
        ("1.0.0", ""),
    ];
    let mut wrong = Vec::new();
    for (value, expected) in rows {
        let manifest = format!("{MANIFEST}vars: [{{name: a, type: text, default: {value}}}]\n");
        let role = registry::Role::of("manifest.yml");
        let known_items = KnownItems::default();
        let (_, facts) = read(role, Some(Role::Manifest), manifest.as_bytes(), &known_items);
        let found = facts.unwrap();
        let told: Vec<String> = found
            .differences()
            .iter()
            .map(|found| format!("{} to the registry, {} to Kibana", found.registry, found.kibana))
            .collect();
        if told.join("; ") != *expected {
            wrong.push(format!("{value}: {told:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

macro_rules! row {
    ($rule:ident $name:literal, $($field:ident: $value:expr),* $(,)?) => {
        Row { rule: KibanaRule::$rule, name: $name, $($field: $value,)* ..NOTHING }
    };
}

const NOTHING: Row =
    Row { rule: KibanaRule::K1, name: "", manifest: "", stream: "", files: &[], broken: &[] };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row!(K1 "one folder", files: &[("buoy-1.0.0/a", Some(""))],),
    // Prefixes are compared as text, so that a longer name passes.
    row!(K1 "a folder whose name begins alike", files: &[("buoy-1.0.0x/a", Some(""))],),
    row!(K1 "two folders", files: &[("other/a", Some(""))],
        broken: &["K1 - - `other/a` is outside of `buoy-1.0.0`"]),
    row!(K2 "a manifest",),
    row!(K2 "no manifest", files: &[("buoy-1.0.0/manifest.yml", None)],
        broken: &["K2 manifest.yml - it is missing"]),
    row!(K2 "an empty manifest", files: &[("buoy-1.0.0/manifest.yml", Some(""))],
        broken: &["K2 manifest.yml - it is empty"]),
    row!(K3 "what js-yaml takes", manifest: "a: &a {b: 1}\nc: {<<: *a, b: 2}\nd: !!str 1\ne: \"\\/\"\n\"f\" : g\nh:\ti\n"),
    row!(K3 "a key twice", manifest: "a: 1\nb:\n  a: 1\n  a: 2\n",
        broken: &["K3 manifest.yml - the key `a` appears twice (line 10, column 3)"]),
    row!(K3 "one key in two forms", manifest: "a: {1: b, 0x1: c}\n",
        broken: &["K3 manifest.yml - the key `1` appears twice (line 7, column 11)"]),
    row!(K3 "an unknown tag", manifest: "a: !x 1\n",
        broken: &["K3 manifest.yml - unknown tag `!x` (line 7, column 8)"]),
    row!(K3 "a tag that does not fit", manifest: "a: !!str [b]\n",
        broken: &["K3 manifest.yml - unknown tag `tag:yaml.org,2002:str` (line 7, column 13)"]),
    row!(K3 "an end, and a comment", manifest: "...\n# a\n"),
    row!(K3 "a second document", manifest: "---\na: 1\n",
        broken: &["K3 manifest.yml - expected a single document, found more (line 7, column 1)"]),
    row!(K3 "something behind the end", manifest: "a: b\n...\nb\n",
        broken: &["K3 manifest.yml - expected a single document, found more (line 9, column 1)"]),
    row!(K3 "U+0085, which ends no line", manifest: "a:\n  b:\n \u{85}   c: d\n",
        broken: &["K3 manifest.yml - bad indentation of a mapping entry (line 9, column 2)"]),
    row!(K3 "an alias before its colon", manifest: "a: &a b\n? *a\n: c\n"),
    row!(K3 "an alias with its colon", manifest: "a: &a b\n*a: c\n",
        broken: &["K3 manifest.yml - unknown anchor `a:` (line 8, column 4)"]),
    row!(K3 "an escape that js-yaml does not know", manifest: "a: \"\\'\"\n",
        broken: &["K3 manifest.yml - unknown escape in double quotes (line 7, column 6)"]),
    row!(K3 "text in brackets that begins its line too early", manifest: "a: [b\nc]\n",
        broken: &["K3 manifest.yml - expected ',' in brackets (line 8, column 1)"]),
    row!(K3 "files that are parsed with a data stream's manifest",
        files: &[("buoy-1.0.0/data_stream/waves/routing_rules.yml", Some("")), ("buoy-1.0.0/data_stream/waves/lifecycle.yml", Some("a: 1"))]),
    row!(K3 "the same, with faults",
        files: &[("buoy-1.0.0/data_stream/waves/routing_rules.yml", Some("- a: [")), ("buoy-1.0.0/data_stream/waves/lifecycle.yml", Some("a: 1\na: 2\n"))],
        broken: &["K3 data_stream/waves/lifecycle.yml - the key `a` appears twice (line 2, column 1)",
                  "K3 data_stream/waves/routing_rules.yml - unclosed bracket (line 2, column 1)"]),
    row!(K3 "files of these names elsewhere", files: &[("buoy-1.0.0/lifecycle.yml", Some("[")), ("buoy-1.0.0/kibana/a/tags.yml", Some("["))]),
    row!(K3 "tags", files: &[("buoy-1.0.0/kibana/tags.yml", Some("- text: a\n"))]),
    row!(K3 "tags that do not parse", files: &[("buoy-1.0.0/kibana/tags.yml", Some("- text: @a\n"))],
        broken: &["K3 kibana/tags.yml - bad indentation of a list item (line 1, column 9)"]),
    row!(K3 "no tags", files: &[("buoy-1.0.0/kibana/tags.yml", Some("# none\n"))],
        broken: &["K3 kibana/tags.yml - it is empty"]),
    row!(K4 "keys that are there, though null", files: &[("buoy-1.0.0/manifest.yml", Some("name: buoy\nversion: 1.0.0\ndescription:\ntitle: ~\nformat_version: ''\nowner:\n"))]),
    row!(K4 "keys that are not there", files: &[("buoy-1.0.0/manifest.yml", Some("name: buoy\nversion: 1.0.0\ntitle: a\nformat_version: 1.0.0\nowner.github: a\n"))],
        broken: &["K4 manifest.yml description description is missing; owner is missing"]),
    row!(K4 "no name, no version and more", files: &[("buoy-1.0.0/manifest.yml", Some("owner: a\n"))],
        broken: &["K4 manifest.yml name name is missing; version is missing; description is missing; and 2 more"]),
    row!(K5 "names that are texts", files: &[("buoy-1.0.0/manifest.yml", Some("{name: 'buoy', version: \"1.0.0\", description: a, title: b, format_version: c, owner: d}"))]),
    row!(K5 "names that JavaScript writes otherwise", files: &[("buoy-1.0.0/manifest.yml", Some("{name: buoy, version: 1.0, description: a, title: b, format_version: c, owner: d}"))],
        broken: &["K5 manifest.yml - it requires the folder name `buoy-1`, not `buoy-1.0.0`"]),
    row!(K5 "a name that is null", files: &[("buoy-1.0.0/manifest.yml", Some("{name: ~, version: 1.0.0, description: a, title: b, format_version: c, owner: d}"))],
        broken: &["K5 manifest.yml - it requires the folder name `null-1.0.0`, not `buoy-1.0.0`"]),
    row!(K6 "folders with manifests", files: &[("buoy-1.0.0/data_stream/", Some("")), ("buoy-1.0.0/data_stream/waves/fields/a/b", Some(""))]),
    row!(K6 "folders and files without", files: &[("buoy-1.0.0/data_stream/a/b", Some("")), ("buoy-1.0.0/data_stream/a/b/manifest.yml", Some("")), ("buoy-1.0.0/data_stream/manifest.yml", Some(""))],
        broken: &["K6 data_stream/a - the data stream has no manifest.yml", "K6 data_stream/manifest.yml - the data stream has no manifest.yml"]),
    row!(K6 "a folder whose name begins alike", files: &[("buoy-1.0.0/data_streams/a", Some(""))],
        broken: &["K6 data_stream/s - the data stream has no manifest.yml"]),
    row!(K7 "keys with dots are mappings", stream: "title: a\ntype.b: c\n"),
    row!(K7 "no type, and no title", stream: "title: .nan\n",
        broken: &["K7 data_stream/waves/manifest.yml title title is `NaN`, which counts as missing; type is missing"]),
    row!(K7 "an empty title", stream: "title: ''\ntype: a\n",
        broken: &["K7 data_stream/waves/manifest.yml title title is empty"]),
    row!(K8 "streams", stream: "streams: [{input: a, title: b}]\n"),
    row!(K8 "streams without input or title", stream: "streams: [{input: a}, {title: b}, 1]\n",
        broken: &["K8 data_stream/waves/manifest.yml streams[0].title streams[0].title is missing; streams[1].input is missing; streams[2].input is missing; and 1 more"]),
    row!(K9 "variables", manifest: "vars: [{name: a, type: b}]\n", stream: "streams: [{input: a, title: b, vars: [{name: a, type: b}]}]\n"),
    row!(K9 "a mapping without a length is not a list", manifest: "vars: {a: b}\n"),
    row!(K9 "a mapping with a length", manifest: "vars: {length: 1}\n",
        broken: &["K9 manifest.yml vars vars is not a list"]),
    row!(K9 "variables of the package", manifest: "vars: [{name: a}, ~, [a]]\n",
        broken: &["K9 manifest.yml vars[1] vars[1] is null; vars[0].type is missing; vars[2].name is missing; and 1 more"]),
    row!(K9 "variables of a stream", stream: "streams: [{input: a, title: b, vars: [{name: a, type: false}]}]\n",
        broken: &["K9 data_stream/waves/manifest.yml streams[0].vars[0].type streams[0].vars[0].type is `false`, which counts as missing"]),
    row!(K9 "variables of an input", manifest: "policy_templates: [{name: a, title: b, description: c, inputs: [{type: a, title: b, vars: [{type: 0}]}]}]\n",
        broken: &["K9 manifest.yml policy_templates[0].inputs[0].vars[0].name policy_templates[0].inputs[0].vars[0].name is missing; policy_templates[0].inputs[0].vars[0].type is `0`, which counts as missing"]),
    row!(K9 "variables of a policy template are not looked at", manifest: "policy_templates: [{name: a, title: b, description: c, vars: [~]}]\n"),
    row!(K10 "policy templates", manifest: "policy_templates: [{name: a, title: 1, description: [b]}]\n"),
    row!(K10 "policy templates without one of three", manifest: "policy_templates: [{name: a, title: b}, {name: a, description: b}, {title: a, description: b}]\n",
        broken: &["K10 manifest.yml policy_templates[0].description policy_templates[0].description is missing; policy_templates[1].title is missing; policy_templates[2].name is missing"]),
    row!(K11 "inputs", manifest: "policy_templates: [{name: a, title: b, description: c, inputs: [{type: a, title: b}]}]\n"),
    row!(K11 "inputs without type or title", manifest: "policy_templates: [{name: a, title: b, description: c, inputs: [{type: a}, {title: b}]}]\n",
        broken: &["K11 manifest.yml policy_templates[0].inputs[0].title policy_templates[0].inputs[0].title is missing; policy_templates[0].inputs[1].type is missing"]),
    row!(K12 "lists, and what counts as none", manifest: "policy_templates: [{name: a, title: b, description: c, inputs: ''}, {name: a, title: b, description: c, inputs: []}]\n", stream: "streams: ~\n"),
    row!(K12 "mappings for lists", manifest: "policy_templates: {}\n", stream: "streams.0.input: a\n",
        broken: &["K12 data_stream/waves/manifest.yml streams streams is not a list", "K12 manifest.yml policy_templates policy_templates is not a list"]),
    row!(K12 "a mapping for inputs, and null in them", manifest: "policy_templates: [{name: a, title: b, description: c, inputs: {a: b}}, {name: a, title: b, description: c, inputs: [~]}, ~]\n",
        broken: &["K12 manifest.yml policy_templates[2] policy_templates[2] is null; policy_templates[0].inputs is not a list; policy_templates[1].inputs[0] is null"]),
    row!(K12 "null among streams", stream: "streams: [~]\n",
        broken: &["K12 data_stream/waves/manifest.yml streams[0] streams[0] is null"]),
    row!(K14 "a pipeline and fields", files: &[("buoy-1.0.0/data_stream/waves/elasticsearch/ingest_pipeline/default.yml", Some("processors:\n  - set: {a: b}\non_failure:\n  - set: {a: b}\n")), ("buoy-1.0.0/data_stream/waves/fields/a.yml", Some("- name: a\n"))]),
    row!(K14 "keys that appear twice, in an item and around it", files: &[("buoy-1.0.0/data_stream/waves/elasticsearch/ingest_pipeline/default.yml", Some("processors:\n  - set: {a: b}\nprocessors:\n  - set: {a: b}\n")), ("buoy-1.0.0/data_stream/waves/fields/a.yml", Some("- name: a\n- name: b\n  name: c\n"))],
        broken: &["K14 data_stream/waves/elasticsearch/ingest_pipeline/default.yml - the key `processors` appears twice (line 3, column 1)",
                  "K14 data_stream/waves/fields/a.yml - the key `name` appears twice (line 3, column 3)"]),
    row!(K14 "fields and pipelines of the package", files: &[("buoy-1.0.0/fields/a.yml", Some("- a: !x b\n")), ("buoy-1.0.0/elasticsearch/ingest_pipeline/a.yml", Some("---\na\n---\n"))],
        broken: &["K14 elasticsearch/ingest_pipeline/a.yml - expected a single document, found more (line 3, column 1)", "K14 fields/a.yml - unknown tag `!x` (line 1, column 10)"]),
    row!(K14 "UTF-16 is NUL", files: &[("buoy-1.0.0/data_stream/waves/fields/a.yml", Some("\u{feff}-\0"))],
        broken: &["K14 data_stream/waves/fields/a.yml - null byte is not allowed (line 1, column 2)"]),
    row!(K14 "files in JSON, and of other names", files: &[("buoy-1.0.0/data_stream/waves/fields/a.txt", Some("[")), ("buoy-1.0.0/data_stream/waves/elasticsearch/ingest_pipeline/a.json", Some("["))]),
];
