//! Missing objects: which revisions are blocked by them, which are not, and which cases are errors.
//!
//! `corrupt` uses the same harness.

use std::fs;

use git2::{Oid, Repository};

use super::{check, harbor};
use crate::support::tool::Tool;
use crate::support::v1_repo::V1Repo;
use crate::support::{damage, v2};

#[test]
fn missing_objects_are_found() {
    check_objects(ROWS);
}

/// Builds the repository of each row, damages its object, and asserts the result.
pub(super) fn check_objects(rows: &[ObjectRow]) {
    for row in rows {
        let dir = tempfile::tempdir().unwrap();
        let repo = ports(harbor(dir.path()));
        let (stage, path) = row.object.split_once(' ').unwrap();
        let id = repo.object_id(stage, path);
        (row.damage)(&repo, id);
        let findings: Vec<String> = row
            .findings
            .iter()
            .chain(row.others)
            .map(|line| line.replace("<id>", &id.to_string()))
            .collect();
        check(row.name, &repo, row.archives, row.balance, &findings);
    }
}

pub(super) struct ObjectRow {
    pub(super) name: &'static str,
    /// A stage, and a path in it.
    pub(super) object: &'static str,
    pub(super) damage: Damage,
    /// As in [`super::Row`].
    pub(super) archives: &'static [&'static str],
    pub(super) balance: [u64; 5],
    /// Blockers, as in [`super::Row`]; `<id>` is the id of the object.
    pub(super) findings: &'static [&'static str],
    /// The other findings.
    pub(super) others: &'static [&'static str],
}

/// Adds `harbor_log` and `port` to production, and copies and other versions of them to the other stages.
fn ports(repo: V1Repo) -> V1Repo {
    repo.stage("production", |s| {
        s.revision("harbor_log", "1.0.0", |r| r.manifest().file("img/a.svg", "<svg/>"))
            .revision("harbor_log", "1.1.0", |r| r.manifest().file("img/a.svg", "<svg/>"))
            .revision("port", "1.0.0", |r| r.manifest().file("img/b.svg", "<svg></svg>\n"))
    })
    .stage("staging", |s| {
        s.revision("harbor_log", "1.1.0", |r| r.manifest().file("img/a.svg", "<svg/>"))
            .revision("harbor_log", "1.2.0-rc1", |r| r.manifest().file("img/c.svg", "<svg>c</svg>"))
            .revision("port", "1.0.0", |r| r.manifest().file("img/b.svg", "<svg>b</svg>\n"))
    })
}

const ALL: &[&str] =
    &["+harbor_log-1.0.0", "+harbor_log-1.1.0", "+harbor_log-1.2.0-rc1", "+port-1.0.0"];

pub(super) const BOTH: &[&str] = &[CONFLICT, IDENTICAL];
const IDENTICAL: &str = "info identical-copy harbor_log 1.1.0 staging - winner=production";
const CONFLICT: &str = concat!(
    r#"conflict content-conflict port 1.0.0 staging - added=[] changed=["img/b.svg"] class=metadata "#,
    "diff=--- production/img/b.svg\n+++ staging/img/b.svg\n@@ -1 +1 @@\n-<svg></svg>\n+<svg>b</svg>\n ",
    "removed=[] winner=production",
);
/// The result if one of the two cannot be read.
const NOT_SHOWN: &str = concat!(
    r#"conflict content-conflict port 1.0.0 staging - added=[] changed=["img/b.svg"] class=metadata "#,
    "diff=... 1 more changed, not shown: not text, too long, unreadable, or after the first 3\n ",
    "removed=[] winner=production",
);

/// A finding about the object of the row: code, subject, stages, path, kind, and what is special.
macro_rules! missing {
    (wholly $about:literal $kind:literal) => {
        concat!(
            "blocker missing-object ",
            $about,
            " object_id=<id> object_kind=",
            $kind,
            " partial_clone=false"
        )
    };
    (partial $about:literal $kind:literal) => {
        concat!(
            "blocker missing-object ",
            $about,
            " object_id=<id> object_kind=",
            $kind,
            " partial_clone=true"
        )
    };
}

