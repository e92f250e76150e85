//! The scope: valid globs, what they match, and how a run reports what it excludes.
//!
//! `shards` tests the scope of shards and merged plans.

#![allow(clippy::unwrap_used)]

use package_storage_migrate::model::scope::{GlobError, RevisionGlob, Scope, Unpromoted};
use proptest::prelude::*;
use serde_json::json;

use crate::support::fixture;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

fn glob(text: &str) -> RevisionGlob {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn scope(include: &[&str], exclude: &[&str]) -> Scope {
    let globs = |texts: &[&str]| texts.iter().map(|text| glob(text)).collect();
    Scope { include: globs(include), exclude: globs(exclude), unpromoted: Unpromoted::Include }
}

#[test]
fn malformed_globs_are_rejected() {
    for text in ["aws", "*", "a?s", "aws-1.*", "[a-c]*", "[!a]*", "*-*-beta*", "**", r"\xff"] {
        assert_eq!(glob(text).to_string(), text);
    }
    assert_eq!("".parse::<RevisionGlob>(), Err(GlobError::Empty));
    assert_eq!("a\nb".parse::<RevisionGlob>(), Err(GlobError::Control));
    for text in ["[a", "a[", "[]", "a**", "***"] {
        assert!(matches!(text.parse::<RevisionGlob>(), Err(GlobError::Syntax(_))), "{text}");
    }
}

#[test]
fn a_glob_matches_a_name_or_a_revision() {
    // Glob, package, version, matches it, may match another version of the package.
    let rows = [
        ("aws", "aws", "1.0.0", true, true),
        ("aws", "awsx", "1.0.0", false, false),
        ("aws", "aw", "1.0.0", false, false),
        ("aw", "aws", "1.0.0", false, false),
        ("AWS", "aws", "1.0.0", false, false),
        ("aws*", "awsx", "1.0.0", true, true),
        ("a?s", "aws", "1.0.0", true, true),
        ("aws-1.0.0", "aws", "1.0.0", true, true),
        ("aws-1.0.0", "aws", "1.0.1", false, true),
        ("aws-1.0.0", "awsx", "1.0.0", false, false),
        ("aws-1.*", "aws", "1.0.0-beta1", true, true),
        ("aws-1.*", "aws", "11.0.0", false, true),
        ("aws-*", "aws", "0.0.1", true, true),
        ("aws-*", "aws_x", "0.0.1", false, false),
        ("*-1.0.0", "aws", "1.0.0", true, true),
        ("*-beta*", "aws", "1.0.0-beta1", true, true),
        ("[a-c]*", "aws", "1.0.0", true, true),
        ("[!a]*", "aws", "1.0.0", false, true),
        ("1.0.0", "aws", "1.0.0", false, false),
        ("a-b-1", "a-b", "1", true, true),
    ];
    for (text, package, version, matches, may_match) in rows {
        let glob = glob(text);
        assert_eq!(glob.matches(package, version), matches, "{text} {package} {version}");
        assert_eq!(glob.may_match_in(package), may_match, "{text} {package}");
    }
}

proptest! {
    #[test]
    fn a_glob_that_matches_a_revision_may_match_in_its_package(
        text in "[ab*?.-]{1,6}", package in "[ab]{1,3}", version in "[ab.]{1,3}",
    ) {
        if let Ok(glob) = text.parse::<RevisionGlob>() {
            prop_assert!(!glob.matches(&package, &version) || glob.may_match_in(&package));
            let (include, exclude) = ([text.as_str()], [text.as_str()]);
            for scope in [scope(&include, &[]), scope(&[], &exclude)] {
                let excludes = scope.excludes_package(&package);
                prop_assert!(!excludes || !scope.contains(&package, &version), "{}", scope);
            }
        }
    }
}

#[test]
fn exclude_overrides_include_and_no_include_means_all() {
    let rows: [(&[&str], &[&str], [bool; 4]); 6] = [
        (&[], &[], [true, true, true, true]),
        (&["aws"], &[], [true, true, false, false]),
        (&["aws-2*", "gcp"], &[], [false, true, true, false]),
        (&[], &["aws"], [false, false, true, true]),
        (&["*"], &["aws-1*", "x"], [false, true, true, false]),
        (&["aws"], &["aws"], [false, false, false, false]),
    ];
    let revisions = [("aws", "1.0.0"), ("aws", "2.0.0"), ("gcp", "1.0.0"), ("x", "1.0.0")];
    for (include, exclude, expected) in rows {
        let scope = scope(include, exclude);
        assert_eq!(
            revisions.map(|(name, version)| scope.contains(name, version)),
            expected,
            "{scope}"
        );
    }
}

#[test]
fn a_scope_is_displayed_as_flags_and_stored_as_json() {
    let mut scope = scope(&["b*", "a", "a"], &["c-1.*"]);
    assert_eq!(scope.to_string(), "--include a,b* --exclude c-1.*");
    scope.unpromoted = Unpromoted::Exclude;
    assert_eq!(scope.to_string(), "--include a,b* --exclude c-1.* --unpromoted exclude");
    let expected = json!({"include": ["a", "b*"], "exclude": ["c-1.*"], "unpromoted": "exclude"});
    assert_eq!(serde_json::to_value(&scope).unwrap(), expected);
    assert_eq!(serde_json::from_value::<Scope>(expected).unwrap(), scope);
    assert_eq!(Scope::default().to_string(), "everything");
    for text in [
        r#"{"include":["[a"],"exclude":[],"unpromoted":"include"}"#,
        r#"{"include":[],"exclude":[],"unpromoted":"maybe"}"#,
        r#"{"include":[],"exclude":[],"unpromoted":"include","more":1}"#,
    ] {
        assert!(serde_json::from_str::<Scope>(text).is_err(), "{text}");
    }
}

/// The result of flags for the fixture: archives; copies excluded as marker, scope and unpromoted;
/// number of findings.
type Row<'a> = (&'a str, &'a [&'a str], [u64; 3], usize);

