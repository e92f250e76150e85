//! The output folder: a second run keeps files, other content is never replaced, files outside the plan
//! are reported, a dry run writes nothing, and an unusable folder is an error.
//!
//! `migrate` tests the archives, `interrupt` what a killed run leaves.

#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::path::Path;

use crate::support::fixture;
use crate::support::tool::{Ran, Tool};
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2::{self, ARCHIVES};

fn migrate(output: &Path) -> Tool {
    Tool::migrate(fixture::folder()).output(output)
}

#[test]
fn a_second_run_keeps_everything() {
    let dir = tempfile::tempdir().unwrap();
    let first = migrate(dir.path()).run().expect_code(1, "first");
    assert!(first.stderr.contains(": 9 written, 0 kept"), "{first}");
    let (tree, stamps) = (v2::tree(dir.path()), v2::stamps(&dir.path().join(ARCHIVES)));
    let second = migrate(dir.path()).run().expect_code(1, "second");
    assert!(second.stderr.contains(": 0 written, 9 kept"), "{second}");
    assert_eq!(v2::stamps(&dir.path().join(ARCHIVES)), stamps, "no archive was written again");
    assert_eq!(v2::tree(dir.path()), tree);
}

#[test]
fn a_run_resumes_where_another_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let archives = dir.path().join(ARCHIVES);
    migrate(dir.path()).run().expect_code(1, "first");
    let whole = v2::tree(dir.path());
    fs::remove_file(archives.join("buoy-2.0.0.zip")).unwrap();
    fs::remove_file(dir.path().join("plan.json")).unwrap();
    let leftovers = [
        ".package-storage-migrate-aB3xYz.tmp",
        "artifacts/packages/.package-storage-migrate-0.tmp",
    ];
    for name in leftovers {
        fs::write(dir.path().join(name), "half").unwrap();
    }
    let second = migrate(dir.path()).run().expect_code(1, "second");
    assert!(second.stderr.contains(": 1 written, 8 kept"), "{second}");
    assert_eq!(v2::tree(dir.path()), whole);
}

/// Puts something else at an archive's path, given the correct bytes.
type Obstacle = (&'static str, fn(&Path, &[u8]));

const OBSTACLES: [Obstacle; 7] = [
    ("an empty file", |at, _| fs::write(at, "").unwrap()),
    ("other bytes of the same length", |at, right| fs::write(at, vec![b'x'; right.len()]).unwrap()),
    ("one byte less", |at, right| fs::write(at, &right[..right.len() - 1]).unwrap()),
    ("one byte more", |at, right| fs::write(at, [right, b"x"].concat()).unwrap()),
    ("a folder", |at, _| fs::create_dir(at).unwrap()),
    #[cfg(unix)]
    ("a symlink to another file", |at, _| std::os::unix::fs::symlink("/etc/hostname", at).unwrap()),
    #[cfg(unix)]
    ("a dangling symlink", |at, _| std::os::unix::fs::symlink("nowhere", at).unwrap()),
];

#[test]
fn an_existing_file_with_different_content_is_never_replaced() {
    let whole = tempfile::tempdir().unwrap();
    migrate(whole.path()).run().expect_code(1, "an empty folder");
    let expected = v2::archives(whole.path());
    for (row, put) in OBSTACLES {
        let dir = tempfile::tempdir().unwrap();
        let archives = dir.path().join(ARCHIVES);
        let at = archives.join("buoy-2.0.0.zip");
        fs::create_dir_all(&archives).unwrap();
        put(&at, &expected["buoy-2.0.0.zip"]);
        let before = v2::stamps(dir.path());
        let preview = migrate(dir.path()).arg("--dry-run").run().expect_code(3, row);
        assert_names_the_obstacle(&preview, &at, row);
        assert_eq!(v2::stamps(dir.path()), before, "{row}");

        let ran = migrate(dir.path()).run().expect_code(3, row);
        assert_names_the_obstacle(&ran, &at, row);
        assert!(ran.stderr.contains("8 of 9"), "{row}: {ran}");
        let quiet = migrate(dir.path()).arg("--quiet").run().expect_code(3, row);
        assert_names_the_obstacle(&quiet, &at, row);
        let name = "buoy-2.0.0.zip";
        assert_eq!(v2::stamps(&archives)[name], before[&format!("{ARCHIVES}/{name}")], "{row}");
        for name in ["plan.json", "report.json", "report.md"] {
            let [made, right] = [&dir, &whole].map(|dir| fs::read(dir.path().join(name)).unwrap());
            assert!(made == right, "{row}: {name} does not depend on the folder");
        }
        for (other, bytes) in expected.iter().filter(|(other, _)| *other != name) {
            assert!(fs::read(archives.join(other)).unwrap() == *bytes, "{row}: {other}");
        }
    }
}

#[track_caller]
fn assert_names_the_obstacle(ran: &Ran, at: &Path, row: &str) {
    let said = format!("error: {} already exists with different content", at.display());
    assert!(ran.stderr.contains(&said), "{row}: {ran}");
}

#[test]
fn archives_that_are_not_in_the_plan_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let archives = dir.path().join(ARCHIVES);
    migrate(dir.path()).run().expect_code(1, "first");
    fs::write(archives.join("lantern-0.1.0.zip"), "older").unwrap();
    fs::write(archives.join("notes\u{1b}[31m.txt"), "by hand").unwrap();
    for flags in ["", "--quiet", "--dry-run", "--dry-run --quiet"] {
        let ran = migrate(dir.path()).args(flags).run().expect_code(1, flags);
        let said = format!(
            "not in this plan, but in {}/: lantern-0.1.0.zip, notes\\x1b[31m.txt",
            archives.display()
        );
        assert!(ran.stderr.contains(&said), "{flags}: {ran}");
    }
    assert_eq!(fs::read(archives.join("lantern-0.1.0.zip")).unwrap(), b"older");
}