const MANIFEST: &str = "production packages/harbor_log/1.0.0/manifest.yml";

fn remove(repo: &V1Repo, id: Oid) {
    repo.remove_object(id);
}

/// A row whose object is the manifest of `harbor_log 1.0.0`.
pub(super) const fn manifest_row(
    name: &'static str,
    damage: Damage,
    findings: &'static [&'static str],
) -> ObjectRow {
    let archives = &["+harbor_log-1.1.0", "+harbor_log-1.2.0-rc1", "+port-1.0.0"];
    ObjectRow {
        name,
        object: MANIFEST,
        damage,
        archives,
        balance: [9, 6, 2, 0, 1],
        findings,
        others: BOTH,
    }
}

pub(super) const ROWS: &[ObjectRow] = &[
    ObjectRow {
        name: "no damage",
        object: MANIFEST,
        damage: |_, _| {},
        archives: ALL,
        balance: [9, 7, 2, 0, 0],
        findings: &[],
        others: BOTH,
    },
    manifest_row(
        "a file of one revision is missing",
        remove,
        &[missing!(wholly "harbor_log 1.0.0 production manifest.yml" "blob")],
    ),
    ObjectRow {
        name: "a file of two revisions, one of them in two stages",
        object: "production packages/harbor_log/1.0.0/img/a.svg",
        damage: remove,
        archives: &["+harbor_log-1.2.0-rc1", "+port-1.0.0"],
        balance: [9, 5, 1, 0, 3],
        findings: &[
            missing!(wholly "harbor_log 1.0.0 production img/a.svg" "blob"),
            missing!(wholly "harbor_log 1.1.0 production,staging img/a.svg" "blob"),
        ],
        others: BOTH,
    },
    ObjectRow {
        name: "a file that only a losing copy has",
        object: "staging packages/port/1.0.0/img/b.svg",
        damage: remove,
        archives: ALL,
        balance: [9, 7, 2, 0, 0],
        findings: &[],
        others: &[NOT_SHOWN, IDENTICAL],
    },
    ObjectRow {
        name: "a folder of two revisions, one of them in two stages",
        object: "production packages/harbor_log/1.0.0/img",
        damage: remove,
        archives: &["+harbor_log-1.2.0-rc1", "+port-1.0.0"],
        balance: [9, 5, 1, 0, 3],
        findings: &[
            missing!(wholly "harbor_log 1.0.0 production img" "tree"),
            missing!(wholly "harbor_log 1.1.0 production img" "tree"),
            missing!(wholly "harbor_log 1.1.0 staging img" "tree"),
        ],
        others: &[CONFLICT],
    },
    ObjectRow {
        name: "a whole copy in production: the one in staging does not win instead",
        object: "production packages/port/1.0.0",
        damage: remove,
        archives: &["+harbor_log-1.0.0", "+harbor_log-1.1.0", "+harbor_log-1.2.0-rc1"],
        balance: [9, 6, 1, 0, 2],
        findings: &[missing!(wholly "port 1.0.0 production -" "tree")],
        others: &[IDENTICAL],
    },
    ObjectRow {
        name: "a file of the copy in production: the one in staging does not win instead",
        object: "production packages/port/1.0.0/img/b.svg",
        damage: remove,
        archives: &["+harbor_log-1.0.0", "+harbor_log-1.1.0", "+harbor_log-1.2.0-rc1"],
        balance: [9, 6, 1, 0, 2],
        findings: &[missing!(wholly "port 1.0.0 production img/b.svg" "blob")],
        others: &[NOT_SHOWN, IDENTICAL],
    },
    ObjectRow {
        name: "a whole copy in staging: the difference is unknown",
        object: "staging packages/port/1.0.0",
        damage: remove,
        archives: ALL,
        balance: [9, 7, 1, 0, 1],
        findings: &[missing!(wholly "port 1.0.0 staging -" "tree")],
        others: &[IDENTICAL],
    },
    ObjectRow {
        name: "a whole package in production: its copies are unknown",
        object: "production packages/harbor_log",
        damage: remove,
        archives: &["+port-1.0.0"],
        balance: [7, 4, 1, 0, 2],
        findings: &[
            missing!(wholly "harbor_log - production -" "tree"),
            "blocker undecided harbor_log 1.1.0 staging - unreadable=production",
            "blocker undecided harbor_log 1.2.0-rc1 staging - unreadable=production",
        ],
        others: &[CONFLICT],
    },
    ObjectRow {
        name: "a whole package in staging: what production has is decided",
        object: "staging packages/harbor_log",
        damage: remove,
        archives: &["+harbor_log-1.0.0", "+harbor_log-1.1.0", "+port-1.0.0"],
        balance: [7, 6, 1, 0, 0],
        findings: &[missing!(wholly "harbor_log - staging -" "tree")],
        others: &[CONFLICT],
    },
    manifest_row(
        "a partial clone, as the configuration says",
        |repo, id| {
            remove(repo, id);
            append_config(repo, "[extensions]\n\tpartialClone = origin\n");
        },
        &[missing!(partial "harbor_log 1.0.0 production manifest.yml" "blob")],
    ),
    manifest_row(
        "a partial clone, as its remote says",
        |repo, id| {
            remove(repo, id);
            append_config(repo, "[remote \"upstream\"]\n\tpromisor = true\n");
        },
        &[missing!(partial "harbor_log 1.0.0 production manifest.yml" "blob")],
    ),
    manifest_row(
        "a partial clone, as its pack says",
        |repo, id| {
            remove(repo, id);
            repo.repack();
            fs::write(damage::pack_file(repo.path(), "pack").with_extension("promisor"), "")
                .unwrap();
        },
        &[missing!(partial "harbor_log 1.0.0 production manifest.yml" "blob")],
    ),
];

