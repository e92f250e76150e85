//! `report coverage`: what several runs of `verify` prove together.
//!
//! [`Run`]s are literals, except in the tests of the command.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use package_storage_migrate::model::package::{RevisionId, Stage};
use package_storage_migrate::model::plan::{Source, SourceStage, Tool as ThisTool};
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::model::verification::{Conclusion, Depth, RevisionStatus};
use package_storage_migrate::report::coverage::sentence::{remarks, verdict};
use package_storage_migrate::report::coverage::{Counts, Coverage, Run, json};

use crate::report::html::Page;
use crate::support::fixture;
use crate::support::tool::Tool;
use crate::support::v2::ARCHIVES;

const GOOD: RevisionStatus = RevisionStatus::Good;
const MISMATCH: RevisionStatus = RevisionStatus::Mismatch;
const UNKNOWN: RevisionStatus = RevisionStatus::Unknown;

/// A run of `verify`: depth, sample, and the result for each revision.
type Night = (Depth, &'static str, &'static [(&'static str, RevisionStatus)]);

fn revision(text: &str) -> RevisionId {
    let (name, version) = text.split_once('-').unwrap();
    RevisionId::new(name.parse().unwrap(), version.parse().unwrap()).unwrap()
}

fn run((depth, sample, results): &Night) -> Run {
    let stage = SourceStage {
        stage: Stage::Production,
        reference: "refs/heads/production".to_owned(),
        commit: "a".repeat(40),
    };
    let results = results.iter().map(|(name, status)| (revision(name), *status));
    Run {
        name: "night.json".to_owned(),
        tool: ThisTool::this(),
        source: Source { stages: vec![stage] },
        scope: Scope::default(),
        place: "v2".to_owned(),
        depth: *depth,
        sample: sample.parse().unwrap(),
        conclusion: Conclusion::Match,
        results: results.collect(),
    }
}

/// Nights, then content, entries, listing and open, the conclusion, and the verdict.
type Row = (&'static [Night], [u64; 4], Conclusion, &'static str);

const ROWS: [Row; 11] = [
    (
        &[],
        [0, 0, 0, 0],
        Conclusion::NotProven,
        "not every revision is proven to match: 0 of 0 not, nothing was checked",
    ),
    (
        &[(Depth::Content, "1/1", &[])],
        [0, 0, 0, 0],
        Conclusion::NotProven,
        "not every revision is proven to match: 0 of 0 not",
    ),
    (
        &[(Depth::Content, "1/1", &[("a-1.0.0", GOOD), ("b-1.0.0", GOOD)])],
        [2, 0, 0, 0],
        Conclusion::Match,
        "every revision matched when it was last checked: 2 of 2 with every byte",
    ),
    // A night in depth, then a shallow one: what was proved stays proved.
    (
        &[
            (Depth::Content, "1/2", &[("a-1.0.0", GOOD)]),
            (Depth::Listing, "1/1", &[("a-1.0.0", GOOD), ("b-1.0.0", GOOD)]),
        ],
        [1, 0, 1, 0],
        Conclusion::Match,
        "every revision matched when it was last checked: 1 of 2 with every byte, 1 of 2 by the listing alone",
    ),
    // A mismatch undoes it, and the next proof counts from there.
    (
        &[
            (Depth::Content, "1/1", &[("a-1.0.0", GOOD)]),
            (Depth::Entries, "1/1", &[("a-1.0.0", MISMATCH)]),
        ],
        [0, 0, 0, 1],
        Conclusion::Mismatch,
        "some revisions do not match: 1 of 1 not",
    ),
    (
        &[
            (Depth::Content, "1/1", &[("a-1.0.0", GOOD)]),
            (Depth::Entries, "1/1", &[("a-1.0.0", MISMATCH)]),
            (Depth::Entries, "1/1", &[("a-1.0.0", GOOD)]),
        ],
        [0, 1, 0, 0],
        Conclusion::Match,
        "every revision matched when it was last checked: 1 of 1 by names, sizes and CRC-32",
    ),
    (
        &[
            (Depth::Content, "1/1", &[("a-1.0.0", GOOD), ("b-1.0.0", GOOD)]),
            (Depth::Content, "1/1", &[("a-1.0.0", UNKNOWN), ("b-1.0.0", GOOD)]),
        ],
        [1, 0, 0, 1],
        Conclusion::NotProven,
        "not every revision is proven to match: 1 of 2 with every byte, 1 of 2 not",
    ),
    // All slices, in any order, are everything.
    (
        &[
            (Depth::Content, "2/2", &[("b-1.0.0", GOOD)]),
            (Depth::Content, "1/2", &[("a-1.0.0", GOOD)]),
        ],
        [2, 0, 0, 0],
        Conclusion::Match,
        "every revision matched when it was last checked: 2 of 2 with every byte",
    ),
    (
        &[
            (Depth::Content, "1/3", &[("a-1.0.0", GOOD)]),
            (Depth::Content, "1/3", &[("a-1.0.0", GOOD)]),
            (Depth::Content, "3/3", &[("c-1.0.0", GOOD)]),
        ],
        [2, 0, 0, 0],
        Conclusion::NotProven,
        "not every revision is proven to match: 2 of 2 with every byte, 1 slice was not checked (2/3)",
    ),
    // Slices of different numbers do not complete each other.
    (
        &[
            (Depth::Content, "1/2", &[("a-1.0.0", GOOD)]),
            (Depth::Content, "2/3", &[("b-1.0.0", GOOD)]),
        ],
        [2, 0, 0, 0],
        Conclusion::NotProven,
        "not every revision is proven to match: 2 of 2 with every byte, 1 slice was not checked (2/2)",
    ),
    (
        &[(Depth::Entries, "7/20", &[("a-1.0.0", MISMATCH)])],
        [0, 0, 0, 1],
        Conclusion::Mismatch,
        "some revisions do not match: 1 of 1 not, 19 slices were not checked (1/20, 2/20, 3/20, 4/20, 5/20, 6/20, 8/20, 9/20, 10/20, 11/20, 12/20, 13/20 and 7 more)",
    ),
];

#[test]
fn the_last_result_counts_and_every_slice_must_be_checked() {
    for (nights, [content, entries, listing, open], conclusion, text) in ROWS {
        let coverage = Coverage::of(nights.iter().map(run).collect());
        let counts = Counts { content, entries, listing, open };
        assert_eq!((coverage.counts(), coverage.conclusion()), (counts, conclusion), "{text}");
        assert_eq!(verdict(&coverage), text);
        assert_eq!(coverage.open().count() as u64, open, "{text}");
        assert_eq!(coverage.after.last().copied().unwrap_or_default(), counts, "{text}");
        let page = Page::read(&package_storage_migrate::report::coverage::html::render(&coverage));
        page.assert_has(&format!("{text}."));
    }
}

#[test]
fn what_weakens_the_result_is_said() {
    let deep = run(&(Depth::Content, "1/2", &[("a-1.0.0", GOOD)]));
    let shallow = run(&(Depth::Entries, "1/1", &[("a-1.0.0", GOOD)]));
    let mut later = deep.clone();
    later.source.stages[0].commit = "b".repeat(40);
    let moved = Run { place: "https://v2.example.org/".to_owned(), ..deep.clone() };
    let slice = "1 slice was not checked with every byte (2/2)";
    let changed = "v1 changed between the runs: earlier results are about earlier commits";
    let part: Scope =
        Scope { exclude: ["a*".parse().unwrap()].into_iter().collect(), ..Scope::default() };
    let partial = Run { scope: part, sample: Shard::WHOLE, ..deep.clone() };
    let rows: [(Vec<&Run>, &[&str]); 5] = [
        (vec![&partial, &partial], &["only a part of v1 was checked: --exclude a*"]),
        (vec![&shallow], &["no run compared every byte"]),
        (vec![&shallow, &deep], &[slice]),
        (vec![&deep, &later], &[slice, changed]),
        (vec![&deep, &moved], &[slice, "the runs checked different places"]),
    ];
    for (runs, expected) in rows {
        let coverage = Coverage::of(runs.into_iter().cloned().collect());
        assert_eq!(remarks(&coverage), expected);
    }
}

/// Verifies a slice of the fixture, and returns the JSON report's file.
fn night(folder: &Path, name: &str, flags: &str, code: i32) -> String {
    let tool = Tool::on("verify", fixture::folder()).args("--v2 v2 --quiet");
    let tool = tool.args("--exclude drift_net,rusty_anchor").args(flags);
    tool.arg("--report").arg(name).current_dir(folder).run().expect_code(code, name);
    name.to_owned()
}

#[test]
fn the_command_reads_the_reports_of_verify() {
    let dir = tempfile::tempdir().unwrap();
    let tool = Tool::migrate(fixture::folder()).args("--fail-on never --quiet --output v2");
    tool.current_dir(dir.path()).run().expect_code(0, "migrate");
    let first = night(dir.path(), "1.json", "--sample 1/2", 0);
    let second = night(dir.path(), "2.json", "--sample 2/2 --depth entries", 0);
    let report = |args: &[&str], code| {
        let tool =
            args.iter().fold(Tool::bare().args("report coverage"), |tool, arg| tool.arg(arg));
        tool.current_dir(dir.path()).run().expect_code(code, &args.join(" "))
    };
    let ran = report(&[&first, &second, "--report", "c.html"], 0);
    assert!(ran.stdout.is_empty(), "{ran}");
    let runs = [&first, &second].map(|name| {
        json::parse(name, &fs::read_to_string(dir.path().join(name)).unwrap()).unwrap()
    });
    let counts: BTreeMap<&str, usize> =
        runs.iter().map(|run| (run.name.as_str(), run.results.len())).collect();
    assert_eq!(counts.values().sum::<usize>(), 9);
    let expected = format!(
        "Verdict   every revision matched when it was last checked: {} of 9 with every byte, {} of 9 by names, sizes and CRC-32\n",
        counts["1.json"], counts["2.json"]
    );
    assert!(ran.stderr.contains(&expected), "{ran}");
    let page = Page::read(&fs::read_to_string(dir.path().join("c.html")).unwrap());
    for text in ["Match", "1.json", "2.json", "harbor_log", "1/2", "2/2"] {
        page.assert_has(text);
    }

    let ran = report(&[&second, "--quiet"], 1);
    assert!(ran.stdout.is_empty() && ran.stderr.is_empty(), "{ran}");
    fs::remove_file(dir.path().join("v2").join(ARCHIVES).join("harbor_log-1.2.0.zip")).unwrap();
    let third = night(dir.path(), "3.json", "--depth listing", 1);
    let ran = report(&[&first, &second, &third], 1);
    assert!(ran.stderr.contains("\nOpen      harbor_log-1.2.0\n"), "{ran}");
    assert!(ran.stderr.contains("Verdict   some revisions do not match: "), "{ran}");

    for args in [
        &["--report", "c.html"][..],
        &[&first, "--report", "c.json"],
        &[&first, "--report", "c.md"],
    ] {
        report(args, 2);
    }
    fs::write(dir.path().join("other.json"), "{\"schema_version\": 3}").unwrap();
    for (args, text) in [
        ("none.json", "cannot read none.json"),
        ("other.json", "unsupported schema version 3"),
        ("other.json", "hint: specify a JSON report of `verify`"),
    ] {
        let ran = report(&[args], 3);
        assert!(ran.stderr.contains(text), "{ran}");
    }
    let text = fs::read_to_string(dir.path().join("1.json")).unwrap();
    let line = text.lines().find(|line| line.contains("\"result\"")).unwrap().trim_end_matches(',');
    let twice = text.replace(line, &format!("{line},\n{line}"));
    assert!(json::parse("twice", &twice).unwrap_err().to_string().contains("appears twice"));
}
