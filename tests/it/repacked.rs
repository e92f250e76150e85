//! Git repacks and prunes the repository while it is read, as `git fetch` may do.
//!
//! Loose objects are packed, packs are replaced, packed objects become loose again; at no time does
//! the repository lack an object. So every run must have the same result as on an unchanged repository.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use package_storage_migrate::model::event::{Event, Observer};
use package_storage_migrate::model::mismatch::Extras;
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::model::registry_release::RegistryRelease;
use package_storage_migrate::model::resources::Resources;
use package_storage_migrate::model::resources::{Resource, StaticSet};
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::model::verification::{Conclusion, Depth, PlaceName};
use package_storage_migrate::ops::{audit_history, migrate, verify};
use package_storage_migrate::rules::decisions::Resolutions;
use package_storage_migrate::v1::stages::StageRequest;
use package_storage_migrate::v2::folder::Preview;
use package_storage_migrate::v2::store::folder::Folder;

use crate::support::git::git;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

/// Number of runs over each changing repository.
const RUN_COUNT: usize = 20;

/// Creates four revisions in two stages, two commits each; all objects are loose.
fn build(path: &Path) -> V1Repo {
    let with = |text: &'static str| {
        move |r: RevisionDraft| r.manifest().file("changelog.yml", text.repeat(300))
    };
    V1Repo::create(path)
        .stage_at("production", 0, &[], |s| s.revision("buoy", "1.0.0", with("- a\n")))
        .stage_at("production", 1, &[], |s| {
            s.revision("buoy", "1.0.1", with("- b\n")).revision("pier", "1.0.0", with("- c\n"))
        })
        .stage_at("staging", 0, &[], |s| s.revision("pier", "2.0.0", with("- d\n")))
        .stage_at("staging", 1, &[], |s| s.revision("buoy", "1.0.0", with("- e\n")))
}

/// A repository that is repacked step by step.
struct RepackedRepo {
    repo: PathBuf,
    /// A copy of all loose objects, as created.
    loose: PathBuf,
    step_count: Mutex<usize>,
}

impl RepackedRepo {
    fn new(folder: &Path) -> Self {
        let (repo, loose) = (folder.join("v1"), folder.join("loose"));
        build(&repo);
        // Otherwise, each step would wait for the disk.
        git(&repo, &["config", "core.fsync", "none"], b"");
        fs::create_dir(&loose).unwrap();
        for (path, bytes) in v2::tree(&repo.join("objects")) {
            match bytes {
                None => fs::create_dir_all(loose.join(path)).unwrap(),
                Some(bytes) => {
                    let to = loose.join(path);
                    fs::create_dir_all(to.parent().unwrap()).unwrap();
                    fs::write(to, bytes).unwrap();
                }
            }
        }
        RepackedRepo { repo, loose, step_count: Mutex::new(0) }
    }

    fn step(&self) {
        let mut step_count = self.step_count.lock().unwrap();
        let at = &self.repo;
        // Another compression level in every round, so that packs get other names.
        let round = *step_count / 4;
        let level = format!("pack.compression={}", 1 + round % 9);
        match *step_count % 4 {
            0 => drop(git(at, &["-c", &level, "repack", "-a", "-d", "-q"], b"")),
            // An index of version 1 is left to libgit2.
            1 => drop(git(
                at,
                &["-c", "pack.indexVersion=1", "-c", &level, "repack", "-a", "-d", "-F", "-q"],
                b"",
            )),
            2 => drop(git(at, &["gc", "--prune=now", "-q"], b"")),
            _ => self.unpack(),
        }
        drop(git(at, &["prune-packed", "-q"], b""));
        *step_count += 1;
    }

    /// Makes all objects loose again; none is missing in the meantime.
    fn unpack(&self) {
        let objects = self.repo.join("objects");
        for (path, bytes) in v2::tree(&self.loose) {
            let to = objects.join(&path);
            match bytes {
                None => fs::create_dir_all(to).unwrap(),
                Some(_) if to.exists() => {}
                Some(_) => {
                    fs::create_dir_all(to.parent().unwrap()).unwrap();
                    fs::hard_link(self.loose.join(path), to).unwrap();
                }
            }
        }
        let files = fs::read_dir(objects.join("pack")).unwrap();
        let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
        // Git removes indexes before packs.
        files.sort_by_key(|path| path.extension().is_none_or(|extension| extension != "idx"));
        files.into_iter().for_each(|path| fs::remove_file(path).unwrap());
    }
}

/// Repacks on every other event: when a stage is listed, a commit is walked, or a revision is done.
struct RepackOnEvents<'m> {
    repacked: &'m RepackedRepo,
    event_count: AtomicUsize,
}

impl<'m> RepackOnEvents<'m> {
    fn new(repacked: &'m RepackedRepo) -> Self {
        RepackOnEvents { repacked, event_count: AtomicUsize::new(0) }
    }
}

impl Observer for RepackOnEvents<'_> {
    fn observe(&self, event: Event) {
        match event {
            Event::Advanced(_) if self.event_count.fetch_add(1, Ordering::Relaxed) % 2 == 1 => {
                self.repacked.step();
            }
            _ => {}
        }
    }
}

