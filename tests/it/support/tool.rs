//! Runs the tool as a person would: the built binary, with arguments, in a process of its own.
//!
//! The environment holds nothing of the host's but `PATH`: an empty HOME, no Git configuration, the
//! C locale, UTC. A run that takes longer than a minute is killed and says so, but does not panic
//! here, so that a test can tell which of its rows hung. What a run leaves in a folder is read with
//! `v2`.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The longest that a run may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The built binary.
const BINARY: &str = env!("CARGO_BIN_EXE_package-storage-migrate");

/// A run in the making.
pub(crate) struct Tool(Command);

impl Tool {
    /// The tool without arguments.
    pub(crate) fn bare() -> Self {
        Self::hermetic(Command::new(BINARY))
    }

    /// `migrate <repo>`.
    pub(crate) fn migrate(repo: impl AsRef<OsStr>) -> Self {
        Self::bare().arg("migrate").arg(repo)
    }

    /// `audit-history <repo>`.
    pub(crate) fn audit_history(repo: impl AsRef<OsStr>) -> Self {
        Self::bare().arg("audit-history").arg(repo)
    }

    /// A subcommand, in one word or two, and the output folder it works on.
    pub(crate) fn on(command: &str, folder: impl AsRef<OsStr>) -> Self {
        Self::bare().args(command).arg(folder)
    }

    /// `migrate <repo>` from a shell that runs `first` before it becomes the tool.
    pub(crate) fn migrate_after(first: &str, repo: impl AsRef<OsStr>) -> Self {
        let mut shell = Command::new("sh");
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

    /// Adds arguments that hold no spaces, from a text with a space between two.
    pub(crate) fn args(mut self, args: &str) -> Self {
        self.0.args(args.split_whitespace());
        self
    }

    /// `--output <folder>`.
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

    /// Runs to the end.
    pub(crate) fn run(self) -> Ran {
        self.start().wait()
    }

    /// Starts a run, to be looked at while it works.
    pub(crate) fn start(mut self) -> Running {
        let mut child = self.0.spawn().expect("start the tool");
        let stdout = child.stdout.take().map(drain);
        let stderr = child.stderr.take().map(drain);
        Running { child, stdout, stderr, started: Instant::now(), timed_out: false }
    }
}

/// A run that was started.
pub(crate) struct Running {
    child: Child,
    stdout: Option<JoinHandle<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
    started: Instant,
    timed_out: bool,
}

impl Running {
    /// Waits until `sign` is there or the run has ended; tells whether the run still goes on.
    pub(crate) fn goes_on_until(&mut self, mut sign: impl FnMut() -> bool) -> bool {
        while !self.has_ended() {
            if sign() {
                return true;
            }
            thread::sleep(Duration::from_micros(200));
        }
        false
    }

    /// Sends a signal by its name, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        // Nobody is there to get it when the run has just ended; how it ended tells that as well.
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(kill).stderr(Stdio::null()).status().expect("start a shell");
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> Ran {
        self.goes_on_until(|| false);
        let status = self.child.wait().expect("wait for the tool");
        let [stdout, stderr] = [self.stdout, self.stderr].map(|pipe| {
            pipe.map_or(Vec::new(), |pipe| pipe.join().expect("read what the tool says"))
        });
        let stderr = String::from_utf8_lossy(&stderr).into_owned();
        Ran { code: status.code(), stdout, stderr, timed_out: self.timed_out }
    }

    fn has_ended(&mut self) -> bool {
        if !self.timed_out && self.started.elapsed() > PATIENCE {
            self.timed_out = true;
            self.child.kill().expect("kill a tool that hangs");
        }
        self.child.try_wait().expect("look at the tool").is_some()
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("read what the tool says");
        bytes
    })
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; none after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    /// Whether it was killed for taking too long.
    pub(crate) timed_out: bool,
}

impl Ran {
    /// Asserts the exit code; `row` names the case.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32, row: &str) -> Self {
        assert_eq!(self.code, Some(code), "{row}: {self}");
        self
    }

    /// Stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.timed_out {
            writeln!(f, "killed after {} s", PATIENCE.as_secs())?;
        }
        let stdout = String::from_utf8_lossy(&self.stdout);
        write!(f, "exit code {:?}\nstdout: {stdout}\nstderr: {}", self.code, self.stderr)
    }
}
