//! The same plan and the same archives, byte for byte, however the tool is run and however the
//! repository is kept: threads, kind of clone, packed or loose, TZ, LANG, umask, clock, folders.
//!
//! One table, one loop; each row is compared with one plain run. What is in the archives is asked in
//! `migrate`; that another compressor would be noticed, in `archive`.

#![allow(clippy::unwrap_used)]

use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::{Duration, SystemTime};

use git2::{Repository, WorktreeAddOptions};

use crate::support::fixture;
use crate::support::tool::Tool;
use crate::support::v1_repo::clone_plain;
use crate::support::v2;

/// One way to run the tool: the repository and the output relative to the scratch folder, what a
/// shell does first, flags, and variables.
struct Row {
    name: &'static str,
    repo: &'static str,
    first: &'static str,
    flags: &'static str,
    env: &'static [(&'static str, &'static str)],
    current_dir: &'static str,
}

const PLAIN: Row =
    Row { name: "plain", repo: "bare", first: ":", flags: "", env: &[], current_dir: "" };

const ROWS: [Row; 23] = [
    Row { name: "once more", ..PLAIN },
    Row { name: "1 thread", flags: "--jobs 1", ..PLAIN },
    Row { name: "4 threads", flags: "--jobs 4", ..PLAIN },
    Row { name: "64 threads", flags: "--jobs 64", ..PLAIN },
    Row { name: "another threshold, quiet", flags: "--fail-on info -q", ..PLAIN },
    Row { name: "packed", repo: "packed", ..PLAIN },
    Row { name: "packed, 4 threads", repo: "packed", flags: "--jobs 4", ..PLAIN },
    Row { name: "half packed", repo: "half-packed", ..PLAIN },
    Row { name: "packed refs", repo: "packed-refs", ..PLAIN },
    Row { name: "borrowed objects", repo: "borrower", ..PLAIN },
    Row { name: "plain clone", repo: "clone", ..PLAIN },
    Row { name: "its .git folder", repo: "clone/.git", ..PLAIN },
    Row { name: "linked work tree", repo: "worktree", ..PLAIN },
    Row { name: "other remote", repo: "other-remote", flags: "--remote upstream", ..PLAIN },
    Row { name: "TZ east", env: &[("TZ", "Pacific/Kiritimati")], ..PLAIN },
    Row { name: "TZ west", env: &[("TZ", "UTC+11")], ..PLAIN },
    Row { name: "LANG", env: &[("LANG", "tr_TR.UTF-8"), ("LC_ALL", "de_DE.UTF-8")], ..PLAIN },
    Row { name: "SOURCE_DATE_EPOCH", env: &[("SOURCE_DATE_EPOCH", "1700000000")], ..PLAIN },
    Row { name: "a strict umask", first: "umask 077", ..PLAIN },
    Row { name: "a loose umask", first: "umask 000", ..PLAIN },
    Row { name: "old files", repo: "old", ..PLAIN },
    Row { name: "relative paths", repo: "../bare", current_dir: "elsewhere", ..PLAIN },
    Row { name: "in the repository", repo: ".", current_dir: "clone", ..PLAIN },
];

#[test]
fn plan_and_archives_are_always_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    keep_in_every_way(dir);
    let at = |name: &str| dir.join(name);
    run(dir, &PLAIN, "--output", &at("expected"));
    let plan = fs::read(at("expected/plan.json")).unwrap();
    let archives = v2::archives(&at("expected"));
    assert_eq!(archives.len(), 9);
    let check = |number: usize, row: &Row| {
        let output = at(&format!("v2-{number}"));
        run(dir, row, "--output", &output);
        assert!(fs::read(output.join("plan.json")).unwrap() == plan, "{}: plan", row.name);
        assert!(v2::archives(&output) == archives, "{}: archives", row.name);
        let dry = at(&format!("plan-{number}.json"));
        run(dir, row, "--dry-run --plan", &dry);
        assert!(fs::read(dry).unwrap() == plan, "{}: plan of a dry run", row.name);
    };
    // Some at once, since runs wait for the disk.
    std::thread::scope(|scope| {
        for (part, rows) in ROWS.chunks(6).enumerate() {
            let check = &check;
            scope.spawn(move || {
                rows.iter().enumerate().for_each(|(at, row)| check(6 * part + at, row));
            });
        }
    });
}

/// Runs the tool with `flag` and a path, which is relative when the row's repository is.
fn run(dir: &Path, row: &Row, flag: &str, path: &Path) {
    let current_dir = dir.join(row.current_dir);
    let is_relative = !row.current_dir.is_empty();
    let repo = if is_relative { row.repo.into() } else { dir.join(row.repo) };
    let below = path.strip_prefix(dir).unwrap();
    let path = if is_relative { Path::new("..").join(below) } else { path.to_owned() };
    let mut tool = Tool::migrate_after(row.first, repo).current_dir(&current_dir);
    for (name, value) in row.env {
        tool = tool.env(name, value);
    }
    tool.args(row.flags).args(flag).arg(path).run().expect_code(1, row.name);
}

/// Keeps the same commits in every way that Git can keep them.
fn keep_in_every_way(dir: &Path) {
    let at = |name: &str| dir.join(name);
    fixture::build(&at("bare"));
    fixture::build(&at("packed")).repack();

    let half = fixture::build(&at("half-packed"));
    let git = Repository::open(at("half-packed")).unwrap();
    let mut packer = git.packbuilder().unwrap();
    let packed_ids: Vec<_> = half.object_ids().into_iter().step_by(2).collect();
    packed_ids.iter().for_each(|id| packer.insert_object(*id, None).unwrap());
    fs::create_dir(at("half-packed/objects/pack")).unwrap();
    packer.write(&at("half-packed/objects/pack"), 0).unwrap();
    packed_ids.into_iter().for_each(|id| half.remove_object(id));

    let packed_refs = fixture::build(&at("packed-refs"));
    let lines = ["production", "snapshot", "staging"]
        .map(|stage| format!("{} refs/heads/{stage}\n", packed_refs.commit_id(stage)));
    fs::remove_dir_all(at("packed-refs/refs/heads")).unwrap();
    let header = "# pack-refs with: peeled fully-peeled sorted \n";
    fs::write(at("packed-refs/packed-refs"), header.to_owned() + &lines.concat()).unwrap();

    let borrower = fixture::build(&at("borrower"));
    for fan_out in fs::read_dir(at("borrower/objects")).unwrap() {
        fs::remove_dir_all(fan_out.unwrap().path()).unwrap();
    }
    fs::create_dir(at("borrower/objects/info")).unwrap();
    fs::write(at("borrower/objects/info/alternates"), "../../packed/objects\n").unwrap();
    drop(borrower);

    let clone = clone_plain(&at("bare"), &at("clone"));
    clone.worktree("linked", &at("worktree"), Some(&WorktreeAddOptions::new())).unwrap();

    let other_remote = fixture::build(&at("other-remote"));
    let ids = ["production", "staging", "snapshot"].map(|s| (s, other_remote.commit_id(s)));
    fs::remove_dir_all(at("other-remote/refs/heads")).unwrap();
    ids.into_iter().fold(other_remote, |repo, (stage, id)| {
        repo.set_ref(&format!("refs/remotes/upstream/{stage}"), id)
    });

    fixture::build(&at("old"));
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400);
    for (path, bytes) in v2::tree(&at("old")) {
        if bytes.is_some() {
            let file = File::open(at("old").join(path)).unwrap();
            file.set_times(FileTimes::new().set_modified(long_ago)).unwrap();
        }
    }
    fs::create_dir(at("elsewhere")).unwrap();
}