#[test]
fn exclusions_are_counted_by_reason() {
    let rows: [Row<'_>; 7] = [
        ("--include lighthouse", &["lighthouse-1.0.0"], [0, 15, 0], 3),
        (
            "--include beacon,tide_gauge-0.1*",
            &["beacon-1.1.0", "beacon-2.0.0-rc1", "tide_gauge-0.10.0"],
            [0, 14, 0],
            3,
        ),
        (
            "--include beacon --include tide_gauge --exclude *-rc1,tide_gauge-0.3.0",
            &["beacon-1.1.0", "tide_gauge-0.10.0"],
            [0, 15, 0],
            2,
        ),
        (
            "--exclude rusty_anchor,drift_net-1.0.0,s*,harbor_log",
            &[
                "beacon-1.1.0",
                "beacon-2.0.0-rc1",
                "buoy-2.0.0",
                "ferry_fleet-0.1.7",
                "fog_horn-0.9.0",
                "lighthouse-1.0.0",
                "tide_gauge-0.10.0",
                "tide_gauge-0.3.0",
            ],
            [0, 6, 0],
            6,
        ),
        (
            "--unpromoted exclude",
            &[
                "beacon-1.1.0",
                "buoy-2.0.0",
                "ferry_fleet-0.1.7",
                "harbor_log-1.2.0",
                "lighthouse-1.0.0",
                "tide_gauge-0.3.0",
            ],
            [2, 0, 5],
            8,
        ),
        (
            "--unpromoted exclude --stages staging,production,snapshot --include [a-b]*,fog_horn",
            &["fog_horn-0.9.0"],
            [0, 13, 4],
            1,
        ),
        (
            "--unpromoted exclude --stages snapshot --exclude rusty_anchor --include *",
            &["beacon-1.1.0", "beacon-2.0.0-rc1", "lighthouse-1.0.0", "tide_gauge-0.10.0"],
            [1, 1, 0],
            2,
        ),
    ];
    for (flags, archives, [marker, scope, unpromoted], finding_count) in rows {
        let dir = tempfile::tempdir().unwrap();
        let ran = Tool::migrate(fixture::folder()).args(flags).output(dir.path()).run();
        let has_blockers = ran.stderr.contains("blockers on ");
        let ran = ran.expect_code(i32::from(has_blockers), flags);
        let report = v2::json(&dir.path().join("report.json"));
        let excluded =
            json!({"marker": marker, "scope": scope, "unpromoted": unpromoted, "skipped": 0});
        assert_eq!(report["balance"]["excluded"], excluded, "{flags}: {ran}");
        let [copies, archived, duplicates, excluded, blocked] = v2::balance(&report);
        assert_eq!(archived + duplicates + excluded + blocked, copies, "{flags}");
        assert_eq!(v2::findings(&report).len(), finding_count, "{flags}: {ran}");
        let plan = v2::json(&dir.path().join("plan.json"));
        assert_eq!(v2::planned(&plan), archives, "{flags}: {ran}");
        assert_eq!(v2::archives(dir.path()).len(), archives.len(), "{flags}");

        assert!(plan["scope"].is_object() && plan["scope"] == report["scope"], "{flags}");
        let shown = serde_json::from_value::<Scope>(plan["scope"].clone()).unwrap().to_string();
        assert!(ran.stderr.contains(&format!("\nScope     {shown}\n")), "{flags}: {ran}");
        let markdown = std::fs::read_to_string(dir.path().join("report.md")).unwrap();
        assert!(markdown.contains("\nPartial: --"), "{flags}: {markdown}");
        let reasons = [(marker, "marker"), (scope, "scope"), (unpromoted, "unpromoted")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, reason)| format!("{count} {reason}"));
        let reasons = reasons.collect::<Vec<_>>().join(", ");
        assert!(ran.stderr.contains(&format!(" + {excluded} excluded ({reasons}) + ")), "{ran}");
        assert!(markdown.contains(&format!("\nExcluded: {reasons}.\n")), "{flags}: {markdown}");
    }
}

