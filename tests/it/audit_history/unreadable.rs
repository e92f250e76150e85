//! Damaged histories: the findings for each kind of damage, and the report on the rest.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use git2::{Oid, Repository};

use super::{audit, day, lines, revisions, with_changelog};
use crate::support::tool::Tool;
use crate::support::v1_repo::{FILE, RevisionDraft, StageDraft, V1Repo};
use crate::support::v2;

/// A kind of damage, and the expected report.
pub(crate) struct Row {
    name: &'static str,
    /// The damaged object, `production~<number>:<path>`; without a path, the commit.
    at: (usize, Option<&'static str>),
    damage: fn(&V1Repo, Oid),
    revisions: [u64; 4],
    /// The findings as rendered by `support::v2`, with `<id>` for the object, then the day.
    pub(crate) findings: &'static [&'static str],
    gone: &'static [&'static str],
    changed: &'static [&'static str],
}

/// Creates six days of production: `buoy` changes on days 1 and 3, `pier` exists on days 0 to 3.
fn six_days(path: &Path) -> V1Repo {
    let buoy = |text: &'static str| {
        move |s: StageDraft| s.revision("buoy", "1.0.0", |r| r.file("img/a.svg", text))
    };
    V1Repo::create(path)
        .stage_at("production", 0, &[], |s| {
            buoy("0")(s).revision("buoy", "1.0.0", RevisionDraft::manifest).revision(
                "pier",
                "1.0.0",
                RevisionDraft::manifest,
            )
        })
        .stage_at("production", 1, &[], buoy("1"))
        .stage_at("production", 2, &[], |s| s.file("README.md", "2"))
        .stage_at("production", 3, &[], buoy("3"))
        .stage_at("production", 4, &[], |s| s.remove("packages/pier"))
        .stage_at("production", 5, &[], |s| s.file("README.md", "5"))
}

const PIER_GONE: &str = "pier 1.0.0 last=production@3 removed@4 production:first@0,removed@4";

