//! Names in flags and decisions that v1 once had and does not have any more: reported when a published index is
//! continued, refused in a first run and when they were never there. The same in `verify`, which has a notice of them.

use std::fs;
use std::path::{Path, PathBuf};

use super::{FAULTLESS, check_with, harbor};
use crate::support::schemas::assert_valid;
use crate::support::tool::{Ran, Tool};
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

/// The packages and versions that decisions are about.
type Decisions = &'static [(&'static str, &'static str)];

/// Names that v1 does not have.
pub(super) struct GoneRow {
    flags: &'static str,
    /// The revisions that decisions are about.
    decisions: Decisions,
    /// Whether the archive of `pier` 2.1.0 is made.
    has_pier: bool,
    /// The findings of `migrate` with the index of [`write_base`]; `LAST` is the last commit with the revisions.
    pub(super) findings: &'static [&'static str],
    /// The names in the notice of `verify`; `None` if it does not accept them.
    notice: Option<&'static [&'static str]>,
}

const ONLY_PUBLISHED: &str = "info index-only reef 1.0.0  -";

macro_rules! gone {
    ($by:literal, $name:literal, $revision:literal) => {
        gone!("-", "-", "production,staging,snapshot", $by, $name, $revision)
    };
    ($package:literal, $version:literal, $stages:literal, $by:literal, $name:literal, $revision:literal) => {
        concat!(
            "warning no-longer-in-v1 ",
            $package,
            " ",
            $version,
            " ",
            $stages,
            " - commit=LAST name=",
            $name,
            " named_by=",
            $by,
            " revision=",
            $revision,
            " stage=production"
        )
    };
}

pub(super) const ROWS: &[GoneRow] = &[
    GoneRow {
        flags: "--exclude pier-2.0.0",
        decisions: &[],
        has_pier: true,
        findings: &[gone!("exclude", "pier-2.0.0", "pier-2.0.0"), ONLY_PUBLISHED],
        notice: Some(&["--exclude pier-2.0.0"]),
    },
    GoneRow {
        flags: "--exclude mole,[p]ier-2.0.*",
        decisions: &[],
        has_pier: true,
        findings: &[
            gone!("exclude", "[p]ier-2.0.*", "pier-2.0.0"),
            gone!("exclude", "mole", "mole-1.0.0"),
            ONLY_PUBLISHED,
        ],
        notice: Some(&["--exclude [p]ier-2.0.*", "--exclude mole"]),
    },
    GoneRow {
        flags: "--include buoy,fog_horn,lighthouse,mole-1.* --exclude mole-1.*",
        decisions: &[],
        has_pier: false,
        findings: &[
            gone!("include", "mole-1.*", "mole-1.0.0"),
            gone!("exclude", "mole-1.*", "mole-1.0.0"),
        ],
        notice: Some(&["--exclude mole-1.*", "--include mole-1.*"]),
    },
    GoneRow {
        flags: "--exclude Old-*",
        decisions: &[],
        has_pier: true,
        findings: &[gone!("exclude", "Old-*", "Old-Mole-1.0.0"), ONLY_PUBLISHED],
        notice: Some(&["--exclude Old-*"]),
    },
    GoneRow {
        flags: "--exclude reef",
        decisions: &[],
        has_pier: true,
        findings: &[
            "warning no-longer-in-v1 - - production,staging,snapshot - commit=null name=reef named_by=exclude revision=reef-1.0.0 stage=null",
        ],
        notice: None,
    },
    GoneRow {
        flags: "",
        decisions: &[("pier", "2.0.0"), ("mole", "1.0.0")],
        has_pier: true,
        findings: &[
            gone!("mole", "1.0.0", "", "decision", "mole-1.0.0", "mole-1.0.0"),
            gone!("pier", "2.0.0", "", "decision", "pier-2.0.0", "pier-2.0.0"),
            ONLY_PUBLISHED,
        ],
        notice: Some(&["the decision on mole-1.0.0", "the decision on pier-2.0.0"]),
    },
    GoneRow {
        flags: "",
        decisions: &[("reef", "1.0.0")],
        has_pier: true,
        findings: &[
            "warning no-longer-in-v1 reef 1.0.0  - commit=null name=reef-1.0.0 named_by=decision revision=reef-1.0.0 stage=null",
            ONLY_PUBLISHED,
        ],
        notice: None,
    },
    // A decision on what the scope leaves out is for another run.
    GoneRow {
        flags: "--exclude mole",
        decisions: &[("mole", "1.0.0")],
        has_pier: true,
        findings: &[gone!("exclude", "mole", "mole-1.0.0"), ONLY_PUBLISHED],
        notice: Some(&["--exclude mole"]),
    },
];

