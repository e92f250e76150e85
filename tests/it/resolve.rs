//! Tests of `rules::precedence`: the winner, the findings, and the outcome of each copy.
//!
//! No Git and no files: the copies are literals, `(stage, content)` in the text form of
//! [`crate::content::content`], or `(stage, defects)` for a copy that cannot be read.

use package_storage_migrate::error::Error;
use package_storage_migrate::model::balance::{Balance, Excluded};
use package_storage_migrate::model::content::ObjectId;
use package_storage_migrate::model::finding::{
    ConflictClass, Defect, Finding, FindingKind, ObjectKind,
};
use package_storage_migrate::model::package::RevisionId;
use package_storage_migrate::model::package::Stage::{self, Production, Snapshot, Staging};
use package_storage_migrate::rules::differences::BlobBytes;
use package_storage_migrate::rules::precedence::{Copy, Winner, resolve};

use crate::content::content;

/// The files of a copy as text, or the paths of its missing objects.
type Given<'a> = Result<&'a str, &'a [&'a str]>;

/// The copies of a revision, and the expected result.
struct Case<'a> {
    precedence: [Stage; 3],
    unreadable_from: Option<Stage>,
    copies: &'a [(Stage, Given<'a>)],
    /// The winner's stage, and all stages that have its files.
    winner: Option<(Stage, &'a [Stage])>,
    findings: Vec<(Stage, Defect)>,
    /// Number of other copies that can be compared with the winner, and of those that cannot.
    duplicates: u64,
    unreadable: u64,
}

/// A single copy, which wins without findings; cases override some fields.
const PLAIN: Case<'_> = Case {
    precedence: Stage::ALL,
    unreadable_from: None,
    copies: &[(Production, Ok("manifest.yml=1"))],
    winner: Some((Production, &[Production])),
    findings: Vec::new(),
    duplicates: 0,
    unreadable: 0,
};

impl Case<'_> {
    fn check(self) {
        let revision = revision();
        let copies = self.copies.iter().map(|(stage, given)| Copy {
            stage: *stage,
            content: given.map(content).map_err(|paths| paths.iter().map(|p| missing(p)).collect()),
        });
        let resolution = resolve(
            revision.clone(),
            copies.collect(),
            &self.precedence,
            self.unreadable_from,
            &bytes,
        );

        let content_in = |stage| {
            let (_, given) = self.copies.iter().find(|(at, _)| *at == stage).expect("a copy");
            content(given.expect("a readable copy"))
        };
        let winner = self.winner.map(|(stage, same_in)| Winner {
            stage,
            content: content_in(stage),
            same_in: same_in.to_vec(),
        });
        assert_eq!(resolution.winner, winner);
        let findings = self.findings.into_iter().map(|(stage, defect)| Finding {
            package: Some("buoy".to_owned()),
            version: Some("1.0.0-rc.1".to_owned()),
            stages: vec![stage],
            path: defect.path,
            kind: defect.kind,
            settled: None,
        });
        assert_eq!(resolution.findings, findings.collect::<Vec<_>>());

        let (duplicates, blocked) = (self.duplicates, self.unreadable);
        let archived = Balance { archived: 1, duplicates, blocked, ..Balance::default() };
        assert_eq!(resolution.balance_if_archived().total(), archived);
        let all_blocked = Balance { blocked: self.copies.len() as u64, ..Balance::default() };
        assert_eq!(resolution.balance_if_blocked().total(), all_blocked);
        for outcomes in [archived, all_blocked] {
            let mut balance = Balance { copies: self.copies.len() as u64, ..Balance::default() };
            balance.add(&outcomes);
            assert!(balance.check().is_ok(), "{balance:?}");
        }
        assert_eq!(resolution.revision, revision);
    }
}

fn revision() -> RevisionId {
    let (name, version) = ("buoy".parse(), "1.0.0-rc.1".parse());
    RevisionId::new(name.expect("a name"), version.expect("a version")).expect("short enough")
}

