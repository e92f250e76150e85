//! Irregular but readable commits: the kinds that `git fsck` reports and that Git itself reads.
//!
//! Written with `git hash-object --literally`. The expected dates are those that git 2.39.5 reads, with
//! `git rev-list --timestamp` or `git log --format=%ct`, whichever succeeds; none if neither does.

use std::fs;

use serde_json::Value;

use super::{audit, revisions};
use crate::support::git::{git, try_git};
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};

/// The kind that `git fsck` reports, or an empty text; the lines after the parents; the date.
type Row = (&'static str, &'static str, Option<&'static str>);

const DATE: Option<&str> = Some("2020-09-13T12:26:40Z");
const NONE: Option<&str> = None;

macro_rules! author {
    ($rest:literal) => {
        concat!("author A <a@example.org> 1 +0000\n", $rest)
    };
}

const ROWS: &[Row] = &[
    ("", author!("committer C <c@example.org> 1600000000 +0200\n\nm\n"), DATE),
    (
        "multipleAuthors",
        author!("author B <b@c> 2 +0000\ncommitter C <c@d> 1600000000 +0200\n\nm\n"),
        DATE,
    ),
    ("missingAuthor", "committer C <c@d> 1600000000 +0200\n\nm\n", DATE),
    ("missingCommitter", author!("\nm\n"), NONE),
    ("missingCommitter", author!("\ncommitter C <c@d> 1600000000 +0200\n"), NONE),
    ("missingSpaceBeforeDate", author!("committer C <c@d>\n\nm\n"), NONE),
    ("missingSpaceBeforeDate", author!("committer C <c@d>1600000000 +0200\n\nm\n"), DATE),
    ("badDate", author!("committer C <c@d> soon +0200\n\nm\n"), NONE),
    ("badDateOverflow", author!("committer C <c@d> 99999999999999999999 +0200\n\nm\n"), NONE),
    ("zeroPaddedDate", author!("committer C <c@d> 01600000000 +0200\n\nm\n"), DATE),
    ("badTimezone", author!("committer C <c@d> 1600000000 CEST\n\nm\n"), DATE),
    ("missingEmail", author!("committer C 1600000000 +0200\n\nm\n"), NONE),
    ("badName", author!("committer C> <c@d> 1600000000 +0200\n\nm\n"), DATE),
    ("badEmail", author!("committer C <c@d 1600000000 +0200\n\nm\n"), NONE),
    ("missingNameBeforeEmail", author!("committer <c@d> 1600000000 +0200\n\nm\n"), DATE),
    ("missingSpaceBeforeEmail", author!("committer C<c@d> 1600000000 +0200\n\nm\n"), DATE),
    // A line break in an e-mail.
    (
        "badEmail",
        "author A <a@\nexample.org> 1 +0000\ncommitter C <c@d> 1600000000 +0200\n\nm\n",
        DATE,
    ),
    ("badEmail", author!("committer C <c@\nexample.org> 1600000000 +0200\n\nm\n"), NONE),
    ("nulInCommit", author!("committer C <c@d> 1600000000 +0200\n\na\0b\n"), DATE),
    ("unterminatedHeader", author!("committer C <c@d> 1600000000 +0200"), DATE),
];

#[test]
fn irregular_commits_do_not_end_the_history() {
    for (kind, lines, date) in ROWS {
        let dir = tempfile::tempdir().unwrap();
        let (repo, odd) = with_commit(&dir.path().join("v1"), lines);
        let fsck = try_git(repo.path(), &["fsck", "--no-dangling", &odd], b"");
        let named = fsck.stderr.contains(&format!("in commit {odd}: {kind}"));
        assert_eq!(named, !kind.is_empty(), "{lines:?}: {fsck:?}");

        let report = audit(&repo, 0, lines);
        assert_eq!(report["findings"].as_array().unwrap().len(), 0, "{lines:?}");
        assert_eq!((&report["is_whole"], revisions(&report)), (&true.into(), [2, 1, 1, 0]));
        let walk = &report["walks"][0];
        assert_eq!(walk["commit_count"], 3, "{lines:?}");
        assert_eq!(walk["reaches_the_beginning"], true, "{lines:?}");
        // The odd commit is the one that removed `pier`.
        let removed = &report["gone"][0]["removed"];
        assert_eq!(removed["commit"], odd.as_str(), "{lines:?}");
        assert_eq!(removed["date"].as_str(), *date, "{lines:?}: {removed}");
        check_texts(&repo, date.is_some(), lines);
    }
}

/// Checks that the texts show the commit, with or without a date.
fn check_texts(repo: &V1Repo, is_dated: bool, row: &str) {
    let text_file = repo.path().join("r.md");
    let tool = Tool::audit_history(repo.path()).args("--stages production --report");
    let ran = tool.arg(&text_file).run().expect_code(0, row);
    let text = fs::read_to_string(text_file).unwrap();
    assert_eq!(text.contains("` (no date) |"), !is_dated, "{row}: {text}");
    let gone = ran.stderr.lines().find(|line| line.starts_with("Gone ")).unwrap();
    let expected = if is_dated { "pier-1.0.0 2020-09-13" } else { "pier-1.0.0 (no date)" };
    assert!(gone.ends_with(expected), "{row}: {ran}");
}

/// Creates three commits: `buoy` and `pier`, then an irregular one without `pier`, then no change.
fn with_commit(path: &std::path::Path, lines: &str) -> (V1Repo, String) {
    let repo = V1Repo::create(path)
        .stage_at("production", 0, &[], |s| {
            s.revision("buoy", "1.0.0", RevisionDraft::manifest).revision(
                "pier",
                "1.0.0",
                RevisionDraft::manifest,
            )
        })
        .stage_at("without", 0, &[], |s| s.revision("buoy", "1.0.0", RevisionDraft::manifest));
    let tree = git(repo.path(), &["rev-parse", "refs/heads/without^{tree}"], b"").text();
    let first = repo.commit_id("production");
    let odd = format!("tree {tree}\nparent {first}\n{lines}");
    let odd = write_commit(&repo, &odd);
    let by = "C <c@d> 1700000000 +0000";
    let tip =
        write_commit(&repo, &format!("tree {tree}\nparent {odd}\nauthor {by}\ncommitter {by}\n\n"));
    (repo.set_ref("refs/heads/production", tip.parse().unwrap()), odd)
}

fn write_commit(repo: &V1Repo, text: &str) -> String {
    let args = ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"];
    git(repo.path(), &args, text.as_bytes()).text()
}

/// An object that Git itself does not accept as a commit ends the history, with a finding.
#[test]
fn an_invalid_commit_ends_the_history() {
    let rows = [
        "parent 12\nauthor A <a@b> 1 +0000\ncommitter C <c@d> 1 +0000\n\nm\n",
        "parent 1111111111111111111111111111111111111111x\nauthor A <a@b> 1 +0000\n",
    ];
    for lines in rows {
        let dir = tempfile::tempdir().unwrap();
        let (repo, odd) = with_commit(dir.path(), lines);
        assert!(!try_git(repo.path(), &["rev-list", &odd], b"").is_success, "{lines:?}");
        let report = audit(&repo, 1, lines);
        let finding = &report["findings"][0];
        assert_eq!(finding["code"], "corrupt-object", "{lines:?}");
        assert_eq!(finding["evidence"]["object_id"], odd.as_str());
        assert_eq!(report["walks"][0]["reaches_the_beginning"], Value::Bool(false));
    }
}
