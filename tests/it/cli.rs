//! The command line: exit codes, thresholds, pinned stages, stdout and stderr, colours, closed pipes.
//!
//! `migrate` tests the archives, `output` the output folder, `interrupt` exit code 130.

#![allow(clippy::unwrap_used)]

use std::io;
use std::path::Path;

use git2::{ObjectType, Repository, Signature, Time};
use serde_json::Value;

use crate::support::fixture;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo, clone_plain};
use crate::support::v2;

fn preview(repo: &Path) -> Tool {
    Tool::migrate(repo).arg("--dry-run")
}

/// What libgit2 adds to its messages, a class and a code, is nothing for people.
#[test]
fn causes_in_git_are_plain_sentences() {
    let empty = tempfile::tempdir().unwrap();
    let missing = empty.path().join("missing");
    let rows = [
        (preview(&missing), "failed to resolve path"),
        (preview(empty.path()), "could not find repository at"),
        (
            preview(fixture::folder()).args("--stages production=nothing"),
            "revspec 'nothing' not found",
        ),
    ];
    for (tool, cause) in rows {
        let ran = tool.run().expect_code(3, cause);
        let line = ran.stderr.lines().find(|line| line.starts_with("  because: ")).unwrap();
        assert!(line.contains(cause) && !line.contains("; class="), "{ran}");
    }
}

/// The wrong folder has none of the archives.
#[test]
fn a_place_without_any_archive_is_questioned() {
    let dir = tempfile::tempdir().unwrap();
    let v2 = dir.path().join("v2");
    Tool::migrate(fixture::folder()).output(&v2).args("--fail-on never").run();
    let question =
        "none of the archives is there: is this the place that contains artifacts/packages/?";
    for (place, is_asked) in [(dir.path(), true), (&v2, false), (&v2.join("artifacts"), true)] {
        let tool = Tool::bare().arg("verify").arg(fixture::folder()).arg("--v2").arg(place);
        let ran = tool.run().expect_code(1, "not all of v1");
        assert_eq!(ran.stderr.contains(question), is_asked, "{ran}");
    }
}

#[test]
fn exit_codes_follow_the_table() {
    let rows = [
        (0, "--stages production"),
        (0, "--stages production --fail-on conflict --jobs 1 --quiet"),
        (0, "--fail-on never"),
        (1, ""),
        (1, "--stages production --fail-on warning"),
        (2, "--frobnicate"),
        (2, "another-repository"),
        (2, "--jobs 0"),
        (2, "--jobs 1025"),
        (2, "--jobs many"),
        (2, "--fail-on fatal"),
        (2, "--fail-on Blocker"),
        (2, "--fail-on Never"),
        (2, "--stages production,production"),
        (2, "--stages production,staging=main,staging"),
        (2, "--stages development"),
        (2, "--stages production="),
        (2, "--stages ,"),
        (0, "--stages production --registry 1.28"),
        (2, "--registry 1.9.0"),
        (2, "--registry 1.41.0"),
        (2, "--registry newest"),
        (2, "--report x.txt"),
        (2, "--report x"),
        (2, "--plan - --report -"),
        (2, "--report - --report -"),
        (2, "--plan x.json --report x.json"),
        (3, "--stages production=no-such-revision"),
        (3, "--remote upstream --stages production=HEAD~9"),
    ];
    let scratch = tempfile::tempdir().unwrap();
    for (code, flags) in rows {
        let tool = preview(fixture::folder()).args(flags).current_dir(scratch.path());
        let ran = tool.run().expect_code(code, flags);
        assert!(ran.stdout.is_empty(), "{flags}: {ran}");
        assert_eq!(ran.stderr.starts_with("error: "), code > 1, "{flags}: {ran}");
    }
    assert!(v2::tree(scratch.path()).is_empty());
}