/// Names that were never there, and the error with the index.
const REFUSED: &[(&str, Decisions, &str)] = &[
    ("--exclude pier-2.0.1", &[], "no package or revision matches pier-2.0.1\n"),
    ("--exclude mole,moel,mole-2.*", &[], "no package or revision matches moel, mole-2.*\n"),
    ("--include pier --exclude mole-1", &[], "no package or revision matches mole-1\n"),
    ("--exclude notes.txt", &[], "no package or revision matches notes.txt\n"),
    ("", &[("pier", "2.0.1")], "line 2: decision 1: no finding stray-entry on pier-2.0.1"),
    (
        "",
        &[("pier", "2.0.0"), ("moel", "1.0.0")],
        "decision 2: no finding stray-entry on moel-1.0.0",
    ),
    // It is there; the decision is about a finding that is not.
    ("", &[("pier", "2.1.0")], "decision 1: the content of pier-2.1.0 has changed"),
    // Nothing is left to do.
    ("--include mole", &[], "nothing to migrate: --include mole excludes all 4 copies\n"),
];

/// A repository without what its first commit of production has, and that commit.
fn repository(path: &Path) -> (V1Repo, String) {
    let manifest = RevisionDraft::manifest;
    let repo = harbor(path).stage("production", |s| {
        let s = s.revision("pier", "2.0.0", manifest).revision("pier", "2.1.0", manifest);
        let s = s.revision("mole", "1.0.0", manifest).revision("Old-Mole", "1.0.0", manifest);
        s.file("packages/notes.txt", "")
    });
    let last = repo.commit_id("production").to_string();
    let repo = repo.stage_at("production", 1, &[], |s| {
        let s = s.remove("packages/pier/2.0.0").remove("packages/mole");
        s.remove("packages/Old-Mole").remove("packages/notes.txt")
    });
    (repo, last)
}

/// Writes an index in which there is a revision that v1 never had.
fn write_base(folder: &Path) -> PathBuf {
    let base = folder.join("base.json");
    let entry =
        r#"{"package_manifest":{"name":"reef","version":"1.0.0","format_version":"1.0.0"}}"#;
    fs::write(&base, format!("{{\"packages\":[{entry}]}}")).unwrap();
    base
}

fn write_decisions(folder: &Path, revisions: &[(&str, &str)]) -> PathBuf {
    let path = folder.join("decisions.yml");
    let entry = |(name, version): &(&str, &str)| {
        format!(
            "- {{package: {name}, version: {version}, code: stray-entry, decision: skip, reason: because, digests: {{production: ~}}}}\n"
        )
    };
    let entries: String = revisions.iter().map(entry).collect();
    fs::write(&path, format!("resolutions:\n{entries}")).unwrap();
    path
}

/// The flags of a row, in each command.
fn with_row(tool: Tool, folder: &Path, flags: &str, decisions: &[(&str, &str)]) -> Tool {
    let tool = tool.args(flags);
    match decisions {
        [] => tool,
        decisions => tool.arg("--resolutions").arg(write_decisions(folder, decisions)),
    }
}

fn verify(dir: &Path, repo: &V1Repo, v2: &Path, row: &GoneRow) -> Ran {
    let tool = Tool::bare().arg("verify").arg(repo.path()).arg("--v2").arg(v2);
    let tool = with_row(tool, dir, row.flags, row.decisions);
    tool.args("--resources archives,static --exact --report -").run()
}

#[test]
fn names_that_v1_does_not_have_any_more_are_found() {
    for row in ROWS {
        let name = format!("{} {:?}", row.flags, row.decisions);
        let dir = tempfile::tempdir().unwrap();
        let (repo, last) = repository(&dir.path().join("v1"));
        let base = write_base(dir.path());
        let flags = |tool: Tool| {
            let tool = with_row(tool, dir.path(), row.flags, row.decisions);
            tool.args("--base-cursor 1 --base-index").arg(&base)
        };
        let archives: &[&str] = if row.has_pier { &["+pier-2.1.0"] } else { &[] };
        let archived = FAULTLESS.len() as u64 + u64::from(row.has_pier);
        let balance = [4, archived, 0, 4 - archived, 0];
        let findings: Vec<String> =
            row.findings.iter().map(|line| line.replace("LAST", &last)).collect();
        check_with(&flags, &name, &repo, archives, balance, &findings);

        // A first run.
        let tool = with_row(Tool::migrate(repo.path()), dir.path(), row.flags, row.decisions);
        tool.args("--dry-run").run().expect_code(3, &name);

        let v2 = dir.path().join("v2");
        flags(Tool::migrate(repo.path())).output(&v2).run().expect_code(0, &name);
        let ran = verify(dir.path(), &repo, &v2, row);
        let Some(expected) = row.notice else {
            ran.expect_code(3, &name);
            continue;
        };
        let report = ran.expect_code(0, &name).json();
        assert_valid("verify-report", &report, &name);
        assert_valid("report", &v2::json(&v2.join("report.json")), &name);
        let notices = report["notices"].as_array().unwrap();
        let found = notices.iter().find(|notice| notice["code"] == "no-longer-in-v1");
        let found = found.map(|notice| notice["evidence"]["names"].as_array().unwrap());
        assert_eq!(*found.unwrap(), expected, "{name}");
    }
}

