//! The expected content of v2: precedence, unreadable copies, scopes and decisions.

use std::collections::BTreeMap;

use package_storage_migrate::model::finding::{Decision, FindingKind};
use package_storage_migrate::model::mismatch::{Extras, MismatchKind};
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::model::scope::{Scope, Unpromoted};
use package_storage_migrate::model::verification::{Conclusion, Depth};
use package_storage_migrate::rules::decisions::Resolutions;

use super::pair::{Files, Pair};
use super::{error_of, lines};
use crate::support::v1_repo::V1Repo;

/// `gull` in three stages, with other files in staging; `reef` in snapshot only; a marker.
fn repo(repo: V1Repo) -> V1Repo {
    repo.stage("production", |s| {
        s.revision("gull", "1.0.0", |r| r.manifest().file("where.txt", "production")).revision(
            "kelp",
            "1.0.0",
            |r| r.manifest(),
        )
    })
    .stage("staging", |s| {
        s.revision("gull", "1.0.0", |r| r.manifest().file("where.txt", "staging"))
    })
    .stage("snapshot", |s| {
        s.revision("gull", "1.0.0", |r| r.manifest().file("where.txt", "production"))
            .revision("reef", "0.1.0", |r| r.manifest())
            .revision("snapshot", "0.0.1", |r| r.manifest())
    })
}

fn mismatches(pair: &Pair, files: &Files) -> Vec<String> {
    let depths = [Depth::Content, Depth::Entries].map(|depth| {
        let outcome = pair.verify(files, |options| options.depth = depth).expect("it finishes");
        let is_clean = outcome.mismatches().is_empty();
        assert_eq!(outcome.conclusion() == Conclusion::Match, is_clean);
        lines(&outcome)
    });
    assert_eq!(depths[0], depths[1]);
    depths[0].clone()
}

#[test]
fn the_copy_of_the_first_stage_is_expected() {
    let pair = Pair::migrated(0, repo);
    assert_eq!(mismatches(&pair, &pair.archives), Vec::<String>::new());
    let outcome = pair.verify(&pair.archives, |_| {}).expect("it finishes");
    assert_eq!((outcome.to_check_count, outcome.reading.archive_count), (3, 3));
    assert_eq!(outcome.file_count(), 3 + 2 + 2);

    // The same archive if staging takes precedence.
    let outcome = pair.verify(&pair.archives, |options| options.stages.swap(0, 1));
    let outcome = outcome.expect("it finishes");
    assert_eq!(lines(&outcome), ["other-copy gull-1.0.0.zip"]);
    let kind = MismatchKind::OtherCopy { stage: Stage::Production, expected: Stage::Staging };
    assert_eq!(outcome.mismatches()[0].1.kind, kind);
}

#[test]
fn an_unreadable_copy_is_not_a_match() {
    type Damage = fn(&V1Repo);
    let rows: [(&str, Damage, &[&str]); 6] = [
        (
            "a blob of the winner is gone, and v2 has the archive",
            |repo| {
                repo.remove_object(repo.object_id("production", "packages/gull/1.0.0/where.txt"))
            },
            &["not-checkable gull-1.0.0.zip where.txt"],
        ),
        (
            "a blob of another stage's copy is gone",
            |repo| repo.remove_object(repo.object_id("staging", "packages/gull/1.0.0/where.txt")),
            &[],
        ),
        (
            "a folder of the winner is gone",
            |repo| repo.remove_object(repo.object_id("production", "packages/kelp/1.0.0/docs")),
            &["not-checkable kelp-1.0.0.zip docs"],
        ),
        (
            "the revision's folder is gone, and another stage has a copy",
            |repo| repo.remove_object(repo.object_id("staging", "packages/gull/1.0.0")),
            &[],
        ),
        (
            "a package's folder is gone in the first stage",
            |repo| repo.remove_object(repo.object_id("production", "packages/kelp")),
            &["not-checkable kelp-*.zip"],
        ),
        (
            "a package's folder is gone in the last stage",
            |repo| repo.remove_object(repo.object_id("snapshot", "packages/reef")),
            &["not-checkable reef-*.zip"],
        ),
    ];
    for (row, damage, expected) in rows {
        let pair = Pair::migrated(0, repo);
        damage(&pair.repo);
        assert_eq!(mismatches(&pair, &pair.archives), expected, "{row}");
    }
}

#[test]
fn a_garbled_blob_is_not_checkable() {
    let pair = Pair::migrated(0, repo);
    let blob = pair.repo.object_id("production", "packages/gull/1.0.0/where.txt");
    pair.repo.replace_object(blob, b"other bytes");
    assert_eq!(mismatches(&pair, &pair.archives), ["not-checkable gull-1.0.0.zip where.txt"]);
}

