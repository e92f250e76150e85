//! Git repacks and prunes the repository while it is read, as `git fetch` starts to do by itself.
//!
//! What is loose becomes packed, packs are replaced, what is packed becomes loose again; at no moment does
//! the repository lack an object. So every run must come to what a run on a quiet repository comes to.

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

/// Runs over each repository that moves.
const RUN_COUNT: usize = 20;

/// Four revisions in two stages, two commits each; all of it loose.
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

/// A repository that changes its form, one step after the other.
struct Moving {
    repo: PathBuf,
    /// A copy of all loose objects, as it was built.
    loose: PathBuf,
    step_count: Mutex<usize>,
}

impl Moving {
    fn new(folder: &Path) -> Self {
        let (repo, loose) = (folder.join("v1"), folder.join("loose"));
        build(&repo);
        // Each step would wait for the disk.
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
        Moving { repo, loose, step_count: Mutex::new(0) }
    }

    fn step(&self) {
        let mut step_count = self.step_count.lock().unwrap();
        let at = &self.repo;
        // With every round other bytes, so that packs have other names.
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

    /// Makes everything loose again; nothing is missing meanwhile.
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

/// Moves on whenever a stage is listed, a commit is walked, a revision is done: every other time.
struct MovesOn<'m> {
    moving: &'m Moving,
    event_count: AtomicUsize,
}

impl<'m> MovesOn<'m> {
    fn new(moving: &'m Moving) -> Self {
        MovesOn { moving, event_count: AtomicUsize::new(0) }
    }
}

impl Observer for MovesOn<'_> {
    fn observe(&self, event: Event) {
        match event {
            Event::Advanced(_) if self.event_count.fetch_add(1, Ordering::Relaxed) % 2 == 1 => {
                self.moving.step();
            }
            _ => {}
        }
    }
}

fn stages() -> Vec<StageRequest> {
    [Stage::Production, Stage::Staging].map(|stage| StageRequest { stage, pinned: None }).to_vec()
}

fn migrate_while(observer: &dyn Observer, repo: &Path) -> (String, Vec<String>) {
    let options = migrate::Options {
        stages: stages(),
        remote: "origin".into(),
        shard: Shard::WHOLE,
        scope: Scope::default(),
        resolutions: Resolutions::default(),
        validator: None,
        registry: RegistryRelease::NEWEST,
        jobs: 2,
    };
    let interrupt = AtomicBool::new(false);
    let sink = Preview::new(None);
    let outcome = migrate::migrate(repo, &options, &sink, observer, &interrupt).unwrap();
    let findings = outcome.report.findings.iter().map(|finding| format!("{finding:?}"));
    (format!("{:?}", outcome.plan), findings.collect())
}

#[test]
fn the_plan_is_the_same_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let quiet = build(&dir.path().join("quiet"));
    let expected = migrate_while(&package_storage_migrate::model::event::Silent, quiet.path());
    let moving = Moving::new(dir.path());
    for run in 0..RUN_COUNT {
        let found = migrate_while(&MovesOn::new(&moving), &moving.repo);
        assert!(found == expected, "run {run}: {found:?}\nis not\n{expected:?}");
    }
    // Two stages are listed and four revisions are done in each run.
    assert_eq!(*moving.step_count.lock().unwrap(), RUN_COUNT * 3);
}

#[test]
fn the_proof_is_the_same_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let moving = Moving::new(dir.path());
    let v2 = dir.path().join("v2");
    let migrated = Tool::migrate(&moving.repo).output(&v2);
    migrated.args("--stages production,staging").run().expect_code(0, "quiet");
    for run in 0..RUN_COUNT {
        let options = verify::Options {
            stages: stages(),
            remote: "origin".to_owned(),
            scope: Scope::default(),
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
        let path = &moving.repo;
        let outcome = verify::verify(path, &options, &place, &MovesOn::new(&moving), &interrupt);
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
fn the_history_is_the_same_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let quiet = build(&dir.path().join("quiet"));
    let options = audit_history::Options { stages: stages(), remote: "origin".to_owned() };
    let audit = |path: &Path, observer: &dyn Observer| {
        audit_history::audit_history(path, &options, observer).unwrap()
    };
    let expected = audit(quiet.path(), &package_storage_migrate::model::event::Silent);
    let moving = Moving::new(dir.path());
    for run in 0..RUN_COUNT {
        assert_eq!(audit(&moving.repo, &MovesOn::new(&moving)), expected, "run {run}");
    }
}

/// At any moment, not only between events: Git goes on by itself until all runs are done.
#[test]
fn runs_beside_a_loop_of_git_come_to_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let quiet = build(&dir.path().join("quiet"));
    let flags = "--dry-run --stages production,staging --quiet --plan -";
    let expected = Tool::migrate(quiet.path()).args(flags).run().expect_code(0, "quiet").stdout;
    let moving = Moving::new(dir.path());
    let (runs, path) = (AtomicUsize::new(0), moving.repo.clone());
    thread::scope(|scope| {
        scope.spawn(|| {
            while runs.load(Ordering::Relaxed) < RUN_COUNT {
                moving.step();
            }
        });
        // Whatever happens, the loop must end.
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
