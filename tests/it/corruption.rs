//! Damage at every position of a small repository: flipped bytes, truncated files. Expected are never a hang,
//! never an archive with other bytes, and a finding on exactly the revisions that use a damaged object.
//!
//! Which objects are still readable is determined with libgit2 and hashed here; which revisions need them, with
//! the undamaged repository. The engine runs in this process, each time in a thread with a
//! deadline; a sample runs the tool. The texts of findings are tested in `findings::objects`.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use git2::{ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};
use package_storage_migrate::error::Error;
use package_storage_migrate::model::content::ObjectId;
use package_storage_migrate::model::event::Silent;
use package_storage_migrate::model::finding::Severity;
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::model::registry_release::RegistryRelease;
use package_storage_migrate::model::resources::Resources;
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::ops::migrate::{GoneNames, Options, Outcome, migrate};
use package_storage_migrate::rules::decisions::Resolutions;
use package_storage_migrate::v1::repository::V1Repository;
use package_storage_migrate::v1::stages::StageRequest;
use package_storage_migrate::v2::folder::Preview;

use crate::support::damage;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

/// Far longer than a run over such a repository takes.
const DEADLINE: Duration = Duration::from_secs(240);

const STAGES: [Stage; 2] = [Stage::Production, Stage::Staging];

/// Creates two stages with revisions that share files, and one revision that is in both stages.
fn build(path: &Path) -> V1Repo {
    let harbor_log = |patch: &'static str| {
        move |r: RevisionDraft| {
            r.manifest().file("img/a.svg", "<svg/>").file("changelog.yml", patch)
        }
    };
    V1Repo::create(path)
        .stage("production", |s| {
            s.revision("harbor_log", "1.0.0", harbor_log("- 1.0.0\n"))
                .revision("harbor_log", "1.0.1", harbor_log("- 1.0.1\n- 1.0.0\n"))
                .revision("port", "2.0.0", RevisionDraft::manifest)
        })
        .stage("staging", |s| {
            s.revision("harbor_log", "1.1.0", harbor_log("- 1.1.0\n")).revision(
                "port",
                "2.0.0",
                RevisionDraft::manifest,
            )
        })
}

/// Migrates as a dry run; panics after the deadline.
fn run(repo: &Path, row: &str) -> Result<Outcome, Error> {
    let (sender, receiver) = mpsc::channel();
    let repo = repo.to_owned();
    thread::spawn(move || {
        let stages = STAGES.map(|stage| StageRequest { stage, pinned: None }).to_vec();
        let options = Options {
            stages,
            remote: "origin".into(),
            shard: Shard::WHOLE,
            scope: Scope::default(),
            resources: Resources::default(),
            base: None,
            gone_names: GoneNames::Refused,
            cursor: None,
            resolutions: Resolutions::default(),
            validator: None,
            registry: RegistryRelease::NEWEST,
            kibana_versions: Vec::new(),
            jobs: 1,
        };
        let interrupt = AtomicBool::new(false);
        let sink = Preview::new(None);
        let outcome = migrate(&repo, &options, &sink, &Silent, &interrupt);
        // After the deadline, the receiver is gone.
        sender.send(outcome).unwrap_or_default();
    });
    receiver.recv_timeout(DEADLINE).unwrap_or_else(|error| panic!("{row}: {error}"))
}

/// A package in one stage: its folder's id, and the objects of each version.
type PackageFolder = (Oid, BTreeMap<String, BTreeSet<Oid>>);

/// Which objects are needed by what, and the outcome without damage.
struct Whole {
    /// Commits, their trees and the folders `packages/`.
    needed_by_all: BTreeSet<Oid>,
    /// The folders of each package, by stage.
    packages: BTreeMap<String, Vec<PackageFolder>>,
    outcome: Outcome,
}

impl Whole {
    fn of(repo: &V1Repo) -> Self {
        let git = Repository::open_bare(repo.path()).unwrap();
        let mut needed_by_all = BTreeSet::new();
        let mut packages: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for stage in STAGES {
            let commit = git.find_commit(repo.commit_id(stage.into())).unwrap();
            let root = commit.tree().unwrap();
            let listed = folders(&git, root.id())["packages"];
            needed_by_all.extend([commit.id(), root.id(), listed]);
            for (name, folder) in folders(&git, listed) {
                let versions = folders(&git, folder).into_iter();
                let versions = versions.map(|(version, id)| (version, objects_below(&git, id)));
                packages.entry(name).or_default().push((folder, versions.collect()));
            }
        }
        let outcome = run(repo.path(), "whole").unwrap();
        assert_eq!(outcome.plan.archives().count(), 4);
        Whole { needed_by_all, packages, outcome }
    }

