//! `audit-history` on repositories with a history: revisions that are gone, changed or unreadable.
//!
//! Every commit has a day of January 2020 as its date, counted from 0; no two commits of a stage have the
//! same one, so a day identifies a commit. `unreadable` tests damaged repositories, `random` generated
//! histories. `history` tests `rules::history` alone.

#![allow(clippy::unwrap_used)]

mod odd;
mod random;
mod unreadable;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use git2::{ObjectType, Oid, Repository};
use serde_json::Value;

use crate::support::schemas::assert_valid;
use crate::support::tool::Tool;
use crate::support::v1_repo::{EXECUTABLE, FOLDER, RevisionDraft, V1Repo};

pub(crate) use unreadable::ROWS;

/// Returns the JSON report.
fn audit(repo: &V1Repo, code: i32, row: &str) -> Value {
    let tool = Tool::audit_history(repo.path()).args("--stages production --quiet --report -");
    let report = tool.run().expect_code(code, row).json();
    assert_valid("history-report", &report, row);
    report
}

/// Returns a line for each record of `gone`, `changed` or `others`: its name, its state and its steps.
fn lines(report: &Value, list: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    report[list]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| {
            let mut line = match record["path"].as_str() {
                Some(path) => format!("{path} {}", text(&record["code"])),
                None => format!("{} {}", text(&record["package"]), text(&record["version"])),
            };
            if record["last_stage"].is_string() {
                line += &format!(" last={}", text(&record["last_stage"]));
                line += &format!("@{}", day(&record["last"]));
                line += &format!(" removed@{}", day(&record["removed"]));
            }
            if record["now"].is_string() {
                line += &format!(" {}", text(&record["now"]));
            }
            for stage in record["stages"].as_array().unwrap() {
                line += &format!(" {}:", text(&stage["stage"]));
                let steps = stage["steps"].as_array().unwrap().iter().map(step);
                line += &steps.collect::<Vec<_>>().join(",");
            }
            line
        })
        .collect()
}

fn step(step: &Value) -> String {
    let mut text = format!("{}@{}", step["what"].as_str().unwrap(), day(step));
    for (sign, field) in [("+", "added"), ("-", "removed"), ("~", "changed")] {
        if step[field].as_u64().is_some_and(|count| count > 0) {
            text += &format!("{sign}{}", step[field]);
        }
    }
    text
}

/// Returns the day of a commit.
fn day(commit: &Value) -> i64 {
    let date = commit["date"].as_str().unwrap();
    let day = date.strip_prefix("2020-01-").and_then(|rest| rest.strip_suffix("T00:00:00Z"));
    day.unwrap_or_else(|| panic!("{date} is a day of January 2020")).parse::<i64>().unwrap() - 1
}

/// Collects all commits in a report, with their dates.
fn named_commits(value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            if let (Some(commit), Some(date)) = (fields.get("commit"), fields.get("date")) {
                let texts = [commit, date].map(|text| text.as_str().unwrap().to_owned());
                let [commit, date] = texts;
                found.insert(commit, date);
            }
            fields.values().for_each(|value| named_commits(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| named_commits(value, found)),
        _ => {}
    }
}

fn revisions(report: &Value) -> [u64; 4] {
    ["ever", "at_tip", "gone", "unknown"].map(|name| report["revisions"][name].as_u64().unwrap())
}

fn with_changelog(text: &str) -> impl Fn(RevisionDraft) -> RevisionDraft + '_ {
    move |r| r.manifest().file("changelog.yml", text)
}

