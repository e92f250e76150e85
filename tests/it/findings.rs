//! One row for each finding and each of its causes: from a repository that contains only this cause, through the
//! tool, to the exact lines in the report, in a dry run and in a real run.
//!
//! Each repository also contains three revisions without faults, whose archives must not be affected. `copies` tests
//! comparisons and names, `trees` and `paths` the entries of a revision, `versions` all versions of a package,
//! `manifests`, `registry` and `kibana` the content of files, `references` what it refers to, `checkout` differences of a checkout, `repository` the
//! repository as a whole, `gone` names that it does not have any more, `objects` and `corrupt` unreadable objects, `validation` the results of a validator. Messages
//! and advice are in the golden files of `report`.

#![allow(clippy::unwrap_used)]

mod checkout;
mod copies;
mod corrupt;
mod gone;
mod indexed;
mod kibana;
mod manifests;
mod objects;
mod paths;
mod references;
mod registry;
mod repository;
mod trees;
mod validation;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use package_storage_migrate::model::finding::FindingKind;

use crate::audit_history;
use crate::documents::page;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

/// Kinds and codes; does not compile if a kind is not listed. For a new kind, add a row as well.
macro_rules! codes {
    ($($kind:ident: $code:literal),* $(,)?) => {
        pub(crate) const CODES: &[&str] = &[$($code),*];

        const fn _every_kind_is_listed(kind: &FindingKind) {
            match kind {
                $(FindingKind::$kind { .. } => {})*
            }
        }
    };
}

codes! {
    IdenticalCopy: "identical-copy",
    ModeOnly: "mode-only",
    ContentConflict: "content-conflict",
    MarkerPackage: "marker-package",
    StrayEntry: "stray-entry",
    EmptyStage: "empty-stage",
    StaleBranch: "stale-branch",
    AmbiguousRevision: "ambiguous-revision",
    ReplacedObjects: "replaced-objects",
    GraftedCommits: "grafted-commits",
    ShallowHistory: "shallow-history",
    InvalidName: "invalid-name",
    InvalidVersion: "invalid-version",
    MissingObject: "missing-object",
    CorruptObject: "corrupt-object",
    UnsupportedEntry: "unsupported-entry",
    UnsafePath: "unsafe-path",
    UnportablePath: "unportable-path",
    PathCollision: "path-collision",
    KeyCollision: "key-collision",
    KeyTooLong: "key-too-long",
    DanglingResource: "dangling-resource",
    BrokenLinks: "broken-links",
    EqualPrecedence: "equal-precedence",
    ExposesUnpromoted: "exposes-unpromoted",
    LfsPointer: "lfs-pointer",
    CheckoutDiffers: "checkout-differs",
    TooManyEntries: "too-many-entries",
    Undecided: "undecided",
    ManifestMissing: "manifest-missing",
    ManifestUnreadable: "manifest-unreadable",
    ManifestAmbiguous: "manifest-ambiguous",
    ManifestMismatch: "manifest-mismatch",
    NotLoadable: "not-loadable",
    CategoryDropped: "category-dropped",
    NotServable: "not-servable",
    InexactIntegers: "inexact-integers",
    IndexConflict: "index-conflict",
    IndexOtherRelease: "index-other-release",
    IndexOnly: "index-only",
    NoLongerInV1: "no-longer-in-v1",
    NotInstallable: "not-installable",
    ReadDifferently: "read-differently",
    ReleaseContradiction: "release-contradiction",
    ValidationFailed: "validation-failed",
    NotValidated: "not-validated",
}

#[test]
fn every_code_has_a_row() {
    let tables = [
        copies::ROWS,
        trees::ROWS,
        paths::ROWS,
        versions::ROWS,
        manifests::ROWS,
        registry::ROWS,
        kibana::ROWS,
        references::ROWS,
        checkout::ROWS,
    ];
    let lines = tables.into_iter().flatten().flat_map(|row| row.findings);
    let lines = lines.chain(indexed::PUBLISHED.iter().flat_map(|row| row.findings));
    let lines = lines.chain(gone::ROWS.iter().flat_map(|row| row.findings));
    let lines = lines.chain(repository::ROWS.iter().flat_map(|row| row.findings));
    let objects = objects::ROWS.iter().chain(corrupt::ROWS).flat_map(|row| row.findings);
    let lines = lines.chain(validation::ROWS.iter().flat_map(|row| row.findings));
    let history = audit_history::ROWS.iter().flat_map(|row| row.findings);
    let reached: BTreeSet<&str> =
        lines.chain(objects).chain(history).filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(reached, CODES.iter().copied().collect());
}