#[test]
fn a_copy_that_may_not_be_the_first_is_not_checkable() {
    let pair = Pair::migrated(0, |repo| {
        repo.stage("production", |s| s.revision("kelp", "1.0.0", |r| r.manifest()))
            .stage("staging", |s| s.revision("gull", "1.0.0", |r| r.manifest()))
            .stage("snapshot", |s| s.revision("gull", "1.1.0", |r| r.manifest()))
    });
    let folder = pair.repo.object_id("staging", "packages/gull");
    pair.repo.remove_object(folder);
    // Staging may have a copy of 1.1.0 too; its other revisions are unknown.
    assert_eq!(
        mismatches(&pair, &pair.archives),
        ["not-checkable gull-*.zip", "not-checkable gull-1.1.0.zip"]
    );
}

#[test]
fn invalid_names_are_not_checkable() {
    let pair = Pair::migrated(1, |repo| {
        repo.stage("production", |s| {
            s.revision("kelp", "1.0.0", |r| r.manifest())
                .revision("kelp", "1.0", |r| r.manifest())
                .revision("Sea-Gull", "1.0.0", |r| r.manifest())
                .file("packages/README.md", "One folder a package.\n")
        })
        .stage("staging", |s| s)
        .stage("snapshot", |s| s)
    });
    let expected = ["not-checkable Sea-Gull-1.0.0.zip", "not-checkable kelp-1.0.zip"];
    assert_eq!(mismatches(&pair, &pair.archives), expected);
}

#[test]
fn blocked_revisions_are_missing() {
    let pair = Pair::migrated(1, |repo| {
        repo.stage("production", |s| {
            s.revision("kelp", "1.0.0", |r| r.manifest())
                .revision("reef", "1.0.0", |r| r.manifest().file("manifest.yml", "name: [\n"))
        })
        .stage("staging", |s| s)
        .stage("snapshot", |s| s)
    });
    assert_eq!(mismatches(&pair, &pair.archives), ["archive-missing reef-1.0.0.zip"]);
}

#[test]
fn the_scope_limits_what_is_expected() {
    let pair = Pair::migrated(0, repo);
    let glob = |text: &str| text.parse().expect("a glob");
    let rows = [
        (
            Scope { include: [glob("kelp")].into(), ..Scope::default() },
            vec![],
            vec!["gull-1.0.0", "reef-0.1.0"],
        ),
        (
            Scope { exclude: [glob("gull-*")].into(), ..Scope::default() },
            vec![],
            vec!["gull-1.0.0"],
        ),
        (
            Scope { unpromoted: Unpromoted::Exclude, ..Scope::default() },
            vec!["reef-0.1.0"],
            vec!["reef-0.1.0"],
        ),
    ];
    for (scope, allowed, refused) in rows {
        for (extras, expected) in [(Extras::Allowed, allowed), (Extras::Refused, refused)] {
            let outcome = pair.verify(&pair.archives, |options| {
                options.scope = scope.clone();
                options.extras = extras;
            });
            let outcome = outcome.expect("it finishes");
            let extra = |stem: &str| format!("archive-extra {stem}.zip");
            let expected: Vec<String> = expected.into_iter().map(extra).collect();
            assert_eq!(lines(&outcome), expected, "{scope} {extras:?}");
            let is_match = extras == Extras::Allowed;
            assert_eq!(outcome.conclusion() == Conclusion::Match, is_match, "{scope} {extras:?}");
        }
    }
    let error = error_of(pair.verify(&pair.archives, |options| {
        options.scope = Scope { include: [glob("gul")].into(), ..Scope::default() };
    }));
    assert_eq!(error, "no package or revision matches gul");
}

/// Returns a decision on `gull-1.0.0`, with the digests that v1 has.
fn decisions(pair: &Pair, decision: Decision, staging: Option<&str>) -> Resolutions {
    let report = crate::support::v2::json(&pair.v2().join("report.json"));
    let conflict = report["findings"].as_array().expect("findings").iter();
    let conflicts = conflict.filter(|finding| finding["code"] == "content-conflict").count();
    assert_eq!(conflicts, 1, "there is one conflict");
    let digests = digests(pair);
    let line = |(stage, digest): (&str, String)| format!("      {stage}: {digest}\n");
    let digests: String = digests
        .into_iter()
        .map(|(stage, digest)| match staging {
            Some(other) if stage == "staging" => (stage, other.to_owned()),
            _ => (stage, digest),
        })
        .map(line)
        .collect();
    let text = format!(
        "resolutions:\n  - package: gull\n    version: 1.0.0\n    code: content-conflict\n    \
         decision: \"{decision}\"\n    reason: for the test\n    digests:\n{digests}"
    );
    Resolutions::parse(text.as_bytes()).expect("a decisions file")
}

