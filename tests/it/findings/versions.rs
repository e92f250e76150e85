//! Findings about all versions of a package: key collisions, equal precedence, and unpromoted versions.

use super::{Row, check, check_all, harbor};
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

#[test]
fn the_versions_of_a_package_are_checked() {
    check_all(ROWS);
}

/// Adds a revision to a stage for each version.
fn with(repo: V1Repo, stage: &str, name: &str, versions: &[&str]) -> V1Repo {
    versions.iter().fold(repo, |repo, version| {
        repo.stage(stage, |s| s.revision(name, version, RevisionDraft::manifest))
    })
}

#[test]
fn without_production_unpromoted_versions_are_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let repo = with(harbor(dir.path()), "snapshot", "pier", &["1.0.0"]);
    let found = |stages: &str| {
        let tool = Tool::migrate(repo.path()).args("--dry-run --quiet --report - --stages");
        let ran = tool.arg(stages).run().expect_code(0, stages);
        v2::findings(&ran.json())
    };
    let finding =
        "warning exposes-unpromoted pier 1.0.0 snapshot - production_newest=null standing=newest";
    for stages in ["snapshot,production", "production,snapshot"] {
        assert_eq!(found(stages), [finding], "{stages}");
    }
    for stages in ["snapshot", "staging,snapshot"] {
        assert_eq!(found(stages), Vec::<String>::new(), "{stages}");
    }
}

/// Users have what production has, regardless of the scope of a run.
#[test]
fn a_scope_changes_nothing_about_what_production_has() {
    let dir = tempfile::tempdir().unwrap();
    let repo =
        with(harbor(dir.path()), "production", "pier", &["1.0.0", "1.2.0", "1.2.1", "3.0.0-rc1"]);
    let repo = with(repo, "snapshot", "pier", &["1.1.0", "1.3.0", "2.0.0"]);
    let rows: [(&str, &[&str]); 6] = [
        ("--include pier", &["1.1.0 1.2.1 older", "1.3.0 1.2.1 newer", "2.0.0 1.2.1 newest"]),
        ("--include pier-1.1*,pier-1.3*", &["1.1.0 1.2.1 older", "1.3.0 1.2.1 newest"]),
        ("--exclude pier-1.2*", &["1.1.0 1.2.1 older", "1.3.0 1.2.1 newer", "2.0.0 1.2.1 newest"]),
        ("--exclude pier-1.2.1,pier-2*,pier-3*", &["1.1.0 1.2.1 older", "1.3.0 1.2.1 newest"]),
        ("--unpromoted exclude", &[]),
        (
            "--unpromoted exclude --stages snapshot,production --include pier",
            &["1.1.0 1.2.1 older", "1.3.0 1.2.1 newer", "2.0.0 1.2.1 newest"],
        ),
    ];
    for (flags, expected) in rows {
        let tool = Tool::migrate(repo.path()).args("--dry-run --quiet --report -").args(flags);
        let report = tool.run().expect_code(0, flags).json();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let found = report["findings"].as_array().unwrap().iter();
        let found =
            found.filter(|finding| finding["code"] == "exposes-unpromoted").map(|finding| {
                let evidence = &finding["evidence"];
                let (newest, standing) = (&evidence["production_newest"], &evidence["standing"]);
                [&finding["version"], newest, standing].map(text).join(" ")
            });
        assert_eq!(found.collect::<Vec<_>>(), expected, "{flags}");
    }
}