/// Creates a history with every kind of step.
fn harbor(path: &Path) -> V1Repo {
    let repo = V1Repo::create(path)
        .stage_at("production", 0, &[], |s| {
            s.file("README.md", "1")
                .file("packages/README.md", "stray")
                .revision("buoy", "1.0.0", with_changelog("1"))
                .revision("pier", "1.0.0", with_changelog("1"))
                .revision("quay", "1.0.0", RevisionDraft::manifest)
        })
        .stage_at("production", 1, &[], |s| s) // An empty commit.
        .stage_at("production", 2, &[], |s| {
            s.revision("buoy", "1.0.0", |r| {
                r.file("changelog.yml", "2").file("img/a.svg", "").remove("docs")
            })
        })
        .stage_at("production", 3, &[], |s| {
            // A revert.
            s.remove("packages/buoy").revision("buoy", "1.0.0", with_changelog("1"))
        })
        .stage_at("production", 4, &[], |s| {
            s.file("README.md", "2").revision("pier", "1.0.0", |r| r.set_file_modes(EXECUTABLE))
        })
        .stage_at("production", 5, &[], |s| s.remove("packages/pier").remove("packages/quay"))
        .stage_at("production", 6, &[], |s| {
            s.revision("pier", "1.0.0", with_changelog("1")) // As it was at first.
                .revision("quay", "1.0.0", with_changelog("new"))
        });
    // A branch that changes its package twice, and removes another one, before it is merged.
    let fork = repo.commit_id("production");
    let repo = repo
        .set_ref("refs/heads/feature", fork)
        .stage_at("feature", 7, &[], |s| s.revision("lantern", "0.1.0", with_changelog("draft")))
        .stage_at("feature", 8, &[], |s| {
            s.revision("lantern", "0.1.0", with_changelog("1")).remove("packages/pier")
        });
    let (merged, tree) = (repo.commit_id("feature"), repo.object_id("feature", "packages"));
    repo.stage_at("production", 9, &[merged], |s| {
        s.remove("packages").raw_entry_to("", "packages", FOLDER, tree)
    })
    .stage_at("production", 10, &[], |s| {
        s.remove("packages/lantern")
            .revision("production", "0.0.1", RevisionDraft::manifest)
            .revision("Bad", "1.0.0", RevisionDraft::manifest)
            .revision("buoy", "1.0", RevisionDraft::manifest)
            .file("packages/buoy/notes.txt", "stray")
    })
    .stage_at("production", 11, &[], |s| {
        s.remove("packages/Bad").remove("packages/buoy/1.0").file("packages/README.md", "new")
    })
    .stage_at("snapshot", 2, &[], |s| {
        s.revision("lantern", "0.1.0", with_changelog("1"))
            .revision("raft", "1.0.0", RevisionDraft::manifest)
            .revision("raft", "1.0.0-dev1", RevisionDraft::manifest)
    })
    .stage_at("snapshot", 12, &[], |s| s.remove("packages/lantern").remove("packages/raft/1.0.0"))
}

#[test]
fn gone_changed_and_other_paths_are_reported_with_their_commits() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(dir.path());
    let stages = "--stages production,snapshot --quiet --report -";
    let report = Tool::audit_history(repo.path()).args(stages).run().expect_code(0, "past").json();
    assert_eq!(revisions(&report), [6, 3, 3, 0]);
    assert_eq!(report["is_whole"], true);
    assert_eq!(lines(&report, "findings"), [""; 0]);
    assert_eq!(lines(&report, "unknown"), [""; 0]);
    assert_eq!(
        lines(&report, "gone"),
        [
            "lantern 0.1.0 last=snapshot@2 removed@12 production:first@9,removed@10 snapshot:first@2,removed@12",
            "pier 1.0.0 last=production@6 removed@9 \
             production:first@0,mode-only@4,removed@5,returned@6,mode-only@6,removed@9",
            "raft 1.0.0 last=snapshot@2 removed@12 snapshot:first@2,removed@12",
        ]
    );
    assert_eq!(
        lines(&report, "changed"),
        [
            "buoy 1.0.0 at-tip production:first@0,content@2+1-1~1,content@3+1-1~1",
            "quay 1.0.0 at-tip production:first@0,removed@5,returned@6,content@6+1",
        ]
    );
    assert_eq!(
        lines(&report, "others"),
        [
            "Bad/1.0.0 invalid-name gone production:first@10,removed@11",
            "README.md stray-entry at-tip production:first@0",
            "buoy/1.0 invalid-version gone production:first@10,removed@11",
            "buoy/notes.txt stray-entry at-tip production:first@10",
            "production/0.0.1 marker-package at-tip production:first@10",
        ]
    );

    // Ids and dates belong together, and all ids are on the first-parent line of a stage.
    let git = Repository::open_bare(dir.path()).unwrap();
    let mut line = BTreeMap::new();
    for stage in ["production", "snapshot"] {
        let mut next = Some(git.find_commit(repo.commit_id(stage)).unwrap());
        while let Some(commit) = next {
            let day = (commit.time().seconds() - 1_577_836_800) / 86_400 + 1;
            line.insert(commit.id().to_string(), format!("2020-01-{day:02}T00:00:00Z"));
            next = commit.parent(0).ok();
        }
    }
    let mut named = BTreeMap::new();
    named_commits(&report, &mut named);
    assert_eq!(named.len(), 11, "{named:?}");
    for (commit, date) in named {
        assert_eq!(line.get(&commit), Some(&date), "{commit}");
    }
    let walks: Vec<_> = report["walks"].as_array().unwrap().iter().collect();
    assert_eq!((walks[0]["commit_count"].as_u64(), day(&walks[0]["oldest"])), (Some(10), 0));
    assert_eq!((walks[1]["commit_count"].as_u64(), day(&walks[1]["newest"])), (Some(2), 12));
}