#[test]
fn a_dry_run_reports_the_same_and_writes_only_the_named_files() {
    let dir = tempfile::tempdir().unwrap();
    let made = |name: &str| fs::read(dir.path().join(name)).unwrap();
    migrate(&dir.path().join("v2")).run().expect_code(1, "a real run");
    let rows = [
        ("no folder", None),
        ("a folder that does not exist", Some("not-there/yet")),
        ("a folder with a complete run", Some("v2")),
    ];
    for (row, output) in rows {
        for to_files in [true, false] {
            let before = v2::stamps(dir.path());
            let mut tool =
                Tool::migrate(fixture::folder()).arg("--dry-run").current_dir(dir.path());
            if let Some(output) = output {
                tool = tool.output(output);
            }
            if to_files {
                tool = tool.args("--plan p.json --report r.json --report r.md");
            }
            let ran = tool.run().expect_code(1, row);
            assert!(ran.stderr.contains("dry run: nothing is written"), "{row}: {ran}");
            if to_files {
                assert!(made("p.json") == made("v2/plan.json"), "{row}");
                assert!(made("r.json") == made("v2/report.json"), "{row}");
                assert!(made("r.md") == made("v2/report.md"), "{row}");
                for name in ["p.json", "r.json", "r.md"] {
                    fs::remove_file(dir.path().join(name)).unwrap();
                }
            }
            assert_eq!(v2::stamps(dir.path()), before, "{row}");
        }
    }
}

#[test]
fn the_error_names_an_unusable_folder() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for (blocked, file) in [("a", "a"), ("b", "b/artifacts"), ("c", "c/artifacts/packages")] {
        fs::create_dir_all(at(file).parent().unwrap()).unwrap();
        fs::write(at(file), "in the way").unwrap();
        let ran = migrate(&at(blocked)).run().expect_code(3, file);
        let said = format!("error: cannot create the folder {}/{ARCHIVES}", at(blocked).display());
        assert!(ran.stderr.contains(&said), "{file}: {ran}");
        assert!(ran.stderr.contains("\n  because: "), "{file}: {ran}");
    }
    fs::create_dir_all(at("d/plan.json")).unwrap();
    let ran = migrate(&at("d")).run().expect_code(3, "a folder at the plan's place");
    assert!(ran.stderr.contains("d/plan.json"), "{ran}");
    assert!(!v2::tree(&at("d")).keys().any(|path| path.ends_with(".tmp")), "{ran}");

    let ran =
        Tool::migrate(fixture::folder()).arg("--dry-run").arg("--plan").arg(at("e/p.json")).run();
    let ran = ran.expect_code(3, "a plan in a missing folder");
    assert!(ran.stderr.contains(&at("e").display().to_string()), "{ran}");
}

#[test]
fn two_outputs_never_share_a_file() {
    let dir = tempfile::tempdir().unwrap();
    for flags in [
        "--dry-run --plan x.json --report x.json",
        "--dry-run --plan x.json --report ./x.json",
        "--output v2 --report v2/plan.json",
        "--output ./v2 --report v2/plan.json",
    ] {
        let ran = Tool::migrate(fixture::folder()).args(flags).current_dir(dir.path()).run();
        ran.expect_code(2, flags);
        assert!(v2::tree(dir.path()).is_empty(), "{flags}: nothing is written");
    }
}

/// In particular, `--plan /dev/null` as root must not replace the device by a file.
#[cfg(unix)]
#[test]
fn a_special_file_is_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Open both ends, so that neither blocks.
    let _open = File::options().read(true).write(true).open(&pipe).unwrap();
    Tool::migrate(fixture::folder()).args("--dry-run --plan").arg(&pipe).run();
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let ran =
        Tool::migrate(fixture::folder()).args("--dry-run --quiet --plan -").stdout(full).run();
    let ran = ran.expect_code(3, "stdout on a full disk");
    assert!(ran.stderr.starts_with("error: cannot write to stdout\n"), "{ran}");
    assert!(ran.stderr.contains("hint: free disk space"), "{ran}");
}

#[test]
fn two_runs_cannot_use_one_folder() {
    let dir = tempfile::tempdir().unwrap();
    let lock = File::create(dir.path().join(".package-storage-migrate.lock")).unwrap();
    lock.try_lock().unwrap();
    let ran = migrate(dir.path()).run().expect_code(3, "locked");
    let said = format!("error: another run is using {}\n", dir.path().display());
    assert!(ran.stderr.starts_with(&said), "{ran}");
    assert!(v2::archives(dir.path()).is_empty());
    let preview = migrate(dir.path()).arg("--dry-run").run();
    preview.expect_code(1, "a dry run needs no lock");
    // Not by closing the file: a child process that another thread starts may still have it open.
    lock.unlock().unwrap();
    migrate(dir.path()).run().expect_code(1, "no longer locked");
}

/// Archives are readable by every user that the umask allows, for example to upload them.
#[cfg(unix)]
#[test]
fn file_modes_follow_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1"))
        .stage("production", |s| s.revision("buoy", "1.0.0", RevisionDraft::manifest));
    for (umask, expected) in [("022", 0o644), ("077", 0o600), ("002", 0o664)] {
        let output = dir.path().join(umask);
        let tool = Tool::migrate_after(&format!("umask {umask}"), repo.path()).output(&output);
        tool.args("--stages production").run().expect_code(0, umask);
        for name in ["artifacts/packages/buoy-1.0.0.zip", "plan.json", "report.json", "report.md"] {
            let mode = fs::metadata(output.join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, expected, "umask {umask}: {name}");
        }
    }
}
