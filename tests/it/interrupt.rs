//! Interrupted runs: by Ctrl-C and other termination signals, with exit code 130, and by `kill -9`.
//!
//! A file under its final name is complete and correct at every moment, and the next run completes the
//! folder. No test depends on timing: a run is stopped when a certain number of files has appeared in its
//! folder. A run that finishes before the signal must be complete; there are more rounds until one is not.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;

use crate::support::tool::Tool;
use crate::support::v1_repo::V1Repo;
use crate::support::v2::{self, ARCHIVES};

/// Number of revisions, and of archives.
const REVISION_COUNT: usize = 24;
/// Number of rounds after which a test gives up: on a busy machine, many runs are over before they are stopped.
const MOST_ROUNDS: usize = 300;

/// A package with many revisions that share incompressible files.
fn build(path: &Path, file_count: usize) -> V1Repo {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let files: Vec<Vec<u8>> =
        (0..file_count).map(|_| (0..4096).flat_map(|_| noise()).collect()).collect();
    V1Repo::create(path).stage("production", |s| {
        (0..REVISION_COUNT).fold(s, |s, patch| {
            s.revision("noise", &format!("1.0.{patch}"), |r| {
                files.iter().enumerate().fold(r.manifest(), |r, (index, bytes)| {
                    r.file(format!("img/{index}.png"), bytes)
                })
            })
        })
    })
}

fn migrate(repo: &Path, output: &Path) -> Tool {
    Tool::migrate(repo).args("--stages production --jobs 2").output(output)
}

/// Files and folders, as `v2::tree` returns them.
type Tree = BTreeMap<String, Option<Vec<u8>>>;

/// The objects of a complete run.
struct Expected {
    archives: BTreeMap<String, Vec<u8>>,
    statics: BTreeMap<String, Vec<u8>>,
}

impl Expected {
    fn in_folder(whole: &Path) -> Self {
        Expected { archives: v2::archives(whole), statics: v2::statics(whole) }
    }
}

/// Returns the number of archives in the folder, including temporary files.
fn file_count(output: &Path) -> usize {
    fs::read_dir(output.join(ARCHIVES)).map_or(0, Iterator::count)
}

/// Asserts that each archive is complete; returns their number, and the number of temporary files.
#[track_caller]
fn assert_whole(output: &Path, expected: &Expected) -> (usize, usize) {
    if !output.join(ARCHIVES).exists() {
        return (0, 0); // Stopped before the folder was created.
    }
    for (key, bytes) in v2::statics(output) {
        let is_kept = key.contains("/.package-storage-migrate-") && key.contains(".tmp/");
        let is_whole = expected.statics.get(&key) == Some(&bytes);
        assert!(is_kept || is_whole, "{key} is not what it should be");
    }
    let found = v2::archives(output);
    let (mut archive_count, mut temporary_count) = (0, 0);
    for (name, bytes) in found {
        if name.starts_with(".package-storage-migrate-") && name.ends_with(".tmp") {
            temporary_count += 1;
        } else {
            assert!(
                expected.archives.get(&name) == Some(&bytes),
                "{name} differs from the complete run"
            );
            archive_count += 1;
        }
    }
    (archive_count, temporary_count)
}

#[test]
fn a_signal_ends_the_run_cleanly() {
    for file_count_of_a_revision in [4, 32, 32, 128, 128, 256, 256, 256] {
        if all_signals_arrive_in_time(file_count_of_a_revision) {
            return;
        }
    }
    panic!("no run was slow enough to be interrupted");
}

/// Interrupts runs; returns whether all of them were still writing archives when the signal arrived.
fn all_signals_arrive_in_time(file_count_of_a_revision: usize) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let repo = build(&dir.path().join("v1"), file_count_of_a_revision);
    let whole = dir.path().join("whole");
    migrate(repo.path(), &whole).run().expect_code(0, "whole");
    let expected = Expected::in_folder(&whole);
    assert_eq!(expected.archives.len(), REVISION_COUNT);
    for signal in ["INT", "TERM", "HUP"] {
        let output = dir.path().join(signal);
        let mut running = migrate(repo.path(), &output).arg("--quiet").start();
        running.runs_until(|| file_count(&output) > 0);
        running.signal(signal);
        let ran = running.wait();
        let (archive_count, temporary_count) = assert_whole(&output, &expected);
        if ran.code == Some(0) {
            assert_eq!(archive_count, REVISION_COUNT, "{signal}: a run that was not stopped");
            return false;
        }
        let ran = ran.expect_code(130, signal);
        assert!(ran.stderr.starts_with("interrupted: "), "{signal}: {ran}");
        assert_eq!(temporary_count, 0, "{signal}: temporary files");
        let mut statics = v2::statics(&output).into_keys();
        assert!(!statics.any(|key| key.contains(".tmp/")), "{signal}: temporary files");
        assert!(!output.join("plan.json").exists(), "{signal}: plan and report are last");
        if archive_count == REVISION_COUNT {
            return false;
        }

        let resumed = migrate(repo.path(), &output).run().expect_code(0, "resumed");
        let kept = format!("{} written, {archive_count} kept", REVISION_COUNT - archive_count);
        assert!(resumed.stderr.contains(&kept), "{signal}: {resumed}");
        assert_eq!(v2::tree(&output), v2::tree(&whole), "{signal}");
    }
    true
}

