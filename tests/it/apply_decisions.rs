//! Decisions end to end: the template, its effect once it is filled in, and the errors of decisions that do not match.
//! `resolutions` tests the grammar of the file.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use crate::support::tool::{Ran, Tool};
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

/// A conflict, a blocker and a warning, each on a separate revision; and one revision without faults.
fn repository(path: &Path, staging_text: &str) -> V1Repo {
    let log = |r: RevisionDraft, text: &str| r.manifest().file("kibana/sample.log", text);
    V1Repo::create(path)
        .stage("production", |s| {
            s.revision("harbor_log", "1.2.0", |r| log(r, "one\n"))
                .revision("pier", "1.0.0", |r| r.file("manifest.yml", "name: pier\n"))
                .revision("lighthouse", "1.0.0", RevisionDraft::manifest)
        })
        .stage("staging", |s| {
            s.revision("harbor_log", "1.2.0", |r| log(r, staging_text)).revision(
                "buoy",
                "2.0.0",
                RevisionDraft::manifest,
            )
        })
        .stage("snapshot", |s| s.revision("lighthouse", "1.0.0", RevisionDraft::manifest))
}

fn migrate(repo: &V1Repo, flags: &str) -> Tool {
    Tool::migrate(repo.path()).args(flags)
}

/// Returns the template for all open findings.
fn template(repo: &V1Repo, folder: &Path) -> String {
    let path = folder.join("open.yml");
    let tool = migrate(repo, "--dry-run --quiet --write-resolutions").arg(&path);
    tool.run().expect_code(1, "a blocker is open");
    fs::read_to_string(path).unwrap()
}

/// Fills in the entries of a package.
fn decide(text: &str, package: &str, decision: &str) -> String {
    let mut parts = text.split("  - package: ").map(str::to_owned).collect::<Vec<_>>();
    let own = parts.iter_mut().filter(|part| part.starts_with(&format!("{package}\n")));
    for part in own {
        *part = part.replace("decision:\n", &format!("decision: {decision}\n"));
        *part = part.replace("reason:\n", &format!("reason: as {package}'s owner wants it\n"));
    }
    let filled = parts.join("  - package: ");
    assert_ne!(filled, text, "{package}");
    filled
}

/// Returns the template with all entries filled in.
fn decided(repo: &V1Repo, folder: &Path) -> String {
    let text = decide(&template(repo, folder), "harbor_log", "{keep: staging}");
    decide(&decide(&text, "pier", "skip"), "buoy", "accept")
}

fn run_with(repo: &V1Repo, text: &str, folder: &Path, flags: &str) -> Ran {
    let path = folder.join("decisions.yml");
    fs::write(&path, text).unwrap();
    migrate(repo, flags).arg("--resolutions").arg(&path).run()
}