    /// Asserts that `outcome` is correct when these objects are unreadable.
    fn check(&self, damaged: &BTreeSet<Oid>, outcome: Result<Outcome, Error>, row: &str) {
        if !self.needed_by_all.is_disjoint(damaged) {
            let error = outcome.expect_err(row);
            let refused = matches!(error, Error::ReadStage { .. } | Error::PackIndex { .. });
            return assert!(refused, "{row}: {error}");
        }
        let outcome = outcome.unwrap_or_else(|error| panic!("{row}: {error}"));
        let (reported, lost) = self.expected(damaged);
        let findings = outcome.report.findings.iter();
        let blockers = findings.filter(|f| f.kind.severity() == Severity::Blocker);
        let found: BTreeSet<_> =
            blockers.map(|f| (f.package.as_deref().unwrap(), f.version.as_deref())).collect();
        assert_eq!(found, reported, "{row}: {:?}", outcome.report.findings);
        let mut archives: Vec<_> = self.outcome.plan.archives().collect();
        archives.retain(|upload| !lost.contains(&(&*upload.package, Some(&*upload.version))));
        assert_eq!(outcome.plan.archives().collect::<Vec<_>>(), archives, "{row}");
    }
    /// Returns the subjects of all findings, and the revisions without an archive.
    fn expected(&self, damaged: &BTreeSet<Oid>) -> (BTreeSet<Subject<'_>>, BTreeSet<Subject<'_>>) {
        let (mut reported, mut lost) = (BTreeSet::new(), BTreeSet::new());
        for (name, stages) in &self.packages {
            let mut is_listed = true;
            let mut decided = BTreeSet::new();
            for (folder, versions) in stages {
                if damaged.contains(folder) {
                    is_listed = false;
                    reported.insert((name.as_str(), None));
                }
                for (version, objects) in versions {
                    let revision = (name.as_str(), Some(version.as_str()));
                    let is_first = decided.insert(version);
                    let is_broken = !objects.is_disjoint(damaged) || (is_first && !is_listed);
                    if is_broken && !damaged.contains(folder) {
                        reported.insert(revision);
                    }
                    if is_broken && is_first {
                        lost.insert(revision);
                    }
                }
            }
        }
        (reported, lost)
    }
}

/// A package and a version; no version for the package as a whole.
type Subject<'a> = (&'a str, Option<&'a str>);

fn folders(git: &Repository, tree_id: Oid) -> BTreeMap<String, Oid> {
    let tree = git.find_tree(tree_id).unwrap();
    let folders = tree.iter().filter(|entry| entry.kind() == Some(ObjectType::Tree));
    folders.map(|entry| (entry.name().unwrap().to_owned(), entry.id())).collect()
}

/// Returns a tree and everything below it.
fn objects_below(git: &Repository, tree_id: Oid) -> BTreeSet<Oid> {
    let mut ids = BTreeSet::from([tree_id]);
    let tree = git.find_tree(tree_id).unwrap();
    tree.walk(TreeWalkMode::PreOrder, |_, entry| {
        ids.insert(entry.id());
        TreeWalkResult::Ok
    })
    .unwrap();
    ids
}

/// Builds and packs a repository; returns its expected state, and all ids.
fn packed(path: &Path) -> (Whole, BTreeSet<Oid>) {
    let repo = build(path);
    let (whole, ids) = (Whole::of(&repo), repo.object_ids());
    repo.repack();
    (whole, ids)
}

#[test]
fn a_flipped_byte_of_a_pack() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, ids) = packed(dir.path());
    let pack = damage::pack_file(dir.path(), "pack");
    let bytes = fs::read(&pack).unwrap();
    for (count, at) in (0..bytes.len()).step_by(2).enumerate() {
        let row = format!("byte {at} of the pack, bit {}", count % 8);
        damage::rewrite(&pack, &flipped(&bytes, at, count));
        whole.check(&damage::unreadable(dir.path(), &ids), run(dir.path(), &row), &row);
    }
}

#[test]
fn an_entry_of_a_pack_of_another_kind() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, ids) = packed(dir.path());
    let pack = damage::pack_file(dir.path(), "pack");
    let bytes = fs::read(&pack).unwrap();
    for (id, at) in damage::entry_offsets(dir.path()) {
        // The three bits are the kind (Git's "gitformat-pack"); two of the eight do not exist.
        for kind in (0..8).filter(|kind| kind << 4 != bytes[at] & 0x70) {
            let row = format!("{id} is of kind {kind}");
            let mut damaged = bytes.clone();
            damaged[at] = damaged[at] & 0x8f | kind << 4;
            damage::rewrite(&pack, &damaged);
            whole.check(&damage::unreadable(dir.path(), &ids), run(dir.path(), &row), &row);
            let repository = V1Repository::open(dir.path()).unwrap();
            let reader = repository.reader().unwrap();
            let id = ObjectId(id.as_bytes().try_into().unwrap());
            assert_eq!(reader.blob_len(id).is_ok(), kind == 3, "{row}");
        }
    }
}

