//! The outputs of `verify`: reports, stdout, a step of GitHub Actions, the terminal.

use std::fs;
use std::path::Path;

use package_storage_migrate::report::verify::github::MAX_SUMMARY_LEN;
use tempfile::TempDir;

use crate::report::assert_golden;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2::ARCHIVES;

/// Creates a repository and its output folder in one folder.
fn migrated() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1"))
        .stage("production", |s| {
            s.revision("buoy", "1.0.0", RevisionDraft::manifest).revision("pier", "1.0.0", |r| {
                r.manifest().file("changelog.yml", "- version: 1.0.0\n")
            })
        })
        .stage("staging", |s| s.revision("pier", "1.1.0", RevisionDraft::manifest))
        .stage("snapshot", |s| s.revision("raft", "0.1.0", RevisionDraft::manifest));
    let output = dir.path().join("v2");
    Tool::migrate(repo.path()).output(output).arg("--quiet").run().expect_code(0, "migrate");
    dir
}

fn verify(folder: &Path) -> Tool {
    Tool::bare().args("verify v1 --v2 v2").current_dir(folder)
}

fn in_github(tool: Tool) -> Tool {
    tool.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", "summary.md")
}

fn remove_archive(folder: &Path, name: &str) {
    fs::remove_file(folder.join("v2").join(ARCHIVES).join(name)).unwrap();
}

#[test]
fn summaries_match_the_golden_files() {
    let dir = migrated();
    let ran = verify(dir.path()).args("--report r.json --report r.md --junit j.xml").run();
    assert_golden("verify-match.txt", &ran.expect_code(0, "match").stderr);
    remove_archive(dir.path(), "raft-0.1.0.zip");
    fs::write(dir.path().join("v2").join(ARCHIVES).join("new-1.0.0.zip"), "").unwrap();
    let ran = verify(dir.path()).args("--depth entries --sample 1/1 --include raft,pier").run();
    assert_golden("verify-mismatch.txt", &ran.expect_code(1, "mismatch").stderr);
}

#[test]
fn reports_are_written_as_requested_and_are_reproducible() {
    let dir = migrated();
    let flags = "--quiet --report r.json --report r.md --junit j.xml";
    let ran = verify(dir.path()).args(flags).run().expect_code(0, flags);
    assert!(ran.stdout.is_empty() && ran.stderr.is_empty(), "{ran}");
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let first = ["r.json", "r.md", "j.xml"].map(read);
    for (text, start) in
        first.iter().zip(["{\n  \"schema_version\": ", "# v1 against v2\n", "<?xml "])
    {
        assert!(text.starts_with(start), "{text}");
    }
    verify(dir.path()).args(flags).args("--jobs 1").run().expect_code(0, flags);
    assert_eq!(["r.json", "r.md", "j.xml"].map(read), first);
    for (flags, text) in [("--quiet --report -", &first[0]), ("--quiet --junit -", &first[2])] {
        let ran = verify(dir.path()).args(flags).run().expect_code(0, flags);
        assert_eq!(String::from_utf8_lossy(&ran.stdout), **text, "{flags}");
    }
    for flags in ["--report - --junit -", "--report x.json --junit x.json"] {
        verify(dir.path()).args(flags).run().expect_code(2, flags);
    }
}

#[test]
fn a_step_of_github_actions_gets_annotations_and_a_summary() {
    let dir = migrated();
    let summary = dir.path().join("summary.md");
    fs::write(&summary, "# Before\n").unwrap();
    let ran = in_github(verify(dir.path())).args("--quiet --report r.md").run();
    let ran = ran.expect_code(0, "match");
    assert!(ran.stdout.is_empty(), "{ran}");
    assert!(ran.stderr.starts_with("::notice title=verify::v1 and v2 match: 4 of 4 archives, "));
    let report = fs::read_to_string(dir.path().join("r.md")).unwrap();
    assert_eq!(fs::read_to_string(&summary).unwrap(), format!("# Before\n{report}"));

    remove_archive(dir.path(), "buoy-1.0.0.zip");
    fs::remove_file(&summary).unwrap();
    let ran = in_github(verify(dir.path())).args("--quiet --report -").run();
    let ran = ran.expect_code(1, "mismatch");
    assert_eq!(ran.json()["verdict"]["conclusion"], "mismatch");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert!(lines[0].starts_with("::error title=verify::v1 and v2 do not match: 3 of 4 "), "{ran}");
    assert_eq!(
        lines[1..],
        ["::error title=archive-missing::1 time in 1 object%0Abuoy-1.0.0: v2 has no such archive"]
    );
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.contains("\n### archive-missing (1)\n"), "{text}");
}

#[test]
fn outside_of_github_actions_there_are_no_annotations() {
    let dir = migrated();
    for value in ["", "false", "1"] {
        let tool = verify(dir.path()).env("GITHUB_STEP_SUMMARY", "summary.md");
        let ran = tool.env("GITHUB_ACTIONS", value).arg("--quiet").run().expect_code(0, value);
        assert!(ran.stderr.is_empty() && !dir.path().join("summary.md").exists(), "{ran}");
    }
    let tool = verify(dir.path()).env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", "");
    let ran = tool.arg("--quiet").run().expect_code(0, "no file");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
}

#[test]
fn a_summary_that_is_full_or_not_writable_is_reported() {
    let dir = migrated();
    let summary = dir.path().join("summary.md");
    let existing = " ".repeat(usize::try_from(MAX_SUMMARY_LEN).unwrap() - 100);
    fs::write(&summary, &existing).unwrap();
    let ran = in_github(verify(dir.path())).arg("--quiet").run().expect_code(0, "full");
    assert!(ran.stderr.contains("\nthe job summary is full"), "{ran}");
    assert!(fs::read_to_string(&summary).unwrap() == existing);
    fs::remove_file(&summary).unwrap();
    fs::create_dir(&summary).unwrap();
    let ran = in_github(verify(dir.path())).arg("--quiet").run().expect_code(3, "a folder");
    assert!(ran.stderr.contains("error: cannot append the summary to summary.md\n"), "{ran}");
}
