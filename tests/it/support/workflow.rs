//! Runs the scripts of a workflow or a composite action as a GitHub runner does, in a folder.
//!
//! The shells, variables and files are those of GitHub's documentation; a step with `uses` is not run. Only the
//! expressions that our files need are known, and any other is a panic.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

use super::program::in_path;

/// Values by name, such as the inputs of an action or the variables of a job.
pub(crate) type Values = BTreeMap<String, String>;

/// A runner with a workspace.
pub(crate) struct Runner<'a> {
    /// The workspace, where scripts start.
    pub(crate) folder: &'a Path,
    /// `inputs`, with their defaults.
    pub(crate) inputs: Values,
    /// What the machine and the job set; steps add to it.
    pub(crate) environment: Values,
}

/// How a step has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) outputs: Values,
}

/// The steps that were run, by name or id, in order, and the job's summary.
#[derive(Debug, Default)]
pub(crate) struct Job {
    pub(crate) steps: Vec<(String, Ended)>,
    pub(crate) summary: String,
}

impl Job {
    /// Returns a step that was run.
    #[track_caller]
    pub(crate) fn step(&self, name: &str) -> &Ended {
        let step = self.steps.iter().find(|(of, _)| of == name);
        &step.unwrap_or_else(|| panic!("{name} was not run: {self:#?}")).1
    }

    /// Returns the exit code of the first step that failed, otherwise 0.
    pub(crate) fn code(&self) -> i32 {
        self.steps.iter().map(|(_, step)| step.code).find(|code| *code != 0).unwrap_or(0)
    }
}

/// Returns a member as text; numbers and booleans as YAML spells them.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).map(|value| value.as_str().unwrap_or_else(|| panic!("{name}: not a string")))
}

/// Returns a mapping of strings, empty if there is none.
pub(crate) fn values(value: &Value, name: &str) -> Values {
    let Some(value) = value.get(name) else { return Values::new() };
    let pairs = value.as_mapping().unwrap_or_else(|| panic!("{name}: expected a mapping"));
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    pairs.iter().map(|(name, value)| (text(name), text(value))).collect()
}

/// Returns the texts between `${{` and `}}`.
pub(crate) fn expressions(text: &str) -> Vec<&str> {
    let parts = text.split("${{").skip(1);
    parts.map(|part| part.split_once("}}").expect("the end of an expression").0.trim()).collect()
}

/// Returns whether there is no bash, the shell of all scripts, and reports it; with `ALL_TOOLS`, that is a failure.
pub(crate) fn bash_is_missing() -> bool {
    let is_missing = Command::new("bash").arg("--version").output().is_err();
    if is_missing {
        assert!(std::env::var_os("ALL_TOOLS").is_none(), "bash is not installed");
        writeln!(io::stderr(), "SKIPPED, since bash is not installed: scripts of workflows")
            .expect("write to stderr");
    }
    is_missing
}

impl Runner<'_> {
    /// Runs the scripts of the steps, one after the other.
    pub(crate) fn run(&self, steps: &[Value]) -> Job {
        let mut job = Job::default();
        for step in steps {
            let Some(script) = text(step, "run") else { continue };
            if !holds(text(step, "if").unwrap_or("success()"), &job) {
                continue;
            }
            let name = text(step, "id").or(text(step, "name")).unwrap_or(script.trim());
            let env = values(step, "env");
            let env = env.into_iter().map(|(name, text)| (name, self.inserted(&text, &job)));
            let script = self.inserted(script, &job);
            let ended = self.script(&script, text(step, "shell"), &env.collect(), &mut job.summary);
            job.steps.push((name.to_owned(), ended));
        }
        job
    }

    /// Replaces the expressions in a text with their values.
    fn inserted(&self, text: &str, job: &Job) -> String {
        expressions(text).into_iter().fold(text.to_owned(), |text, expression| {
            let path: Vec<&str> = expression.split('.').collect();
            let value = match path[..] {
                ["inputs", name] => self.inputs.get(name).expect("an input").clone(),
                // An output that was not set is empty.
                ["steps", id, "outputs", name] => {
                    let step = job.steps.iter().find(|(of, _)| of == id);
                    step.and_then(|(_, step)| step.outputs.get(name).cloned()).unwrap_or_default()
                }
                _ => panic!("an unknown expression: {expression}"),
            };
            text.replace(&format!("${{{{ {expression} }}}}"), &value)
        })
    }

    fn script(
        &self,
        script: &str,
        shell: Option<&str>,
        env: &Values,
        summary: &mut String,
    ) -> Ended {
        let words: &[&str] = match shell {
            None => &["bash", "-e"],
            Some("bash") => &["bash", "--noprofile", "--norc", "-eo", "pipefail"],
            Some(other) => panic!("an unknown shell: {other}"),
        };
        let own = tempfile::tempdir().expect("a folder");
        let file = |name: &str| own.path().join(name);
        fs::write(file("script"), script).expect("write the script");
        for name in ["output", "summary"] {
            fs::write(file(name), "").expect("write an empty file");
        }
        let ran = Command::new(in_path(words[0]))
            .args(&words[1..])
            .arg(file("script"))
            .env_clear()
            .envs(&self.environment)
            .envs(env)
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", file("output"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .current_dir(self.folder)
            .output()
            .expect("start bash");
        let read = |name: &str| fs::read_to_string(file(name)).expect("read a file of the step");
        *summary += &read("summary");
        let pair = |line: &str| {
            let (name, value) = line.split_once('=').expect("name=value");
            (name.to_owned(), value.to_owned())
        };
        Ended {
            code: ran.status.code().expect("an exit code"),
            stdout: String::from_utf8_lossy(&ran.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&ran.stderr).into_owned(),
            outputs: read("output").lines().map(pair).collect(),
        }
    }
}

/// Whether the condition of a step holds.
fn holds(condition: &str, job: &Job) -> bool {
    let condition = condition.trim().trim_start_matches("${{").trim_end_matches("}}");
    condition.split("&&").map(str::trim).all(|term| match term {
        "success()" => job.code() == 0,
        "!cancelled()" => true,
        term => {
            let id = term.strip_prefix("steps.");
            let id = id.and_then(|term| term.strip_suffix(".outcome == 'success'"));
            let id = id.unwrap_or_else(|| panic!("an unknown condition: {term}"));
            // A step that was not run is `skipped`.
            job.steps.iter().any(|(of, step)| of == id && step.code == 0)
        }
    })
}