/// Each shard has the finding on its decisions, the first one those on the scope: together, those of a whole run.
#[test]
fn shards_together_report_them_once() {
    let dir = tempfile::tempdir().unwrap();
    let (repo, _) = repository(&dir.path().join("v1"));
    let base = write_base(dir.path());
    let decisions = [("pier", "2.0.0"), ("reef", "1.0.0")];
    let run = |name: &str, args: &str| {
        let output = dir.path().join(name);
        let tool = with_row(Tool::migrate(repo.path()), dir.path(), "--exclude mole", &decisions);
        let tool = tool.args("--base-cursor 1 --base-index").arg(&base).args(args);
        tool.output(&output).run().expect_code(0, name);
        output
    };
    let whole = run("whole", "");
    let parts = [run("1", "--shard 1/2"), run("2", "--shard 2/2")];
    let joined = dir.path().join("joined");
    let merge = parts.iter().fold(Tool::bare().arg("merge-plans"), |tool, part| tool.arg(part));
    merge.output(&joined).run().expect_code(0, "merge-plans");
    let report = |folder: &Path| v2::findings(&v2::json(&folder.join("report.json")));
    assert_eq!(report(&whole).len(), 4);
    assert_eq!(report(&joined), report(&whole));
}

#[test]
fn names_that_were_never_there_are_refused() {
    for (flags, decisions, said) in REFUSED {
        let dir = tempfile::tempdir().unwrap();
        let (repo, _) = repository(&dir.path().join("v1"));
        let base = write_base(dir.path());
        let tool = with_row(Tool::migrate(repo.path()), dir.path(), flags, decisions);
        let tool = tool.args("--dry-run --base-cursor 1 --base-index").arg(&base);
        let ran = tool.run().expect_code(3, flags);
        assert!(ran.stderr.contains(said), "{flags} {decisions:?}: {ran}");
    }
}

/// What is in a folder that cannot be read may still be there.
#[test]
fn what_may_still_be_there_is_not_gone() {
    let dir = tempfile::tempdir().unwrap();
    let (repo, _) = repository(&dir.path().join("v1"));
    let base = write_base(dir.path());
    let repo = repo.stage_at("production", 2, &[], |s| {
        s.revision("pier", "3.0.0", RevisionDraft::manifest).revision(
            "reef",
            "2.0.0",
            RevisionDraft::manifest,
        )
    });
    repo.remove_object(repo.object_id("production", "packages/pier"));
    repo.remove_object(repo.object_id("production", "packages/reef"));
    for revision in [("pier", "2.1.0"), ("reef", "1.0.0")] {
        let tool = with_row(Tool::migrate(repo.path()), dir.path(), "", &[revision]);
        let tool = tool.args("--dry-run --base-cursor 1 --base-index").arg(&base);
        let ran = tool.run().expect_code(3, revision.0);
        assert!(ran.stderr.contains("no finding stray-entry on"), "{ran}");
    }
}

/// A story is told although the file has decisions on what is gone.
#[test]
fn explain_accepts_them() {
    let dir = tempfile::tempdir().unwrap();
    let (repo, last) = repository(&dir.path().join("v1"));
    let explain = |decisions: &[(&str, &str)]| {
        let tool = Tool::bare().arg("explain").arg(repo.path()).arg("pier");
        with_row(tool, dir.path(), "", decisions).run()
    };
    let ran = explain(&[("pier", "2.0.0")]).expect_code(0, "gone");
    assert!(String::from_utf8_lossy(&ran.stdout).contains(&last[..12]), "{ran}");
    explain(&[("pier", "2.0.1")]).expect_code(3, "never there");
}