#[test]
fn a_truncated_or_extended_pack() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, ids) = packed(dir.path());
    let pack = damage::pack_file(dir.path(), "pack");
    let bytes = fs::read(&pack).unwrap();
    let len = bytes.len();
    for kept_len in [0, 1, 4, 11, 12, 13, 32, len / 3, len / 2, len - 21, len - 20, len - 1] {
        let row = format!("{kept_len} of {len} bytes");
        damage::rewrite(&pack, &bytes[..kept_len]);
        whole.check(&damage::unreadable(dir.path(), &ids), run(dir.path(), &row), &row);
    }
    damage::rewrite(&pack, &[&bytes, b"x".as_slice()].concat());
    let damaged = damage::unreadable(dir.path(), &ids);
    whole.check(&damaged, run(dir.path(), "a byte more"), "a byte more");
}

#[test]
fn every_byte_of_a_loose_object() {
    let dir = tempfile::tempdir().unwrap();
    let repo = build(dir.path());
    let whole = Whole::of(&repo);
    let objects = ["packages/harbor_log/1.0.1/manifest.yml", "packages/harbor_log/1.0.1"];
    for path in objects {
        let damaged = BTreeSet::from([repo.object_id("production", path)]);
        let file = damage::loose_file(dir.path(), *damaged.first().unwrap());
        let bytes = fs::read(&file).unwrap();
        let mut idle_count = 0;
        for at in 0..bytes.len() {
            let row = format!("{path}: byte {at} of {}, bit {}", bytes.len(), at % 8);
            damage::rewrite(&file, &flipped(&bytes, at, at));
            let outcome = run(dir.path(), &row);
            // Up to seven bits after the end of a deflate stream have no meaning.
            let is_idle = outcome.as_ref().is_ok_and(|o| o.report == whole.outcome.report);
            idle_count += usize::from(is_idle);
            let nothing = BTreeSet::new();
            whole.check(if is_idle { &nothing } else { &damaged }, outcome, &row);

            let row = format!("{path}: truncated to {at} of {} bytes", bytes.len());
            damage::rewrite(&file, &bytes[..at]);
            whole.check(&damaged, run(dir.path(), &row), &row);
        }
        assert!(idle_count <= 1, "{path}: {idle_count} flips were not detected");
        damage::rewrite(&file, &bytes);
    }
}

/// Runs the tool, since libgit2 trusts an index so much that the process may crash.
#[test]
fn a_flipped_byte_of_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let repo_path = dir.path().join("v1");
    let (_, ids) = packed(&repo_path);
    let index = damage::pack_file(&repo_path, "idx");
    let bytes = fs::read(&index).unwrap();
    // Header, fan-out, ids, CRC-32s, offsets, the pack's checksum, its own (Git's "gitformat-pack").
    let ids_at = 8 + 256 * 4;
    let offsets_at = ids_at + ids.len() * (20 + 4);
    let places = [0, 7, 8, 600, ids_at - 1, ids_at, ids_at + 300, offsets_at - 1]
        .into_iter()
        .chain((offsets_at..offsets_at + 4 * ids.len()).step_by(3))
        .chain([bytes.len() - 40, bytes.len() - 1]);
    run_all_damaged(dir.path(), &index, places.map(|at| flipped(&bytes, at, at)).collect());
}

#[test]
fn the_tool_itself_over_damaged_packs() {
    let dir = tempfile::tempdir().unwrap();
    packed(&dir.path().join("v1"));
    let pack = damage::pack_file(&dir.path().join("v1"), "pack");
    let bytes = fs::read(&pack).unwrap();
    let mut damaged: Vec<Vec<u8>> =
        (0..bytes.len()).step_by(97).map(|at| flipped(&bytes, at, at)).collect();
    damaged.extend([0, 12, bytes.len() / 2].map(|len| bytes[..len].to_vec()));
    run_all_damaged(dir.path(), &pack, damaged);
}

/// Runs the tool over `v1` with one file in each of these states. It must terminate normally, and no
/// archive may have other bytes than without damage.
fn run_all_damaged(dir: &Path, file: &Path, states: Vec<Vec<u8>>) {
    let migrate = |output: &str| {
        let stages = "--stages production,staging --quiet";
        Tool::migrate(dir.join("v1")).args(stages).output(dir.join(output)).run()
    };
    migrate("whole").expect_code(0, "whole");
    let whole = v2::archives(&dir.join("whole"));
    let mut codes = BTreeSet::new();
    for (index, state) in states.iter().enumerate() {
        damage::rewrite(file, state);
        let ran = migrate("damaged");
        assert!(matches!(ran.code, Some(0 | 1 | 3)), "state {index} of {}: {ran}", file.display());
        for (name, bytes) in v2::archives(&dir.join("damaged")) {
            assert!(whole.get(&name) == Some(&bytes), "state {index}: {name}");
        }
        codes.extend(ran.code);
        fs::remove_dir_all(dir.join("damaged")).unwrap();
    }
    assert!(codes.contains(&3), "some damage must end a run with exit code 3");
}

/// Flips one bit of one byte.
fn flipped(bytes: &[u8], at: usize, bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1 << (bit % 8);
    bytes
}
