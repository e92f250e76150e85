//! Runs the tool like a user: the built binary, with arguments, in a separate process.
//!
//! The environment contains only `PATH` from the host: an empty HOME, no Git configuration, the
//! C locale, UTC. A run that takes longer than five minutes is killed and marked, but does not panic
//! here, so that a test can report which of its rows hung. The output of a run is read with
//! `v2`.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::program::in_path;

/// The maximum duration of a run.
const TIMEOUT: Duration = Duration::from_secs(300);

/// The built binary.
const BINARY: &str = env!("CARGO_BIN_EXE_package-storage-migrate");

/// A run to be started.
pub(crate) struct Tool(Command);

impl Tool {
    /// Creates a run without arguments.
    pub(crate) fn bare() -> Self {
        Self::hermetic(Command::new(BINARY))
    }

    /// Creates `migrate <repo>`.
    pub(crate) fn migrate(repo: impl AsRef<OsStr>) -> Self {
        Self::bare().arg("migrate").arg(repo)
    }

    /// Creates `audit-history <repo>`.
    pub(crate) fn audit_history(repo: impl AsRef<OsStr>) -> Self {
        Self::bare().arg("audit-history").arg(repo)
    }

    /// Creates `explain <repo> <subject>`.
    pub(crate) fn explain(repo: impl AsRef<OsStr>, subject: &str) -> Self {
        Self::bare().arg("explain").arg(repo).arg(subject)
    }

    /// Creates a subcommand of one word or two, with its output folder.
    pub(crate) fn on(command: &str, folder: impl AsRef<OsStr>) -> Self {
        Self::bare().args(command).arg(folder)
    }

    /// Creates `migrate <repo>` in a shell that runs `first` before it becomes the tool.
    pub(crate) fn migrate_after(first: &str, repo: impl AsRef<OsStr>) -> Self {
        let mut shell = Command::new(in_path("sh"));
        shell.arg("-c").arg(format!("{first}; exec \"$0\" \"$@\"")).arg(BINARY);
        Self::hermetic(shell).arg("migrate").arg(repo)
    }

    fn hermetic(mut command: Command) -> Self {
        let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("empty-home");
        fs::create_dir_all(&home).expect("create an empty home");
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", home)
            .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("LC_ALL", "C"), ("TZ", "UTC")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self(command)
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.0.arg(arg);
        self
    }

    /// Adds arguments without spaces, separated by spaces.
    pub(crate) fn args(mut self, args: &str) -> Self {
        self.0.args(args.split_whitespace());
        self
    }

    /// Adds `--output <folder>`.
    pub(crate) fn output(self, folder: impl AsRef<OsStr>) -> Self {
        self.arg("--output").arg(folder)
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn current_dir(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Sends stdout elsewhere; [`Ran::stdout`] is then empty.
    pub(crate) fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.0.stdout(to);
        self
    }

    /// Sends stderr elsewhere; [`Ran::stderr`] is then empty.
    pub(crate) fn stderr(mut self, to: impl Into<Stdio>) -> Self {
        self.0.stderr(to);
        self
    }

    /// Runs to completion.
    pub(crate) fn run(self) -> Ran {
        self.start().wait()
    }

    /// Starts a run without waiting for its end.
    pub(crate) fn start(mut self) -> Running {
        let mut child = self.0.spawn().expect("start the tool");
        let (open, closed) = mpsc::channel();
        let stdout = child.stdout.take().map(|pipe| drain(pipe, open.clone()));
        let stderr = child.stderr.take().map(|pipe| drain(pipe, open.clone()));
        Running { child, stdout, stderr, closed, started: Instant::now(), timed_out: false }
    }
}

/// A started run.
pub(crate) struct Running {
    child: Child,
    stdout: Option<JoinHandle<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
    /// Disconnected when all pipes are closed.
    closed: Receiver<()>,
    started: Instant,
    timed_out: bool,
}

impl Running {
    /// Waits until `sign` returns true or the run has ended; returns whether it is still running.
    pub(crate) fn runs_until(&mut self, mut sign: impl FnMut() -> bool) -> bool {
        while !self.has_ended() {
            if sign() {
                return true;
            }
            thread::sleep(Duration::from_micros(200));
        }
        false
    }

    /// Sends a signal by its name, such as `INT`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        use rustix::process::{Pid, Signal, kill_process};

        let signal = match name {
            "HUP" => Signal::HUP,
            "INT" => Signal::INT,
            "KILL" => Signal::KILL,
            "TERM" => Signal::TERM,
            _ => panic!("an unknown signal: {name}"),
        };
        // The process may just have ended; its exit status shows that as well.
        kill_process(Pid::from_child(&self.child), signal).unwrap_or_default();
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> Ran {
        // A tool ends right after it has closed its pipes. Until then, its status is looked at so seldom that many
        // waiting tests do not take the processor from the tools that they wait for.
        let mut pause = Duration::from_micros(200);
        while !self.has_ended() {
            let still_open = self.closed.recv_timeout(Duration::from_millis(100));
            if still_open == Err(RecvTimeoutError::Disconnected) {
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(5));
            }
        }
        let status = self.child.wait().expect("wait for the tool");
        let [stdout, stderr] = [self.stdout, self.stderr].map(|pipe| {
            pipe.map_or(Vec::new(), |pipe| pipe.join().expect("read the tool's output"))
        });
        let stderr = String::from_utf8_lossy(&stderr);
        let stderr = stderr.split_inclusive('\n').filter(|line| !is_on_the_way(line)).collect();
        Ran { code: status.code(), stdout, stderr, timed_out: self.timed_out }
    }

    fn has_ended(&mut self) -> bool {
        if !self.timed_out && self.started.elapsed() > TIMEOUT {
            self.timed_out = true;
            self.child.kill().expect("kill a tool that hangs");
        }
        self.child.try_wait().expect("get the tool's status").is_some()
    }
}

/// Whether a line shows progress in the middle of a phase, with its rate or the time left: it is printed only if the
/// phase takes several seconds, as each may on a busy machine.
fn is_on_the_way(line: &str) -> bool {
    let line = line.trim_end();
    let is_phase = |(name, count): (&str, &str)| {
        name.bytes().all(|byte| byte.is_ascii_lowercase())
            && count.starts_with(|first: char| first.is_ascii_digit())
            && count.contains(" of ")
    };
    (line.ends_with(" s left") || line.ends_with("/s"))
        && line.split_once(": ").is_some_and(is_phase)
}

/// Reads a pipe to its end, and drops `open` then.
fn drain(mut pipe: impl Read + Send + 'static, open: Sender<()>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let _open = open;
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("read the tool's output");
        bytes
    })
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; `None` after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    /// Without progress in the middle of a phase.
    pub(crate) stderr: String,
    /// Whether it was killed after the timeout.
    pub(crate) timed_out: bool,
}

impl Ran {
    /// Asserts the exit code; `row` names the case.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32, row: &str) -> Self {
        assert_eq!(self.code, Some(code), "{row}: {self}");
        self
    }

    /// Parses stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.timed_out {
            writeln!(f, "killed after {} s", TIMEOUT.as_secs())?;
        }
        let stdout = String::from_utf8_lossy(&self.stdout);
        write!(f, "exit code {:?}\nstdout: {stdout}\nstderr: {}", self.code, self.stderr)
    }
}

/// Returns whether tests run all cases of large tables and not only some of them (CONTRIBUTING.md).
pub(crate) fn all_cases() -> bool {
    std::env::var_os("ALL_CASES").is_some()
}