pub(crate) const ROWS: &[Row] = &[
    Row {
        name: "nothing",
        at: (0, None),
        damage: |_, _| {},
        revisions: [2, 1, 1, 0],
        findings: &[],
        gone: &[PIER_GONE],
        changed: &["buoy 1.0.0 at-tip production:first@0,content@1~1,content@3~1"],
    },
    Row {
        name: "a missing commit",
        at: (3, None),
        damage: |repo, id| repo.remove_object(id),
        revisions: [2, 1, 1, 0],
        findings: &[
            "blocker missing-object - - production - object_id=<id> object_kind=commit partial_clone=false @3",
        ],
        gone: &["pier 1.0.0 last=production@3 removed@4 production:first@3,removed@4"],
        changed: &[],
    },
    Row {
        name: "a corrupt commit",
        at: (3, None),
        damage: |repo, id| repo.garble_object(id),
        revisions: [2, 1, 1, 0],
        findings: &[
            "blocker corrupt-object - - production - detail=corrupt deflate stream object_id=<id> object_kind=commit @3",
        ],
        gone: &["pier 1.0.0 last=production@3 removed@4 production:first@3,removed@4"],
        changed: &[],
    },
    Row {
        name: "a shallow clone",
        at: (3, None),
        damage: |repo, id| {
            let git = Repository::open_bare(repo.path()).unwrap();
            let tip = git.find_commit(repo.commit_id("production")).unwrap();
            let boundary = tip.parent(0).and_then(|at| at.parent(0)).unwrap();
            assert_eq!(boundary.parent_id(0).unwrap(), id);
            fs::write(repo.path().join("shallow"), format!("{}\n", boundary.id())).unwrap();
            repo.remove_object(id);
        },
        revisions: [2, 1, 1, 0],
        findings: &["blocker shallow-history - - production - parent=<id> @3"],
        gone: &["pier 1.0.0 last=production@3 removed@4 production:first@3,removed@4"],
        changed: &[],
    },
    Row {
        name: "a missing root tree",
        at: (2, Some("")),
        damage: |repo, id| repo.remove_object(id),
        revisions: [2, 1, 1, 0],
        findings: &[
            "blocker missing-object - - production - object_id=<id> object_kind=tree partial_clone=false @3",
        ],
        gone: &["pier 1.0.0 last=production@2 removed@4 production:first@0,removed@4"],
        changed: &["buoy 1.0.0 at-tip production:first@0,content@1~1,content@4~1"],
    },
    Row {
        name: "`packages/` corrupt in two commits",
        at: (4, Some("packages")),
        damage: |repo, id| repo.truncate_object(id),
        revisions: [2, 1, 1, 0],
        findings: &[
            "blocker corrupt-object - - production - detail=incomplete deflate stream object_id=<id> object_kind=tree @1",
        ],
        gone: &[PIER_GONE],
        changed: &["buoy 1.0.0 at-tip production:first@0,content@3~1"],
    },
    Row {
        name: "a package's folder missing in two commits",
        at: (4, Some("packages/buoy")),
        damage: |repo, id| repo.remove_object(id),
        revisions: [2, 1, 1, 0],
        findings: &[
            "blocker missing-object buoy - production - object_id=<id> object_kind=tree partial_clone=false @1",
        ],
        gone: &[PIER_GONE],
        changed: &["buoy 1.0.0 at-tip production:first@0,unreadable@1,content@3~1"],
    },
    Row {
        name: "a package's folder missing at the tip",
        at: (0, Some("packages/buoy")),
        damage: |repo, id| repo.remove_object(id),
        revisions: [2, 0, 1, 1],
        findings: &[
            "blocker missing-object buoy - production - object_id=<id> object_kind=tree partial_clone=false @3",
            "warning empty-stage - - production - @5",
        ],
        gone: &[PIER_GONE],
        changed: &["buoy 1.0.0 unknown production:first@0,content@1~1,unreadable@3"],
    },
    Row {
        name: "a missing folder that has to be compared",
        at: (4, Some("packages/buoy/1.0.0/img")),
        damage: |repo, id| repo.remove_object(id),
        revisions: [2, 1, 1, 0],
        findings: &[
            "blocker missing-object buoy 1.0.0 production img object_id=<id> object_kind=tree partial_clone=false @1",
            "blocker missing-object buoy 1.0.0 production img object_id=<id> object_kind=tree partial_clone=false @3",
        ],
        gone: &[PIER_GONE],
        changed: &["buoy 1.0.0 at-tip production:first@0,not-compared@1,not-compared@3"],
    },
    Row {
        name: "a missing folder that is never compared",
        at: (5, Some("packages/pier/1.0.0")),
        damage: |repo, id| repo.remove_object(id),
        revisions: [2, 1, 1, 0],
        findings: &[],
        gone: &[PIER_GONE],
        changed: &["buoy 1.0.0 at-tip production:first@0,content@1~1,content@3~1"],
    },
];

#[test]
fn damage_is_reported_and_the_rest_is_audited() {
    for Row { name, at, damage, revisions: counts, findings, gone, changed } in ROWS {
        let dir = tempfile::tempdir().unwrap();
        let repo = six_days(dir.path());
        let id = object_at(&repo, *at);
        damage(&repo, id);
        let is_whole = findings.is_empty();
        let report = audit(&repo, i32::from(!is_whole), name);
        let found: Vec<String> = v2::findings(&report)
            .iter()
            .zip(report["findings"].as_array().unwrap())
            .map(|(line, finding)| {
                format!("{} @{}", line.replace(&id.to_string(), "<id>"), day(finding))
            })
            .collect();
        assert_eq!(found, *findings, "{name}");
        assert_eq!(report["is_whole"], is_whole, "{name}");
        assert_eq!(revisions(&report), *counts, "{name}");
        assert_eq!(lines(&report, "gone"), *gone, "{name}");
        assert_eq!(lines(&report, "changed"), *changed, "{name}");
        let ran = Tool::audit_history(repo.path()).args("--stages production").run();
        assert_eq!(ran.stderr.contains("(not the whole history)"), !is_whole, "{name}: {ran}");
        let cut_off = found.iter().any(|line| line.contains("commit") || line.contains("shallow"));
        assert_eq!(ran.stderr.contains(", cut off before that"), cut_off, "{name}: {ran}");
        let tool = Tool::audit_history(repo.path()).args("--stages production --quiet --report");
        let text_file = dir.path().join("r.md");
        tool.arg(&text_file).run().expect_code(i32::from(!is_whole), name);
        let text = fs::read_to_string(text_file).unwrap();
        assert_eq!(text.contains("**Incomplete history:**"), !is_whole, "{name}: {text}");
        let has_unknown = text.contains("\n## Unknown: at an unreadable tip, or gone (1)\n");
        assert_eq!(has_unknown, counts[3] == 1, "{name}: {text}");
    }
}

