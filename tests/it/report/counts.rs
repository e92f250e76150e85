//! Every number in a report's counts is in each of its renderings: numbers that occur once, and the texts that have them.
//!
//! `proof::counts` and `upload::page` do the same for `verify` and `upload`.

use std::collections::BTreeSet;

use package_storage_migrate::model::package::{RevisionId, Stage};
use package_storage_migrate::model::plan::{Plan, Source, SourceStage, Tool as Version};
use package_storage_migrate::model::timeline::{
    ChangeCounts, CommitStamp, PathChange, PathState, Subject, Walk,
};
use package_storage_migrate::report::text::AllFindings;
use package_storage_migrate::report::{history, migration};
use package_storage_migrate::rules::history::History;
use serde_json::{Value, json};

use crate::support::fixture;
use crate::support::tool::Tool;

/// Returns the numbers in a JSON value, with their paths.
pub(crate) fn numbers(value: &Value, path: &str) -> Vec<(String, u64)> {
    let below = |name: &str, value: &Value| numbers(value, &format!("{path}/{name}"));
    match value {
        Value::Object(members) => members.iter().flat_map(|(name, one)| below(name, one)).collect(),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.flat_map(|(index, one)| below(&index.to_string(), one)).collect()
        }
        value => value.as_u64().into_iter().map(|number| (path.to_owned(), number)).collect(),
    }
}

/// Asserts that a text has all numbers, with or without grouped digits, except those whose paths contain one of `without`,
/// which it must not have. All numbers must differ.
#[track_caller]
pub(crate) fn assert_has_numbers(text: &str, numbers: &[(String, u64)], without: &[&str]) {
    let different: BTreeSet<u64> = numbers.iter().map(|(_, number)| *number).collect();
    assert_eq!(different.len(), numbers.len(), "{numbers:?}");
    let words = text.split(|letter: char| !letter.is_ascii_digit() && letter != ',');
    let found: BTreeSet<u64> =
        words.filter_map(|word| word.replace(',', "").parse().ok()).collect();
    let is_left_out = |path: &str| without.iter().any(|part| path.contains(part));
    let differing =
        numbers.iter().filter(|(path, number)| found.contains(number) == is_left_out(path));
    let differing: Vec<_> = differing.collect();
    assert!(differing.is_empty(), "missing, or not left out: {differing:?}");
}

/// Returns a name of letters alone.
pub(crate) fn letters(mut number: usize) -> String {
    let mut name = String::new();
    loop {
        name.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
        if number == 0 {
            return name;
        }
    }
}

/// Replaces each number by another one.
fn renumber(value: &mut Value, next: &mut u64) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|one| renumber(one, next)),
        Value::Array(items) => items.iter_mut().for_each(|one| renumber(one, next)),
        Value::Number(number) => {
            *next += 13;
            *number = (*next).into();
        }
        _ => {}
    }
}

#[test]
fn the_counts_of_migrate() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().join("base.json");
    std::fs::write(&base, "{\"packages\":[]}").unwrap();
    let [json, plan] = ["report.json", "plan.json"].map(|name| dir.path().join(name));
    let tool = Tool::migrate(fixture::folder()).args("--dry-run --base-cursor 1 --base-index");
    let tool = tool.arg(base).args("--validate-command true --report").arg(&json);
    tool.arg("--plan").arg(&plan).run().expect_code(1, "fixture");
    let read = |path| serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap();
    let (mut report, mut next) = (read(&json), 1_000_000);
    for pointer in
        ["/balance", "/balance_by_stage", "/statics", "/index/counts", "/validation/counts"]
    {
        renumber(report.pointer_mut(pointer).unwrap(), &mut next);
    }
    let counts = json!({
        "balance": report["balance"],
        "by_stage": report["balance_by_stage"],
        "statics": report["statics"],
        "index": report["index"]["counts"],
        "validation": report["validation"]["counts"],
    });
    let counts = numbers(&counts, "");
    assert!(counts.len() > 40, "{counts:?}");
    let report = migration::json::parse(&report.to_string()).unwrap();
    let plan = Plan::from_json(&std::fs::read_to_string(plan).unwrap()).unwrap();
    let html = migration::html::render(&report, &plan);
    // The reasons are those of all stages.
    let of_a_stage =
        ["production", "staging", "snapshot"].map(|stage| format!("/by_stage/{stage}/excluded/"));
    assert_has_numbers(&html, &counts, &of_a_stage.each_ref().map(String::as_str));
    let markdown = migration::markdown::render(&report, &AllFindings::Nowhere);
    assert_has_numbers(&markdown, &counts, &["/by_stage/"]);
}

#[test]
fn the_counts_of_audit_history() {
    let stages = [Stage::Production, Stage::Staging];
    let id = |digit: &str| digit.repeat(40).parse().expect("an id");
    let stamp = CommitStamp { commit_id: id("f"), time: None };
    let mut history = History::default();
    let states = [(229, None), (223, Some(PathState::Absent)), (227, Some(PathState::Unreadable))];
    let mut names = (0..).map(letters);
    for (count, last) in states {
        for name in names.by_ref().take(count) {
            let revision =
                RevisionId::new(name.parse().unwrap(), "1.0.0".parse().unwrap()).unwrap();
            for state in [Some(PathState::Present(id("e"))), last].into_iter().flatten() {
                let subject = Subject::Revision(revision.clone());
                let change = PathChange { subject, commit: stamp, previous: Some(stamp), state };
                let compare = |_, _| Ok::<_, ()>(ChangeCounts::default());
                history.record(stages[0], change, compare).unwrap();
            }
        }
    }
    let walk = |(stage, commit_count)| Walk {
        stage,
        commit_count,
        oldest: stamp,
        newest: stamp,
        reaches_the_beginning: true,
    };
    let source = |stage| SourceStage {
        stage,
        reference: format!("refs/heads/{stage}"),
        commit: "f".repeat(40),
    };
    let report = history::HistoryReport {
        tool: Version { name: "package-storage-migrate".to_owned(), version: "x".to_owned() },
        source: Source { stages: stages.map(source).to_vec() },
        walks: stages.into_iter().zip([50_021, 60_029]).map(walk).collect(),
        history,
        findings: Vec::new(),
    };
    let json: Value = serde_json::from_str(&history::json::render(&report).unwrap()).unwrap();
    let counts = json!({ "revisions": json["revisions"], "walks": json["walks"] });
    let counts = numbers(&counts, "");
    assert_eq!(counts.len(), 6, "{counts:?}");
    assert_has_numbers(&history::html::render(&report), &counts, &[]);
    assert_has_numbers(&history::markdown::render(&report), &counts, &[]);
}
