//! The GitHub Action and the workflows: what they pass to the tool, and that their scripts run as they should.
//!
//! `support::workflow` plays the runner. No runner of GitHub takes part.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_yaml::Value;

use crate::documents::page;
use crate::support::workflow::{expressions, text, values};

#[cfg(unix)]
mod night;
// The action is for Linux runners.
#[cfg(target_os = "linux")]
mod runs;

fn parsed(path: &str) -> Value {
    serde_yaml::from_str(&page(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file that a runner reads, with its steps.
fn all_steps() -> Vec<(String, Vec<Value>)> {
    let mut all = vec![("action.yml".to_owned(), steps(&parsed("action.yml")["runs"]))];
    for folder in ["examples", ".github/workflows"] {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap());
            if path.ends_with(".yml") {
                let workflow = parsed(&path);
                let jobs = workflow["jobs"].as_mapping().unwrap();
                let steps = jobs.values().flat_map(steps).collect();
                all.push((path, steps));
            }
        }
    }
    all
}

fn steps(of: &Value) -> Vec<Value> {
    of["steps"].as_sequence().expect("steps").clone()
}

/// A value that is inserted into a script is run as a part of it.
#[test]
fn no_script_has_an_expression() {
    let all = all_steps();
    assert!(all.len() >= 4, "{all:?}");
    let mut count = 0;
    for (path, steps) in all {
        for step in steps {
            let Some(script) = text(&step, "run") else { continue };
            assert!(expressions(script).is_empty(), "{path}: {script}");
            count += 1;
        }
    }
    assert!(count > 8, "only {count} scripts");
}

#[test]
fn every_input_and_output_of_the_action_is_used() {
    let action = parsed("action.yml");
    let steps = steps(&action["runs"]);
    assert_eq!(text(&action["runs"], "using"), Some("composite"));
    let mut used = BTreeSet::new();
    for step in &steps {
        // A composite action must name the shell of each script.
        assert_eq!(text(step, "shell"), Some("bash"), "{step:?}");
        let script = text(step, "run").unwrap();
        for (variable, value) in values(step, "env") {
            assert!(script.contains(&format!("${variable}\"")), "{variable} is not used");
            let [expression] = expressions(&value)[..] else { panic!("{value}") };
            assert_eq!(value, format!("${{{{ {expression} }}}}"));
            used.insert(expression.strip_prefix("inputs.").unwrap().to_owned());
        }
    }
    let inputs = action["inputs"].as_mapping().unwrap();
    let names: BTreeSet<_> = inputs.keys().map(|name| name.as_str().unwrap().to_owned()).collect();
    assert_eq!(used, names);
    for (name, input) in inputs {
        assert!(text(input, "description").is_some(), "{name:?}");
        let is_required = input.get("required").is_some_and(|value| *value == true);
        assert!(is_required != text(input, "default").is_some(), "{name:?}");
    }
    for (name, output) in action["outputs"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        assert!(text(output, "description").is_some(), "{name}");
        let value = text(output, "value").unwrap();
        assert_eq!(value, format!("${{{{ steps.verify.outputs.{name} }}}}"));
        let step = steps.iter().find(|step| text(step, "id") == Some("verify")).unwrap();
        assert!(text(step, "run").unwrap().contains(&format!("echo \"{name}=$")), "{name}");
    }
}

#[test]
fn every_flag_of_the_action_exists() {
    let action = parsed("action.yml");
    let help = crate::support::tool::Tool::bare().args("verify --help").run().expect_code(0, "");
    let help = String::from_utf8(help.stdout).unwrap();
    let known: BTreeSet<&str> = help.split_whitespace().filter(|word| is_flag(word)).collect();
    let mut count = 0;
    for step in steps(&action["runs"]) {
        let is_verify = text(&step, "id") == Some("verify");
        for line in text(&step, "run").unwrap().lines().filter(|_| is_verify) {
            // Its flags are those of Git.
            let words = line.split_whitespace().filter(|_| !line.contains("git clone"));
            for flag in words.filter(|word| is_flag(word)) {
                assert!(known.contains(flag), "verify has no {flag}");
                count += 1;
            }
        }
    }
    assert!(count >= 8, "only {count} flags");
    // The example in the description of `arguments`.
    let example = text(&action["inputs"]["arguments"], "description").unwrap();
    let example = example.split_whitespace().find(|word| is_flag(word)).unwrap();
    assert!(known.contains(example.split_once('=').unwrap().0), "{example}");
}

fn is_flag(word: &str) -> bool {
    word.len() > 2 && word.starts_with("--")
}

/// The example passes inputs that exist, and all that are required.
#[test]
fn the_example_uses_the_action_as_it_is() {
    let action = parsed("action.yml");
    let inputs = action["inputs"].as_mapping().unwrap();
    let (_, steps) = all_steps().into_iter().find(|(path, _)| path.ends_with("proof.yml")).unwrap();
    let uses = |step: &&Value| {
        text(step, "uses").is_some_and(|uses| uses.contains("/package-storage-migrate@"))
    };
    let step = steps.iter().find(uses).expect("a step that uses the action");
    let given = values(step, "with");
    for name in given.keys() {
        assert!(inputs.contains_key(name.as_str()), "the action has no input {name}");
    }
    for (name, input) in inputs {
        let name = name.as_str().unwrap();
        assert!(input.get("required").is_none() || given.contains_key(name), "{name} is required");
    }
    // What later steps read of it.
    let id = text(step, "id").expect("an id");
    for later in &steps {
        let texts = values(later, "with").into_values().chain(values(later, "env").into_values());
        for value in texts {
            for expression in expressions(&value) {
                if let Some(name) = expression.strip_prefix(&format!("steps.{id}.outputs.")) {
                    assert!(action["outputs"].get(name).is_some(), "no output {name}");
                }
            }
        }
    }
}
