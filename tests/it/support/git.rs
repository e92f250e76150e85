//! Runs the installed Git, as the reference reader, and to create what libgit2 does not.
//!
//! Hermetic: no configuration and no identity of the host.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use super::program::in_path;

static GIT: LazyLock<PathBuf> = LazyLock::new(|| in_path("git"));

/// The result of running Git.
#[derive(Debug)]
pub(crate) struct Git {
    pub(crate) is_success: bool,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Git {
    /// Returns stdout without the trailing line break.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim_end().to_owned()
    }
}

/// Runs Git in a folder; panics when it fails.
#[track_caller]
pub(crate) fn git(folder: &Path, args: &[&str], input: &[u8]) -> Git {
    let ran = try_git(folder, args, input);
    assert!(ran.is_success, "git {args:?}: {}", ran.stderr);
    ran
}

/// Runs Git in a folder.
pub(crate) fn try_git(folder: &Path, args: &[impl AsRef<OsStr>], input: &[u8]) -> Git {
    let mut child = Command::new(&*GIT)
        .args(args)
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .envs([("HOME", "/nonexistent"), ("GIT_CONFIG_NOSYSTEM", "1"), ("LC_ALL", "C")])
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Fixture")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "f@example.org")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_DATE"), "1577836800 +0000")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start git");
    // The input fits into the pipe, or is read before Git writes output.
    child.stdin.take().expect("a pipe").write_all(input).expect("write to git");
    let output = child.wait_with_output().expect("wait for git");
    Git {
        is_success: output.status.success(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
