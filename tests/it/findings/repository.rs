//! Findings about the repository as a whole, from each command that reads it, and the notices of `verify`.
//!
//! Also checks that Git itself reads something else in each case.

use std::fs;
use std::path::Path;

use super::harbor;
use crate::support::git::git;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

/// The changes of a repository, and the expected findings.
pub(super) struct RepositoryRow {
    name: &'static str,
    make: fn(V1Repo) -> V1Repo,
    /// The flags of all commands.
    flags: &'static str,
    /// The findings of `migrate`.
    pub(super) findings: &'static [&'static str],
    /// The codes of the notices of `verify`.
    notices: &'static [&'static str],
}

/// Replaces the first manifest of `lighthouse`, and a commit.
fn replace(repo: V1Repo) -> V1Repo {
    let manifest = repo.object_id("production", "packages/lighthouse/1.0.0/manifest.yml");
    let readme = repo.object_id("production", "packages/lighthouse/1.0.0/docs/README.md");
    let commits = [repo.commit_id("staging"), repo.commit_id("snapshot")];
    let shown = || git(repo.path(), &["cat-file", "blob", &manifest.to_string()], b"").stdout;
    let before = shown();
    let repo = repo
        .set_ref(&format!("refs/replace/{manifest}"), readme)
        .set_ref(&format!("refs/replace/{}", commits[0]), commits[1]);
    let after = git(repo.path(), &["cat-file", "blob", &manifest.to_string()], b"").stdout;
    assert_ne!(before, after, "Git reads the replacement");
    repo
}

fn write(repo: V1Repo, file: &str, text: &str) -> V1Repo {
    let file = repo.path().join(file);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    repo
}

/// A second commit of production, grafted to have no parent.
fn graft(repo: V1Repo) -> V1Repo {
    let repo = repo.stage_at("production", 1, &[], |s| s);
    let (tip, other) = (repo.commit_id("production"), repo.commit_id("staging"));
    let repo = write(repo, "info/grafts", &format!("{tip}\n{other} {tip}\n"));
    let count = git(repo.path(), &["rev-list", "--count", "refs/heads/production"], b"").text();
    assert_eq!(count, "1", "Git follows the graft");
    repo
}

/// A tag and a branch with the same name, at other commits than production's.
fn two_names(repo: V1Repo) -> V1Repo {
    let repo = repo
        .stage_at("production", 1, &[], |s| s.revision("pier", "1.0.0", RevisionDraft::manifest));
    let tip = repo.commit_id("production");
    let before = git(repo.path(), &["rev-parse", &format!("{tip}~1")], b"").text();
    let repo = repo
        .set_ref("refs/tags/v1", tip)
        .set_ref("refs/heads/v1", before.parse().unwrap())
        .set_ref("refs/remotes/v1/HEAD", tip);
    let parsed = git(repo.path(), &["rev-parse", "v1"], b"");
    assert_eq!(parsed.text(), tip.to_string(), "Git uses the tag");
    assert!(parsed.stderr.contains("refname 'v1' is ambiguous"), "{parsed:?}");
    repo
}

macro_rules! ambiguous {
    ($revision:literal) => {
        concat!(
            r#"warning ambiguous-revision - - production - others=["refs/heads/v1","refs/remotes/v1/HEAD"] "#,
            "read=refs/tags/v1 revision=",
            $revision
        )
    };
}

const REPLACED: &str = "warning replaced-objects - - production,staging,snapshot - object_count=2";
const GRAFTED: &str = "warning grafted-commits - - production,staging,snapshot - commit_count=2";

