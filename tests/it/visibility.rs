//! What users will see: v1 as it is served today beside v2, in the reports and in the summary.
//!
//! `search` tests the rules of the registry; the expected changes follow from them.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::schemas::assert_valid;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

const KIBANAS: &str = "--kibana-version 7.17.29 --kibana-version 8.19.18";

/// A revision for some versions of Kibana.
fn for_kibana(constraint: &str) -> impl Fn(RevisionDraft) -> RevisionDraft {
    let line = format!("conditions: {{kibana: {{version: '{constraint}'}}}}\n");
    move |revision| revision.manifest_with(&line)
}

/// One package for each reason.
fn repository(path: &Path) -> V1Repo {
    V1Repo::create(path)
        .stage("production", |s| {
            s.revision("buoy", "1.0.0", |r| r.manifest_with("release: experimental\n"))
                .revision("harbor", "1.0.0", for_kibana("^7.16.0 || ^8.0.0"))
                .revision("pier", "1.0.0", RevisionDraft::manifest)
                .revision("pier", "2.0.0", |r| r.manifest().remove("docs/README.md"))
                .revision("quay", "1.0.0", RevisionDraft::manifest)
                .revision("reef", "1.0.0", |r| r.manifest().symlink("img/a.png", "b"))
        })
        .stage("staging", |s| {
            s.revision("buoy", "1.0.0", RevisionDraft::manifest).revision(
                "quay",
                "0.9.0",
                RevisionDraft::manifest,
            )
        })
        .stage("snapshot", |s| {
            s.revision("drift", "0.1.0", RevisionDraft::manifest)
                .revision("harbor", "1.1.0", for_kibana("^8.0.0"))
                .revision("quay", "1.1.0-rc.1", RevisionDraft::manifest)
        })
}

fn report(repo: &V1Repo, flags: &str) -> Value {
    let tool = Tool::migrate(repo.path()).args("--dry-run --quiet --fail-on never --report -");
    let report = tool.args(KIBANAS).args(flags).run().expect_code(0, flags).json();
    assert_valid("report", &report, flags);
    report
}

/// Renders a view in lines: its counts, its changes, and those between releases of the registry.
fn lines(report: &Value, query: &str, kibana: Option<&str>) -> Vec<String> {
    let views = report["visibility"]["views"].as_array().unwrap();
    let view =
        views.iter().find(|view| view["query"] == query && view["kibana"].as_str() == kibana);
    let view = view.unwrap_or_else(|| panic!("{query} {kibana:?}"));
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let sides = |value: &Value| format!("{} -> {}", value["v1"], value["v2"]);
    let mut lines = vec![format!(
        "{}, all {}, registries {} -> {}",
        sides(&view["packages"]),
        sides(&view["revisions"]),
        view["by_registry"]["older"],
        view["by_registry"]["newer"],
    )];
    for change in view["changes"].as_array().unwrap() {
        let fields = ["package", "before", "after", "reason", "stage"];
        lines.push(fields.map(|field| text(&change[field])).join(" "));
    }
    for step in view["by_registry"]["changes"].as_array().unwrap() {
        lines.push(["package", "before", "after"].map(|field| text(&step[field])).join(" "));
    }
    lines
}

/// Keeps staging's copy of the package whose copies differ.
fn decisions(repo: &V1Repo, folder: &Path) -> String {
    let path = folder.join("open.yml");
    let tool = Tool::migrate(repo.path()).args("--dry-run --quiet --write-resolutions").arg(&path);
    tool.run().expect_code(1, "blockers are open");
    let text = fs::read_to_string(&path).unwrap();
    let entries: Vec<&str> = text.split("  - package: ").collect();
    let own = entries.iter().find(|entry| entry.contains("code: content-conflict")).unwrap();
    let own = own.replace("decision:\n", "decision: {keep: staging}\n");
    let own = own.replace("reason:\n", "reason: its owner wants it\n");
    let own: Vec<&str> = own.lines().filter(|line| !line.contains('#')).collect();
    fs::write(&path, format!("resolutions:\n  - package: {}\n", own.join("\n"))).unwrap();
    format!("--resolutions {}", path.display())
}