fn missing(path: &str) -> Defect {
    let kind = FindingKind::MissingObject {
        object_kind: ObjectKind::Blob,
        object_id: ObjectId([7; 20]),
        partial_clone: false,
    };
    Defect { path: Some(path.to_owned()), kind }
}

/// A finding about a whole copy.
fn found(stage: Stage, kind: FindingKind) -> (Stage, Defect) {
    (stage, Defect { path: None, kind })
}

/// All blobs are too large to compare; `audit` tests `differences`.
fn bytes(_: ObjectId) -> BlobBytes {
    BlobBytes::Large
}

fn conflict(winner: Stage, [added, removed, changed]: [&[&str]; 3]) -> FindingKind {
    let texts = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
    FindingKind::ContentConflict {
        winner,
        added: texts(added),
        removed: texts(removed),
        changed: texts(changed),
        class: ConflictClass::Behaviour,
        diff: match changed.len() {
            0 => String::new(),
            count => format!(
                "... {count} more changed, not shown: not text, too long, unreadable, or after the first 3\n"
            ),
        },
    }
}

#[test]
fn the_only_copy_wins_in_any_stage() {
    for stage in Stage::ALL {
        let copies = [(stage, Ok("manifest.yml=1 docs/README.md=2*"))];
        Case { copies: &copies, winner: Some((stage, &[stage])), ..PLAIN }.check();
    }
}

#[test]
fn an_identical_copy_is_a_duplicate() {
    Case {
        copies: &[(Production, Ok("a=1 b=2*")), (Snapshot, Ok("b=2* a=1"))],
        winner: Some((Production, &[Production, Snapshot])),
        findings: vec![found(Snapshot, FindingKind::IdenticalCopy { winner: Production })],
        duplicates: 1,
        ..PLAIN
    }
    .check();
}

#[test]
fn a_copy_with_other_modes_is_a_duplicate_and_the_modes_are_counted() {
    let kind = FindingKind::ModeOnly { winner: Staging, file_count: 2 };
    Case {
        copies: &[(Staging, Ok("a=1 b=2 c=3")), (Snapshot, Ok("a=1* b=2* c=3"))],
        winner: Some((Staging, &[Staging, Snapshot])),
        findings: vec![found(Snapshot, kind)],
        duplicates: 1,
        ..PLAIN
    }
    .check();
}

#[test]
fn a_copy_with_other_files_is_a_conflict_that_lists_them() {
    let evidence = conflict(Production, [&["b/new", "z"], &["b.gone"], &["a", "d"]]);
    Case {
        copies: &[
            (Production, Ok("a=1 b.gone=2 c=3 d=4")),
            (Snapshot, Ok("a=9 b/new=2 c=3* d=5 z=1")),
        ],
        winner: Some((Production, &[Production])),
        findings: vec![found(Snapshot, evidence)],
        duplicates: 1,
        ..PLAIN
    }
    .check();
}

#[test]
fn each_of_three_stages_is_compared_with_the_winner() {
    let rows: [(&str, &str, &[Stage], [FindingKind; 2]); 3] = [
        (
            "a=1",
            "a=1*",
            &[Production, Staging, Snapshot],
            [
                FindingKind::IdenticalCopy { winner: Production },
                FindingKind::ModeOnly { winner: Production, file_count: 1 },
            ],
        ),
        (
            "a=2",
            "a=1",
            &[Production, Snapshot],
            [
                conflict(Production, [&[], &[], &["a"]]),
                FindingKind::IdenticalCopy { winner: Production },
            ],
        ),
        // The other two copies agree with each other, but the first stage still wins.
        (
            "b=1",
            "b=1",
            &[Production],
            [
                conflict(Production, [&["b"], &["a"], &[]]),
                conflict(Production, [&["b"], &["a"], &[]]),
            ],
        ),
    ];
    for (staging, snapshot, same_in, [of_staging, of_snapshot]) in rows {
        Case {
            copies: &[(Production, Ok("a=1")), (Staging, Ok(staging)), (Snapshot, Ok(snapshot))],
            winner: Some((Production, same_in)),
            findings: vec![found(Staging, of_staging), found(Snapshot, of_snapshot)],
            duplicates: 2,
            ..PLAIN
        }
        .check();
    }
}

