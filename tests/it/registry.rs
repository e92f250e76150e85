//! The registry's rules as a table: for each number a package that satisfies the rule and one that breaks it.
//!
//! Each row starts from a package without faults. Lines are added to its manifests, where the last of duplicate keys
//! wins; files are added or removed.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use package_storage_migrate::model::registry_release::{RegistryRelease, Releases};
use package_storage_migrate::rules::registry::{
    Facts, KnownItems, MANIFEST_PATH, Manifest, Role, Verdict, check,
};

struct Row {
    rule: u8,
    name: &'static str,
    /// Added to the package's manifest.
    manifest: &'static str,
    /// Added to the data stream's manifest.
    stream: &'static str,
    /// Files to add or replace; `None` removes a file.
    files: &'static [(&'static str, Option<&'static str>)],
    /// All broken rules as `rule path detail`.
    broken: &'static [&'static str],
    /// The release of the registry; empty for the newest.
    release: &'static str,
}

const MANIFEST: &str =
    "format_version: 1.0.0\nname: buoy\ntitle: Buoy\nversion: 1.0.0\ndescription: Sways.\n";

const FIELDS: &str = "- {name: data_stream.type, type: constant_keyword}\n\
                      - {name: data_stream.dataset, type: constant_keyword}\n\
                      - {name: data_stream.namespace, type: constant_keyword}\n\
                      - {name: '@timestamp', type: date}\n";

const STREAM_FOLDER: &str = "data_stream/waves";

/// Checks the package of a row against its release.
fn verdict(row: &Row) -> Verdict {
    let release = match row.release {
        "" => RegistryRelease::NEWEST,
        release => release.parse().expect("a release"),
    };
    verdict_of(row, release)
}

fn verdict_of(row: &Row, release: RegistryRelease) -> Verdict {
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
    check(known.iter().map(|(path, facts)| (*path, facts.as_ref())), release)
}

fn broken(row: &Row) -> Vec<String> {
    let lines = verdict(row).broken.into_iter();
    lines
        .map(|found| {
            let path = found.path.as_deref().unwrap_or("-");
            format!("{} {path} {}", found.rule.number(), found.detail)
        })
        .collect()
}

#[test]
fn each_row_breaks_the_expected_rules() {
    let differs = |row: &&Row| broken(row) != row.broken;
    let told = ROWS
        .iter()
        .filter(differs)
        .map(|row| format!("rule {}, {}: {:#?}", row.rule, row.name, broken(row)));
    assert_eq!(told.collect::<Vec<_>>().join("\n"), "");
}