#[test]
fn the_page_of_findings_lists_every_code() {
    let page = page("docs/findings.md");
    let listed = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(listed.collect::<BTreeSet<_>>(), CODES.iter().copied().collect());
}

/// The content of a repository, and the expected findings.
struct Row {
    name: &'static str,
    /// Adds to [`harbor`].
    make: fn(V1Repo) -> V1Repo,
    /// Archives in addition to [`FAULTLESS`] as `+name-version`; missing archives as `-name-version`.
    archives: &'static [&'static str],
    /// Copies, archived, duplicates, excluded, blocked.
    balance: [u64; 5],
    /// All findings, as formatted by [`v2::findings`].
    findings: &'static [&'static str],
}

/// One revision without faults in each stage.
const FAULTLESS: [&str; 3] = ["buoy-0.3.0", "fog_horn-0.9.0", "lighthouse-1.0.0"];

fn harbor(path: &Path) -> V1Repo {
    V1Repo::create(path)
        .stage("production", |s| s.revision("lighthouse", "1.0.0", RevisionDraft::manifest))
        .stage("staging", |s| s.revision("fog_horn", "0.9.0", RevisionDraft::manifest))
        .stage("snapshot", |s| s.revision("buoy", "0.3.0", RevisionDraft::manifest))
}

/// The archives of [`FAULTLESS`] from a repository without other revisions.
static ALONE: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("create a folder");
    let repo = harbor(&dir.path().join("v1"));
    let output = dir.path().join("v2");
    let ran = Tool::migrate(repo.path()).output(&output).run().expect_code(0, "no fault");
    assert!(ran.stderr.contains("\nFindings  none\n"), "{ran}");
    v2::archives(&output)
});

fn check_all(rows: &[Row]) {
    for row in rows {
        let dir = tempfile::tempdir().unwrap();
        let repo = (row.make)(harbor(&dir.path().join("v1")));
        let findings: Vec<String> = row.findings.iter().map(|line| (*line).to_owned()).collect();
        check(row.name, &repo, row.archives, row.balance, &findings);
    }
}

/// Migrates a repository and asserts the result.
fn check(row: &str, repo: &V1Repo, archives: &[&str], balance: [u64; 5], findings: &[String]) {
    check_with(&|tool| tool, row, repo, archives, balance, findings);
}

/// Like [`check`], with more flags.
fn check_with(
    flags: &dyn Fn(Tool) -> Tool,
    row: &str,
    repo: &V1Repo,
    archives: &[&str],
    balance: [u64; 5],
    findings: &[String],
) {
    let dir = tempfile::tempdir().unwrap();
    let code = i32::from(findings.iter().any(|line| line.starts_with("blocker ")));
    let tool = flags(Tool::migrate(repo.path()));
    let ran = tool.output(dir.path()).run().expect_code(code, row);
    let report = v2::json(&dir.path().join("report.json"));
    assert_eq!(v2::findings(&report), findings, "{row}: {ran}");
    assert_eq!(v2::balance(&report), balance, "{row}: {ran}");

    let mut expected: BTreeSet<String> = FAULTLESS.into_iter().map(str::to_owned).collect();
    for archive in archives {
        match archive.strip_prefix('-') {
            Some(lost) => assert!(expected.remove(lost), "{row}: {lost}"),
            None => assert!(expected.insert(archive[1..].to_owned()), "{row}: {archive}"),
        }
    }
    let plan = v2::json(&dir.path().join("plan.json"));
    assert_eq!(v2::planned(&plan).into_iter().collect::<BTreeSet<_>>(), expected, "{row}");
    let made = v2::archives(dir.path());
    let names: BTreeSet<String> = expected.iter().map(|name| format!("{name}.zip")).collect();
    assert_eq!(made.keys().cloned().collect::<BTreeSet<_>>(), names, "{row}");
    for (name, bytes) in ALONE.iter().filter(|(name, _)| names.contains(*name)) {
        assert!(made[name] == *bytes, "{row}: {name} is not affected");
    }

    let tool = flags(Tool::migrate(repo.path())).args("--dry-run --jobs 1 --quiet --report -");
    let preview = tool.run().expect_code(code, row);
    let report = std::fs::read(dir.path().join("report.json")).unwrap();
    assert!(preview.stdout == report, "{row}: a dry run has the same report, not {preview}");
}