#[test]
fn another_precedence_makes_another_winner() {
    Case {
        precedence: [Snapshot, Staging, Production],
        copies: &[(Snapshot, Ok("a=1 s=1")), (Production, Ok("a=1 p=1"))],
        winner: Some((Snapshot, &[Snapshot])),
        findings: vec![found(Production, conflict(Snapshot, [&["p"], &["s"], &[]]))],
        duplicates: 1,
        ..PLAIN
    }
    .check();
}

#[test]
fn an_unreadable_other_copy_is_blocked_while_the_winner_is_archived() {
    Case {
        copies: &[
            (Production, Ok("a=1")),
            (Staging, Err(&["docs/x", "docs/y"])),
            (Snapshot, Ok("a=1")),
        ],
        winner: Some((Production, &[Production, Snapshot])),
        findings: vec![
            (Staging, missing("docs/x")),
            (Staging, missing("docs/y")),
            found(Snapshot, FindingKind::IdenticalCopy { winner: Production }),
        ],
        duplicates: 1,
        unreadable: 1,
        ..PLAIN
    }
    .check();
}

#[test]
fn an_unreadable_winner_blocks_the_revision_and_is_not_replaced() {
    Case {
        copies: &[(Production, Err(&["a", "b"]))],
        winner: None,
        findings: vec![(Production, missing("a")), (Production, missing("b"))],
        ..PLAIN
    }
    .check();
    Case {
        copies: &[(Production, Err(&["a"])), (Staging, Ok("a=1")), (Snapshot, Err(&["c"]))],
        winner: None,
        findings: vec![(Snapshot, missing("c")), (Production, missing("a"))],
        duplicates: 1,
        unreadable: 1,
        ..PLAIN
    }
    .check();
}

fn undecided(stage: Stage, unreadable: Stage) -> (Stage, Defect) {
    (stage, Defect { path: None, kind: FindingKind::Undecided { unreadable } })
}

#[test]
fn an_unlisted_stage_blocks_a_revision_unless_a_more_promoted_copy_is_known() {
    let backwards = [Snapshot, Staging, Production];
    let rows = [
        (Stage::ALL, Production, Staging, true),
        (Stage::ALL, Production, Snapshot, true),
        (Stage::ALL, Staging, Snapshot, true),
        (Stage::ALL, Production, Production, false),
        (Stage::ALL, Staging, Staging, false),
        (Stage::ALL, Staging, Production, false),
        (Stage::ALL, Snapshot, Staging, false),
        (backwards, Production, Snapshot, false),
        (backwards, Production, Staging, false),
        (backwards, Staging, Production, true),
    ];
    for (precedence, stage, from, decided) in rows {
        Case {
            precedence,
            unreadable_from: Some(from),
            copies: &[(stage, Ok("a=1"))],
            winner: decided.then_some((stage, &[stage])),
            findings: if decided { Vec::new() } else { vec![undecided(stage, from)] },
            ..PLAIN
        }
        .check();
    }
}

#[test]
#[should_panic(expected = "at least one copy")]
fn a_revision_without_copies_is_a_bug_in_the_caller() {
    resolve(revision(), Vec::new(), &Stage::ALL, None, &bytes);
}

#[test]
fn a_balance_adds_up_or_the_error_has_both_numbers() {
    let excluded = Excluded { marker: 3, scope: 5, unpromoted: 6, skipped: 0 };
    let outcomes = Balance { copies: 99, archived: 1, duplicates: 2, excluded, blocked: 4 };
    let balanced = |copies| {
        let mut balance = Balance { copies, ..Balance::default() };
        balance.add(&outcomes);
        balance
    };
    let expected = Balance { copies: 21, ..outcomes };
    assert_eq!(balanced(21), expected, "copies are counted separately");
    assert!(balanced(21).check().is_ok());
    for wrong in [0, 20, 22] {
        let Err(Error::Balance { copies, sum }) = balanced(wrong).check() else {
            panic!("{wrong} copies and 21 outcomes add up");
        };
        assert_eq!((copies, sum), (wrong, 21));
    }
}
