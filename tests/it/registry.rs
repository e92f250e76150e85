//! The registry's rules, as a table: for each number a package that keeps it and one that breaks it.
//!
//! Each row starts from a package without fault. Lines are added to its manifests, where the last of
//! two keys counts; files are added or taken away.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use package_storage_migrate::rules::registry::{
    Facts, KnownItems, MANIFEST_PATH, Manifest, Role, check,
};

struct Row {
    rule: u8,
    name: &'static str,
    /// Added to the package's manifest.
    manifest: &'static str,
    /// Added to the data stream's manifest.
    stream: &'static str,
    /// Files besides, or instead; none takes one away.
    files: &'static [(&'static str, Option<&'static str>)],
    /// `rule path detail` of all that is broken.
    broken: &'static [&'static str],
}

const MANIFEST: &str =
    "format_version: 1.0.0\nname: buoy\ntitle: Buoy\nversion: 1.0.0\ndescription: Sways.\n";

const FIELDS: &str = "- {name: data_stream.type, type: constant_keyword}\n\
                      - {name: data_stream.dataset, type: constant_keyword}\n\
                      - {name: data_stream.namespace, type: constant_keyword}\n\
                      - {name: '@timestamp', type: date}\n";

const STREAM_FOLDER: &str = "data_stream/waves";

/// Judges the package of a row.
fn broken(row: &Row) -> Vec<String> {
    let stream = format!("title: Waves\ntype: logs\n{}", row.stream);
    let mut files: BTreeMap<String, String> = BTreeMap::from([
        (MANIFEST_PATH.to_owned(), format!("{MANIFEST}{}", row.manifest)),
        ("docs/README.md".to_owned(), String::new()),
        (format!("{STREAM_FOLDER}/manifest.yml"), stream),
        (format!("{STREAM_FOLDER}/fields/base-fields.yml"), FIELDS.to_owned()),
    ]);
    for (path, text) in row.files {
        match text {
            Some(text) => drop(files.insert((*path).to_owned(), (*text).to_owned())),
            None => assert!(files.remove(*path).is_some(), "{path}"),
        }
    }
    let known_items = KnownItems::default();
    let known: Vec<(&str, Option<Facts>)> = files
        .iter()
        .map(|(path, text)| {
            (&**path, Role::of(path).map(|role| Facts::read(role, text.as_bytes(), &known_items)))
        })
        .collect();
    Manifest::parse(files[MANIFEST_PATH].as_bytes()).expect("a manifest that can be read");
    check(known.iter().map(|(path, facts)| (*path, facts.as_ref())))
        .into_iter()
        .map(|found| {
            let path = found.path.as_deref().unwrap_or("-");
            format!("{} {path} {}", found.rule.number(), found.detail)
        })
        .collect()
}

#[test]
fn each_rule_is_kept_and_broken() {
    let differs = |row: &&Row| broken(row) != row.broken;
    let told = ROWS
        .iter()
        .filter(differs)
        .map(|row| format!("rule {}, {}: {:#?}", row.rule, row.name, broken(row)));
    assert_eq!(told.collect::<Vec<_>>().join("\n"), "");
}

#[test]
fn each_rule_has_a_row_that_keeps_it_and_one_that_breaks_it() {
    let not_checked = [1, 2, 3, 15, 19, 20, 26];
    let expected: BTreeSet<u8> = (1..=32).filter(|rule| !not_checked.contains(rule)).collect();
    let rules = |breaks: bool| -> BTreeSet<u8> {
        let breaks_it = |row: &&Row| {
            let own = format!("{} ", row.rule);
            row.broken.iter().any(|line| line.starts_with(&own)) == breaks
        };
        ROWS.iter().filter(breaks_it).map(|row| row.rule).collect()
    };
    assert_eq!(rules(true), expected);
    assert_eq!(rules(false), expected);
}

macro_rules! row {
    ($rule:literal $name:literal, $($field:ident: $value:expr),* $(,)?) => {
        Row { rule: $rule, name: $name, $($field: $value,)* ..NOTHING }
    };
}

const NOTHING: Row = Row { rule: 0, name: "", manifest: "", stream: "", files: &[], broken: &[] };

