//! `explain` over histories that are not whole, and over commits that several stages share.

use std::fs;

use git2::{Oid, Repository};
use serde_json::Value;

use super::{explain, lines, text};
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};

/// Creates five days of production: `buoy` comes on day 0 and changes on days 1 and 3; `pier` comes on day 2.
fn five_days(path: &std::path::Path) -> V1Repo {
    let buoy = |s: crate::support::v1_repo::StageDraft, text: &str| {
        s.revision("buoy", "1.0.0", |r| r.manifest().file("changelog.yml", text))
    };
    V1Repo::create(path)
        .stage_at("production", 0, &[], |s| buoy(s, "0"))
        .stage_at("production", 1, &[], |s| buoy(s, "1"))
        .stage_at("production", 2, &[], |s| s.revision("pier", "1.0.0", RevisionDraft::manifest))
        .stage_at("production", 3, &[], |s| buoy(s, "3"))
        .stage_at("production", 4, &[], |s| s.file("README.md", "4"))
}

/// Returns the commit of production of a day.
fn commit_of(repo: &V1Repo, day: i64) -> Oid {
    let git = Repository::open_bare(repo.path()).unwrap();
    let mut commit = git.find_commit(repo.commit_id("production")).unwrap();
    for _ in day..4 {
        commit = commit.parent(0).unwrap();
    }
    commit.id()
}

/// Returns the folder of `buoy` in the commit of a day.
fn buoy_of(repo: &V1Repo, day: i64) -> Oid {
    let git = Repository::open_bare(repo.path()).unwrap();
    let tree = git.find_commit(commit_of(repo, day)).unwrap().tree().unwrap();
    tree.get_path("packages/buoy".as_ref()).unwrap().id()
}

struct Row {
    name: &'static str,
    damage: fn(&V1Repo),
    /// The codes of the findings on the history.
    codes: &'static [&'static str],
    events: &'static [&'static str],
}

const ROWS: &[Row] = &[
    Row {
        name: "nothing",
        damage: |_| {},
        codes: &[],
        events: &[
            "production:first@0",
            "production:content@1 ~changelog.yml",
            "production:content@3 ~changelog.yml",
        ],
    },
    // It was there before the oldest commit that can be read: when it came is not known.
    Row {
        name: "a shallow clone",
        damage: |repo| {
            fs::write(repo.path().join("shallow"), format!("{}\n", commit_of(repo, 2))).unwrap();
            repo.remove_object(commit_of(repo, 1));
        },
        codes: &["shallow-history"],
        events: &["production:first@2", "production:content@3 ~changelog.yml"],
    },
    Row {
        name: "a missing commit",
        damage: |repo| repo.remove_object(commit_of(repo, 1)),
        codes: &["missing-object"],
        events: &["production:first@2", "production:content@3 ~changelog.yml"],
    },
    Row {
        name: "a corrupt commit",
        damage: |repo| repo.garble_object(commit_of(repo, 1)),
        codes: &["corrupt-object"],
        events: &["production:first@2", "production:content@3 ~changelog.yml"],
    },
    // The folder of days 1 and 2.
    Row {
        name: "a corrupt tree",
        damage: |repo| repo.garble_object(buoy_of(repo, 1)),
        codes: &["corrupt-object"],
        events: &[
            "production:first@0",
            "production:unreadable@1",
            "production:content@3 ~changelog.yml",
        ],
    },
];

fn codes(story: &Value) -> Vec<&str> {
    let found = story["history_findings"].as_array().unwrap().iter();
    found.map(|finding| text(&finding["code"])).collect()
}