fn stages() -> Vec<StageRequest> {
    [Stage::Production, Stage::Staging].map(|stage| StageRequest { stage, pinned: None }).to_vec()
}

fn run_migrate(observer: &dyn Observer, repo: &Path) -> (String, Vec<String>) {
    let options = migrate::Options {
        stages: stages(),
        remote: "origin".into(),
        shard: Shard::WHOLE,
        scope: Scope::default(),
        resources: Resources::default(),
        base: None,
        gone_names: migrate::GoneNames::Refused,
        cursor: None,
        resolutions: Resolutions::default(),
        validator: None,
        registry: RegistryRelease::NEWEST,
        kibana_versions: Vec::new(),
        jobs: 2,
    };
    let interrupt = AtomicBool::new(false);
    let sink = Preview::new(None);
    let outcome = migrate::migrate(repo, &options, &sink, observer, &interrupt).unwrap();
    let findings = outcome.report.findings.iter().map(|finding| format!("{finding:?}"));
    (format!("{:?}", outcome.plan), findings.collect())
}

#[test]
fn migrate_gives_the_same_plan_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let quiet = build(&dir.path().join("quiet"));
    let expected = run_migrate(&package_storage_migrate::model::event::Silent, quiet.path());
    let repacked = RepackedRepo::new(dir.path());
    for run in 0..RUN_COUNT {
        let found = run_migrate(&RepackOnEvents::new(&repacked), &repacked.repo);
        assert!(found == expected, "run {run}: {found:?}\nis not\n{expected:?}");
    }
    // Two stages are listed, four revisions are done and eight static resources are placed in each run.
    assert_eq!(*repacked.step_count.lock().unwrap(), RUN_COUNT * 7);
}

#[test]
fn verify_gives_the_same_result_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let repacked = RepackedRepo::new(dir.path());
    let v2 = dir.path().join("v2");
    let migrated = Tool::migrate(&repacked.repo).output(&v2);
    migrated.args("--stages production,staging").run().expect_code(0, "quiet");
    for run in 0..RUN_COUNT {
        let options = verify::Options {
            stages: stages(),
            remote: "origin".to_owned(),
            scope: Scope::default(),
            kinds: [Resource::Archives, Resource::Static].into(),
            statics: StaticSet::default(),
            static_sample: None,
            index: None,
            base_index: None,
            endpoint: None,
            cache_control: None,
            resolutions: Resolutions::default(),
            extras: Extras::Refused,
            depth: if run % 2 == 0 { Depth::Entries } else { Depth::Content },
            sample: Shard::WHOLE,
            plan: None,
            public_keys: None,
            place_name: PlaceName::new("v2"),
            jobs: 2,
        };
        let place = Folder::open(&v2).unwrap();
        let interrupt = AtomicBool::new(false);
        let path = &repacked.repo;
        let observer = RepackOnEvents::new(&repacked);
        let outcome = verify::verify(path, &options, &place, &observer, &interrupt);
        let outcome = outcome.unwrap();
        assert_eq!(
            outcome.conclusion(),
            Conclusion::Match,
            "run {run}: {:?}",
            outcome.mismatches()
        );
    }
}

#[test]
fn audit_history_gives_the_same_result_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let quiet = build(&dir.path().join("quiet"));
    let options = audit_history::Options { stages: stages(), remote: "origin".to_owned() };
    let audit = |path: &Path, observer: &dyn Observer| {
        audit_history::audit_history(path, &options, observer).unwrap()
    };
    let expected = audit(quiet.path(), &package_storage_migrate::model::event::Silent);
    let repacked = RepackedRepo::new(dir.path());
    for run in 0..RUN_COUNT {
        let observer = RepackOnEvents::new(&repacked);
        assert_eq!(audit(&repacked.repo, &observer), expected, "run {run}");
    }
}

/// At any time, not only between events: Git repacks in a loop until all runs are done.
#[test]
fn concurrent_repacking_does_not_change_the_result() {
    let dir = tempfile::tempdir().unwrap();
    let quiet = build(&dir.path().join("quiet"));
    let flags = "--dry-run --stages production,staging --quiet --plan -";
    let expected = Tool::migrate(quiet.path()).args(flags).run().expect_code(0, "quiet").stdout;
    let repacked = RepackedRepo::new(dir.path());
    let (runs, path) = (AtomicUsize::new(0), repacked.repo.clone());
    thread::scope(|scope| {
        scope.spawn(|| {
            while runs.load(Ordering::Relaxed) < RUN_COUNT {
                repacked.step();
            }
        });
        // No panic here, so that the loop ends.
        let results: Vec<_> = (0..RUN_COUNT)
            .map(|_| {
                let ran = Tool::migrate(&path).args(flags).run();
                runs.fetch_add(1, Ordering::Relaxed);
                ran
            })
            .collect();
        for (run, ran) in results.into_iter().enumerate() {
            let ran = ran.expect_code(0, &format!("run {run}"));
            assert!(ran.stdout == expected, "run {run}: {ran}");
        }
    });
}
