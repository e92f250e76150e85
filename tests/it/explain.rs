//! `explain`: one row for each kind of story, over made repositories, as a user reads it in JSON; and its text.
//!
//! Every commit has a day of January 2020 as its date, counted from 0, so a day identifies a commit.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::fixture;
use crate::support::schemas::assert_valid;
use crate::support::tool::Tool;
use crate::support::v1_repo::{EXECUTABLE, RevisionDraft, StageDraft, V1Repo};

mod damaged;
mod in_v2;

fn with_changelog(text: &str) -> impl Fn(RevisionDraft) -> RevisionDraft + '_ {
    move |r| r.manifest().file("changelog.yml", text)
}

/// Creates a repository with every kind of story.
fn harbor(path: &Path) -> V1Repo {
    let put =
        |s: StageDraft, name: &str, text: &str| s.revision(name, "1.0.0", with_changelog(text));
    V1Repo::create(path)
        .stage_at("snapshot", 0, &[], |s| {
            let s = put(put(put(s, "pier", "1"), "mole", "1"), "dock", "1");
            let s = s.revision("pier", "0.9.0", RevisionDraft::manifest);
            s.revision("quay", "1.0.0", |r| with_changelog("1")(r).file("NOTICE.txt", "1"))
        })
        .stage_at("staging", 1, &[], |s| put(put(s, "pier", "1"), "wharf", "1"))
        .stage_at("snapshot", 2, &[], |s| {
            s.remove("packages/pier").revision("quay", "1.0.0", |r| {
                r.file("changelog.yml", "2").file("img/a.svg", "<svg/>").remove("NOTICE.txt")
            })
        })
        .stage_at("production", 3, &[], |s| put(put(s, "pier", "1"), "wharf", "2"))
        .stage_at("staging", 4, &[], |s| s.remove("packages/pier"))
        .stage_at("snapshot", 5, &[], |s| s.remove("packages/dock").remove("packages/mole"))
        .stage_at("snapshot", 6, &[], |s| put(s, "dock", "2"))
        .stage_at("snapshot", 7, &[], |s| {
            s.revision("dock", "1.0.0", |r| r.set_file_modes(EXECUTABLE))
                .revision("reef", "1.0.0", |r| r.manifest().file("manifest.yml", "name: x"))
                .revision("mark", "1.0.0", RevisionDraft::manifest)
        })
}