/// The evidence does not grow quadratically with the number of versions.
#[test]
fn only_the_first_of_many_others_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let versions: Vec<String> = (1..=8).map(|build| format!("1.0.0+b{build}")).collect();
    let texts: Vec<&str> = versions.iter().map(String::as_str).collect();
    let repo = with(harbor(dir.path()), "production", "pier", &texts);
    let archives: Vec<String> = versions.iter().map(|version| format!("+pier-{version}")).collect();
    let findings: Vec<String> = versions
        .iter()
        .map(|version| {
            let others: Vec<&String> = versions.iter().filter(|other| *other != version).collect();
            let first = serde_json::to_string(&others[..5]).unwrap();
            format!(
                "warning equal-precedence pier {version} production - other_count=7 others={first}"
            )
        })
        .collect();
    let archives: Vec<&str> = archives.iter().map(String::as_str).collect();
    check("eight builds", &repo, &archives, [11, 11, 0, 0, 0], &findings);
}

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "keys that differ only in case, across stages; and a unique one",
        make: |repo| {
            let repo = with(repo, "production", "pier", &["1.0.0-RC1", "1.0.0-rc2"]);
            with(repo, "snapshot", "pier", &["1.0.0-rc1"])
        },
        archives: &["+pier-1.0.0-RC1", "+pier-1.0.0-rc1", "+pier-1.0.0-rc2"],
        balance: [6, 6, 0, 0, 0],
        findings: &[
            r#"conflict key-collision pier 1.0.0-RC1 production - key=artifacts/packages/pier-1.0.0-rc1.zip other_count=1 others=["1.0.0-rc1"]"#,
            r#"conflict key-collision pier 1.0.0-rc1 snapshot - key=artifacts/packages/pier-1.0.0-rc1.zip other_count=1 others=["1.0.0-RC1"]"#,
        ],
    },
    Row {
        name: "versions that differ only in build metadata",
        make: |repo| with(repo, "production", "pier", &["1.0.0", "1.0.0+b1", "1.0.0-a+b1"]),
        archives: &["+pier-1.0.0", "+pier-1.0.0+b1", "+pier-1.0.0-a+b1"],
        balance: [6, 6, 0, 0, 0],
        findings: &[
            r#"warning equal-precedence pier 1.0.0 production - other_count=1 others=["1.0.0+b1"]"#,
            r#"warning equal-precedence pier 1.0.0+b1 production - other_count=1 others=["1.0.0"]"#,
        ],
    },
    Row {
        name: "stable versions around those of production, and what is not stable",
        make: |repo| {
            let repo = with(repo, "production", "pier", &["1.2.0", "3.0.0-beta1"]);
            let repo = with(repo, "staging", "pier", &["1.1.0", "1.3.0", "2.0.0"]);
            with(repo, "snapshot", "pier", &["0.9.0", "1.3.0", "2.0.0-rc1", "4.0.0-rc1"])
        },
        archives: &[
            "+pier-0.9.0",
            "+pier-1.1.0",
            "+pier-1.2.0",
            "+pier-1.3.0",
            "+pier-2.0.0",
            "+pier-2.0.0-rc1",
            "+pier-3.0.0-beta1",
            "+pier-4.0.0-rc1",
        ],
        balance: [12, 11, 1, 0, 0],
        findings: &[
            "warning exposes-unpromoted pier 1.1.0 staging - production_newest=1.2.0 standing=older",
            "warning exposes-unpromoted pier 1.3.0 staging,snapshot - production_newest=1.2.0 standing=newer",
            "warning exposes-unpromoted pier 2.0.0 staging - production_newest=1.2.0 standing=newest",
            "info identical-copy pier 1.3.0 snapshot - winner=staging",
        ],
    },
    Row {
        name: "packages that production never released",
        make: |repo| {
            let repo = with(repo, "production", "tug", &["2.0.0-beta1"]);
            let repo = with(repo, "snapshot", "tug", &["1.0.0"]);
            with(repo, "snapshot", "pier", &["1.0.0", "1.1.0"])
        },
        archives: &["+pier-1.0.0", "+pier-1.1.0", "+tug-1.0.0", "+tug-2.0.0-beta1"],
        balance: [7, 7, 0, 0, 0],
        findings: &[
            "warning exposes-unpromoted pier 1.0.0 snapshot - production_newest=null standing=newer",
            "warning exposes-unpromoted pier 1.1.0 snapshot - production_newest=null standing=newest",
            "warning exposes-unpromoted tug 1.0.0 snapshot - production_newest=null standing=newest",
        ],
    },
    Row {
        name: "blocked revisions are not exposed",
        make: |repo| {
            repo.stage("snapshot", |s| {
                s.revision("pier", "1.0.0", |r| r.manifest().remove("manifest.yml")).revision(
                    "pier",
                    "1.0.0+b1",
                    RevisionDraft::manifest,
                )
            })
        },
        archives: &["+pier-1.0.0+b1"],
        balance: [5, 4, 0, 0, 1],
        findings: &[
            "blocker manifest-missing pier 1.0.0 snapshot -",
            r#"warning equal-precedence pier 1.0.0+b1 snapshot - other_count=1 others=["1.0.0"]"#,
            "warning exposes-unpromoted pier 1.0.0+b1 snapshot - production_newest=null standing=newest",
        ],
    },
];