#[test]
fn archives_do_not_depend_on_the_scope() {
    let dir = tempfile::tempdir().unwrap();
    let [whole, part] = ["whole", "part"].map(|name| dir.path().join(name));
    Tool::migrate(fixture::folder()).output(&whole).run().expect_code(1, "whole");
    let flags = "--include tide_gauge,beacon";
    Tool::migrate(fixture::folder()).args(flags).output(&part).run().expect_code(0, flags);
    let whole = v2::archives(&whole);
    for (name, bytes) in v2::archives(&part) {
        assert!(whole[&name] == bytes, "{name}");
    }
}

#[test]
fn a_glob_that_is_malformed_or_matches_nothing_is_an_error_that_names_it() {
    let rows = [
        (2, "--include [a", "invalid value '[a' for '--include <GLOB>'"),
        (2, "--exclude beacon,a**", "invalid value 'a**' for '--exclude <GLOB>'"),
        (2, "--exclude beacon,,buoy", "invalid value '' for '--exclude <GLOB>'"),
        (2, "--unpromoted no", "invalid value 'no' for '--unpromoted <CHOICE>'"),
        (3, "--include lighthose", "no package or revision matches lighthose\n  hint: "),
        (3, "--include buoy --exclude Beacon,boy,buoy-2.0.0", "matches Beacon, boy\n"),
        (3, "--include buoy-1.*", "matches buoy-1.*\n"),
        (3, "--include rusty_anchor --stages production", "matches rusty_anchor\n"),
        (3, "--include README.md", "matches README.md\n"),
        (3, "--exclude *", "nothing to migrate: --exclude * excludes all 18 copies\n  hint: "),
        (3, "--include s*", "nothing to migrate: --include s* excludes all 18 copies\n"),
        (3, "--include fog_horn --unpromoted exclude", "--unpromoted exclude excludes all 18"),
    ];
    for (code, flags, said) in rows {
        for shard in ["", " --shard 1/3", " --shard 2/3", " --shard 3/3"] {
            let flags = format!("{flags}{shard} --dry-run");
            let ran = Tool::migrate(fixture::folder()).args(&flags).run().expect_code(code, &flags);
            assert!(ran.stderr.contains(said), "{flags}: {ran}");
        }
    }
}