#[test]
fn an_incomplete_command_line_is_a_usage_error() {
    let rows = [
        (Tool::bare(), 2),
        (Tool::bare().arg("migrate"), 2),
        (Tool::bare().args("migrate --output v2"), 2),
        (Tool::migrate(fixture::folder()), 2),
        (Tool::migrate(fixture::folder()).arg("--output"), 2),
        (Tool::bare().arg("--help"), 0),
        (Tool::bare().args("migrate --help"), 0),
        (Tool::bare().arg("--version"), 0),
    ];
    for (index, (tool, code)) in rows.into_iter().enumerate() {
        let ran = tool.run().expect_code(code, &format!("row {index}"));
        assert_eq!((ran.stdout.is_empty(), ran.stderr.is_empty()), (code == 2, code == 0), "{ran}");
    }
    let ran = Tool::bare().arg("--version").run();
    let expected = concat!("package-storage-migrate ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(ran.stdout, expected.as_bytes());
    let help = String::from_utf8(Tool::bare().args("migrate --help").run().stdout).unwrap();
    for code in ["0", "1", "2", "3", "130"] {
        assert!(help.contains(&format!("\n  {code:5}")), "exit code {code}: {help}");
    }
}

#[test]
fn the_threshold_decides_between_exit_codes_0_and_1() {
    let dir = tempfile::tempdir().unwrap();
    let clean = |name: &str| {
        let repo = V1Repo::create(&dir.path().join(name));
        [("production", "buoy"), ("staging", "fog_horn"), ("snapshot", "lighthouse")]
            .into_iter()
            .fold(repo, |repo, (stage, package)| {
                repo.stage(stage, |s| s.revision(package, "0.1.0", RevisionDraft::manifest))
            })
    };
    let rows = [
        ("nothing", clean("nothing"), [0, 0, 0, 0]),
        (
            "info",
            clean("info")
                .stage("staging", |s| s.revision("buoy", "0.1.0", RevisionDraft::manifest)),
            [1, 0, 0, 0],
        ),
        (
            "warning",
            clean("warning").stage("staging", |s| s.file("packages/notes.txt", "")),
            [1, 1, 0, 0],
        ),
        (
            "conflict",
            clean("conflict").stage("staging", |s| {
                s.revision("buoy", "0.1.0", |r| r.manifest().file("changelog.yml", ""))
            }),
            [1, 1, 1, 0],
        ),
        (
            "blocker",
            clean("blocker").stage("staging", |s| s.revision("buoy", "1.0", |r| r.manifest())),
            [1, 1, 1, 1],
        ),
    ];
    for (worst, repo, codes) in rows {
        for (threshold, code) in ["info", "warning", "conflict", "blocker"].into_iter().zip(codes) {
            let ran = preview(repo.path()).arg("--fail-on").arg(threshold).run();
            ran.expect_code(code, &format!("{worst}, --fail-on {threshold}"));
        }
    }
}

#[test]
fn a_missing_stage_is_an_error_that_lists_the_branches() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("one"))
        .stage("production", |s| s.revision("buoy", "1.0.0", RevisionDraft::manifest));
    let at = repo.commit_id("production");
    let repo = repo.set_ref("refs/heads/main", at).set_ref("refs/remotes/upstream/snapshot", at);
    let ran = preview(repo.path()).run().expect_code(3, "no staging");
    assert_eq!(
        ran.stderr,
        "error: stage staging has neither refs/heads/staging nor refs/remotes/origin/staging; \
         its branches are refs/heads/main, refs/heads/production, refs/remotes/upstream/snapshot\n  \
         hint: fetch the branch, specify another remote with --remote, omit the stage from \
         --stages, or pin it: --stages <stage>=<revision>\n"
    );
    preview(repo.path()).args("--stages production").run().expect_code(0, "excluded");
    let flags = "--stages production,snapshot --remote upstream";
    preview(repo.path()).args(flags).run().expect_code(0, flags);

    let empty = V1Repo::create(&dir.path().join("empty"));
    let ran = preview(empty.path()).run().expect_code(3, "no branch");
    assert!(ran.stderr.contains("; the repository has no branches\n"), "{ran}");
}

#[test]
fn the_error_names_a_path_that_is_not_a_repository() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    for path in ["", "file", "not-there"] {
        let path = dir.path().join(path);
        let ran = preview(&path).run().expect_code(3, "no repository");
        let said = format!("error: cannot open the v1 repository {}\n  because: ", path.display());
        assert!(ran.stderr.starts_with(&said), "{ran}");
        assert!(ran.stderr.contains("\n  hint: specify a Git repository"), "{ran}");
    }
    let flags = "--stages production=HEAD~9";
    let ran = preview(fixture::folder()).args(flags).run().expect_code(3, flags);
    let said =
        "error: stage production is pinned to HEAD~9, which does not name a commit\n  because: ";
    assert!(ran.stderr.starts_with(said), "{ran}");
    assert!(ran.stderr.contains("\n  hint: specify a branch, a tag or a commit"), "{ran}");
}

