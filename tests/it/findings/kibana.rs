//! Packages that Kibana refuses or reads differently, for each kind of file that its rules check.
//!
//! `tests/it/kibana` tests each rule; this file tests that each kind of file is read, that the package is migrated
//! nevertheless, and that files that the registry refuses are reported only once.

use super::trees::harbor_log;
use super::{Row, check_all};

#[test]
fn packages_that_kibana_refuses_are_found() {
    check_all(ROWS);
}

const FIELDS: &str = "- name: data_stream.type\n  type: constant_keyword\n- name: data_stream.dataset\n  type: constant_keyword\n\
                      - name: data_stream.namespace\n  type: constant_keyword\n- name: '@timestamp'\n  type: date\n";

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "manifests, their places, and files that are parsed with them or later",
        make: |repo| {
            harbor_log(repo, |r| {
                r.manifest_with("vars: [{name: level}]\nmaintainer: {owner: ~}\n")
                    .file("data_stream/a/manifest.yml", "title: A\ntype: logs\ntype: logs\n")
                    .file("data_stream/a/fields/base-fields.yml", FIELDS)
                    .file("data_stream/a/fields/more.yml", "- name: a\n  name: b\n")
                    .file("data_stream/b/notes.md", "")
                    .file("kibana/tags.yml", "- text: a\n  text: b\n")
            })
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            "warning not-installable harbor_log 1.2.0 production data_stream/a/fields/more.yml detail=the key `name` appears twice (line 2, column 3) highest=true key=null rule=K14",
            "warning not-installable harbor_log 1.2.0 production data_stream/a/manifest.yml detail=the key `type` appears twice (line 3, column 1) highest=true key=null rule=K3",
            "warning not-installable harbor_log 1.2.0 production data_stream/b detail=the data stream has no manifest.yml highest=true key=null rule=K6",
            "warning not-installable harbor_log 1.2.0 production kibana/tags.yml detail=the key `text` appears twice (line 2, column 3) highest=true key=null rule=K3",
            "warning not-installable harbor_log 1.2.0 production manifest.yml detail=owner is missing highest=true key=owner rule=K4",
            "warning not-installable harbor_log 1.2.0 production manifest.yml detail=vars[0].type is missing highest=true key=vars[0].type rule=K9",
        ],
    },
    Row {
        name: "only the highest version is marked as such",
        make: |repo| {
            let repo = harbor_log(repo, |r| r.manifest_with("#owner:\n"));
            repo.stage("staging", |s| {
                s.revision("harbor_log", "1.10.0", |r| r.manifest_with("#owner:\n"))
            })
        },
        archives: &["+harbor_log-1.2.0", "+harbor_log-1.10.0"],
        balance: [5, 5, 0, 0, 0],
        findings: &[
            "warning exposes-unpromoted harbor_log 1.10.0 staging - production_newest=1.2.0 standing=newest",
            "warning not-installable harbor_log 1.2.0 production manifest.yml detail=owner is missing highest=false key=owner rule=K4",
            "warning not-installable harbor_log 1.10.0 staging manifest.yml detail=owner is missing highest=true key=owner rule=K4",
        ],
    },
    Row {
        name: "a file that is too long for Kibana",
        make: |repo| {
            harbor_log(repo, |r| {
                r.manifest()
                    .file("elasticsearch/ml_model/a.json", " ".repeat((4 << 20) + 1))
                    .file("docs/a.md", " ".repeat((4 << 20) + 1))
            })
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            "warning not-installable harbor_log 1.2.0 production docs/a.md detail=Kibana stores it as 4194305 characters, which exceeds 4 MiB highest=true key=null rule=K13",
        ],
    },
    Row {
        name: "values that are read differently, in two manifests",
        make: |repo| {
            harbor_log(repo, |r| {
                r.manifest_with("vars:\n  - {name: a, type: bool, default: yes}\n  - {name: b, type: text, default: 1:20}\n")
                    .file("data_stream/a/manifest.yml", "title: A\ntype: logs\nhidden: no\n")
                    .file("data_stream/a/fields/base-fields.yml", FIELDS)
            })
        },
        archives: &["+harbor_log-1.2.0"],
        balance: [4, 4, 0, 0, 0],
        findings: &[
            r#"info read-differently harbor_log 1.2.0 production data_stream/a/manifest.yml fields=[{"field":"hidden","kibana":"the text `no`","line":3,"registry":"false"}]"#,
            r#"info read-differently harbor_log 1.2.0 production manifest.yml fields=[{"field":"vars[0].default","kibana":"the text `yes`","line":8,"registry":"true"},{"field":"vars[1].default","kibana":"the number 80","line":9,"registry":"the text `1:20`"}]"#,
        ],
    },
    Row {
        name: "files that the registry refuses are not reported twice",
        make: |repo| {
            harbor_log(repo, |r| {
                r.manifest_with("#owner:\ndefault: yes\n").remove("docs/README.md")
            })
        },
        archives: &[],
        balance: [4, 3, 0, 0, 1],
        findings: &[
            "blocker not-loadable harbor_log 1.2.0 production docs/README.md always_on=true detail=it is missing rule=13 since=1.10.0 until=null",
        ],
    },
];