/// Computes the content digests of the copies of `gull` independently.
fn digests(pair: &Pair) -> BTreeMap<&'static str, String> {
    let digest = |stage: &'static str| {
        let id = |path: &str| pair.repo.object_id(stage, &format!("packages/gull/1.0.0/{path}"));
        let record = |path: &str| format!("{} {path}\0", id(path));
        let records = ["docs/README.md", "manifest.yml", "where.txt"].map(record).concat();
        let mut hasher = package_storage_migrate::digest::Sha256Hasher::default();
        hasher.update(records.as_bytes());
        (stage, hasher.finish().to_string())
    };
    ["production", "staging", "snapshot"].map(digest).into()
}

#[test]
fn decisions_change_what_is_expected() {
    let pair = Pair::migrated(0, repo);
    let rows = [
        (Decision::Accept, 3, vec![]),
        (Decision::Keep(Stage::Production), 3, vec![]),
        (Decision::Keep(Stage::Staging), 3, vec!["other-copy gull-1.0.0.zip"]),
        (Decision::Skip, 2, vec!["archive-extra gull-1.0.0.zip"]),
    ];
    for (decision, to_check_count, expected) in rows {
        let outcome = pair.verify(&pair.archives, |options| {
            options.resolutions = decisions(&pair, decision, None);
        });
        let outcome = outcome.expect("it finishes");
        assert_eq!(lines(&outcome), expected, "{decision}");
        assert_eq!(outcome.to_check_count, to_check_count, "{decision}");
        assert!(outcome.request.resolutions.is_some());
    }

    let mut without = pair.archives.clone();
    without.remove("gull-1.0.0.zip");
    let outcome = pair.verify(&without, |options| {
        options.resolutions = decisions(&pair, Decision::Skip, None);
    });
    assert_eq!(outcome.expect("it finishes").conclusion(), Conclusion::Match);
}

#[test]
fn decisions_on_content_that_v1_no_longer_has_are_rejected() {
    let pair = Pair::migrated(0, repo);
    let stale = decisions(&pair, Decision::Skip, Some("~"));
    let error = error_of(pair.verify(&pair.archives, |options| options.resolutions = stale));
    assert_eq!(
        error,
        "the decisions of --resolutions cannot be applied: \
         line 2: decision 1: the content of gull-1.0.0 has changed: decide again"
    );
    let elsewhere = Resolutions::parse(
        b"resolutions:\n  - package: squid\n    version: 1.0.0\n    code: not-loadable\n    \
          decision: skip\n    reason: gone\n    digests: {production: ~}\n",
    );
    let elsewhere = elsewhere.expect("a decisions file");
    let error = error_of(pair.verify(&pair.archives, |options| options.resolutions = elsewhere));
    assert_eq!(
        error,
        "the decisions of --resolutions cannot be applied: line 2: decision 1: v1 has no squid-1.0.0"
    );
}

#[test]
fn evidence_names_the_blob_and_the_lengths() {
    let pair = Pair::migrated(0, repo);
    let mut files = pair.archives.clone();
    let kelp = pair.archives["kelp-1.0.0.zip"].clone();
    files.insert("kelp-1.0.0.zip".to_owned(), kelp[..kelp.len() - 1].to_vec());
    let outcome = pair.verify(&files, |_| {}).expect("it finishes");
    let [(Some(revision), mismatch)] = outcome.mismatches()[..] else {
        panic!("one: {:?}", lines(&outcome))
    };
    assert_eq!(revision.to_string(), "kelp-1.0.0");
    let MismatchKind::ArchiveUnreadable { detail } = &mismatch.kind else { panic!("unreadable") };
    assert_eq!(detail, "the end of central directory record is truncated: 1 bytes are missing");
    assert_eq!((outcome.file_count(), outcome.revision_counts().mismatch), (5, 1));

    let blob = pair.repo.object_id("production", "packages/gull/1.0.0/where.txt");
    pair.repo.remove_object(blob);
    let outcome = pair.verify(&pair.archives, |_| {}).expect("it finishes");
    let MismatchKind::NotCheckable { stage, detail } = &outcome.mismatches()[0].1.kind else {
        panic!("not checkable")
    };
    let object_id = blob.to_string().parse().expect("an id");
    let object_kind = package_storage_migrate::model::finding::ObjectKind::Blob;
    let missing = FindingKind::MissingObject { object_kind, object_id, partial_clone: false };
    assert_eq!((*stage, detail), (Stage::Production, &missing.message()));
}