#[test]
fn nothing_to_migrate_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(dir.path()).stage("production", |s| s.file("README.md", "empty"));
    let ran = preview(repo.path()).args("--stages production").run().expect_code(3, "no package");
    assert!(ran.stderr.contains("error: no stage contains any package\n  hint: "), "{ran}");
}

#[test]
fn a_stage_can_be_pinned_to_any_revision() {
    let dir = tempfile::tempdir().unwrap();
    let repo = fixture::build(dir.path());
    let git = Repository::open(dir.path()).unwrap();
    let first = git.revparse_single("refs/heads/production~1").unwrap();
    let tagger = Signature::new("Fixture", "fixture@example.org", &Time::new(0, 0)).unwrap();
    git.tag("first", &first, &tagger, "The first release", false).unwrap();
    git.tag_lightweight("light", &first, false).unwrap();
    let id = first.id().to_string();
    for revision in [&id, &id[..10], "first", "refs/tags/light", "production~1", "production^"] {
        let pinned = format!("production={revision}");
        let ran = preview(repo.path()).args("--quiet --plan - --stages").arg(&pinned).run();
        let plan = ran.expect_code(0, &pinned).json();
        let stage = serde_json::json!({"stage": "production", "ref": revision, "commit": id});
        assert_eq!(plan["source"]["stages"], Value::from(vec![stage]), "{pinned}");
        assert_eq!(v2::planned(&plan), ["lantern-0.1.0"], "{pinned}");
    }
    let tree_id = git.find_object(first.id(), Some(ObjectType::Commit)).unwrap();
    let tree_id = tree_id.peel_to_tree().unwrap().id().to_string();
    let pinned = format!("production={tree_id}");
    let ran = preview(repo.path()).arg("--stages").arg(&pinned).run();
    ran.expect_code(3, "a tree is no commit");
}

#[test]
fn the_order_of_the_stages_is_the_precedence() {
    let harbor_log = |stages: &str| {
        let flags = format!("--quiet --stages {stages} --plan -");
        let plan = preview(fixture::folder()).args(&flags).run().json();
        let uploads = plan["uploads"].as_array().unwrap();
        uploads.iter().find(|upload| upload["package"] == "harbor_log").unwrap().clone()
    };
    for (stages, winner, other) in [
        ("production,staging", "production", "staging"),
        ("staging,production", "staging", "production"),
        ("snapshot,staging,production", "staging", "production"),
    ] {
        let upload = harbor_log(stages);
        assert_eq!(upload["stage"], winner, "{stages}");
        assert_eq!(upload, harbor_log(winner), "{stages}: as if there were no other stage");
        let flags = format!("--quiet --stages {stages} --report -");
        let findings = v2::findings(&preview(fixture::folder()).args(&flags).run().json());
        let start = format!("conflict content-conflict harbor_log 1.2.0 {other} - added=[");
        let line = findings.iter().find(|line| line.starts_with(&start)).expect("a conflict");
        assert!(line.ends_with(&format!(" winner={winner}")), "{stages}: {line}");
        let only_in_production = if winner == "staging" { "added" } else { "removed" };
        let notice = format!("{only_in_production}=[\"NOTICE.txt\"]");
        assert!(line.contains(&notice), "{stages}: {line}");
    }
}

#[test]
fn the_report_names_the_ref_that_was_read() {
    let dir = tempfile::tempdir().unwrap();
    clone_plain(fixture::folder(), &dir.path().join("clone"));
    let ran = preview(&dir.path().join("clone")).args("--quiet --report -").run();
    let report = ran.expect_code(1, "clone").json();
    let refs: Vec<&Value> =
        report["source"]["stages"].as_array().unwrap().iter().map(|stage| &stage["ref"]).collect();
    let expected =
        ["refs/heads/production", "refs/remotes/origin/staging", "refs/remotes/origin/snapshot"];
    assert_eq!(refs, expected);
}