#[test]
fn changes_have_reasons() {
    let dir = tempfile::tempdir().unwrap();
    let repo = repository(&dir.path().join("v1"));
    let report = report(&repo, &decisions(&repo, dir.path()));
    let visibility = &report["visibility"];
    assert_eq!(visibility["v1"], "production");
    assert_eq!(visibility["unread"], serde_json::json!(["reef-1.0.0"]));
    let queries = visibility["views"].as_array().unwrap().iter();
    let queries = queries.map(|view| format!("{} {}", view["query"], view["kibana"]));
    assert_eq!(
        queries.collect::<Vec<_>>(),
        [
            r#""plain" null"#,
            r#""plain" "7.17.29""#,
            r#""plain" "8.19.18""#,
            r#""prerelease" null"#,
            r#""prerelease" "7.17.29""#,
            r#""prerelease" "8.19.18""#,
            r#""experimental" null"#,
            r#""experimental" "7.17.29""#,
        ],
        "Kibana 8.19 does not send experimental=true"
    );
    // buoy: hidden in v1; drift: only in snapshot; harbor: newer in snapshot; pier: blocked; quay: a release candidate.
    assert_eq!(
        lines(&report, "plain", None),
        [
            "3 -> 5, all 4 -> 7, registries 4 -> 5",
            "buoy - 1.0.0 other-copy staging",
            "drift - 0.1.0 other-stage snapshot",
            "harbor 1.0.0 1.1.0 other-stage snapshot",
            "pier 2.0.0 1.0.0 not-migrated production",
            "drift - 0.1.0",
        ]
    );
    assert_eq!(
        lines(&report, "plain", Some("7.17.29")),
        [
            "3 -> 5, all 4 -> 6, registries 4 -> 5",
            "buoy - 1.0.0 other-copy staging",
            "drift - 0.1.0 other-stage snapshot",
            "pier 2.0.0 1.0.0 not-migrated production",
            "drift - 0.1.0",
        ]
    );
    assert_eq!(
        lines(&report, "prerelease", Some("8.19.18")),
        [
            "4 -> 5, all 5 -> 8, registries 5 -> 5",
            "drift - 0.1.0 other-stage snapshot",
            "harbor 1.0.0 1.1.0 other-stage snapshot",
            "pier 2.0.0 1.0.0 not-migrated production",
            "quay 1.0.0 1.1.0-rc.1 other-stage snapshot",
        ]
    );
    // A release candidate is not shown beside a stable version.
    assert_eq!(
        lines(&report, "experimental", Some("7.17.29")),
        [
            "4 -> 5, all 5 -> 5, registries 5 -> 5",
            "drift - 0.1.0 other-stage snapshot",
            "pier 2.0.0 1.0.0 not-migrated production",
        ]
    );
}

/// A copy that v1 serves but whose manifest cannot be read is listed, whether or not another one is migrated.
#[test]
fn copies_that_cannot_be_read_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1"))
        .stage("production", |s| {
            s.revision("shoal", "1.0.0", |r| r.manifest().file("manifest.yml", "name: [\n"))
        })
        .stage("staging", |s| s.revision("shoal", "1.0.0", RevisionDraft::manifest))
        .stage("snapshot", |s| s);
    let kept = decisions(&repo, dir.path());
    let rows = [
        ("", vec!["0 -> 0, all 0 -> 0, registries 0 -> 0"]),
        (
            kept.as_str(),
            vec!["0 -> 1, all 0 -> 1, registries 1 -> 1", "shoal - 1.0.0 other-stage staging"],
        ),
    ];
    for (flags, expected) in rows {
        let report = report(&repo, flags);
        assert_eq!(report["visibility"]["unread"], serde_json::json!(["shoal-1.0.0"]), "{flags}");
        assert_eq!(lines(&report, "plain", None), expected, "{flags}");
    }
}