fn append_config(repo: &V1Repo, text: &str) {
    let config = repo.path().join("config");
    let before = fs::read_to_string(&config).unwrap();
    fs::write(config, before + text).unwrap();
}

type FindObject = fn(&V1Repo) -> Oid;
type Damage = fn(&V1Repo, Oid);

/// Without these objects, the packages of a stage are unknown, so the run fails.
#[test]
fn a_missing_object_of_a_whole_stage_is_an_error() {
    let rows: [(&str, FindObject); 3] = [
        ("commit", |repo| repo.commit_id("staging")),
        ("tree", |repo| {
            let git = Repository::open(repo.path()).unwrap();
            git.find_commit(repo.commit_id("staging")).unwrap().tree_id()
        }),
        ("tree", |repo| repo.object_id("staging", "packages")),
    ];
    let damages: [(&str, Damage); 3] = [
        ("is missing from the repository", remove),
        ("is corrupt: ", |repo, id| repo.garble_object(id)),
        ("is corrupt: ", V1Repo::truncate_object),
    ];
    for (kind, object) in rows {
        for (said, damage) in damages {
            let dir = tempfile::tempdir().unwrap();
            let repo = ports(harbor(&dir.path().join("v1")));
            let (id, commit_id) = (object(&repo), repo.commit_id("staging"));
            damage(&repo, id);
            let output = dir.path().join("v2");
            let ran = Tool::migrate(repo.path()).output(&output).run();
            let ran = ran.expect_code(3, said);
            let expected = format!(
                "error: cannot read stage staging at commit {commit_id}: {kind} {id} {said}"
            );
            assert!(ran.stderr.contains(&expected), "{expected}: {ran}");
            assert!(ran.stderr.contains("\n  hint: run `git fsck`"), "{ran}");
            assert!(v2::archives(&output).is_empty() && !output.join("plan.json").exists());
            let flags = "--dry-run --stages production,snapshot";
            Tool::migrate(repo.path())
                .args(flags)
                .run()
                .expect_code(0, "the other stages are whole");
        }
    }
}