#[test]
fn packages_are_judged_by_the_release_of_the_registry_that_is_named() {
    let scratch = tempfile::tempdir().unwrap();
    let repo = scratch.path().join("v1");
    V1Repo::create(&repo).stage("production", |s| {
        s.revision("buoy", "1.0.0", |r| {
            r.file("docs/README.md", "").file(
                "manifest.yml",
                "format_version: 1.0.0\nname: buoy\nversion: 1.0.0\ntitle: a\ndescription: b\n\
                 categories: [siem, boats]\nowner: {github: a}\ndeprecated: {since: [a]}\n",
            )
        })
    });
    let rows = [
        (None, vec![("category-dropped", None), ("not-loadable", Some(4))], Value::Null),
        (Some("1.40.1"), vec![("category-dropped", None), ("not-loadable", Some(4))], Value::Null),
        (Some("1.35"), vec![("category-dropped", None), ("not-servable", None)], "1.35.0".into()),
        (Some("1.28"), vec![("not-loadable", Some(24)), ("not-servable", None)], "1.28.0".into()),
        (
            Some("1.10"),
            vec![("not-loadable", Some(24)), ("not-loadable", Some(24)), ("not-servable", None)],
            "1.10.0".into(),
        ),
    ];
    for (release, expected, recorded) in rows {
        let asked = release.map(|release| format!("--registry {release}")).unwrap_or_default();
        let json = |flag: &str| -> Value {
            let tool = preview(&repo).args("--stages production").args(&asked).args(flag);
            serde_json::from_slice(&tool.run().stdout).unwrap()
        };
        let (plan, report) = (json("--plan -"), json("--report -"));
        assert_eq!((&plan["registry"], &report["registry"]), (&recorded, &recorded), "{asked}");
        let mut found: Vec<(&str, Option<u64>)> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["code"].as_str().unwrap(), one["evidence"]["rule"].as_u64()))
            .collect();
        found.sort();
        assert_eq!(found, expected, "{asked}");
    }
}

#[test]
fn data_goes_to_stdout_and_everything_else_to_stderr() {
    let rows = [
        ("--plan -", "uploads", true),
        ("--report -", "findings", true),
        ("--report - --quiet", "findings", false),
        ("--plan - --quiet", "uploads", false),
        ("--quiet", "", false),
        ("", "", true),
    ];
    for (flags, field, has_stderr) in rows {
        let ran = preview(fixture::folder()).args(flags).run().expect_code(1, flags);
        assert_eq!(!ran.stderr.is_empty(), has_stderr, "{flags}: {ran}");
        match field {
            "" => assert!(ran.stdout.is_empty(), "{flags}: {ran}"),
            _ => assert!(ran.json()[field].is_array(), "{flags}: {ran}"),
        }
    }
}

#[test]
fn colours_are_used_only_for_terminals_or_on_request() {
    let rows: [(&[(&str, &str)], bool); 6] = [
        (&[], false),
        (&[("TERM", "xterm-256color")], false),
        (&[("NO_COLOR", "1")], false),
        (&[("CLICOLOR_FORCE", "1")], true),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&[("CI", "true"), ("TERM", "xterm")], false),
    ];
    for (env, has_colours) in rows {
        let failing = preview(Path::new("/not/there"));
        for tool in [preview(fixture::folder()).args("--plan -"), failing] {
            let tool = env.iter().fold(tool, |tool, (name, value)| tool.env(name, value));
            let ran = tool.run();
            assert_eq!(ran.stderr.contains('\x1b'), has_colours, "{env:?}: {ran}");
            assert!(!ran.stdout.contains(&b'\x1b'), "{env:?}: {ran}");
        }
    }
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let closed = || {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        writer
    };
    for flags in ["--plan -", "--report -"] {
        let ran = preview(fixture::folder()).args("--quiet").args(flags).stdout(closed()).run();
        assert_eq!(ran.expect_code(1, flags).stderr, "");
        let tool = preview(fixture::folder()).args(flags).stderr(closed());
        assert!(tool.run().expect_code(1, flags).json().is_object());
    }
    Tool::bare().args("migrate --help").stdout(closed()).run().expect_code(0, "--help");
    preview(Path::new("/not/there")).stderr(closed()).run().expect_code(3, "an error");
}