const ROWS: &[Row] = &[
    row!(4 "scalars become texts and bools, and lists of themselves",
        manifest: "title: 12\ndescription: 1.10\ncategories: security\npolicy_templates: {}\nowner:\n\
                   vars: [{multi: \"true\", required: no, default: {a: [1]}}]\nconditions.elastic.subscription: basic\n",
        stream: "hidden: yes\nelasticsearch.index_template.settings: {index.sort.field: [a]}\n"),
    row!(4 "a text that is a list, an object that is a text, a bool that is none",
        manifest: "description: [a]\nowner: me\nvars:\n  - {multi: maybe}\nconditions:\n  kibana: ^8\n",
        broken: &["4 manifest.yml description is no scalar; conditions.kibana is no object; owner is no object; and 1 more"]),
    row!(4 "a number as a bool, and keys that are no text",
        stream: "hidden: 1\n2: a\nyes: b\n",
        broken: &["4 data_stream/waves/manifest.yml the key 2 is no text; the key yes is no text; hidden is no bool"]),
    row!(4 "one field with dots and without",
        manifest: "conditions:\n  kibana.version: ^7\n  kibana: {version: ^8}\n",
        broken: &["4 manifest.yml conditions.kibana.version is there twice, once with dots, which the registry may refuse"]),
    row!(4 "parts of one object with dots and without",
        manifest: "conditions:\n  elastic.subscription: basic\n  elastic: {capabilities: [a]}\nowner.github:\nowner: {github: a}\n"),
    // Numbers in keys, from go-ucfg 0.9.1: indices up to 1024 in any form of Go's, names above.
    row!(4 "numbers in keys are indices",
        manifest: "icons.0.src: /img/buoy.svg\nicons.0x1: {src: /img/buoy.svg}\ncategories: {'0': security}\nvars: [{name: a}]\n\
                   vars.01.name: b\nscreenshots.1025: a\nowner.2: a\n'': a\n",
        files: &[("img/buoy.svg", Some(""))]),
    row!(4 "numbers in keys, as items that are looked at",
        manifest: "icons.0.title: a\nvars.0.multi: maybe\nvars.0x1.multi: maybe\n",
        broken: &["4 manifest.yml vars[0].multi is no bool; vars[1].multi is no bool", "5 manifest.yml icons[0].src is missing"]),
    row!(4 "two keys that are one index", manifest: "owner: {'1': a, '0x1': b}\n",
        broken: &["4 manifest.yml owner.1 is there twice, once with dots, which the registry may refuse"]),
    row!(4 "two keys that are one list, and say the same", manifest: "owner: {'1': [a], '0x1': ['a']}\n"),
    row!(4 "an index before the first", manifest: "vars.-1.name: a\n",
        broken: &["4 manifest.yml vars.-1.name has a negative number for a name, which ends the registry"]),
    row!(4 "a list and an item of it", manifest: "vars: [{name: a}]\nvars.1: {name: b}\n"),
    row!(4 "a list and an item that it has", manifest: "categories: [security]\ncategories.0: network\n",
        broken: &["4 manifest.yml categories.0 is there twice, once with dots, which the registry may refuse"]),
    row!(4 "null in an object, and a value with dots", manifest: "owner.github: a\nowner: {github: ~}\n",
        broken: &["4 manifest.yml owner.github is there twice, once with dots, which the registry may refuse"]),
    row!(4 "null for an object, and a value with dots", manifest: "owner.github: a\nowner: ~\n"),
    row!(4 "keys of a merge", manifest: "owner:\n  <<: {github: a}\n"),
    row!(4 "keys of a merge that are no text", manifest: "owner:\n  <<: {1: a}\n",
        broken: &["4 manifest.yml the key owner.1 is no text"]),
    row!(5 "names that must be there",
        manifest: "policy_templates: [{name: a, title: b, description: c, icons: [{src: d}]}]\nrequires: {input: [{package: a, version: '1'}]}\n"),
    row!(5 "names that are not there",
        manifest: "icons: [{title: a}]\npolicy_templates:\n  - {name: '', title: b}\ndiscovery:\n  fields: [{}]\n",
        broken: &["5 manifest.yml icons[0].src is missing; discovery.fields[0].name is missing; policy_templates[0].name is empty; and 1 more"]),
    row!(6 "a readme of a policy template",
        manifest: "policy_templates: [{name: a, title: b, description: c}]\n",
        files: &[("docs/a.md", Some("")), ("docs/b.md/c", Some(""))]),
    row!(6 "a folder for a readme",
        manifest: "policy_templates: [{name: a, title: b, description: c}]\n",
        files: &[("docs/a.md/b", Some(""))],
        broken: &["6 docs/a.md it is a folder"]),
    row!(7 "released agentless",
        manifest: "policy_templates: [{name: a, title: b, description: c, deployment_modes.agentless.release: beta}]\n"),
    row!(7 "released agentless as what is no release there",
        manifest: "policy_templates: [{name: a, title: b, description: c, deployment_modes: {agentless: {release: experimental}}}]\n",
        broken: &["7 manifest.yml policy_templates[0] is released agentless as `experimental`"]),
    row!(8 "a version with a tag", manifest: "version: 1.0.0-rc.1+build\n"),
    row!(8 "a version that is no strict one", manifest: "version: v1.0.0\n",
        broken: &["8 manifest.yml version is read as `v1.0.0`"]),
    row!(8 "a version that is a number", manifest: "version: 1.10\n",
        broken: &["8 manifest.yml version is read as `1.1`"]),
    row!(9 "a constraint", manifest: "conditions:\n  kibana.version: ^7.14.0 || ^8.0.0\n"),
    row!(9 "no constraint", manifest: "conditions:\n  kibana:\n"),
    row!(9 "a constraint without form", manifest: "conditions.kibana.version: eight\n",
        broken: &["9 manifest.yml conditions.kibana.version is `eight`"]),
    row!(9 "an empty constraint", manifest: "conditions: {kibana: {}}\n",
        broken: &["9 manifest.yml conditions.kibana.version is ``"]),
    row!(10 "a constraint", manifest: "conditions: {agent: {version: '>=8'}}\n"),
    row!(10 "a constraint without form", manifest: "conditions: {agent.version: '>>8'}\n",
        broken: &["10 manifest.yml conditions.agent.version is `>>8`"]),
    row!(11 "a format", manifest: "format_version: \"2.0.0\"\n"),
    row!(11 "a format that is a number", manifest: "format_version: 1.0\n",
        broken: &["11 manifest.yml format_version is read as `1`"]),
    row!(12 "a release", manifest: "release: experimental\n"),
    row!(12 "a release that is none", manifest: "release: GA\n",
        broken: &["12 manifest.yml release is `GA`"]),
    row!(13 "a readme, however it looks", files: &[("docs/README.md", Some("\0"))]),
    row!(13 "no readme", files: &[("docs/README.md", None), ("docs/readme.md", Some(""))],
        broken: &["13 docs/README.md it is missing"]),
    row!(13 "a folder for a readme", files: &[("docs/README.md", None), ("docs/README.md/a", Some(""))],
        broken: &["13 docs/README.md it is a folder"]),
    row!(14 "dashes in names of files", files: &[("img/a-b.svg", Some("")), ("a-.DS_Store/b", Some(""))]),
    row!(14 "dashes in names of folders", files: &[("a-b/c/d-e/f", Some("")), ("a-b/g", Some(""))],
        broken: &["14 - the folder `a-b` has a dash in its name; the folder `a-b/c/d-e` has a dash in its name"]),
    row!(16 "a folder without a manifest is no data stream", files: &[("data_stream/b/fields/a.yml", Some("- a"))]),
    row!(16 "no type and no title", stream: "title:\ntype: ''\n",
        broken: &["16 data_stream/waves/manifest.yml type is empty; title is missing"]),
    row!(16 "no YAML", stream: "a: [\n",
        broken: &["16 data_stream/waves/manifest.yml unclosed bracket '[' (line 3, column 4)"]),
    row!(17 "a release", stream: "release: beta\n"),
    row!(17 "a release that is none", stream: "release: soon\n",
        broken: &["17 data_stream/waves/manifest.yml release is `soon`"]),
    row!(18 "a default pipeline", files: &[("data_stream/waves/elasticsearch/ingest_pipeline/default.yml", Some("a: 1")), ("data_stream/waves/elasticsearch/ingest_pipeline/more.yml", Some("- 1"))]),
    row!(18 "only another pipeline", stream: "elasticsearch.ingest_pipeline.name: more\n",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/more.yml", Some("a: 1"))],
        broken: &["18 data_stream/waves/manifest.yml no pipeline is named default: more.yml"]),
    row!(21 "a format", manifest: "format_version: '1.0.0'\n"),
    row!(21 "no format", manifest: "format_version: ~\n",
        broken: &["21 manifest.yml format_version is missing"]),
    row!(22 "a title", manifest: "title: a\n"),
    row!(22 "no title", manifest: "title: ''\n", broken: &["22 manifest.yml title is missing"]),
    row!(23 "a description", manifest: "description: |\n  a\n"),
    row!(23 "no description", manifest: "description:\n", broken: &["23 manifest.yml description is missing"]),
    row!(24 "categories", manifest: "categories: [infrastructure, web, siem]\n"),
    row!(24 "categories that nobody knows", manifest: "categories: [boats, security]\n",
        broken: &["24 manifest.yml the category `boats`"]),
    row!(25 "images", manifest: "icons: [{src: /img/a.svg}]\nscreenshots: [{src: img/../img/a.svg}]\n\
                                 policy_templates: [{name: a, title: b, description: c, icons: [{src: /img/b.svg}]}]\n",
        files: &[("img/a.svg", Some(""))]),
    row!(25 "images that are not there", manifest: "icons: [{src: /img/A.svg}, {src: ../img/a.svg}]\n",
        files: &[("img/a.svg", Some(""))],
        broken: &["25 manifest.yml the image `/img/A.svg` is not there; the image `../img/a.svg` is not there"]),
    row!(27 "inputs by type or by package",
        manifest: "policy_templates: [{name: a, title: b, description: c, inputs: [{type: a}, {package: b}]}]\n"),
    row!(27 "inputs by neither, and by both",
        manifest: "policy_templates: [{name: a, title: b, description: c, inputs: [{title: a}, {type: a, package: b}]}]\n",
        broken: &["27 manifest.yml policy_templates[0].inputs[0] has neither type nor package; policy_templates[0].inputs[1] has type and package"]),
    row!(28 "a dataset", stream: "dataset: buoy.waves_9\n"),
    row!(28 "a dataset with a dash", stream: "dataset: buoy-waves\n",
        broken: &["28 data_stream/waves/manifest.yml dataset is `buoy-waves`"]),
    row!(28 "a dataset with a dash from the folder",
        files: &[("data_stream/a-b/manifest.yml", Some("title: a\ntype: logs\n")), ("data_stream/a-b/fields/a.yml", Some(FIELDS))],
        broken: &["14 - the folder `data_stream/a-b` has a dash in its name", "28 data_stream/a-b/manifest.yml dataset is `buoy.a-b`"]),
    row!(29 "a type", stream: "type: synthetics\n"),
    row!(29 "a type that is none", stream: "type: events\n",
        broken: &["29 data_stream/waves/manifest.yml type is `events`"]),
    row!(30 "pipelines in JSON and YAML", stream: "ingest_pipeline: a\n",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/a.json", Some("{\"a\":1,\"a\":2}")), ("data_stream/waves/elasticsearch/ingest_pipeline/a.yml", Some("a: 1\na: 2\n"))]),
    row!(30 "a pipeline that is not there", stream: "ingest_pipeline: a\nelasticsearch: {}\n",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/default.yml", Some(""))],
        broken: &["30 data_stream/waves/manifest.yml there is no pipeline `a`"]),
    row!(30 "pipelines of no form",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/default.json", Some("[]")), ("data_stream/waves/elasticsearch/ingest_pipeline/default.yml/a", Some(""))],
        broken: &["30 data_stream/waves/elasticsearch/ingest_pipeline/default.json invalid type: sequence, expected a map at line 1 column 0",
                  "30 data_stream/waves/elasticsearch/ingest_pipeline/default.yml it is a folder"]),
    row!(31 "fields in a group, over several files",
        files: &[("data_stream/waves/fields/base-fields.yml", Some("- name: data_stream\n  fields: [{name: type, type: constant_keyword}, {name: dataset, type: constant_keyword}, {name: namespace, type: constant_keyword}]\n")),
                 ("data_stream/waves/fields/agent", Some("~")), ("data_stream/waves/fields/time.txt", Some("- {name: '@timestamp', type: date}"))]),
    row!(31 "no fields", files: &[("data_stream/waves/fields/base-fields.yml", None)],
        broken: &["31 data_stream/waves/fields it is missing"]),
    row!(31 "fields of another type, and none",
        files: &[("data_stream/waves/fields/base-fields.yml", Some("- {name: data_stream.type, type: keyword}\n- {name: data_stream.dataset}\n"))],
        broken: &["31 data_stream/waves/fields data_stream.type is `keyword`, not constant_keyword; data_stream.dataset is not there; data_stream.namespace is not there; and 1 more"]),
    row!(31 "an entry without a name before the others",
        files: &[("data_stream/waves/fields/aa.yml", Some("- {title: a}\n"))],
        broken: &["31 data_stream/waves/fields data_stream.type is not there; data_stream.dataset is not there; data_stream.namespace is not there; and 1 more"]),
    row!(31 "files that are no list of fields",
        files: &[("data_stream/waves/fields/a.yml", Some("a: 1")), ("data_stream/waves/fields/b.yml", Some("- a")), ("data_stream/waves/fields/c/d.yml", Some("")), ("data_stream/waves/fields/e.yml", Some("- \"a"))],
        broken: &["31 data_stream/waves/fields/a.yml it is no list of fields", "31 data_stream/waves/fields/b.yml an entry is no field (line 1)",
                  "31 data_stream/waves/fields/c it is a folder", "31 data_stream/waves/fields/e.yml unclosed quote (line 1, column 3)"]),
    row!(32 "streams by input or by package", stream: "streams: [{input: a}, {package: b}]\n"),
    row!(32 "streams by neither, and by both", stream: "streams: [{title: a}, {input: a, package: b}]\n",
        broken: &["32 data_stream/waves/manifest.yml streams[0] has neither input nor package; streams[1] has input and package"]),
];