#[test]
fn the_summary_and_the_markdown_report() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    let tool = Tool::audit_history(repo.path()).current_dir(dir.path());
    let ran = tool.args("--stages production,snapshot --report r.md --report r.json").run();
    let ran = ran.expect_code(0, "past");
    assert!(ran.stdout.is_empty(), "{ran}");
    let said: Vec<&str> = ran.stderr.lines().collect();
    let ids = ["production", "snapshot"].map(|stage| repo.commit_id(stage).to_string());
    let [production, snapshot] = ids.each_ref().map(|id| &id[..12]);
    assert_eq!(
        said,
        [
            "walking: 12 of 12 commits",
            &format!(
                "Read      production refs/heads/production at {production}, 10 commits since 2020-01-01"
            ),
            &format!(
                "          snapshot   refs/heads/snapshot at {snapshot}, 2 commits since 2020-01-03"
            ),
            "Revisions 6 ever = 3 at a tip + 3 gone",
            "Gone      production      1  pier-1.0.0 2020-01-10",
            "          snapshot        2  lantern-0.1.0 2020-01-13, raft-1.0.0 2020-01-13",
            "Changed   production      2  quay-1.0.0 2020-01-07, buoy-1.0.0 2020-01-04",
            "          snapshot        0",
            "Others                    1  invalid-name",
            "                          1  invalid-version",
            "                          1  marker-package",
            "                          2  stray-entry",
            "Findings  none",
            "Written   r.md",
            "          r.json",
        ]
    );
    let text = fs::read_to_string(dir.path().join("r.md")).unwrap();
    for line in [
        "All 12 commits of the stages' first-parent histories were read.",
        "| 6 | 3 | 3 | 0 |",
        "## Changed in production after release (2)",
        "## Gone: not at any tip (3)",
        "## Other paths, not counted above (5)",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
    }
    let row = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
    assert!(row("| buoy 1.0.0 |").contains(" 2020-01-03T00:00:00Z (+1 −1 ~1)<br>`"), "{text}");
    assert!(row("| raft 1.0.0 |").starts_with("| raft 1.0.0 | snapshot | snapshot | `"), "{text}");
    assert!(row("| production/0.0.1 |").contains(" | marker-package: a marker "), "{text}");
}

#[test]
fn blobs_are_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(dir.path());
    let stages = "--stages production,snapshot --quiet --report -";
    let whole = Tool::audit_history(repo.path()).args(stages).run().expect_code(0, "whole").stdout;
    let git = Repository::open_bare(dir.path()).unwrap();
    let odb = git.odb().unwrap();
    let blobs = repo
        .object_ids()
        .into_iter()
        .filter(|id| odb.read_header(*id).unwrap().1 == ObjectType::Blob);
    let blobs: Vec<Oid> = blobs.collect();
    assert!(blobs.len() > 10);
    blobs.into_iter().for_each(|id| repo.remove_object(id));
    let ran = Tool::audit_history(repo.path()).args(stages).run().expect_code(0, "no blobs");
    assert!(ran.stdout == whole, "{ran}");
}

#[test]
fn exit_codes_follow_the_table() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    let repo = repo.stage("staging", |s| s.file("README.md", ""));
    let other = repo.commit_id("snapshot");
    let repo = repo.set_ref("refs/remotes/upstream/production", other);
    let rows = [
        (0, ""),
        (1, "--fail-on warning"), // Staging is empty.
        (1, "--stages production,snapshot --remote upstream --fail-on warning"), // A stale branch.
        (0, "--stages production,snapshot --fail-on info"),
        (0, "--stages production=production~3"),
        (2, "--stages production,production"),
        (2, "--report - --report -"),
        (2, "--report x.txt"),
        (2, "--plan -"),
        (3, "--stages production=nothing"),
    ];
    for (code, flags) in rows {
        Tool::audit_history(repo.path()).args(flags).run().expect_code(code, flags);
    }
    Tool::bare().arg("audit-history").run().expect_code(2, "no repository");
    let ran = Tool::audit_history(repo.path()).arg("--quiet").run().expect_code(0, "--quiet");
    assert!(ran.stdout.is_empty() && ran.stderr.is_empty(), "{ran}");
}
