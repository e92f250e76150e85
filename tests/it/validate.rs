//! Validation by an external program: its input, the use of its output, and the removal of temporary files.
//!
//! Validators are short shell scripts. Each run has a separate temporary folder, which must be empty afterwards.
//! `findings` has a row for each result.

#![allow(clippy::unwrap_used)]

mod ending;
mod grammar;
mod output;
mod package;
mod runs;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::tool::{Ran, Running, Tool};
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

/// A repository, and a folder for validators to write to.
struct Yard {
    dir: TempDir,
    repo: V1Repo,
}

impl Yard {
    /// `pier` 1.0.0 with these files in addition to its manifest.
    fn pier(build: impl FnOnce(RevisionDraft) -> RevisionDraft) -> Self {
        Yard::new(|repo| {
            repo.stage("production", |s| s.revision("pier", "1.0.0", |r| build(r.manifest())))
        })
    }

    /// `count` packages with one version each, and one package with `count` versions.
    fn many(count: usize) -> Self {
        Yard::new(|repo| {
            repo.stage("production", |s| {
                (0..count).fold(s, |s, index| {
                    s.revision(&format!("buoy_{index}"), "1.0.0", RevisionDraft::manifest).revision(
                        "pier",
                        &format!("1.{index}.0"),
                        RevisionDraft::manifest,
                    )
                })
            })
        })
    }

    fn new(build: impl FnOnce(V1Repo) -> V1Repo) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["tmp", "log"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let repo = build(V1Repo::create(&dir.path().join("v1")));
        Yard { repo, dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// `migrate` with a validator; the variable `LOG` is a folder that it may write to.
    fn migrate(&self, template: &str) -> Tool {
        self.plain().arg("--validate-command").arg(template)
    }

    /// `migrate` without a validator.
    fn plain(&self) -> Tool {
        Tool::migrate(self.repo.path())
            .args("--stages production --jobs 2")
            .env("TMPDIR", self.path("tmp"))
            .env("LOG", self.path("log"))
    }

    /// Runs it with the output folder; no temporary files may remain.
    #[track_caller]
    fn run(&self, tool: Tool, output: &str) -> Ran {
        let ran = tool.output(self.path(output)).run();
        self.assert_tidy();
        ran
    }

    #[track_caller]
    fn assert_tidy(&self) {
        let left: Vec<_> = fs::read_dir(self.path("tmp")).unwrap().collect();
        assert!(left.is_empty(), "temporary folders stay: {left:?}");
    }

    fn report(&self, output: &str) -> Value {
        v2::json(&self.path(output).join("report.json"))
    }

    fn findings(&self, output: &str) -> Vec<String> {
        v2::findings(&self.report(output))
    }

    /// The lines that validators wrote to a file in `LOG`.
    fn log(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.path("log").join(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// A template that runs a shell script with the arguments `$1`, `$2` …
fn sh(script: &str, arguments: &str) -> String {
    assert!(!script.contains('\''), "{script}");
    format!("sh -c '{script}' validator {arguments}")
}

/// The length of a file that a process may write to; 0 if it does not exist.
fn len(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Waits until a validator has started; panics if the run ends before.
#[track_caller]
fn wait_for(running: &mut Running, path: &Path) {
    assert!(running.runs_until(|| path.exists()), "no validator began");
}