fn explain(repo: &V1Repo, subject: &str, more: &[&str]) -> Value {
    let tool = more.iter().fold(Tool::explain(repo.path(), subject), |tool, arg| tool.arg(arg));
    let story = tool.args("--format json").run().expect_code(0, subject).json();
    assert_valid("story", &story, subject);
    story
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn names(value: &Value) -> String {
    value.as_array().unwrap().iter().map(text).collect::<Vec<_>>().join(",")
}

/// Returns a line for an event: its stages, kind and day, the files, and where else the revision was.
fn event(event: &Value) -> String {
    let date = text(&event["date"]);
    let day = date.strip_prefix("2020-01-").and_then(|rest| rest.strip_suffix("T00:00:00Z"));
    let day = day.unwrap().parse::<u32>().unwrap() - 1;
    let mut line = format!("{}:{}@{day}", names(&event["stages"]), text(&event["what"]));
    for (sign, list) in [("+", "added"), ("-", "removed"), ("~", "changed")] {
        if event["files"].is_object() && !names(&event["files"][list]).is_empty() {
            line += &format!(" {sign}{}", names(&event["files"][list]));
        }
    }
    for other in event["elsewhere"].as_array().unwrap() {
        let [stage, when, files] = ["stage", "when", "files"].map(|field| text(&other[field]));
        line += &format!(" [{stage} {when} {files}]");
    }
    line
}

/// Returns the outcome, the copies and the events of the only revision.
fn lines(story: &Value) -> Vec<String> {
    let [revision] = story["revisions"].as_array().unwrap().as_slice() else {
        panic!("not one revision: {story}")
    };
    let outcome = &revision["outcome"];
    let mut first = text(&outcome["result"]).to_owned();
    for field in ["stage", "why", "reason", "last_stage"] {
        if outcome[field].is_string() {
            first += &format!(" {}", text(&outcome[field]));
        }
    }
    if outcome["codes"].is_array() {
        first += &format!(" {}", names(&outcome["codes"]));
    }
    for copy in revision["copies"].as_array().unwrap() {
        first += &format!("; {} {}", text(&copy["stage"]), text(&copy["role"]));
    }
    let events = revision["events"].as_array().unwrap().iter().map(event);
    std::iter::once(first).chain(events).collect()
}

#[test]
fn every_kind_of_story() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(dir.path());
    let rows: [(&str, &[&str]); 6] = [
        // Moved from snapshot to staging to production.
        (
            "pier-1.0.0",
            &[
                "archived production only-copy; production migrated",
                "snapshot:first@0",
                "staging:first@1 [snapshot then same]",
                "snapshot:removed@2 [staging then same]",
                "production:first@3 [staging then same] [snapshot earlier same]",
                "staging:removed@4 [production then same]",
            ],
        ),
        // Changed.
        (
            "quay-1.0.0",
            &[
                "archived snapshot only-copy; snapshot migrated",
                "snapshot:first@0",
                "snapshot:content@2 +img/a.svg -NOTICE.txt ~changelog.yml",
            ],
        ),
        // Vanished.
        ("mole-1.0.0", &["gone snapshot", "snapshot:first@0", "snapshot:removed@5"]),
        // Came back with other files, then got other modes.
        (
            "dock-1.0.0",
            &[
                "archived snapshot only-copy; snapshot migrated",
                "snapshot:first@0",
                "snapshot:removed@5",
                "snapshot:returned@6",
                "snapshot:content@6 ~changelog.yml",
                "snapshot:mode-only@7",
            ],
        ),
        // A conflict: the copy in staging is shadowed.
        (
            "wharf-1.0.0",
            &[
                "archived production precedence; production migrated; staging shadowed",
                "staging:first@1",
                "production:first@3 [staging then other]",
            ],
        ),
        (
            "reef-1.0.0",
            &["blocked manifest-mismatch,not-loadable; snapshot not-migrated", "snapshot:first@7"],
        ),
    ];
    for (subject, expected) in rows {
        assert_eq!(lines(&explain(&repo, subject, &[])), expected, "{subject}");
    }
    // Without production, the copy in staging wins; what is in no listed stage is not part of the story.
    let story = explain(&repo, "wharf-1.0.0", &["--stages", "staging,snapshot"]);
    let expected = ["archived staging only-copy; staging migrated", "staging:first@1"];
    assert_eq!(lines(&story), expected);
    let codes = |story: &Value| {
        let findings = story["findings"].as_array().unwrap().iter();
        findings.map(|finding| text(&finding["code"]).to_owned()).collect::<Vec<_>>()
    };
    assert!(codes(&explain(&repo, "wharf-1.0.0", &[])).contains(&"content-conflict".to_owned()));
    assert!(!codes(&explain(&repo, "pier-1.0.0", &[])).contains(&"content-conflict".to_owned()));
}

#[test]
fn copies_with_the_same_files_are_duplicates() {
    let dir = tempfile::tempdir().unwrap();
    let repo = fixture::build(dir.path());
    let story = explain(&repo, "lighthouse-1.0.0", &[]);
    let expected = "archived production precedence; production migrated; staging duplicate; snapshot duplicate";
    assert_eq!(lines(&story)[0], expected);
    let revision = &story["revisions"][0];
    assert_eq!(revision["archive"]["content_digest"], revision["copies"][2]["content_digest"]);
    assert_eq!(text(&revision["entry"]["version"]), "1.0.0");
    // The plan of a whole run has the same archive.
    let plan = Tool::migrate(repo.path()).args("--dry-run --quiet --fail-on never --plan -");
    let plan = plan.run().expect_code(0, "plan").json();
    let uploads = plan["uploads"].as_array().unwrap();
    let key = &revision["archive"]["key"];
    let upload = uploads.iter().find(|upload| upload["key"] == *key).unwrap();
    for field in ["size", "sha256", "md5", "crc32c", "content_digest", "file_count"] {
        assert_eq!(upload[field], revision["archive"][field], "{field}");
    }
}

