//! Tests that `fixtures/v1-repo` matches its sources, and tests of the builder of v1 repositories.
//!
//! Does not test how the tool handles the fixture. `REFRESH_GOLDEN=1` regenerates the folder from the
//! sources; see `support::fixture::folder`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use git2::{BranchType, ObjectType, Oid, Repository};

use crate::support::damage::unreadable;
use crate::support::fixture;
use crate::support::v1_repo::{EXECUTABLE, FILE, FOLDER, SUBMODULE, SYMLINK, V1Repo, clone_plain};

const STAGES: [&str; 3] = ["production", "snapshot", "staging"];

#[test]
fn the_folder_matches_its_sources() {
    let hint = "run `REFRESH_GOLDEN=1 cargo test --test it fixture` and review the diff";
    let dir = tempfile::tempdir().unwrap();
    let expected = fixture::build(dir.path());
    let kept = V1Repo::open(fixture::folder());
    for stage in STAGES {
        assert_eq!(kept.commit_id(stage), expected.commit_id(stage), "{stage}: {hint}");
    }
    assert_eq!(kept.object_ids(), expected.object_ids(), "{hint}");
    assert_eq!(files_below(fixture::folder()), files_below(dir.path()), "{hint}");
    for id in kept.object_ids() {
        assert!(is_readable(fixture::folder(), id), "{id} is damaged: {hint}");
    }
}

/// Git does not store empty folders: a repository in a fresh checkout lacks them.
#[test]
fn the_folder_opens_without_its_empty_folders() {
    let dir = tempfile::tempdir().unwrap();
    for file in files_below(fixture::folder()) {
        let copy = dir.path().join(&file);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(fixture::folder().join(&file), copy).unwrap();
    }
    let kept = V1Repo::open(fixture::folder());
    assert_eq!(V1Repo::open(dir.path()).object_ids(), kept.object_ids());
}

#[test]
fn the_list_of_copies_is_complete() {
    let git = Repository::open_bare(fixture::folder()).unwrap();
    let mut found = Vec::new();
    for stage in STAGES {
        for (name, versions) in folders_in(&git, &format!("refs/heads/{stage}:packages")) {
            for (version, _) in folders_in(&git, &versions.to_string()) {
                found.push(format!("{stage} {name} {version}"));
            }
        }
    }
    found.sort();
    let mut listed =
        fixture::COPIES.map(|(stage, name, version, _)| format!("{stage} {name} {version}"));
    listed.sort();
    assert_eq!(found, listed);
}

#[test]
fn a_removed_revision_is_only_in_history() {
    let git = Repository::open_bare(fixture::folder()).unwrap();
    assert!(git.revparse_single("refs/heads/production:packages/lantern").is_err());
    assert!(git.revparse_single("refs/heads/production~1:packages/lantern/0.1.0").is_ok());
}

#[test]
fn a_draft_is_written_as_a_tree_without_checks() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(dir.path()).stage("snapshot", |s| {
        s.revision("buoy", "1.0.0", |r| {
            r.manifest()
                .file("a/x", "below a folder")
                .file("a.b", "sorts before the folder a/")
                .file("gone/by/now", "")
                .remove("gone/by/now")
                .set_file_modes(EXECUTABLE)
                .symlink("link", "/etc/passwd")
                .submodule("module")
                .empty_folder("void")
                .raw_entry("", "..", FILE, "up")
                .raw_entry("", ".git", FILE, "config")
                .raw_entry("", "/etc/passwd", FILE, "absolute")
                .raw_entry("", r"c:\x", 0o100_664, "backslash")
                .raw_entry("", b"\xff", FILE, "not UTF-8")
                .raw_entry("", "manifest.yml", FILE, "twice")
        })
    });
    let git = Repository::open_bare(dir.path()).unwrap();
    let folder = git.find_tree(repo.object_id("snapshot", "packages/buoy/1.0.0")).unwrap();
    let found: Vec<(Vec<u8>, u32)> = folder
        .iter()
        .map(|entry| (entry.name_bytes().to_vec(), entry.filemode_raw().cast_unsigned()))
        .collect();
    let expected: [(&[u8], u32); 13] = [
        (b"..", FILE),
        (b".git", FILE),
        (b"/etc/passwd", FILE),
        (b"a.b", EXECUTABLE),
        (b"a", FOLDER),
        (br"c:\x", 0o100_664),
        (b"docs", FOLDER),
        (b"link", SYMLINK),
        (b"manifest.yml", EXECUTABLE),
        (b"manifest.yml", FILE),
        (b"module", SUBMODULE),
        (b"void", FOLDER),
        (b"\xff", FILE),
    ];
    assert_eq!(found, expected.map(|(name, mode)| (name.to_vec(), mode)));
}

