//! The judges: programs that use the libraries of v2's real readers, and return how those read bytes.
//!
//! `tests/judges/go` represents the package registry, `tests/judges/node` Kibana's package parser;
//! their READMEs describe the protocol. They run only with `JUDGES=1`: `cargo test` alone needs neither
//! Go nor Node. With it, a judge that does not answer every case fails the test.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A judge that is ready to run.
pub(crate) struct Judge {
    program: PathBuf,
    argument: Option<PathBuf>,
}

/// An input for a judge.
pub(crate) struct Case(Value);

/// The result of a judge.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// The value that it reads.
    Ok(Value),
    /// Its error.
    Refused(String),
    /// It panicked.
    Panic(String),
    /// Several results, of which one occurs by chance.
    Varies(Vec<Answer>),
}

impl Case {
    /// Creates a case for the judge of this name.
    pub(crate) fn new(judge: &str, input: impl AsRef<[u8]>) -> Self {
        Case(json!({ "judge": judge, "input": STANDARD.encode(input) }))
    }

    /// Adds a parameter of that judge.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    /// Adds a parameter of bytes.
    pub(crate) fn with_bytes(self, name: &str, bytes: &[u8]) -> Self {
        self.with(name, STANDARD.encode(bytes))
    }
}

impl Answer {
    fn of(answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        if let Some(refused) = answer.get("refused") {
            Answer::Refused(text(refused))
        } else if let Some(panic) = answer.get("panic") {
            Answer::Panic(text(panic))
        } else if let Some(answers) = answer.get("varies") {
            let answers = answers.as_array().expect("answers");
            Answer::Varies(answers.iter().map(Answer::of).collect())
        } else {
            Answer::Ok(answer.get("ok").unwrap_or_else(|| panic!("no case: {answer}")).clone())
        }
    }
}

impl Judge {
    /// Returns the judge with the registry's libraries; `None` unless judges are enabled.
    pub(crate) fn registry() -> Option<Self> {
        static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
        are_enabled().then(|| {
            let program = PROGRAM.get_or_init(|| {
                let program = work().join("registry");
                let mut build = Command::new("go");
                build.current_dir(sources("go")).args(["build", "-mod=readonly", "-o"]);
                run(build.arg(&program).arg("."));
                program
            });
            Judge { program: program.clone(), argument: None }
        })
    }

    /// Returns the judge with Kibana's libraries; `None` unless judges are enabled.
    pub(crate) fn kibana() -> Option<Self> {
        static SCRIPT: OnceLock<PathBuf> = OnceLock::new();
        are_enabled().then(|| {
            let script = SCRIPT.get_or_init(|| install_kibana(&sources("node")));
            Judge { program: "node".into(), argument: Some(script.clone()) }
        })
    }

    /// Runs all cases at once; returns as many answers, in the same order.
    pub(crate) fn ask(&self, cases: &[Case]) -> Vec<Answer> {
        let mut lines = Vec::new();
        for (id, Case(case)) in cases.iter().enumerate() {
            let mut case = case.clone();
            case["id"] = id.into();
            writeln!(lines, "{case}").expect("write to memory");
        }
        let mut judge = Command::new(&self.program)
            .args(&self.argument)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        let (mut stdin, stdout) = (judge.stdin.take().expect("piped"), judge.stdout.take());
        let mut stderr = judge.stderr.take().expect("piped");
        // Written in a thread, since the judge answers while it reads: writing first would deadlock. If it
        // stops reading, answers are missing.
        let writer = thread::spawn(move || stdin.write_all(&lines));
        let stderr_reader = thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned())
        });
        let answers: Vec<Value> = BufReader::new(stdout.expect("piped"))
            .lines()
            .map(|line| serde_json::from_str(&line.expect("a line")).expect("JSON"))
            .collect();
        let written = writer.join().expect("no panic");
        let errors = stderr_reader.join().expect("no panic").expect("read stderr");
        let status = judge.wait().expect("wait for the judge");
        assert_eq!(
            answers.len(),
            cases.len(),
            "answers and cases; the judge ended with {status}: {errors}"
        );
        assert!(status.success(), "{status}: {errors}");
        written.expect("all cases are read");
        let in_order = answers.iter().enumerate().all(|(id, answer)| answer["id"] == id);
        assert!(in_order, "answers to other cases");
        answers.iter().map(Answer::of).collect()
    }
}

fn are_enabled() -> bool {
    let are_enabled = std::env::var_os("JUDGES").is_some_and(|value| value == "1");
    if !are_enabled {
        // Bypasses the test harness, which hides the output of passing tests.
        writeln!(io::stderr(), "SKIPPED, since JUDGES is not 1: the judges do not run")
            .expect("write to stderr");
    }
    are_enabled
}

fn sources(judge: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges").join(judge)
}

/// Returns the folder where judges are built; the checkout is not changed.
fn work() -> PathBuf {
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judges");
    fs::create_dir_all(&work).expect("make a folder");
    work
}

/// Installs the script with the modules of its lock file.
fn install_kibana(sources: &Path) -> PathBuf {
    let folder = work().join("kibana");
    fs::create_dir_all(&folder).expect("make a folder");
    for entry in fs::read_dir(sources).expect("list a folder") {
        let entry = entry.expect("list a folder");
        if entry.file_type().expect("a type").is_file() {
            fs::copy(entry.path(), folder.join(entry.file_name())).expect("copy a file");
        }
    }
    let lock = fs::read(sources.join("package-lock.json")).expect("read the lock file");
    let installed = folder.join("installed.json");
    if fs::read(&installed).ok().as_ref() != Some(&lock) {
        run(Command::new("npm").arg("ci").current_dir(&folder));
        fs::write(installed, lock).expect("write a file");
    }
    folder.join("judge.js")
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {} {stderr}", output.status);
}
