//! The judges: programs on the libraries of v2's real readers, which tell what those make of bytes.
//!
//! `tests/judges/go` speaks for the package registry, `tests/judges/node` for Kibana's package parser;
//! their READMEs have the protocol. They are asked only with `JUDGES=1`: `cargo test` alone needs neither
//! Go nor Node. With it, whatever keeps a judge from answering every case fails the test.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A judge that is ready to be asked.
pub(crate) struct Judge {
    program: PathBuf,
    argument: Option<PathBuf>,
}

/// A question.
pub(crate) struct Case(Value);

/// What the reader says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// What it makes of the bytes.
    Ok(Value),
    /// Its error.
    Refused(String),
    /// It did not return.
    Panic(String),
    /// Its answers, of which one comes by chance.
    Varies(Vec<Answer>),
}

impl Case {
    /// Asks the judge of this name about bytes.
    pub(crate) fn new(judge: &str, input: impl AsRef<[u8]>) -> Self {
        Case(json!({ "judge": judge, "input": STANDARD.encode(input) }))
    }

    /// Adds what that judge needs beside.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    /// Adds bytes that it needs beside.
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
    /// The registry's libraries; none unless the judges are to be asked.
    pub(crate) fn registry() -> Option<Self> {
        static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
        are_asked().then(|| {
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

    /// Kibana's libraries; none unless the judges are to be asked.
    pub(crate) fn kibana() -> Option<Self> {
        static SCRIPT: OnceLock<PathBuf> = OnceLock::new();
        are_asked().then(|| {
            let script = SCRIPT.get_or_init(|| install_kibana(&sources("node")));
            Judge { program: "node".into(), argument: Some(script.clone()) }
        })
    }

    /// Asks all cases at once; the answers are as many, and in the same order.
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
        // It answers while it is asked: whoever does one after the other waits forever. That it stops
        // to read shows in its answers.
        let asking = thread::spawn(move || stdin.write_all(&lines));
        let complaining = thread::spawn(move || {
            let mut said = Vec::new();
            stderr.read_to_end(&mut said).map(|_| String::from_utf8_lossy(&said).into_owned())
        });
        let answers: Vec<Value> = BufReader::new(stdout.expect("piped"))
            .lines()
            .map(|line| serde_json::from_str(&line.expect("a line")).expect("JSON"))
            .collect();
        let asked = asking.join().expect("no panic");
        let said = complaining.join().expect("no panic").expect("read what it says");
        let status = judge.wait().expect("wait for the judge");
        assert_eq!(
            answers.len(),
            cases.len(),
            "answers and cases; the judge ended with {status}: {said}"
        );
        assert!(status.success(), "{status}: {said}");
        asked.expect("all cases are read");
        let in_order = answers.iter().enumerate().all(|(id, answer)| answer["id"] == id);
        assert!(in_order, "answers to other cases");
        answers.iter().map(Answer::of).collect()
    }
}

fn are_asked() -> bool {
    let are_asked = std::env::var_os("JUDGES").is_some_and(|value| value == "1");
    if !are_asked {
        // Past the harness, which keeps to itself what a passing test says.
        writeln!(io::stderr(), "SKIPPED, for JUDGES is not 1: the judges are not asked")
            .expect("write to stderr");
    }
    are_asked
}

fn sources(judge: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges").join(judge)
}

/// Where judges are built; the checkout stays as it is.
fn work() -> PathBuf {
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judges");
    fs::create_dir_all(&work).expect("make a folder");
    work
}

/// The script, beside the modules that its lock file names.
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
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {} {said}", output.status);
}