#[test]
fn what_cannot_be_read_is_part_of_the_story() {
    for Row { name, damage, codes: expected, events } in ROWS {
        let dir = tempfile::tempdir().unwrap();
        let repo = five_days(dir.path());
        damage(&repo);
        let stages = ["--stages", "production"];
        let story = explain(&repo, "buoy-1.0.0", &stages);
        assert_eq!(codes(&story), *expected, "{name}");
        assert_eq!(story["is_whole"], expected.is_empty(), "{name}");
        let found = lines(&story);
        // The tip is read: the rest of the story is that of a whole history.
        assert_eq!(found[0], "archived production only-copy; production migrated", "{name}");
        assert_eq!(found[1..], **events, "{name}");
        let ran = Tool::explain(repo.path(), "buoy-1.0.0").args("--stages production").run();
        let shown = String::from_utf8(ran.expect_code(0, name).stdout).unwrap();
        let is_whole = expected.is_empty();
        assert_eq!(shown.contains("(not the whole history)"), !is_whole, "{name}: {shown}");
        assert_eq!(shown.contains("\nUnread    "), !is_whole, "{name}: {shown}");
        for code in *expected {
            assert!(shown.contains(&format!(" {code}, production: ")), "{name}: {shown}");
        }
    }
}

/// The error does not claim that a revision was never there if commits that may have had it cannot be read.
#[test]
fn what_only_unreadable_commits_have_is_not_found() {
    let dir = tempfile::tempdir().unwrap();
    let repo = five_days(dir.path()).stage_at("production", 5, &[], |s| s.remove("packages/pier"));
    let tip = Repository::open_bare(repo.path()).unwrap();
    let tip = tip.find_commit(repo.commit_id("production")).unwrap();
    fs::write(repo.path().join("shallow"), format!("{}\n", tip.id())).unwrap();
    repo.remove_object(tip.parent_id(0).unwrap());
    let ran = Tool::explain(repo.path(), "pier").args("--stages production").run();
    let ran = ran.expect_code(3, "only in the commits that are not there");
    for part in ["revision pier, as far as the history can be read", "git fetch --unshallow"] {
        assert!(ran.stderr.contains(part), "{ran}");
    }
}

/// A commit of several stages is one event, in the order of precedence; after the stages diverge, each has its own.
#[test]
fn a_commit_that_stages_share_is_one_event() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(dir.path())
        .stage_at("production", 0, &[], |s| {
            s.revision("buoy", "1.0.0", |r| r.manifest().file("changelog.yml", "0"))
        })
        .stage_at("production", 1, &[], |s| {
            s.revision("buoy", "1.0.0", |r| r.file("changelog.yml", "1"))
        });
    let shared = repo.commit_id("production");
    let repo = repo
        .set_ref("refs/heads/staging", shared)
        .set_ref("refs/heads/snapshot", shared)
        .stage_at("staging", 2, &[], |s| {
            s.revision("buoy", "1.0.0", |r| r.file("changelog.yml", "2"))
        })
        .stage_at("snapshot", 3, &[], |s| s.remove("packages/buoy"));
    let expected = [
        "archived production precedence; production migrated; staging shadowed",
        "production,staging,snapshot:first@0",
        "production,staging,snapshot:content@1 ~changelog.yml",
        "staging:content@2 ~changelog.yml",
        "snapshot:removed@3 [production then same] [staging then other]",
    ];
    assert_eq!(lines(&explain(&repo, "buoy-1.0.0", &[])), expected);
    let ran = Tool::explain(repo.path(), "buoy").run().expect_code(0, "the overview");
    let shown = String::from_utf8(ran.stdout).unwrap();
    assert!(shown.contains(" production,staging,snapshot 1.0.0 added\n"), "{shown}");
    // In another order, with a stage less.
    let expected = [
        "archived staging only-copy; staging migrated",
        "snapshot,staging:first@0",
        "snapshot,staging:content@1 ~changelog.yml",
        "staging:content@2 ~changelog.yml",
        "snapshot:removed@3 [staging then other]",
    ];
    assert_eq!(lines(&explain(&repo, "buoy-1.0.0", &["--stages", "snapshot,staging"])), expected);
}