#[test]
fn a_stage_continues_from_its_newest_commit() {
    let dir = tempfile::tempdir().unwrap();
    let odd_name = b"packages/\xff/\\/..".as_slice();
    let first = V1Repo::create(dir.path()).stage("staging", |s| s.file(odd_name, "kept"));
    let first_id = first.commit_id("staging");
    let second = first.stage("staging", |s| s.file("new/er", "more"));
    let third_id = second.stage("staging", |s| s.remove("new/er")).commit_id("staging");

    let git = Repository::open_bare(dir.path()).unwrap();
    let third = git.find_commit(third_id).unwrap();
    assert_eq!(third.tree_id(), git.find_commit(first_id).unwrap().tree_id());
    assert_eq!(third.parent(0).unwrap().parent_id(0).unwrap(), first_id);
}

#[test]
fn objects_can_be_removed_garbled_or_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let repo = fixture::build(dir.path());
    let [missing, garbled, lying, whole] = [
        "packages/buoy/2.0.0/manifest.yml",
        "packages/buoy/2.0.0/docs/README.md",
        "packages/buoy/2.0.0/kibana/dashboard/buoy-waves.json",
        "packages/buoy/2.0.0",
    ]
    .map(|path| repo.object_id("production", path));
    repo.remove_object(missing);
    repo.garble_object(garbled);
    repo.replace_object(lying, b"{}");
    let readable = [missing, garbled, lying, whole].map(|id| is_readable(repo.path(), id));
    assert_eq!(readable, [false, false, false, true]);
    assert!(!repo.object_ids().contains(&missing));
    assert!(repo.object_ids().contains(&lying));

    let len_before = total_len(repo.path());
    repo.truncate_object(whole);
    assert!(total_len(repo.path()) < len_before);
}

#[test]
fn a_pack_contains_all_objects() {
    let dir = tempfile::tempdir().unwrap();
    let repo = fixture::build(dir.path());
    let ids = repo.object_ids();
    repo.repack();
    let packed = V1Repo::open(dir.path());
    assert_eq!(packed.object_ids(), ids);
    assert!(ids.iter().all(|id| is_readable(dir.path(), *id)));
    assert_eq!(files_below(&dir.path().join("objects")).len(), 2, "one pack and its index");
}

#[test]
fn a_clone_has_one_local_branch() {
    let dir = tempfile::tempdir().unwrap();
    let clone = clone_plain(fixture::folder(), &dir.path().join("clone"));
    let branches = |kind| {
        let names = clone.branches(Some(kind)).unwrap().map(|branch| {
            let (branch, _) = branch.unwrap();
            branch.name().unwrap().unwrap().to_owned()
        });
        names.collect::<BTreeSet<_>>()
    };
    assert_eq!(clone.head().unwrap().name().unwrap(), "refs/heads/production");
    assert_eq!(branches(BranchType::Local), BTreeSet::from(["production".to_owned()]));
    assert!(
        branches(BranchType::Remote)
            .is_superset(&BTreeSet::from(STAGES.map(|stage| format!("origin/{stage}"))))
    );
    assert!(
        dir.path().join("clone/packages/beacon/1.1.0/img/[Metrics Beacon] Overview.png").exists()
    );
}

/// Returns the folders of a tree with their ids.
fn folders_in(git: &Repository, revspec: &str) -> Vec<(String, Oid)> {
    let object = git.revparse_single(revspec).expect("find a tree");
    let tree = object.peel_to_tree().expect("read a tree");
    tree.iter()
        .filter(|entry| entry.kind() == Some(ObjectType::Tree))
        .map(|entry| (entry.name().expect("a name in UTF-8").to_owned(), entry.id()))
        .collect()
}

/// Returns whether an object exists and its hash matches its id, as checked by libgit2.
fn is_readable(repo: &Path, id: Oid) -> bool {
    unreadable(repo, &BTreeSet::from([id])).is_empty()
}

fn total_len(folder: &Path) -> u64 {
    let files = files_below(folder).into_iter().map(|file| folder.join(file));
    files.map(|file| fs::metadata(file).expect("look at a file").len()).sum()
}

fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("read a folder") {
            let path = entry.expect("read a folder").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).expect("a path below").to_owned());
            }
        }
    }
    files
}