pub(super) const ROWS: &[RepositoryRow] = &[
    RepositoryRow { name: "nothing", make: |repo| repo, flags: "", findings: &[], notices: &[] },
    RepositoryRow {
        name: "replaced objects",
        make: replace,
        flags: "",
        findings: &[REPLACED],
        notices: &["replaced-objects"],
    },
    RepositoryRow {
        name: "replacements that Git ignores, too",
        make: |repo| {
            let config = "[core]\n\tbare = true\n\tuseReplaceRefs = false\n";
            write(replace(repo), "config", config)
        },
        flags: "",
        findings: &[],
        notices: &[],
    },
    RepositoryRow {
        name: "a ref among the replacements whose name is not an object id",
        make: |repo| {
            let id = repo.commit_id("staging");
            repo.set_ref("refs/replace/harbor", id)
        },
        flags: "",
        findings: &[],
        notices: &[],
    },
    RepositoryRow {
        name: "grafts",
        make: graft,
        flags: "",
        findings: &[GRAFTED],
        notices: &["grafted-commits"],
    },
    RepositoryRow {
        name: "a file of grafts without any",
        make: |repo| write(repo, "info/grafts", ""),
        flags: "",
        findings: &[],
        notices: &[],
    },
    RepositoryRow {
        name: "both",
        make: |repo| graft(replace(repo)),
        flags: "",
        findings: &[GRAFTED, REPLACED],
        notices: &["replaced-objects", "grafted-commits"],
    },
    RepositoryRow {
        name: "a tag and a branch with the same name: the tag is read",
        make: two_names,
        flags: "--stages production=v1",
        findings: &[ambiguous!("v1")],
        notices: &[],
    },
    RepositoryRow {
        name: "the same with a suffix after the name",
        make: two_names,
        flags: "--stages production=v1^0",
        findings: &[ambiguous!("v1^0")],
        notices: &[],
    },
    RepositoryRow {
        name: "the tag by its whole name",
        make: two_names,
        flags: "--stages production=refs/tags/v1",
        findings: &[],
        notices: &[],
    },
    RepositoryRow {
        name: "a name that only one ref has",
        make: two_names,
        flags: "--stages production=production",
        findings: &[],
        notices: &[],
    },
];

#[test]
fn every_command_reports_it() {
    for row in ROWS {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let repo = (row.make)(harbor(&at("v1")));
        let run = |tool: Tool, report: &str, code: i32| {
            let report = at(report);
            let ran = tool.args(row.flags).arg("--report").arg(&report).run();
            (ran.expect_code(code, row.name), v2::json(&report))
        };
        let is_clean = row.findings.is_empty();

        let migrate = Tool::migrate(repo.path()).output(at("v2"));
        let (ran, report) = run(migrate, "migrate.json", 0);
        assert_eq!(v2::findings(&report), row.findings, "{}", row.name);
        assert_eq!(ran.stderr.contains("\nFindings  none\n"), is_clean, "{}: {ran}", row.name);
        check_texts(row, &report);
        check_archives(row, &at("v2"));

        // Of several shards, only the first one reports it.
        let mut findings = Vec::new();
        for shard in ["1/2", "2/2"] {
            let tool = Tool::migrate(repo.path()).args("--dry-run --shard").arg(shard);
            let (_, report) = run(tool, "shard.json", 0);
            findings.push(v2::findings(&report));
        }
        assert_eq!(findings, [row.findings.to_vec(), vec![]], "{}", row.name);

        let (_, report) = run(Tool::audit_history(repo.path()), "history.json", 0);
        assert_eq!(v2::findings(&report), row.findings, "{}", row.name);

        let verify = Tool::bare().arg("verify").arg(repo.path()).arg("--v2").arg(at("v2"));
        let (ran, report) = run(verify, "verify.json", 0);
        let notices = report["notices"].as_array().unwrap().iter();
        let codes: Vec<&str> = notices.map(|notice| notice["code"].as_str().unwrap()).collect();
        assert_eq!(codes, row.notices, "{}", row.name);
        let said = ran.stderr.contains("\nNote ");
        assert_eq!(said, !row.notices.is_empty(), "{}: {ran}", row.name);
    }
}

/// Each message contains the subject, and each advice a solution.
fn check_texts(row: &RepositoryRow, report: &serde_json::Value) {
    for finding in report["findings"].as_array().unwrap() {
        let said = |field: &str, texts: &[&str]| {
            let said = finding[field].as_str().unwrap();
            assert!(texts.iter().all(|text| said.contains(text)), "{}: {said}", row.name);
        };
        match finding["code"].as_str().unwrap() {
            "replaced-objects" => {
                said("message", &["refs/replace/", "2 objects"]);
                said("advice", &["git replace -d"]);
            }
            "grafted-commits" => {
                said("message", &["info/grafts", "2 commits"]);
                said("advice", &["Remove the file"]);
            }
            "ambiguous-revision" => {
                said("message", &["refs/tags/v1 was read", "refs/heads/v1"]);
                said("advice", &["refs/heads/"]);
            }
            code => panic!("{}: {code}", row.name),
        }
    }
}

/// The archives contain the original objects, and the commit that Git resolves the pinned revision to.
fn check_archives(row: &RepositoryRow, output: &Path) {
    let names: Vec<String> = v2::archives(output).into_keys().collect();
    let has_pier = names.contains(&"pier-1.0.0.zip".to_owned());
    assert_eq!(has_pier, !row.flags.is_empty(), "{}: {names:?}", row.name);
    assert!(names.contains(&"lighthouse-1.0.0.zip".to_owned()), "{}: {names:?}", row.name);
}
