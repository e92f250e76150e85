//! What the tool tells of the fixture, word for word: plan, report as JSON and as Markdown, summary.
//!
//! The golden files in `tests/golden` are made anew with `REFRESH_GOLDEN=1 cargo test`, and reviewed as
//! a diff. Whether it is right is asked in `migrate` and `findings`; here, that it does not change
//! unseen, and that no name from a repository becomes markup.

#![allow(clippy::unwrap_used)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::fixture;
use crate::support::tool::Tool;
use crate::support::v1_repo::V1Repo;
use crate::support::v2;

#[test]
fn plan_reports_and_summary_are_the_golden_ones() {
    let dir = tempfile::tempdir().unwrap();
    let tool = Tool::migrate(fixture::folder()).output("v2").current_dir(dir.path());
    let ran = tool.run().expect_code(1, "fixture");
    for name in ["plan.json", "report.json", "report.md"] {
        assert_golden(name, &fs::read_to_string(dir.path().join("v2").join(name)).unwrap());
    }
    assert_golden("summary.txt", &ran.stderr);

    let preview = Tool::migrate(fixture::folder()).arg("--dry-run").run();
    assert_golden("summary-dry-run.txt", &preview.expect_code(1, "dry run").stderr);
}

#[test]
fn reports_and_summary_of_history_are_the_golden_ones() {
    let dir = tempfile::tempdir().unwrap();
    let tool = Tool::audit_history(fixture::folder()).current_dir(dir.path());
    let ran = tool.args("--report history.json --report history.md").run();
    assert_golden("history.txt", &ran.expect_code(0, "fixture").stderr);
    for name in ["history.json", "history.md"] {
        assert_golden(name, &fs::read_to_string(dir.path().join(name)).unwrap());
    }
}

#[test]
fn the_readme_shows_what_the_tool_says() {
    let summary = include_str!("../golden/summary.txt").replace(" v2", " target/v2");
    assert!(summary.contains("target/v2/report.md"));
    assert!(include_str!("../../README.md").contains(&summary), "the README's first run is stale");
    let history = include_str!("../golden/history.txt");
    assert!(include_str!("../../README.md").contains(history), "the README's history is stale");
}

#[test]
fn every_finding_says_what_and_what_to_do() {
    let ran = Tool::migrate(fixture::folder()).args("--dry-run --quiet --report -").run();
    let report = ran.json();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), v2::findings(&report).len());
    for finding in findings {
        for field in ["message", "advice"] {
            assert!(!finding[field].as_str().unwrap().is_empty(), "{field} of {finding}");
        }
    }
}

/// Everything that Markdown or HTML gives a meaning to, and a line's end.
const MARKUP: &str = "a|b [c](d) `e` <f> *g* _h_ ~i~ &amp; #j";
const ESCAPED: &str = r"a\|b \[c\](d) \`e\` \<f\> \*g\* \_h\_ \~i\~ \&amp; \#j";

#[test]
fn no_name_from_a_repository_becomes_markup() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1"))
        .stage("production", |s| {
            s.revision("buoy", "1.0.0", |r| {
                r.manifest().symlink(MARKUP, "x").symlink("a\u{202e}b", "x")
            })
            .revision("port", "1.0.0", |r| r.manifest().file(MARKUP, "1").file("fields.yml", "a\n"))
            .revision("pier", "1.0.0", |r| {
                let name = format!("{MARKUP}\n| new row");
                r.manifest().file("manifest.yml", format!("version: \u{200b}1\nname: {name:?}\n"))
            })
            .file(format!("packages/{MARKUP}/1.0.0/manifest.yml"), "")
            .file(format!("packages/{MARKUP}.txt"), "")
            .file("packages/a\n| new row", "")
        })
        .stage("staging", |s| {
            s.revision("port", "1.0.0", |r| r.manifest().file("fields.yml", "`````\n\u{202e}\n"))
        });
    let report = dir.path().join("r.md");
    let tool = Tool::migrate(repo.path()).args("--dry-run --stages production,staging --report");
    tool.arg(&report).run().expect_code(1, "markup");
    let text = fs::read_to_string(&report).unwrap();
    let lines = [
        format!("| buoy 1.0.0 | production | {ESCAPED} | a symlink, which an archive cannot hold faithfully |"),
        format!("- removed: {ESCAPED}"),
        r"| buoy 1.0.0 | production | a\\xe2\\x80\\xaeb | a symlink, which an archive cannot hold faithfully |".to_owned(),
        "``````diff".to_owned(),
        "+`````".to_owned(),
        r"+\u{202e}".to_owned(),
        "``````".to_owned(),
        format!("| pier 1.0.0 | production | manifest.yml | manifest.yml says {ESCAPED} \\| new row \\u{{200b}}1, the folders say otherwise |"),
        format!("| {ESCAPED} 1.0.0 | production |  | a package name consists of a-z, 0-9 and \\_ |"),
        format!("| – | production | {ESCAPED}.txt | a file lies where only folders may be: not migrated |"),
        r"| – | production | a\\n\| new row | a file lies where only folders may be: not migrated |".to_owned(),
    ];
    for line in lines {
        assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
    }
}

/// Compares with a file in `tests/golden`, or writes it where the environment says so.
#[track_caller]
fn assert_golden(name: &str, text: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if env::var_os("REFRESH_GOLDEN").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().unwrap()).and_then(|()| fs::write(&path, text)).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == golden,
        "{} is not what the tool says now; run `REFRESH_GOLDEN=1 cargo test` and look at the diff\n{text}",
        path.display()
    );
}