/// An invalid name can be excluded like any other, and then blocks nothing.
#[test]
fn invalid_names_can_be_excluded() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1"))
        .stage("production", |s| {
            s.revision("buoy", "1.0.0", RevisionDraft::manifest).revision(
                "buoy",
                "01.0.0",
                RevisionDraft::manifest,
            )
        })
        .stage("staging", |s| {
            s.revision("buoy", "01.0.0", RevisionDraft::manifest)
                .revision("buoy", "2.0", RevisionDraft::manifest)
                .revision("Old-Buoy", "1.0.0", RevisionDraft::manifest)
                .file(&b"packages/\xff/1.0.0/manifest.yml"[..], "")
                .file("packages/Old-Buoy/notes.txt", "")
        });
    let rows = [
        ("", 1, [6, 1, 0, 0, 5], 6),
        ("--unpromoted exclude", 1, [6, 1, 0, 3, 2], 3),
        ("--include buoy-1.0.0", 0, [6, 1, 0, 5, 0], 0),
        (r"--exclude Old-*,buoy-01.0.0,\xff", 1, [6, 1, 0, 4, 1], 1),
        (r"--exclude Old-Buoy,buoy-2.0,buoy-01.0.0,\xff", 0, [6, 1, 0, 5, 0], 0),
    ];
    check_dry_runs(&repo, &rows);
}

/// Flags, exit code, balance, and number of findings.
type DryRun = (&'static str, i32, [u64; 5], usize);

fn check_dry_runs(repo: &V1Repo, rows: &[DryRun]) {
    for (flags, code, balance, finding_count) in rows.iter().copied() {
        let tool = Tool::migrate(repo.path()).args("--dry-run --stages production,staging");
        let report = tool.args("--quiet --report -").args(flags).run().expect_code(code, flags);
        let report = report.json();
        assert_eq!(v2::balance(&report), balance, "{flags}: {report}");
        assert_eq!(v2::findings(&report).len(), finding_count, "{flags}: {report}");
    }
}

/// The revisions of a package that cannot be listed are unknown: it keeps its finding unless the scope
/// excludes the whole package, and its other copies do not count as unpromoted.
#[test]
fn a_package_that_cannot_be_listed_is_excluded_only_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1"))
        .stage("production", |s| {
            s.revision("buoy", "1.0.0", RevisionDraft::manifest)
                .revision("port", "1.0.0", RevisionDraft::manifest)
                .revision("port", "0.9.0", RevisionDraft::manifest)
        })
        .stage("staging", |s| s.revision("port", "1.0.0", RevisionDraft::manifest));
    repo.remove_object(repo.object_id("production", "packages/port"));
    let rows = [
        ("", 1, [2, 1, 0, 0, 1], 2),
        ("--unpromoted exclude", 1, [2, 1, 0, 0, 1], 2),
        ("--include port-0.9.0", 1, [2, 0, 0, 2, 0], 1),
        ("--exclude port-0.9.0", 1, [2, 1, 0, 0, 1], 2),
        ("--exclude port", 0, [2, 1, 0, 1, 0], 0),
        ("--include buoy", 0, [2, 1, 0, 1, 0], 0),
        ("--include buoy-*", 0, [2, 1, 0, 1, 0], 0),
    ];
    check_dry_runs(&repo, &rows);
}

#[test]
fn archives_outside_the_plan_of_a_part_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let run = |flags: &str| {
        let tool = Tool::migrate(fixture::folder()).args(flags).output(dir.path());
        tool.args("--quiet").run().expect_code(i32::from(flags.is_empty()), flags)
    };
    assert_eq!(run("").stderr, "");
    let ran = run("--exclude rusty_anchor,drift_net,beacon");
    let archives = "artifacts/packages/: beacon-1.1.0.zip, beacon-2.0.0-rc1.zip\n";
    let statics = "artifacts/static/: beacon-1.1.0/docs/README.md, ";
    let said = "\n  hint: the plan is partial, so they may belong to another shard or to excluded revisions; \
                a tool that copies the whole folder would publish them too\n";
    assert!(ran.stderr.contains(archives) && ran.stderr.contains(statics), "{ran}");
    assert!(ran.stderr.starts_with("warning: not in this plan, but in "), "{ran}");
    assert!(ran.stderr.ends_with(said), "{ran}");
}