#[test]
fn decisions_settle_open_findings() {
    let dir = tempfile::tempdir().unwrap();
    let repo = repository(&dir.path().join("v1"), "two\n");
    let before = migrate(&repo, "--dry-run --fail-on warning --report - --quiet").run();
    let before = before.expect_code(1, "nothing is decided").json();
    let text = decided(&repo, dir.path());

    let output = dir.path().join("v2");
    let flags = format!("--fail-on warning --output {}", output.display());
    let ran = run_with(&repo, &text, dir.path(), &flags).expect_code(0, "all is decided");
    assert!(ran.stderr.contains("1 excluded (1 skipped) + 0 blocked"), "{ran}");
    assert!(ran.stderr.contains("\nVerdict   ready: 3 revisions go to v2, "), "{ran}");
    let plan = v2::json(&output.join("plan.json"));
    assert_eq!(v2::planned(&plan), ["buoy-2.0.0", "harbor_log-1.2.0", "lighthouse-1.0.0"]);
    assert_eq!(plan["uploads"][1]["stage"], "staging");
    let archive = fs::File::open(output.join(v2::ARCHIVES).join("harbor_log-1.2.0.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(archive).unwrap();
    let mut log = archive.by_name("harbor_log-1.2.0/kibana/sample.log").unwrap();
    assert_eq!(std::io::read_to_string(&mut log).unwrap(), "two\n");

    let report = v2::json(&output.join("report.json"));
    assert_eq!(v2::balance(&report), [6, 3, 2, 1, 0]);
    assert_eq!(report["resolutions"], plan["resolutions"], "the file's digest is in both");
    assert!(plan["resolutions"].is_string());
    let codes = |report: &serde_json::Value, settled: bool| -> Vec<String> {
        let findings = report["findings"].as_array().unwrap().iter();
        let chosen = findings.filter(|finding| finding["settled"].is_object() == settled);
        chosen.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&before, true), [""; 0]);
    assert_eq!(codes(&report, false), ["identical-copy"], "the only open finding is information");
    assert_eq!(codes(&report, true).len(), codes(&before, false).len() - 1, "none is lost");
    let markdown = fs::read_to_string(output.join("report.md")).unwrap();
    for line in [
        "| harbor\\_log 1.2.0 | content-conflict | keep: staging | as harbor\\_log's owner wants it |",
        "| pier 1.0.0 | manifest-mismatch | skip | as pier's owner wants it |",
        "| buoy 2.0.0 | exposes-unpromoted | accept | as buoy's owner wants it |",
    ] {
        assert!(markdown.contains(line), "{line}\n{markdown}");
    }
    let preview = run_with(&repo, &text, dir.path(), "--dry-run --quiet --report -");
    let made = fs::read(output.join("report.json")).unwrap();
    assert!(preview.expect_code(0, "a dry run").stdout == made, "a dry run tells the same");

    let rest = dir.path().join("rest.yml");
    let flags = format!("--dry-run --quiet --write-resolutions {}", rest.display());
    run_with(&repo, &text, dir.path(), &flags).expect_code(0, "nothing is left");
    assert!(fs::read_to_string(rest).unwrap().ends_with("resolutions: []\n"));
}

/// Names and versions that some YAML readers do not read as text.
#[test]
fn a_filled_in_template_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let names = ["null", "true", "no", "y", "123", "0x1f", "0o7", "1e3", "1_000", "_1", "0123"];
    let version = "1.0.0-0.e5+0x1";
    let repo = V1Repo::create(&dir.path().join("v1"))
        .stage("production", |s| s.revision("buoy", "1.0.0", RevisionDraft::manifest))
        .stage("staging", |s| {
            names.iter().fold(s, |s, name| {
                let manifest = format!("name: {name:?}\nversion: {version}\nrelease: ga\n");
                s.revision(name, version, |r| r.file("manifest.yml", manifest))
            })
        });
    let flags = "--stages production,staging --dry-run --quiet";
    let open = dir.path().join("open.yml");
    migrate(&repo, flags).arg("--write-resolutions").arg(&open).run().expect_code(1, "open");
    let text = fs::read_to_string(open).unwrap();
    for quoted in ["'null'", "'true'", "'123'", "'0x1f'", "'1e3'"] {
        assert!(text.contains(&format!("package: {quoted}\n")), "{quoted}: {text}");
    }
    let text = text.replace("decision:\n", "decision: skip\n").replace("reason:\n", "reason: x\n");
    let ran = run_with(&repo, &text, dir.path(), "--stages production,staging --dry-run");
    let ran = ran.expect_code(0, "all is decided");
    assert!(ran.stderr.contains(&format!("({} skipped)", names.len())), "{ran}");
}

#[test]
fn each_shard_applies_its_own_decisions() {
    let dir = tempfile::tempdir().unwrap();
    let repo = repository(&dir.path().join("v1"), "two\n");
    let text = decided(&repo, dir.path());
    let whole = dir.path().join("whole");
    let flags = format!("--output {}", whole.display());
    run_with(&repo, &text, dir.path(), &flags).expect_code(0, "whole");
    let mut merge = Tool::bare().arg("merge-plans");
    for index in 1..=3 {
        let part = dir.path().join(index.to_string());
        let flags = format!("--shard {index}/3 --output {}", part.display());
        run_with(&repo, &text, dir.path(), &flags).expect_code(0, "a part");
        merge = merge.arg(part);
    }
    let joined = dir.path().join("joined");
    merge.output(&joined).run().expect_code(0, "merge-plans");
    for name in ["plan.json", "report.json", "report.md"] {
        let [whole, joined] = [&whole, &joined].map(|dir| fs::read(dir.join(name)).unwrap());
        assert!(whole == joined, "{name}");
    }
}

