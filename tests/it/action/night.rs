//! The night job for GitHub Actions, `examples/nightly-sync.yml`: its scripts as they are, over a store in memory.
//!
//! Only the names of the buckets are replaced, and Git finds v1 at another URL.

#![cfg(feature = "stores")]

use std::fs;
use std::path::{Path, PathBuf};

use package_storage_migrate::v2::store::bucket::StoreKind;

use super::{parsed, steps};
use crate::support::bucket_server::Store;
use crate::support::fault_server::FaultServer;
use crate::support::tool::Tool;
use crate::support::v1_repo::{StageDraft, V1Repo};
use crate::support::workflow::{Job, Runner, bash_is_missing, text, values};

const V1: &str = "https://git.example.org/package-storage.git";
const V2: &str = "gs://bkt/v2";
const INTERNAL: &str = "gs://bkt/internal";

fn revision(stage: StageDraft, name: &str, readme: &str) -> StageDraft {
    stage.revision(name, "1.0.0", |r| {
        r.manifest().file("img/logo.svg", "<svg/>").file("docs/README.md", readme)
    })
}

struct Case {
    folder: tempfile::TempDir,
    repo: Option<V1Repo>,
    store: Store,
    server: FaultServer,
}

impl Case {
    /// Creates a v1 with one package in each stage, which is published.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut repo = V1Repo::create(&folder.path().join("v1.git"));
        for stage in ["production", "staging", "snapshot"] {
            repo = repo.stage(stage, |s| revision(s, "beacon", "# Beacon\n"));
        }
        let mut store = Store::new(StoreKind::Gcs);
        store.page_len = 100;
        let server = store.serve(|store, request| store.correct(request));
        let case = Case { folder, repo: Some(repo), store, server };
        let first = case.folder.path().join("first");
        Tool::migrate(case.v1()).output(&first).run().expect_code(0, "the first migration");
        let variables = case.store.variables(&case.server);
        let upload = Tool::bare().arg("upload").arg(first).arg("--to").arg(V2);
        let upload = upload.arg("--internal").arg(INTERNAL);
        let upload = variables.iter().fold(upload, |tool, (name, value)| tool.env(name, value));
        upload.run().expect_code(0, "the first upload");
        case
    }

    fn v1(&self) -> PathBuf {
        self.folder.path().join("v1.git")
    }

    fn change(&mut self, build: impl FnOnce(StageDraft) -> StageDraft) {
        self.repo = self.repo.take().map(|repo| repo.stage("production", build));
    }

    fn has(&self, name: &str) -> bool {
        self.store.get(&format!("v2/artifacts/packages/{name}.zip")).is_some()
    }

    /// Runs a night in a fresh workspace.
    fn night(&self, name: &str) -> (Job, PathBuf) {
        let workflow = parsed("examples/nightly-sync.yml");
        let job = &workflow["jobs"]["sync"];
        let workspace = self.folder.path().join(name);
        fs::create_dir(&workspace).unwrap();
        let mut environment = values(job, "env");
        for (variable, bucket) in [("V2", V2), ("INTERNAL", INTERNAL)] {
            let old = environment.insert(variable.to_owned(), bucket.to_owned());
            assert!(old.is_some_and(|old| old.starts_with("gs://")), "{variable}");
        }
        let tool = Path::new(env!("CARGO_BIN_EXE_package-storage-migrate")).parent().unwrap();
        let path = format!("{}:{}", tool.display(), std::env::var("PATH").unwrap());
        let home = self.folder.path().to_str().unwrap();
        let key = format!("url.{}.insteadOf", self.v1().display());
        for (variable, value) in [
            ("PATH", path.as_str()),
            ("HOME", home),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", &key),
            ("GIT_CONFIG_VALUE_0", V1),
        ] {
            environment.insert(variable.to_owned(), value.to_owned());
        }
        environment.extend(self.store.variables(&self.server));
        let inputs = Default::default();
        let runner = Runner { folder: &workspace, inputs, environment };
        (runner.run(&steps(job)), workspace)
    }
}

const FINDINGS: &str = "findings that need a person";

/// Asserts that every path that is kept as an artifact has a file.
fn assert_artifacts(workspace: &Path) {
    let workflow = parsed("examples/nightly-sync.yml");
    let uploads = |step: &&serde_yaml::Value| {
        text(step, "uses").is_some_and(|uses| uses.starts_with("actions/upload-artifact@"))
    };
    let steps = steps(&workflow["jobs"]["sync"]);
    let step = steps.iter().find(uploads).unwrap();
    let paths = values(step, "with").remove("path").unwrap();
    assert!(paths.lines().count() > 2, "{paths}");
    for path in paths.lines() {
        let pattern = workspace.join(path);
        assert!(glob::glob(pattern.to_str().unwrap()).unwrap().count() > 0, "no {path}");
    }
}

#[test]
fn a_night_without_and_with_changes() {
    if bash_is_missing() {
        return;
    }
    let mut case = Case::new();
    let (job, workspace) = case.night("nothing-new");
    assert_eq!(job.code(), 0, "{job:#?}");
    assert_artifacts(&workspace);
    assert_eq!(job.steps.len(), 5, "{job:#?}");

    case.change(|s| revision(s, "harbor", "# Harbor\n"));
    let (job, _) = case.night("added");
    assert_eq!(job.code(), 0, "{job:#?}");
    assert!(case.has("harbor-1.0.0"), "{job:#?}");
    // The report of migrate, of upload, and of verify.
    let sections = job.summary.lines().filter(|line| line.starts_with("# ")).count();
    assert_eq!(sections, 3, "{}", job.summary);
}

/// What is broken is left out, and the rest is published and proved.
#[test]
fn a_finding_fails_the_last_step_only() {
    if bash_is_missing() {
        return;
    }
    let mut case = Case::new();
    case.change(|s| {
        let s = s.revision("lantern", "1.0.0", |r| r.file("manifest.yml", "name: [\n"));
        revision(s, "harbor", "# Harbor\n")
    });
    let (job, workspace) = case.night("broken");
    assert_eq!(job.step("migrate").outputs["code"], "1", "{job:#?}");
    assert_eq!(job.step(FINDINGS).code, 1, "{job:#?}");
    assert!(case.has("harbor-1.0.0") && !case.has("lantern-1.0.0"), "{job:#?}");
    assert_artifacts(&workspace);
}

#[test]
fn a_conflict_does_not_stop_the_proof() {
    if bash_is_missing() {
        return;
    }
    let mut case = Case::new();
    case.change(|s| {
        let s = revision(s, "beacon", "# Beacon, changed\n");
        revision(s, "harbor", "# Harbor\n")
    });
    let (job, workspace) = case.night("changed");
    assert_eq!(job.step("publish what is new").code, 1, "{job:#?}");
    assert_eq!(job.step("prove it").code, 1, "{job:#?}");
    assert!(case.has("harbor-1.0.0"), "{job:#?}");
    assert_artifacts(&workspace);
}

#[test]
fn a_night_without_v1_fails_and_publishes_nothing() {
    if bash_is_missing() {
        return;
    }
    let case = Case::new();
    fs::remove_dir_all(case.v1()).unwrap();
    let keys = case.store.keys();
    let (job, _) = case.night("gone");
    assert_eq!(job.steps[0].1.code, 128, "{job:#?}");
    let names: Vec<&str> = job.steps[1..].iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [FINDINGS], "{job:#?}");
    assert_eq!(case.store.keys(), keys);
}
