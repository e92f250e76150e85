//! Packages that the registry refuses, for each kind of file that its rules check.
//!
//! `tests/it/registry` tests each rule; this file tests that each kind of file is read, that a package with a warning is
//! migrated, and that one blob is read separately for each of its roles.

use super::trees::harbor_log;
use super::{Row, check_all};
use crate::support::v1_repo::RevisionDraft;

#[test]
fn packages_that_the_registry_refuses_are_found() {
    check_all(ROWS);
}

/// A package with a data stream that breaks no rule.
fn with_stream(r: RevisionDraft) -> RevisionDraft {
    r.manifest()
        .file("data_stream/a/manifest.yml", "title: A\ntype: logs\n")
        .file("data_stream/a/fields/base-fields.yml", FIELDS)
}

const FIELDS: &str = "- name: data_stream\n  type: group\n  fields:\n    - {name: type, type: constant_keyword}\n    \
     - {name: dataset, type: constant_keyword}\n    - {name: namespace, type: constant_keyword}\n\
     - name: '@timestamp'\n  type: date\n";

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "a data stream without fault",
        make: |repo| harbor_log(repo, with_stream),
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[],
    },
    Row {
        name: "rules that always apply, all of them reported",
        make: |repo| {
            harbor_log(repo, |r| {
                with_stream(r)
                    .remove("docs/README.md")
                    .file("img/dark-mode/a.svg", "")
                    .file("data_stream/a/manifest.yml", "title: A\ntype: logs\nrelease: soon\n")
                    .file("data_stream/b/manifest.yml", "title: \"A\n")
            })
        },
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            "blocker not-loadable harbor_log 1.2.0 production - always_on=true detail=the folder `img/dark-mode` has a dash in its name rule=14 since=1.10.0 until=null",
            "blocker not-loadable harbor_log 1.2.0 production data_stream/a/manifest.yml always_on=true detail=release is `soon` rule=17 since=1.10.0 until=null",
            "blocker not-loadable harbor_log 1.2.0 production data_stream/b/manifest.yml always_on=true detail=unclosed quote (line 1, column 8) rule=16 since=1.10.0 until=null",
            "blocker not-loadable harbor_log 1.2.0 production docs/README.md always_on=true detail=it is missing rule=13 since=1.10.0 until=null",
        ],
    },
    Row {
        name: "rules that apply with validation: the package is migrated",
        make: |repo| {
            harbor_log(repo, |r| {
                with_stream(r)
                    .file("data_stream/a/fields/odd.yml", "a: 1\n")
                    .file("data_stream/a/elasticsearch/ingest_pipeline/default.yml", "- a\n")
                    .file("data_stream/a/elasticsearch/ingest_pipeline/default.json", "{,}")
                    .file("data_stream/a/elasticsearch/ingest_pipeline/other.yml", "- a\n")
            })
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            "warning not-loadable harbor_log 1.2.0 production data_stream/a/elasticsearch/ingest_pipeline/default.json always_on=false detail=expected a key in double quotes (offset 1) rule=30 since=1.10.0 until=null",
            "warning not-loadable harbor_log 1.2.0 production data_stream/a/elasticsearch/ingest_pipeline/default.yml always_on=false detail=expected a YAML mapping rule=30 since=1.10.0 until=null",
            "warning not-loadable harbor_log 1.2.0 production data_stream/a/fields/odd.yml always_on=false detail=it is not a list of fields rule=31 since=1.17.0 until=null",
        ],
    },
    Row {
        name: "one blob as a pipeline, as fields and as a data stream's manifest",
        make: |repo| {
            harbor_log(repo, |r| {
                let same = "title: A\ntype: logs\n";
                with_stream(r)
                    .file("data_stream/a/fields/odd.yml", same)
                    .file("data_stream/a/elasticsearch/ingest_pipeline/default.yml", same)
                    .file("data_stream/b/manifest.yml", same)
                    .file("docs/b.md", same)
            })
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            "warning not-loadable harbor_log 1.2.0 production data_stream/a/fields/odd.yml always_on=false detail=it is not a list of fields rule=31 since=1.17.0 until=null",
            "warning not-loadable harbor_log 1.2.0 production data_stream/b/fields always_on=false detail=it is missing rule=31 since=1.10.0 until=null",
        ],
    },
    Row {
        name: "values that the registry loads, but does not use or serve",
        make: |repo| {
            harbor_log(repo, |r| {
                let r = with_stream(r);
                r.file("manifest.yml", "format_version: 1.0.0\nname: harbor_log\nversion: 1.2.0\ntitle: A\ndescription: B\ncategories: [web, boats]\nowner: {github: a}\n")
                    .file("data_stream/a/manifest.yml", "title: A\ntype: logs\nstreams: [{input: a, title: A, vars: [{name: a, type: text, default: .inf}]}]\n")
            })
        },
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            "blocker not-servable harbor_log 1.2.0 production data_stream/a/manifest.yml detail=streams[0].vars[0].default is .inf",
            "warning category-dropped harbor_log 1.2.0 production manifest.yml category=boats since=1.10.0 until=1.28.0",
        ],
    },
];