/// A code with two severities: the warning must not hide the blocker, in any order.
#[test]
fn a_blocker_with_a_warning_of_the_same_code_is_not_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = "format_version: 1.0.0\nname: pier\nversion: 1.0.0\ntitle: Pier\n";
    for more in ["release: odd\n", "release: odd\ndescription: d\ncategories: [odd]\n"] {
        let repo =
            V1Repo::create(&dir.path().join(more.len().to_string())).stage("production", |s| {
                s.revision("pier", "1.0.0", |r| {
                    r.file("manifest.yml", manifest.to_owned() + more).file("docs/README.md", "x")
                })
            });
        let tool = migrate(&repo, "--stages production --dry-run --quiet --write-resolutions");
        let open = dir.path().join("open.yml");
        tool.arg(&open).run().expect_code(1, "a blocker");
        let text = decide(&fs::read_to_string(open).unwrap(), "pier", "accept");
        let ran = run_with(&repo, &text, dir.path(), "--stages production --dry-run --quiet");
        let ran = ran.expect_code(3, more);
        assert!(ran.stderr.contains("a blocker cannot be accepted"), "{ran}");
    }
}

#[test]
fn findings_without_a_revision_are_counted_in_the_template() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1")).stage("production", |s| {
        s.revision("lighthouse", "1.0.0", RevisionDraft::manifest).revision(
            "Pier",
            "1.0.0",
            RevisionDraft::manifest,
        )
    });
    let open = dir.path().join("open.yml");
    let tool = migrate(&repo, "--stages production --dry-run --quiet --write-resolutions");
    tool.arg(&open).run().expect_code(1, "an odd name");
    let text = fs::read_to_string(open).unwrap();
    assert!(text.contains("resolutions: []\n# Not listed: 1 open "), "{text}");
}

#[test]
fn decisions_that_do_not_match_are_reported_and_nothing_is_planned() {
    let dir = tempfile::tempdir().unwrap();
    let repo = repository(&dir.path().join("v1"), "two\n");
    let other = repository(&dir.path().join("other"), "three\n");
    let text = decided(&repo, dir.path());
    let code =
        |from: &str, to: &str| text.replace(&format!("code: {from}"), &format!("code: {to}"));
    let rows = [
        (
            "other content",
            &other,
            text.clone(),
            "the content of harbor_log-1.2.0 has changed: decide again",
        ),
        (
            "another code",
            &repo,
            code("exposes-unpromoted", "key-collision"),
            "no finding key-collision on buoy-2.0.0",
        ),
        (
            "a missing revision",
            &repo,
            text.replace("version: 2.0.0", "version: 2.0.1"),
            "no finding exposes-unpromoted on buoy-2.0.1; did you mean buoy-2.0.0?",
        ),
        (
            "a mistyped code",
            &repo,
            code("exposes-unpromoted", "exposes-unpromotd"),
            "no finding exposes-unpromotd on buoy-2.0.0; did you mean exposes-unpromoted?",
        ),
        (
            "a blocker that is accepted",
            &repo,
            text.replace("decision: skip", "decision: accept"),
            "a blocker cannot be accepted because pier-1.0.0 cannot be migrated: skip it, or fix v1",
        ),
        ("nothing decided", &repo, template(&repo, dir.path()), "no decision yet"),
    ];
    for (row, repo, text, fault) in rows {
        let output = dir.path().join(row);
        fs::write(dir.path().join("decisions.yml"), &text).unwrap();
        let tool = migrate(repo, "--quiet").output(&output).arg("--resolutions");
        let ran = tool.arg(dir.path().join("decisions.yml")).run().expect_code(3, row);
        let said = "error: the decisions of --resolutions cannot be applied: line ";
        assert!(ran.stderr.starts_with(said) && ran.stderr.contains(fault), "{row}: {ran}");
        assert!(!output.join("plan.json").exists(), "{row}");
        let archive = output.join(v2::ARCHIVES).join("harbor_log-1.2.0.zip");
        assert!(row != "other content" || !archive.exists(), "{row}");
    }
    let ran = migrate(&repo, "--dry-run --resolutions not-there.yml").run();
    let ran = ran.expect_code(3, "no such file");
    assert!(ran.stderr.contains("not-there.yml"), "{ran}");
}