#[test]
fn decisions_are_part_of_the_story() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(&dir.path().join("v1"));
    let file = dir.path().join("decisions.yml");
    let story = explain(&repo, "wharf-1.0.0", &[]);
    let copies = story["revisions"][0]["copies"].as_array().unwrap();
    let [production, staging] = [0, 1].map(|index| text(&copies[index]["content_digest"]));
    let v2 = dir.path().join("v2");
    let migrate = Tool::migrate(repo.path()).output(&v2).args("--quiet --fail-on never");
    // The archive is of the copy in production.
    migrate.run().expect_code(0, "migrate");
    let rows = [
        (
            "{keep: staging}",
            "archived staging decision; production shadowed; staging migrated",
            "different",
        ),
        ("skip", "skipped Too old.; production not-migrated; staging not-migrated", "extra"),
        (
            "accept",
            "archived production precedence; production migrated; staging shadowed",
            "equal",
        ),
    ];
    for (decision, expected, in_v2) in rows {
        let entry = format!(
            "resolutions:\n  - package: wharf\n    version: 1.0.0\n    code: content-conflict\n    \
             decision: {decision}\n    reason: Too old.\n    digests:\n      production: {production}\n      \
             staging: {staging}\n"
        );
        fs::write(&file, entry).unwrap();
        let story = explain(
            &repo,
            "wharf-1.0.0",
            &["--resolutions", file.to_str().unwrap(), "--v2", v2.to_str().unwrap()],
        );
        assert_eq!(lines(&story)[0], expected, "{decision}");
        assert_eq!(text(&story["revisions"][0]["v2"]["archive"]), in_v2, "{decision}");
        let findings = story["findings"].as_array().unwrap();
        let settled = findings.iter().find(|finding| text(&finding["code"]) == "content-conflict");
        assert_eq!(text(&settled.unwrap()["settled"]["reason"]), "Too old.", "{decision}");
    }
}

#[test]
fn names_that_never_existed_are_errors_with_suggestions() {
    let rows = [
        ("harbor_logg", 3, "did you mean harbor_log?"),
        ("harborlog-1.2.0", 3, "did you mean harbor_log?"),
        ("harbor_log-1.2.1", 3, "did you mean harbor_log-1.2.0?"),
        ("buoy-9.9.9", 3, "`explain <V1_REPO> buoy` lists the versions of buoy"),
        ("zzzz", 3, "`audit-history` lists what the stages ever had"),
        ("snapshot", 3, "packages/snapshot/0.0.1: a marker"),
        ("Harbor", 2, "a package name consists of a-z, 0-9 and _"),
        ("harbor_log-1.2", 2, "a version is strict semver"),
        ("harbor_log-", 2, "a version is strict semver"),
        ("lantern", 0, ""),
    ];
    for (subject, code, message) in rows {
        let ran = Tool::explain(fixture::folder(), subject).run().expect_code(code, subject);
        assert!(ran.stderr.contains(message), "{subject}: {}", ran.stderr);
        assert_eq!(ran.stdout.is_empty(), code != 0, "{subject}");
    }
}

#[test]
fn the_text_names_each_change_and_file() {
    let dir = tempfile::tempdir().unwrap();
    let repo = harbor(dir.path());
    let text = |subject| {
        let ran = Tool::explain(repo.path(), subject).run().expect_code(0, subject);
        assert_eq!(ran.stderr, "", "{subject}");
        String::from_utf8(ran.stdout).unwrap()
    };
    let one = text("quay-1.0.0");
    for part in [
        "quay-1.0.0: archived from snapshot, the only copy\n",
        " snapshot   changed: 1 file added, 1 removed, 1 changed\n",
        "  + img/a.svg\n",
        "  - NOTICE.txt\n",
        "  ~ changelog.yml\n",
        "Archive   artifacts/packages/quay-1.0.0.zip, ",
    ] {
        assert!(one.contains(part), "{part}\n{one}");
    }
    let all = text("dock");
    for part in [
        "dock: 1 version ever = 1 archived\n",
        "Versions  1.0.0  snapshot  archived from snapshot",
        " snapshot   1.0.0 added again\n",
        " snapshot   1.0.0 changed: only file modes\n",
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
    assert!(!all.contains('\u{1b}'), "no colours in a pipe");
}