#[test]
fn each_rule_has_a_row_that_satisfies_it_and_one_that_breaks_it() {
    let not_checked = [1, 2, 3, 15, 19, 20, 26];
    let expected: BTreeSet<u8> = (1..=34).filter(|rule| !not_checked.contains(rule)).collect();
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

/// Masterminds/semver 3.5.0 accepts up to 256 bytes.
#[test]
fn versions_are_bounded() {
    for (len, expected) in [(256, 0), (257, 1)] {
        let version = format!("1.0.0-{}", "a".repeat(len - "1.0.0-".len()));
        for (field, rule) in [("version", 8), ("format_version", 11)] {
            let manifest = format!("{field}: {version}\n").leak();
            let row = Row { manifest, ..NOTHING };
            let rules: Vec<u8> =
                verdict(&row).broken.iter().map(|broken| broken.rule.number()).collect();
            assert_eq!(rules, vec![rule; expected], "{field} of {len} bytes");
        }
    }
}

/// A rule's default range, a range of the field, and both ends.
#[test]
fn each_fault_names_the_releases_that_refuse_it() {
    let inputs =
        "policy_templates: [{name: a, title: b, description: c, inputs: [{package: d}]}]\n";
    let rows = [
        ("title:\n", "1.40.1", "22 since 1.10.0"),
        ("discovery: {datasets: [{}]}\n", "1.40.1", "5 since 1.30.0"),
        ("deprecated: {replaced_by: a}\n", "1.40.1", "4 since 1.36.0"),
        ("conditions: {agent: {version: a}}\n", "1.40.1", "10 since 1.33.0"),
        ("categories: [a]\n", "1.28.0", "24 1.10.0 to 1.28.0"),
        ("categories: [siem]\n", "1.10.0", "24 1.10.0 to 1.27.0"),
        ("categories: [enterprise_serch]\n", "1.19.0", "24 1.18.0 to 1.28.0"),
        (inputs, "1.15.0", "5 1.10.0 to 1.36.0"),
    ];
    for (manifest, release, expected) in rows {
        let found = verdict(&Row { manifest, release, ..NOTHING }).broken;
        let lines: Vec<String> = found
            .iter()
            .map(|broken| format!("{} {}", broken.rule.number(), broken.releases))
            .collect();
        assert_eq!(lines, [expected], "{manifest}");
        // All releases in the range refuse it, and no others.
        for release in RegistryRelease::known() {
            let refuses = verdict_of(&Row { manifest, ..NOTHING }, release)
                .broken
                .iter()
                .any(|broken| broken.releases == found[0].releases);
            assert_eq!(refuses, found[0].releases.contains(release), "{manifest} {release}");
        }
    }
}

#[test]
fn older_releases_check_format_versions_only_during_validation() {
    let row = Row { manifest: "format_version: '1.0'\n", ..NOTHING };
    let (old, new): (RegistryRelease, RegistryRelease) =
        ("1.20.0".parse().unwrap(), "1.21.0".parse().unwrap());
    let rule = verdict(&row).broken[0].rule;
    assert_eq!((rule.is_always_on(old), rule.is_always_on(new)), (false, true));
    // The fault of the numbers, and the fault of a path.
    let always_on = |manifest| {
        let row = Row { manifest, ..NOTHING };
        verdict(&row).broken[0].rule.is_always_on(RegistryRelease::NEWEST)
    };
    assert!(always_on("release: a\n") && always_on("basepath: a\n"));
    assert!(
        !always_on("title:\n") && !always_on("data_streams: [{title: a, type: a, dataset: b}]\n")
    );
}

/// Each field that only some releases know, with a value that these releases refuse: the releases are those of the
/// struct fields in the tags.
#[test]
fn fields_are_refused_by_the_releases_that_know_them() {
    let template =
        |rest: &str| format!("policy_templates: [{{name: a, title: b, description: c, {rest}}}]\n");
    let input = |rest: &str| template(&format!("inputs: [{{type: a, {rest}}}]"));
    let base_template = |rest: &str| {
        format!("basepolicytemplates: [{{name: a, title: b, description: c, {rest}}}]\n")
    };
    let manifests = [
        ("source: a\n".to_owned(), "since 1.11.0"),
        ("source: {license: []}\n".to_owned(), "since 1.11.0"),
        ("conditions: {elastic: a}\n".to_owned(), "since 1.11.0"),
        ("conditions: {elastic: {capabilities: [[a]]}}\n".to_owned(), "since 1.21.0"),
        ("conditions: {agent: a}\n".to_owned(), "since 1.33.0"),
        ("owner: {type: []}\n".to_owned(), "since 1.23.0"),
        ("owner: {github: []}\n".to_owned(), "since 1.10.0"),
        ("agent: {privileges: {root: a}}\n".to_owned(), "since 1.23.0"),
        ("discovery: a\n".to_owned(), "since 1.25.0"),
        ("discovery: {fields: [{name: []}]}\n".to_owned(), "since 1.25.0"),
        ("discovery: {datasets: [{name: []}]}\n".to_owned(), "since 1.30.0"),
        ("policy_templates_behavior: []\n".to_owned(), "since 1.26.0"),
        (template("deployment_modes: a"), "since 1.26.0"),
        (template("deployment_modes: {agentless: {is_default: a}}"), "since 1.27.0"),
        (template("deployment_modes: {agentless: {release: []}}"), "since 1.39.0"),
        (template("deployment_modes: {default: {is_default: a}}"), "1.27.0 to 1.38.0"),
        (template("ingestion_method: []"), "since 1.32.1"),
        (template("deprecated: a"), "since 1.36.0"),
        (base_template("data_streams: [[a]]"), "since 1.32.0"),
        (base_template("deployment_modes: a"), "since 1.26.0"),
        (base_template("deprecated: a"), "since 1.36.0"),
        (input("deployment_modes: [[a]]"), "since 1.30.0"),
        (input("deprecated: a"), "since 1.36.0"),
        (input("package: []"), "since 1.37.0"),
        ("deprecated: {since: []}\n".to_owned(), "since 1.36.0"),
        ("requires: a\n".to_owned(), "since 1.37.0"),
        ("requires: {content: [{package: a, version: []}]}\n".to_owned(), "since 1.37.0"),
        ("group: []\n".to_owned(), "since 1.40.0"),
    ];
    let streams = [
        ("agent: {privileges: {root: a}}\n", "since 1.23.0"),
        ("streams: [{input: a, ingestion_method: []}]\n", "since 1.32.0"),
        ("streams: [{input: a, package: []}]\n", "since 1.37.0"),
        ("deprecated: a\n", "since 1.36.0"),
        ("ingestionmethod: []\n", "1.32.0 to 1.32.0"),
        ("basepath: []\n", "since 1.10.0"),
    ];
    let rows = manifests.into_iter().map(|(manifest, range)| (&*manifest.leak(), "", range));
    let rows = rows.chain(streams.into_iter().map(|(stream, range)| ("", stream, range)));
    for (manifest, stream, range) in rows {
        let row = Row { manifest, stream, ..NOTHING };
        let (mut since, mut until) = (None, None);
        for release in RegistryRelease::known() {
            let lines = verdict_of(&row, release).broken.into_iter();
            let ranges: Vec<String> = lines
                .filter(|broken| broken.rule.number() == 4)
                .map(|b| b.releases.to_string())
                .collect();
            if !ranges.is_empty() {
                assert_eq!(ranges, [range], "{manifest}{stream} {release}");
                since = since.or(Some(release));
                until = Some(release);
            }
        }
        let until = until.filter(|until| *until != RegistryRelease::NEWEST);
        let since = since.expect("some release refuses it");
        assert_eq!(Releases { since, until }.to_string(), range, "{manifest}{stream}");
    }
}

/// Unknown categories since 1.29.0, which drops them, each with the releases that refuse them.
#[test]
fn categories_are_dropped_by_the_releases_that_do_not_know_them() {
    let rows = [
        ("1.40.1", "boats", Some("1.10.0 to 1.28.0")),
        ("1.29.0", "boats", Some("1.10.0 to 1.28.0")),
        ("1.28.0", "boats", None),
        ("1.40.1", "siem", None),
        ("1.40.1", "workplace_search", None),
        ("1.40.1", "asset_inventory", None),
        ("1.30.1", "asset_inventory", Some("1.10.0 to 1.28.0")),
        ("1.31.0", "asset_inventory", None),
        ("1.40.1", "enterprise_serch", Some("1.18.0 to 1.28.0")),
        ("1.40.1", "Security", Some("1.10.0 to 1.28.0")),
        ("1.40.1", "''", Some("1.10.0 to 1.28.0")),
    ];
    for (release, category, expected) in rows {
        let manifest = format!("categories: [security, {category}]\n").leak();
        let found = verdict(&Row { manifest, release, ..NOTHING });
        let dropped: Vec<String> = found
            .dropped_categories
            .iter()
            .map(|(found, releases)| {
                assert_eq!(found, category.trim_matches('\''));
                releases.to_string()
            })
            .collect();
        assert_eq!(dropped, Vec::from_iter(expected), "{category} in {release}");
    }
}

/// Values that the registry loads, but cannot encode as JSON (`json: unsupported value`).
#[test]
fn numbers_that_json_cannot_represent_cannot_be_served() {
    let rows = [
        ("vars: [{name: a, default: .inf}]\n", "", "manifest.yml vars[0].default is .inf"),
        (
            "vars: [{name: a, default: {b: [1, -.Inf, .nan]}}]\n",
            "",
            "manifest.yml vars[0].default is -.Inf; vars[0].default is .nan",
        ),
        ("vars: [{name: a, default: '.inf'}]\ntitle: .inf\n", "", ""),
        (
            "",
            "streams: [{input: a, vars: [{name: a, default: .NaN}]}]\n",
            "data_stream/waves/manifest.yml streams[0].vars[0].default is .NaN",
        ),
        (
            "",
            "elasticsearch.index_template: {settings: {a.b: .inf}, mappings: [-.inf]}\n",
            "data_stream/waves/manifest.yml elasticsearch.index_template.settings is .inf; elasticsearch.index_template.mappings is -.inf",
        ),
        ("", "elasticsearch.index_template.settings: {a: 1e308, b: 1e999}\n", ""),
    ];
    for (manifest, stream, expected) in rows {
        let found = verdict(&Row { manifest, stream, ..NOTHING });
        assert_eq!(found.broken, []);
        let lines = found.unservable.iter().map(|(path, detail)| format!("{path} {detail}"));
        assert_eq!(lines.collect::<Vec<_>>().join("\n"), expected, "{manifest}{stream}");
    }
}

macro_rules! row {
    ($rule:literal $name:literal, $($field:ident: $value:expr),* $(,)?) => {
        Row { rule: $rule, name: $name, $($field: $value,)* ..NOTHING }
    };
}

const NOTHING: Row =
    Row { rule: 0, name: "", manifest: "", stream: "", files: &[], broken: &[], release: "" };

const ROWS: &[Row] = &[
    row!(4 "scalars become texts and bools, and lists of one item",
        manifest: "title: 12\ndescription: 1.10\ncategories: security\npolicy_templates: {}\nowner:\n\
                   vars: [{multi: \"true\", required: no, default: {a: [1]}}]\nconditions.elastic.subscription: basic\n",
        stream: "hidden: yes\nelasticsearch.index_template.settings: {index.sort.field: [a]}\n"),
    row!(4 "a list instead of a text, a text instead of an object, an invalid bool",
        manifest: "description: [a]\nowner: me\nvars:\n  - {multi: maybe}\nconditions:\n  kibana: ^8\n",
        broken: &["4 manifest.yml description is not a scalar; conditions.kibana is not an object; owner is not an object; and 1 more"]),
    row!(4 "a number as a bool, and keys that are not text",
        stream: "hidden: 1\n2: a\nyes: b\n",
        broken: &["4 data_stream/waves/manifest.yml the key 2 is not text; the key yes is not text; hidden is not a bool"]),
    row!(4 "one field with dots and without",
        manifest: "conditions:\n  kibana.version: ^7\n  kibana: {version: ^8}\n",
        broken: &["4 manifest.yml conditions.kibana.version appears twice, once with dots, which the registry may refuse"]),
    row!(4 "parts of one object with dots and without",
        manifest: "conditions:\n  elastic.subscription: basic\n  elastic: {capabilities: [a]}\nowner.github:\nowner: {github: a}\n"),
    // Numeric keys in go-ucfg 0.9.1: indices up to 1024 in any integer syntax of Go, names above.
    row!(4 "numbers in keys are indices",
        manifest: "icons.0.src: /img/buoy.svg\nicons.0x1: {src: /img/buoy.svg}\ncategories: {'0': security}\nvars: [{name: a}]\n\
                   vars.01.name: b\nscreenshots.1025: a\nowner.2: a\n'': a\n",
        files: &[("img/buoy.svg", Some(""))]),
    row!(4 "numbers in keys, as items that are checked",
        manifest: "icons.0.title: a\nvars.0.multi: maybe\nvars.0x1.multi: maybe\n",
        broken: &["4 manifest.yml vars[0].multi is not a bool; vars[1].multi is not a bool", "5 manifest.yml icons[0].src is missing"]),
    row!(4 "two keys with the same index", manifest: "owner: {'1': a, '0x1': b}\n",
        broken: &["4 manifest.yml owner.1 appears twice, once with dots, which the registry may refuse"]),
    row!(4 "two keys for the same list, with equal values", manifest: "owner: {'1': [a], '0x1': ['a']}\n"),
    row!(4 "an index before the first", manifest: "vars.-1.name: a\n",
        broken: &["4 manifest.yml vars.-1.name has a negative number as a name, which crashes the registry"]),
    row!(4 "a list and an item of it", manifest: "vars: [{name: a}]\nvars.1: {name: b}\n"),
    row!(4 "a list and an item that it has", manifest: "categories: [security]\ncategories.0: network\n",
        broken: &["4 manifest.yml categories.0 appears twice, once with dots, which the registry may refuse"]),
    row!(4 "null in an object, and a value with dots", manifest: "owner.github: a\nowner: {github: ~}\n",
        broken: &["4 manifest.yml owner.github appears twice, once with dots, which the registry may refuse"]),
    row!(4 "null instead of an object, and a value with dots", manifest: "owner.github: a\nowner: ~\n"),
    row!(4 "keys of a merge", manifest: "owner:\n  <<: {github: a}\n"),
    row!(4 "merged keys that are not text", manifest: "owner:\n  <<: {1: a}\n",
        broken: &["4 manifest.yml the key owner.1 is not text"]),
    row!(5 "required names",
        manifest: "policy_templates: [{name: a, title: b, description: c, icons: [{src: d}]}]\nrequires: {input: [{package: a, version: '1'}]}\n"),
    row!(5 "missing names",
        manifest: "icons: [{title: a}]\npolicy_templates:\n  - {name: '', title: b}\ndiscovery:\n  fields: [{}]\n",
        broken: &["5 manifest.yml icons[0].src is missing; policy_templates[0].name is empty; policy_templates[0].description is missing",
                  "5 manifest.yml discovery.fields[0].name is missing"]),
    row!(6 "a readme of a policy template",
        manifest: "policy_templates: [{name: a, title: b, description: c}]\n",
        files: &[("docs/a.md", Some("")), ("docs/b.md/c", Some(""))]),
    row!(6 "a folder instead of a readme",
        manifest: "policy_templates: [{name: a, title: b, description: c}]\n",
        files: &[("docs/a.md/b", Some(""))],
        broken: &["6 docs/a.md it is a folder"]),
    row!(7 "released agentless",
        manifest: "policy_templates: [{name: a, title: b, description: c, deployment_modes.agentless.release: beta}]\n"),
    row!(7 "released agentless with an invalid release",
        manifest: "policy_templates: [{name: a, title: b, description: c, deployment_modes: {agentless: {release: experimental}}}]\n",
        broken: &["7 manifest.yml policy_templates[0] is released agentless as `experimental`"]),
    row!(8 "a version with a tag", manifest: "version: 1.0.0-rc.1+build\n"),
    row!(8 "a version that is not strict", manifest: "version: v1.0.0\n",
        broken: &["8 manifest.yml version is read as `v1.0.0`"]),
    row!(8 "a version that is a number", manifest: "version: 1.10\n",
        broken: &["8 manifest.yml version is read as `1.1`"]),
    row!(9 "a constraint", manifest: "conditions:\n  kibana.version: ^7.14.0 || ^8.0.0\n"),
    row!(9 "an invalid constraint", manifest: "conditions:\n  kibana:\n"),
    row!(9 "a malformed constraint", manifest: "conditions.kibana.version: eight\n",
        broken: &["9 manifest.yml conditions.kibana.version is `eight`"]),
    row!(9 "an empty constraint", manifest: "conditions: {kibana: {}}\n",
        broken: &["9 manifest.yml conditions.kibana.version is ``"]),
    row!(10 "a constraint", manifest: "conditions: {agent: {version: '>=8'}}\n"),
    row!(10 "a malformed constraint", manifest: "conditions: {agent.version: '>>8'}\n",
        broken: &["10 manifest.yml conditions.agent.version is `>>8`"]),
    row!(11 "a format", manifest: "format_version: \"2.0.0\"\n"),
    row!(11 "a format that is a number", manifest: "format_version: 1.0\n",
        broken: &["11 manifest.yml format_version is read as `1`"]),
    row!(12 "a release", manifest: "release: experimental\n"),
    row!(12 "an invalid release", manifest: "release: GA\n",
        broken: &["12 manifest.yml release is `GA`"]),
    row!(13 "a readme with any content", files: &[("docs/README.md", Some("\0"))]),
    row!(13 "no readme", files: &[("docs/README.md", None), ("docs/readme.md", Some(""))],
        broken: &["13 docs/README.md it is missing"]),
    row!(13 "a folder instead of a readme", files: &[("docs/README.md", None), ("docs/README.md/a", Some(""))],
        broken: &["13 docs/README.md it is a folder"]),
    row!(14 "dashes in names of files", files: &[("img/a-b.svg", Some("")), ("a-.DS_Store/b", Some(""))]),
    row!(14 "dashes in names of folders", files: &[("a-b/c/d-e/f", Some("")), ("a-b/g", Some(""))],
        broken: &["14 - the folder `a-b` has a dash in its name; the folder `a-b/c/d-e` has a dash in its name"]),
    row!(16 "a folder without a manifest is not a data stream", files: &[("data_stream/b/fields/a.yml", Some("- a"))]),
    row!(16 "no type and no title", stream: "title:\ntype: ''\n",
        broken: &["16 data_stream/waves/manifest.yml type is empty; title is missing"]),
    row!(16 "invalid YAML", stream: "a: [\n",
        broken: &["16 data_stream/waves/manifest.yml unclosed bracket '[' (line 3, column 4)"]),
    row!(17 "a release", stream: "release: beta\n"),
    row!(17 "an invalid release", stream: "release: soon\n",
        broken: &["17 data_stream/waves/manifest.yml release is `soon`"]),
    row!(18 "a default pipeline", files: &[("data_stream/waves/elasticsearch/ingest_pipeline/default.yml", Some("a: 1")), ("data_stream/waves/elasticsearch/ingest_pipeline/more.yml", Some("- 1"))]),
    row!(18 "only another pipeline", stream: "elasticsearch.ingest_pipeline.name: more\n",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/more.yml", Some("a: 1"))],
        broken: &["18 data_stream/waves/manifest.yml no pipeline has the name default: more.yml"]),
    row!(21 "a format", manifest: "format_version: '1.0.0'\n"),
    row!(21 "no format", manifest: "format_version: ~\n",
        broken: &["21 manifest.yml format_version is missing"]),
    row!(22 "a title", manifest: "title: a\n"),
    row!(22 "no title", manifest: "title: ''\n", broken: &["22 manifest.yml title is missing"]),
    row!(23 "a description", manifest: "description: |\n  a\n"),
    row!(23 "no description", manifest: "description:\n", broken: &["23 manifest.yml description is missing"]),
    row!(24 "categories", manifest: "categories: [infrastructure, web, siem]\n"),
    row!(24 "categories that no release knows: dropped since 1.29", manifest: "categories: [boats, security]\n"),
    row!(24 "categories that no release knows: refused before", release: "1.28.0", manifest: "categories: [boats, security]\n",
        broken: &["24 manifest.yml the category `boats`, not known to any release"]),
    row!(24 "categories of the release", release: "1.23.1", manifest: "categories: [cloudsecurity_cdr, workplace_search, web]\n"),
    row!(24 "categories of later releases", release: "1.15.0",
        manifest: "categories: [siem, infrastructure, iam, asset_inventory, workplace_search]\n",
        broken: &["24 manifest.yml the category `iam`, known since 1.16.0; the category `workplace_search`, known since 1.16.0",
                  "24 manifest.yml the category `siem`, known since 1.28.0", "24 manifest.yml the category `asset_inventory`, known since 1.31.0"]),
    row!(24 "a category of earlier releases", release: "1.18.0", manifest: "categories: [enterprise_serch, monitoring_infrastructure]\n",
        broken: &["24 manifest.yml the category `enterprise_serch`, known only from 1.16.0 to 1.17.0"]),
    row!(25 "images", manifest: "icons: [{src: /img/a.svg}]\nscreenshots: [{src: img/../img/a.svg}]\n\
                                 policy_templates: [{name: a, title: b, description: c, icons: [{src: /img/b.svg}]}]\n",
        files: &[("img/a.svg", Some(""))]),
    row!(25 "missing images", manifest: "icons: [{src: /img/A.svg}, {src: ../img/a.svg}]\n",
        files: &[("img/a.svg", Some(""))],
        broken: &["25 manifest.yml the image `/img/A.svg` is missing; the image `../img/a.svg` is missing"]),
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
    row!(29 "an invalid type", stream: "type: events\n",
        broken: &["29 data_stream/waves/manifest.yml type is `events`"]),
    row!(30 "pipelines in JSON and YAML", stream: "ingest_pipeline: a\n",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/a.json", Some("{\"a\":1,\"a\":2}")), ("data_stream/waves/elasticsearch/ingest_pipeline/a.yml", Some("a: 1\na: 2\n"))]),
    row!(30 "a missing pipeline", stream: "ingest_pipeline: a\nelasticsearch: {}\n",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/default.yml", Some(""))],
        broken: &["30 data_stream/waves/manifest.yml the pipeline `a` is missing"]),
    row!(30 "malformed pipelines",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/default.json", Some("[]")), ("data_stream/waves/elasticsearch/ingest_pipeline/default.yml/a", Some(""))],
        broken: &["30 data_stream/waves/elasticsearch/ingest_pipeline/default.json expected a JSON object",
                  "30 data_stream/waves/elasticsearch/ingest_pipeline/default.yml it is a folder"]),
    row!(31 "fields in a group, over several files",
        files: &[("data_stream/waves/fields/base-fields.yml", Some("- name: data_stream\n  fields: [{name: type, type: constant_keyword}, {name: dataset, type: constant_keyword}, {name: namespace, type: constant_keyword}]\n")),
                 ("data_stream/waves/fields/agent", Some("~")), ("data_stream/waves/fields/time.txt", Some("- {name: '@timestamp', type: date}"))]),
    row!(31 "no fields", files: &[("data_stream/waves/fields/base-fields.yml", None)],
        broken: &["31 data_stream/waves/fields it is missing"]),
    row!(31 "fields of another type, and none",
        files: &[("data_stream/waves/fields/base-fields.yml", Some("- {name: data_stream.type, type: keyword}\n- {name: data_stream.dataset}\n"))],
        broken: &["31 data_stream/waves/fields data_stream.type is `keyword`, not constant_keyword; data_stream.dataset is missing; data_stream.namespace is missing; and 1 more"]),
    row!(31 "keys of merges", files: &[("data_stream/waves/fields/base-fields.yml", Some(concat!(
        "- {name: x, <<: {name: data_stream.type, type: constant_keyword}}\n",
        "- {<<: [{name: data_stream.dataset}, {name: x, type: constant_keyword}]}\n",
        "- {<<: {<<: {name: x}}, name: data_stream.namespace, type: constant_keyword}\n",
        "- {<<: {name: x}}\n- {name: '@timestamp', type: x, <<: {type: date}}\n")))]),
    row!(31 "merged keys that replace those before", files: &[("data_stream/waves/fields/a.yml", Some("- {name: '@timestamp', type: date, <<: {type: long}}\n"))],
        broken: &["31 data_stream/waves/fields @timestamp is `long`, not date"]),
    row!(31 "a type that is not text, before one in a group",
        files: &[("data_stream/waves/fields/a.yml", Some("- {name: data_stream.type, type: ~}\n- {name: data_stream.dataset, type: [constant_keyword]}\n- {name: data_stream.namespace, type: {a: b}}\n")),
                 ("data_stream/waves/fields/base-fields.yml", Some("- name: data_stream\n  fields: [{name: type, type: constant_keyword}, {name: dataset, type: constant_keyword}, {name: namespace, type: constant_keyword}]\n- {name: '@timestamp', type: date}\n"))],
        broken: &["31 data_stream/waves/fields data_stream.type is `null`, not constant_keyword; data_stream.dataset is `a list`, not constant_keyword; data_stream.namespace is `a mapping`, not constant_keyword"]),
    row!(31 "no type, before one in a group",
        files: &[("data_stream/waves/fields/a.yml", Some("- {name: data_stream.type}\n- {name: data_stream.dataset, type: ''}\n")),
                 ("data_stream/waves/fields/base-fields.yml", Some("- name: data_stream\n  fields: [{name: type, type: constant_keyword}, {name: dataset, type: constant_keyword}, {name: namespace, type: constant_keyword}]\n- {name: '@timestamp', type: date}\n"))]),
    row!(31 "an entry without a name before the others",
        files: &[("data_stream/waves/fields/aa.yml", Some("- {title: a}\n"))],
        broken: &["31 data_stream/waves/fields data_stream.type is missing; data_stream.dataset is missing; data_stream.namespace is missing; and 1 more"]),
    row!(31 "files that are not lists of fields",
        files: &[("data_stream/waves/fields/a.yml", Some("a: 1")), ("data_stream/waves/fields/b.yml", Some("- a")), ("data_stream/waves/fields/c/d.yml", Some("")), ("data_stream/waves/fields/e.yml", Some("- \"a"))],
        broken: &["31 data_stream/waves/fields/a.yml it is not a list of fields", "31 data_stream/waves/fields/b.yml an entry is not a field (line 1)",
                  "31 data_stream/waves/fields/c it is a folder", "31 data_stream/waves/fields/e.yml unclosed quote (line 1, column 3)"]),
    row!(32 "streams by input or by package", stream: "streams: [{input: a}, {package: b}]\n"),
    row!(32 "streams by neither, and by both", stream: "streams: [{title: a}, {input: a, package: b}]\n",
        broken: &["32 data_stream/waves/manifest.yml streams[0] has neither input nor package; streams[1] has input and package"]),
    // Struct fields without a tag, which are read by their lower-case names.
    row!(4 "fields that the registry sets itself", manifest: "download: a\npath: 1\nbasepolicytemplates: []\ndata_streams: []\nbasepath: ~\n",
        stream: "package: a\npath: b\nbasepath: ~\n"),
    row!(4 "fields that the registry sets itself, with other types", manifest: "download: []\npath: {a: b}\nbasepolicytemplates: a\n",
        stream: "package: []\npath: [a]\nbasepath: {}\n",
        broken: &["4 data_stream/waves/manifest.yml package is not a scalar; path is not a scalar; basepath is not a scalar",
                  "4 manifest.yml download is not a scalar; path is not a scalar; basepolicytemplates[0] is not an object"]),
    row!(5 "templates that the registry fills in itself", manifest: "basepolicytemplates: [{name: a, title: b, icons: [{}]}]\n",
        broken: &["5 manifest.yml basepolicytemplates[0].description is missing; basepolicytemplates[0].icons[0].src is missing"]),
    row!(4 "steps to a field: a scalar is not a fault", stream: "elasticsearch: {index_template: a, ingest_pipeline: 1}\n"),
    row!(4 "the fields after the steps", stream: "elasticsearch: {index_template: {settings: a}, ingest_pipeline.name: [b]}\n",
        broken: &["4 data_stream/waves/manifest.yml elasticsearch.index_template.settings is not an object; elasticsearch.ingest_pipeline.name is not a scalar"]),
    row!(4 "fields of later releases", release: "1.35.0",
        manifest: "deprecated: a\nrequires: a\ngroup: []\nvars: [{deprecated: b}]\n"),
    row!(4 "fields of the release", release: "1.36.0",
        manifest: "deprecated: a\nrequires: a\ngroup: []\nvars: [{deprecated: b}]\n",
        broken: &["4 manifest.yml deprecated is not an object; vars[0].deprecated is not an object"]),
    row!(4 "a field of earlier releases",
        manifest: "policy_templates: [{name: a, title: b, description: c, deployment_modes: {default: {is_default: maybe}}}]\n"),
    row!(4 "a field of the release, not of later ones", release: "1.38.0",
        manifest: "policy_templates: [{name: a, title: b, description: c, deployment_modes: {default: {is_default: maybe}, agentless: {release: []}}}]\n",
        broken: &["4 manifest.yml policy_templates[0].deployment_modes.default.is_default is not a bool"]),
    row!(5 "an input by its package", manifest: "policy_templates: [{name: a, title: b, description: c, inputs: [{package: d}]}]\n"),
    row!(5 "an input by its package, before it was supported", release: "1.36.0",
        manifest: "policy_templates: [{name: a, title: b, description: c, inputs: [{package: d}, {title: e}]}]\n",
        broken: &["5 manifest.yml policy_templates[0].inputs[0].type is missing: references to packages are supported since 1.37.0; policy_templates[0].inputs[1].type is missing"]),
    row!(5 "a field of discovery without a name", release: "1.29.0", manifest: "discovery: {fields: [{}], datasets: [{}]}\n"),
    row!(6 "a template whose name is a path through the root", manifest: "policy_templates: [{name: ../../buoy-1.0.0/docs/a, title: b, description: c}]\n",
        files: &[("docs/a.md/b", Some(""))],
        broken: &["6 docs/a.md it is a folder"]),
    row!(6 "a template whose name is a path outside the root", manifest: "policy_templates: [{name: ../../buoy/docs/a, title: b, description: c}]\n",
        files: &[("docs/a.md/b", Some(""))]),
    row!(7 "released agentless, before it was checked", release: "1.38.0",
        manifest: "policy_templates: [{name: a, title: b, description: c, deployment_modes: {agentless: {release: experimental}}}]\n"),
    row!(10 "a constraint without form, before it was checked", release: "1.32.1", manifest: "conditions: {agent.version: '>>8'}\n"),
    row!(16 "a folder instead of a manifest", files: &[("data_stream/b/manifest.yml/a", Some("title: a\ntype: logs\n"))],
        broken: &["16 data_stream/b/manifest.yml it is a folder"]),
    row!(31 "a folder instead of a manifest, which contains one", files: &[("data_stream/b/manifest.yml/manifest.yml", Some("title: a\ntype: logs\n"))],
        broken: &["31 data_stream/b/manifest.yml it is a folder, which is treated as a data stream without fields"]),
    row!(16 "a manifest next to the data streams, and inside of one", files: &[("data_stream/manifest.yml", Some("a: [")), ("data_stream/waves/b/manifest.yml", Some("a: ["))]),
    row!(16 "a folder whose name is a malformed pattern", files: &[("data_stream/b[/manifest.yml", Some("title: a\ntype: logs\n"))],
        broken: &["16 data_stream/b[/manifest.yml the folder's name is a malformed pattern"]),
    row!(16 "a stream by its package, before it was supported", release: "1.36.0", stream: "streams: [{package: a}, {input: b}]\n",
        broken: &["16 data_stream/waves/manifest.yml streams[0].input is missing: references to packages are supported since 1.37.0"]),
    row!(18 "pipelines of a folder that a pattern matches", files: &[("data_stream/w*/manifest.yml", Some("title: a\ntype: logs\n")), ("data_stream/waves/elasticsearch/ingest_pipeline/more.yml", Some(""))],
        broken: &["18 data_stream/w*/manifest.yml no pipeline has the name default: more.yml", "18 data_stream/waves/manifest.yml no pipeline has the name default: more.yml"]),
    row!(25 "images through the root, the root itself, and its parent",
        manifest: "icons: [{src: ../buoy-1.0.0/img/a.svg}, {src: ..}, {src: /}, {src: img//./a.svg/}]\nscreenshots: [{src: x/../../buoy-1.0.0/img}]\n",
        files: &[("img/a.svg", Some(""))]),
    row!(25 "images next to the root", manifest: "icons: [{src: ../../buoy-1.0.0/img/a.svg}, {src: ../buoy/img/a.svg}]\n",
        files: &[("img/a.svg", Some(""))],
        broken: &["25 manifest.yml the image `../../buoy-1.0.0/img/a.svg` is missing; the image `../buoy/img/a.svg` is missing"]),
    row!(27 "inputs by both, before it was checked", release: "1.36.0",
        manifest: "policy_templates: [{name: a, title: b, description: c, inputs: [{type: a, package: b}]}]\n"),
    row!(30 "pipelines by paths", stream: "ingest_pipeline: ../ingest_pipeline//x/./a\n",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/x/a.yml", Some("a: 1"))]),
    row!(30 "malformed pipelines by paths", stream: "ingest_pipeline: ../a\nelasticsearch: {}\n",
        files: &[("data_stream/waves/elasticsearch/a.json", Some("[]")), ("data_stream/waves/elasticsearch/ingest_pipeline/default.yml", Some("[]"))],
        broken: &["30 data_stream/waves/elasticsearch/a.json expected a JSON object", "30 data_stream/waves/elasticsearch/ingest_pipeline/default.yml expected a YAML mapping"]),
    row!(30 "a pipeline of another folder", stream: "ingest_pipeline: ../../../../docs/a\n",
        files: &[("docs/a.yml", Some("a: 1")), ("data_stream/waves/elasticsearch/ingest_pipeline/default.yml", Some("a: 1"))],
        broken: &["30 docs/a.yml pipelines outside of `elasticsearch` are not supported"]),
    row!(30 "JSON as Go reads it",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/default.json", Some("{\"\\ud800\": 1e308, \"\\udc00\\ud800\": 1e-999}"))]),
    row!(30 "a JSON number that Go cannot represent",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/default.json", Some("{\"a\": [1e999]}"))],
        broken: &["30 data_stream/waves/elasticsearch/ingest_pipeline/default.json a number exceeds a 64-bit float (offset 7)"]),
    row!(30 "merges of scalars",
        files: &[("data_stream/waves/elasticsearch/ingest_pipeline/default.yml", Some("a: {<<: x}"))],
        broken: &["30 data_stream/waves/elasticsearch/ingest_pipeline/default.yml a merge needs a mapping, or a list of mappings (line 1, column 9)"]),
    row!(31 "fields of the folder in basepath", stream: "basepath: /data_stream/./other\n",
        files: &[("data_stream/other/fields/a.yml", Some(FIELDS))]),
    row!(31 "an empty basepath", stream: "basepath: ''\n", broken: &["31 /fields it is missing"]),
    row!(31 "a folder whose name is a pattern that matches another", files: &[("data_stream/w?ves/manifest.yml", Some("title: a\ntype: logs\n"))]),
    row!(31 "a folder whose name is a pattern that does not match itself",
        files: &[("data_stream/b[c]/manifest.yml", Some("title: a\ntype: logs\n")), ("data_stream/b[c]/fields/a.yml", Some(FIELDS))],
        broken: &["31 data_stream/b[c]/fields it is missing"]),
    row!(31 "only the first file is read", release: "1.16.3",
        files: &[("data_stream/waves/fields/a.yml", Some("- {name: a}")), ("data_stream/waves/fields/b.yml", Some("a: [")), ("data_stream/waves/fields/base-fields.yml", None)]),
    row!(31 "the first file is not a list", release: "1.16.3",
        files: &[("data_stream/waves/fields/a.yml", Some("a: 1"))],
        broken: &["31 data_stream/waves/fields/a.yml it is not a list of fields"]),
    row!(31 "no files at all", release: "1.16.3", files: &[("data_stream/waves/fields/base-fields.yml", None)],
        broken: &["31 data_stream/waves/fields it is missing"]),
    row!(32 "streams by both, before it was checked", release: "1.36.0", stream: "streams: [{input: a, package: b}]\n"),
    row!(33 "another path for the package", manifest: "base_path: a\nbasepath: ~\n"),
    row!(33 "basepath, which replaces the package's folder in the registry", manifest: "basepath: a\n",
        broken: &["33 manifest.yml basepath is `a`"]),
    row!(34 "no data streams in the manifest", manifest: "data_streams: {}\n"),
    row!(34 "a data stream in the manifest, which crashes the registry", manifest: "data_streams: [{title: a, type: logs, dataset: b}]\n",
        broken: &["34 manifest.yml data_streams has an item"]),
    row!(34 "a data stream in the manifest without a dataset", manifest: "data_streams: [{title: a, type: logs}]\n",
        broken: &["5 manifest.yml data_streams[0].dataset is missing", "34 manifest.yml data_streams has an item"]),
    row!(34 "the same, before the dataset was required", release: "1.28.0", manifest: "data_streams: [{title: a, type: logs}]\n",
        broken: &["34 manifest.yml data_streams has an item"]),
];