/// The first stage is what v1 serves, and `--registry` is the release that judges both sides.
#[test]
fn stages_and_the_registry_determine_what_is_compared() {
    let dir = tempfile::tempdir().unwrap();
    let repo = repository(&dir.path().join("v1"));
    let rows = [
        (
            "--registry 1.40.1",
            "production",
            ["1.15.0", "1.40.1"],
            "3 -> 4, all 4 -> 6, registries 3 -> 4",
        ),
        (
            "--registry 1.15.0",
            "production",
            ["1.15.0", "1.40.1"],
            "3 -> 3, all 4 -> 4, registries 3 -> 4",
        ),
        (
            "--registry 1.36.0",
            "production",
            ["1.36.0", "1.40.1"],
            "3 -> 4, all 4 -> 6, registries 4 -> 4",
        ),
        (
            "--stages snapshot,staging,production",
            "snapshot",
            ["1.15.0", "1.40.1"],
            "2 -> 5, all 2 -> 7, registries 4 -> 5",
        ),
        (
            "--stages staging",
            "staging",
            ["1.15.0", "1.40.1"],
            "2 -> 2, all 2 -> 2, registries 1 -> 2",
        ),
        (
            "--unpromoted exclude",
            "production",
            ["1.15.0", "1.40.1"],
            "3 -> 3, all 4 -> 3, registries 3 -> 3",
        ),
    ];
    for (flags, stage, registries, expected) in rows {
        let report = report(&repo, flags);
        let visibility = &report["visibility"];
        assert_eq!(visibility["v1"], stage, "{flags}");
        let compared = ["older", "newer"].map(|side| &visibility["registries"][side]);
        assert_eq!(compared, registries, "{flags}");
        assert_eq!(lines(&report, "plain", None)[0], expected, "{flags}");
    }
}

#[test]
fn reports_and_the_summary_show_it() {
    let dir = tempfile::tempdir().unwrap();
    let repo = repository(&dir.path().join("v1"));
    let output = dir.path().join("v2");
    let tool = Tool::migrate(repo.path()).args("--fail-on never").args(KIBANAS).output(&output);
    let ran = tool.run().expect_code(0, "a run");
    let line = "Visible   Kibana 7.17.29: 4 packages in v1, 5 in v2; the newest version changes for 2\n\
                \x20         Kibana 8.19.18: 3 packages in v1, 4 in v2; the newest version changes for 3\n";
    assert!(ran.stderr.contains(line), "{ran}");
    let markdown = fs::read_to_string(output.join("report.md")).unwrap();
    for line in [
        "| plain | any | 3 | 4 | 3 | 4 | 6 | 3 | 4 | 1 |",
        "In v1, but not counted because they cannot be read: reef-1.0.0.",
        "### From v1 to v2 (4)",
        "| drift | – | 0.1.0 | snapshot has it | plain (any, 7.17.29, 8.19.18), prerelease=true (any, 7.17.29, 8.19.18), experimental=true (any, 7.17.29) |",
        "| harbor | 1.0.0 | 1.1.0 | snapshot has it | plain (any, 8.19.18), prerelease=true (any, 8.19.18), experimental=true (any) |",
        "| pier | 2.0.0 | 1.0.0 | v1's is not migrated | plain (any, 7.17.29, 8.19.18), prerelease=true (any, 7.17.29, 8.19.18), experimental=true (any, 7.17.29) |",
        "### From package-registry 1.15.0 to 1.40.1 (1)",
        "| drift | – | 0.1.0 | plain (any, 7.17.29, 8.19.18) |",
    ] {
        assert!(markdown.lines().any(|own| own == line), "{line}\n{markdown}");
    }
    let written = v2::json(&output.join("report.json"));
    assert_eq!(written["visibility"], report(&repo, "")["visibility"], "a dry run sees the same");
}

#[test]
fn versions_of_kibana_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let repo = repository(&dir.path().join("v1"));
    let rows = [
        ("--kibana-version eight", "expected a version such as 8.19.0"),
        (
            "--kibana-version 8.19.0 --kibana-version 8.19.0",
            "--kibana-version is given twice for 8.19.0",
        ),
    ];
    for (flags, expected) in rows {
        let ran = Tool::migrate(repo.path()).args("--dry-run").args(flags).run();
        assert!(ran.expect_code(2, flags).stderr.contains(expected), "{flags}");
    }
    let ran = Tool::migrate(repo.path()).args("--dry-run --fail-on never").run();
    let ran = ran.expect_code(0, "the defaults");
    for version in ["Kibana 7.17.29: ", "Kibana 8.19.18: ", "Kibana 9.5.2: "] {
        assert!(ran.stderr.contains(version), "{ran}");
    }
}