fn object_at(repo: &V1Repo, (back, path): (usize, Option<&str>)) -> Oid {
    let git = Repository::open_bare(repo.path()).unwrap();
    let mut commit = git.find_commit(repo.commit_id("production")).unwrap();
    for _ in 0..back {
        commit = commit.parent(0).unwrap();
    }
    let tree = commit.tree().unwrap();
    match path {
        None => commit.id(),
        Some("") => tree.id(),
        Some(path) => tree.get_path(Path::new(path)).unwrap().id(),
    }
}

#[test]
fn a_history_that_cannot_be_audited_is_an_error() {
    type Make = fn(&Path) -> V1Repo;
    let damaged = |at: (usize, Option<&'static str>)| {
        move |path: &Path| {
            let repo = six_days(path);
            repo.remove_object(object_at(&repo, at));
            repo
        }
    };
    let (tip, root, packages) =
        (damaged((0, None)), damaged((0, Some(""))), damaged((0, Some("packages"))));
    let no_package: Make =
        |path| V1Repo::create(path).stage("production", |s| s.file("README.md", ""));
    let bad_shallow: Make = |path| {
        let repo = six_days(path);
        fs::write(path.join("shallow"), "here\n").unwrap();
        repo
    };
    type Making<'a> = &'a dyn Fn(&Path) -> V1Repo;
    let rows: [(Making<'_>, &str); 6] = [
        (&tip, "cannot read stage production at commit "),
        (&root, "cannot read stage production at commit "),
        (&packages, "cannot read stage production at commit "),
        (&no_package, "no stage has ever contained any package"),
        (&bad_shallow, "cannot open the v1 repository "),
        (&|path| V1Repo::create(path), "stage production has neither "),
    ];
    for (make, said) in rows {
        let dir = tempfile::tempdir().unwrap();
        let repo = make(dir.path());
        let tool = Tool::audit_history(repo.path()).args("--stages production --report -");
        let ran = tool.run().expect_code(3, said);
        let errors: Vec<_> =
            ran.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert!(errors.len() == 1 && errors[0].contains(said), "{said}: {ran}");
        assert!(ran.stdout.is_empty(), "{said}: {ran}");
    }
}

#[test]
fn duplicate_tree_entries_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let other = |s: StageDraft, name: &str| {
        s.raw_entry("packages/buoy", name, FILE, "").raw_entry("packages", "pier", FILE, "")
    };
    let repo = V1Repo::create(dir.path())
        .stage_at("production", 0, &[], |s| {
            s.revision("buoy", "1.0.0", RevisionDraft::manifest)
                .revision("pier", "1.0.0", RevisionDraft::manifest)
                .revision("quay", "1.0.0", RevisionDraft::manifest)
        })
        .stage_at("production", 1, &[], |s| other(s, "1.0.0"))
        .stage_at("production", 2, &[], |s| {
            s.remove("packages/buoy")
                .remove("packages/pier")
                .revision("buoy", "1.0.0", RevisionDraft::manifest)
                .revision("pier", "1.0.0", with_changelog("1"))
        });
    let report = audit(&repo, 1, "forged");
    let findings: BTreeSet<String> = v2::findings(&report).into_iter().collect();
    let expected = [
        "blocker path-collision buoy 1.0.0 production - alike=same",
        "blocker path-collision pier - production - alike=same",
    ];
    assert_eq!(findings, expected.map(str::to_owned).into());
    assert_eq!(
        lines(&report, "changed"),
        ["pier 1.0.0 at-tip production:first@0,unreadable@1,content@2+1"]
    );
    assert_eq!(revisions(&report), [3, 3, 0, 0]);
}