#[test]
fn a_dry_run_can_be_interrupted_too() {
    let dir = tempfile::tempdir().unwrap();
    let repo = build(&dir.path().join("v1"), 8);
    let running = Tool::migrate(repo.path()).args("--stages production --dry-run").start();
    running.signal("INT");
    let ran = running.wait();
    // None: the signal arrived before the handler was installed. 0: it arrived too late.
    assert!([Some(0), Some(130), None].contains(&ran.code), "{ran}");
}

#[test]
fn a_killed_run_can_be_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let repo = build(&dir.path().join("v1"), 4);
    let whole = dir.path().join("whole");
    migrate(repo.path(), &whole).run().expect_code(0, "whole");
    let (expected, whole) = (Expected::in_folder(&whole), v2::tree(&whole));
    // Ten rounds over each folder, side by side.
    thread::scope(|scope| {
        for output in ["a", "b", "c"].map(|name| dir.path().join(name)) {
            let (repo, expected, whole) = (repo.path(), &expected, &whole);
            scope.spawn(move || kill_and_resume(repo, &output, expected, whole));
        }
    });
}

fn kill_and_resume(repo: &Path, output: &Path, expected: &Expected, whole: &Tree) {
    let mut half_done_count = 0;
    for round in 0.. {
        let before = file_count(output);
        let mut running = migrate(repo, output).arg("--quiet").start();
        // At different points of the run, sometimes at its very start.
        running.runs_until(|| file_count(output) >= before + round % 5);
        running.signal("KILL");
        let ran = running.wait();
        let (archive_count, temporary_count) = assert_whole(output, expected);
        half_done_count += usize::from(ran.code.is_none());
        if archive_count == REVISION_COUNT && temporary_count == 0 {
            fs::remove_dir_all(output).unwrap();
        }
        if round % 10 == 9 {
            migrate(repo, output).run().expect_code(0, "resumed");
            assert_eq!(v2::tree(output), *whole, "round {round}");
            fs::remove_dir_all(output).unwrap();
            if half_done_count > 0 {
                break;
            }
            assert!(round < MOST_ROUNDS, "no run was slow enough to be killed");
        }
    }
}

/// Killed when archives are done, and static resources get their names.
#[test]
fn a_run_that_is_killed_while_it_places_static_resources_heals() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1")).stage("production", |s| {
        (0..REVISION_COUNT).fold(s, |s, patch| {
            s.revision("noise", &format!("1.0.{patch}"), |r| {
                (0..64).fold(r.manifest(), |r, index| {
                    r.file(format!("img/{index}.svg"), format!("{}", index % 16))
                })
            })
        })
    });
    let whole = dir.path().join("whole");
    migrate(repo.path(), &whole).run().expect_code(0, "whole");
    let (expected, whole) = (Expected::in_folder(&whole), v2::tree(&whole));
    // Four rounds each, side by side.
    thread::scope(|scope| {
        for part in ["a", "b", "c"] {
            let (repo, expected, whole) = (repo.path(), &expected, &whole);
            let output = dir.path().join(part);
            scope.spawn(move || kill_and_heal(repo, &output, expected, whole));
        }
    });
}

fn kill_and_heal(repo: &Path, folder: &Path, expected: &Expected, whole: &Tree) {
    let mut half_done_count = 0;
    for round in 0.. {
        let output = folder.join(round.to_string());
        let mut running = migrate(repo, &output).arg("--quiet").start();
        let placed = output.join("artifacts/static/noise-1.0.7/img");
        let number = 3 * (round % 4);
        running.runs_until(|| fs::read_dir(&placed).is_ok_and(|files| files.count() > number));
        running.signal("KILL");
        running.wait();
        assert_whole(&output, expected);
        let placed_count = v2::statics(&output).keys().filter(|key| !key.contains(".tmp/")).count();
        half_done_count += usize::from((1..expected.statics.len()).contains(&placed_count));
        migrate(repo, &output).run().expect_code(0, "healed");
        assert_eq!(v2::tree(&output), *whole, "round {round}");
        if round >= 3 && half_done_count > 0 {
            break;
        }
        assert!(round < MOST_ROUNDS, "no run was slow enough to be killed");
    }
}
