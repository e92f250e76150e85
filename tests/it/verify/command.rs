//! The command `verify`: flags, output and exit codes.

use std::fs;
use std::path::Path;

use crate::support::fixture;
use crate::support::tool::{Ran, Tool};
use crate::support::v2;

/// Migrates the fixture into a folder that mirrors the bucket.
fn migrated() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("make a folder");
    Tool::migrate(fixture::folder()).output(folder.path()).run().expect_code(1, "migrate");
    folder
}

fn verify(v2: &Path, args: &str) -> Ran {
    Tool::bare().arg("verify").arg(fixture::folder()).arg("--v2").arg(v2).args(args).run()
}

/// Excludes the revisions of the fixture that are blocked.
const BLOCKED: &str = "--exclude drift_net,rusty_anchor";

#[test]
fn migrated_revisions_match_and_blocked_ones_are_missing() {
    let folder = migrated();
    let ran = verify(folder.path(), BLOCKED).expect_code(0, "verify");
    assert_eq!(ran.stdout, b"");
    for line in ["Checked   9 of 9 archives, 41 files", "Mismatch  none"] {
        assert!(ran.stderr.contains(line), "{ran}");
    }
    let ran = verify(folder.path(), "--report -").expect_code(1, "verify all");
    assert!(ran.stderr.contains("Checked   11 of 11 archives, 41 files"), "{ran}");
    assert_eq!(
        codes(&ran),
        ["archive-missing drift_net-1.0.0.zip", "archive-missing rusty_anchor-0.1.0.zip"]
    );
}

/// Returns codes and objects of a report on stdout.
fn codes(ran: &Ran) -> Vec<String> {
    let report = ran.json();
    let mismatches = report["mismatches"].as_array().expect("a list").iter();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    mismatches.map(|m| format!("{} {}", text(&m["code"]), text(&m["object"]))).collect()
}

#[test]
fn a_flat_folder_may_have_other_files() {
    let folder = migrated();
    let flat = folder.path().join(v2::ARCHIVES);
    fs::write(flat.join("README.txt"), "archives").expect("write a file");
    fs::create_dir(flat.join("old")).expect("make a folder");
    verify(&flat, &format!("{BLOCKED} --exact")).expect_code(0, "flat");
    // In a mirror of the bucket, the other files would be published.
    let ran = verify(folder.path(), &format!("{BLOCKED} --exact --report -"));
    let ran = ran.expect_code(1, "mirror");
    assert_eq!(codes(&ran), ["archive-extra README.txt", "archive-extra old/"]);
    verify(folder.path(), BLOCKED).expect_code(0, "not exact");
}

#[test]
fn the_report_does_not_depend_on_threads() {
    let folder = migrated();
    let archives = folder.path().join(v2::ARCHIVES);
    fs::write(archives.join("buoy-2.0.0.zip"), "spoiled").expect("spoil an archive");
    fs::remove_file(archives.join("beacon-1.1.0.zip")).expect("remove an archive");
    let reports = ["1", "4"].map(|jobs| {
        verify(folder.path(), &format!("--jobs {jobs} --report -")).expect_code(1, jobs).stdout
    });
    assert_eq!(reports[0], reports[1]);
}

#[test]
fn all_requested_files_are_written() {
    let folder = migrated();
    let out = tempfile::tempdir().expect("make a folder");
    let plan = folder.path().join("plan.json");
    let ran = Tool::bare()
        .arg("verify")
        .arg(fixture::folder())
        .arg("--v2")
        .arg(folder.path())
        .arg("--plan")
        .arg(plan)
        .args(BLOCKED)
        .args("--report v.json --report v.md --junit v.xml --quiet")
        .current_dir(out.path())
        .run()
        .expect_code(0, "verify");
    assert_eq!((ran.stdout.as_slice(), ran.stderr.as_str()), (&b""[..], ""));
    let names: Vec<String> = v2::tree(out.path()).into_keys().collect();
    assert_eq!(names, ["v.json", "v.md", "v.xml"]);
    let junit = fs::read_to_string(out.path().join("v.xml")).expect("read the report for CI");
    assert_eq!(junit.matches("<testcase ").count(), 9, "{junit}");
}

#[test]
fn an_invalid_command_line_exits_with_2() {
    let rows = [
        ("--depth deep", "expected listing, entries or content"),
        ("--sample 4/3", "expected I/N, with I from 1 to N"),
        ("--public-key k.asc --depth entries", "--public-key requires --depth content"),
        ("--v2 gs://", "expected the name of a bucket"),
        ("--v2 s3://bucket?versionId=1", "the URL of a bucket has no ? or #"),
        ("--v2 ftp://bucket", "starts with https://, http://, gs://, s3:// or az://"),
        ("--jobs 0", "expected a number from 1 to 1024"),
        ("--report v.txt", "expected a file name that ends in .json, .md or .html"),
        ("--report v.json --junit v.json", "two outputs go to v.json"),
    ];
    for (args, text) in rows {
        let mut tool = Tool::bare().arg("verify").arg(fixture::folder());
        if !args.starts_with("--v2") {
            tool = tool.args("--v2 .");
        }
        let ran = tool.args(args).run().expect_code(2, args);
        assert!(ran.stderr.contains(text), "{args}: {ran}");
    }
    Tool::bare().arg("verify").arg(fixture::folder()).run().expect_code(2, "no place");
}

#[test]
fn a_run_that_cannot_complete_exits_with_3() {
    let folder = migrated();
    let rows = [
        ("--plan nowhere.json", "cannot read the plan in nowhere.json"),
        ("--plan Cargo.toml", "cannot read Cargo.toml"),
        ("--resolutions nowhere.yml", "cannot read the decisions in nowhere.yml"),
        ("--public-key nowhere.asc", "nowhere.asc"),
        ("--include nothing", "no package or revision matches nothing"),
        ("--stages production=nowhere", "stage production is pinned to nowhere"),
    ];
    for (args, text) in rows {
        let ran = verify(folder.path(), args).expect_code(3, args);
        assert!(ran.stderr.contains(text), "{args}: {ran}");
    }
    let ran = verify(&folder.path().join("nowhere"), "").expect_code(3, "no folder");
    assert!(ran.stderr.contains("cannot list "), "{ran}");
    let ran = Tool::bare().args("verify nowhere --v2 .").run().expect_code(3, "no repository");
    assert!(ran.stderr.contains("cannot open the v1 repository nowhere"), "{ran}");
}
