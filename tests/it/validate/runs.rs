//! Complete runs: each revision is validated once, at most `--jobs` at a time, with the same result in every kind of run,
//! combined from shards, and settled by decisions.

use std::collections::BTreeSet;

use super::*;
use crate::support::keys;

/// Writes a line with the package to `LOG`, and fails for some.
const EVERY_OTHER: &str = "echo \"${PWD##*/}\" >> \"$LOG/ran\"; case $PWD in *_[13]-*|*-1.2.0) echo \"bad: $PWD\"; exit 4;; esac";

fn without_validation(mut json: Value) -> Value {
    json.as_object_mut().unwrap().remove("validation");
    json
}

#[test]
fn each_revision_is_validated_once_in_every_kind_of_run() {
    let yard = Yard::many(5);
    yard.run(yard.plain(), "plain").expect_code(0, "plain");
    let revisions: BTreeSet<String> = (0..5)
        .flat_map(|index| [format!("buoy_{index}-1.0.0"), format!("pier-1.{index}.0")])
        .collect();
    let template = sh(EVERY_OTHER, "");
    let runs = [
        ("written", "v2", "", "10 written, 0 kept"),
        ("kept", "v2", "", "0 written, 10 kept"),
        ("one at a time", "again", "", "10 written, 0 kept"),
        ("dry", "dry", "--dry-run --plan dry.json --report dry-report.json", "would write 10"),
    ];
    for (name, output, flags, summary) in runs {
        let mut tool = yard.migrate(&template).args(flags).current_dir(yard.dir.path());
        if name == "one at a time" {
            // Like `migrate`, except for the number of workers.
            tool = Tool::migrate(yard.repo.path())
                .args("--stages production --jobs 1 --validate-command")
                .arg(&template)
                .env("TMPDIR", yard.path("tmp"))
                .env("LOG", yard.path("log"));
        }
        let ran = yard.run(tool, output).expect_code(0, name);
        assert!(ran.stderr.contains(summary), "{name}: {ran}");
        assert!(ran.stderr.contains("Validated 7 of 10 passed, 3 failed"), "{name}: {ran}");
        let log = yard.log("ran");
        assert_eq!(log.len(), 10, "{name}: {log:?}");
        assert_eq!(log.into_iter().collect::<BTreeSet<_>>(), revisions, "{name}");
        fs::remove_file(yard.path("log/ran")).unwrap();
    }
    let bytes = |path: &str| fs::read(yard.path(path)).unwrap();
    for (other_plan, other_report) in
        [("again/plan.json", "again/report.json"), ("dry.json", "dry-report.json")]
    {
        assert!(bytes("v2/plan.json") == bytes(other_plan), "{other_plan}");
        assert!(bytes("v2/report.json") == bytes(other_report), "{other_report}");
    }
    assert!(v2::archives(&yard.path("v2")) == v2::archives(&yard.path("plain")));
    let [plain, plan] = ["plain", "v2"].map(|name| v2::json(&yard.path(name).join("plan.json")));
    assert_eq!(plain, without_validation(plan.clone()), "the same uploads");
    let settings =
        serde_json::json!({"command": template, "timeout": "60s", "fail_on_error": false});
    assert_eq!(plan["validation"], settings);
    let report = yard.report("v2");
    let counts = serde_json::json!({"passed": 7, "failed": 3, "not_validated": 0});
    assert_eq!(report["validation"], serde_json::json!({"settings": settings, "counts": counts}));
    let bad = |name: &str, version: &str, revision: &str| {
        assert!(revision.starts_with(name));
        format!(
            "warning validation-failed {name} {version} production - exit_code=4 fail_on_error=false output=bad: {{dir}}"
        )
    };
    let expected = [
        bad("buoy_1", "1.0.0", "buoy_1-1.0.0"),
        bad("buoy_3", "1.0.0", "buoy_3-1.0.0"),
        bad("pier", "1.2.0", "pier-1.2.0"),
    ];
    assert_eq!(yard.findings("v2"), expected);
}

#[test]
fn a_run_without_validation_says_so() {
    let yard = Yard::pier(|r| r);
    yard.run(yard.plain(), "v2").expect_code(0, "plain");
    let report = yard.report("v2");
    assert!(report.as_object().unwrap()["validation"].is_null(), "{report}");
    let text = fs::read_to_string(yard.path("v2/report.md")).unwrap();
    assert!(text.contains("\nPackages were not validated: no `--validate-command` was given.\n"));
}

#[test]
fn at_most_as_many_run_in_parallel_as_there_are_jobs() {
    // Each waits until it has met as many others as there should be, or until another one has.
    let script = |expected: usize| {
        format!(
            "mkdir \"$LOG/run.$$\"; count() {{ ls \"$LOG\" | grep -c ^run; }}; i=0; \
             until [ -e \"$LOG/met\" ] || [ $i = 400 ]; do \
             if [ \"$(count)\" -ge {expected} ]; then touch \"$LOG/met\"; fi; i=$((i+1)); sleep 0.05; done; \
             count >> \"$LOG/counts\"; sleep 0.15; rmdir \"$LOG/run.$$\""
        )
    };
    for jobs in [1, 3] {
        let yard = Yard::many(6);
        let tool = Tool::migrate(yard.repo.path())
            .args(&format!("--stages production --jobs {jobs} --validate-command"))
            .arg(sh(&script(jobs.min(2)), ""))
            .env("TMPDIR", yard.path("tmp"))
            .env("LOG", yard.path("log"));
        yard.run(tool, "v2").expect_code(0, "jobs");
        let counts: Vec<usize> =
            yard.log("counts").iter().map(|count| count.parse().unwrap()).collect();
        assert_eq!(counts.len(), 12, "{jobs} jobs");
        let most = *counts.iter().max().unwrap();
        assert!((jobs.min(2)..=jobs).contains(&most), "{jobs} jobs: {counts:?}");
    }
}

#[test]
fn exit_codes_follow_the_severity() {
    let rows = [
        ("true", "--fail-on warning", 0, 1),
        ("false", "", 0, 1),
        ("false", "--fail-on warning", 1, 1),
        ("false", "--fail-on conflict", 0, 1),
        ("false", "--validate-fail-on-error", 1, 0),
        ("true", "--validate-fail-on-error", 0, 1),
        ("sleep 60", "--validate-timeout 200ms", 0, 1),
        ("sleep 60", "--validate-timeout 200ms --validate-fail-on-error", 1, 0),
    ];
    for (template, flags, code, archive_count) in rows {
        let yard = Yard::pier(|r| r);
        let row = format!("{template} {flags}");
        let ran = yard.run(yard.migrate(template).args(flags), "v2").expect_code(code, &row);
        assert_eq!(v2::archives(&yard.path("v2")).len(), archive_count, "{row}: {ran}");
        let blocked = 1 - archive_count as u64;
        let balance = [1, archive_count as u64, 0, 0, blocked];
        assert_eq!(v2::balance(&yard.report("v2")), balance, "{row}: {ran}");
    }
}

/// A revision that is blocked for another reason is not validated because it has no archive.
#[test]
fn only_what_is_archived_is_validated() {
    let yard = Yard::new(|repo| {
        repo.stage("production", |s| {
            s.revision("pier", "1.0.0", RevisionDraft::manifest).revision("buoy", "1.0.0", |r| {
                r.file("manifest.yml", "name: other\nversion: 1.0.0\n")
            })
        })
    });
    let ran =
        yard.run(yard.migrate(&sh("pwd >> \"$LOG/ran\"", "")), "v2").expect_code(1, "blocked");
    assert!(ran.stderr.contains("Validated 1 of 1 passed"), "{ran}");
    assert_eq!(yard.log("ran").len(), 1);
}

#[test]
fn decisions_settle_what_a_validator_finds() {
    let rows = [
        ("", "accept", 0, [10, 10, 0, 0, 0]),
        ("", "skip", 0, [10, 7, 0, 3, 0]),
        ("--validate-fail-on-error", "skip", 0, [10, 7, 0, 3, 0]),
        ("--validate-fail-on-error", "accept", 3, [0; 5]),
    ];
    for (flags, decision, code, balance) in rows {
        let yard = Yard::many(5);
        let row = format!("{decision} {flags}");
        let decisions = yard.path("decisions.yml");
        let tool = yard.migrate(&sh(EVERY_OTHER, "")).args(flags).arg("--dry-run");
        tool.arg("--write-resolutions").arg(&decisions).run();
        let text = fs::read_to_string(&decisions).unwrap();
        assert_eq!(text.matches("code: validation-failed").count(), 3, "{text}");
        let text = text.replace("decision:\n", &format!("decision: {decision}\n"));
        fs::write(&decisions, text.replace("reason:\n", "reason: known\n")).unwrap();
        let tool = yard.migrate(&sh(EVERY_OTHER, "")).args(flags).args("--fail-on warning");
        let ran = yard.run(tool.arg("--resolutions").arg(&decisions), "v2").expect_code(code, &row);
        if code == 0 {
            assert_eq!(v2::balance(&yard.report("v2")), balance, "{row}: {ran}");
        }
    }
}

#[test]
fn shards_are_joined_if_they_have_the_same_validation() {
    let yard = Yard::many(5);
    let template = sh(EVERY_OTHER, "");
    yard.run(yard.migrate(&template), "whole").expect_code(0, "whole");
    let shard = |index: u32, name: &str, flags: &str, template: &str| {
        let tool = match template {
            "" => yard.plain(),
            template => yard.migrate(template),
        };
        yard.run(tool.args(&format!("--shard {index}/2 {flags}")), name);
        yard.path(name)
    };
    let first = shard(1, "first", "", &template);
    let rows = [
        ("", template.as_str(), 0),
        ("", "", 3),
        ("", "true", 3),
        ("--validate-timeout 61s", template.as_str(), 3),
        ("--validate-fail-on-error", template.as_str(), 3),
    ];
    for (index, (flags, template, code)) in rows.into_iter().enumerate() {
        let second = shard(2, &format!("second-{index}"), flags, template);
        let merged = yard.path(&format!("merged-{index}"));
        let tool = Tool::bare().arg("merge-plans").arg(&first).arg(&second);
        let row = format!("{template} {flags}");
        let ran = tool.output(&merged).run().expect_code(code, &row);
        if code == 0 {
            for name in ["plan.json", "report.json", "report.md"] {
                let [whole, joined] = [yard.path("whole"), merged.clone()]
                    .map(|folder| fs::read_to_string(folder.join(name)).unwrap());
                assert_eq!(joined, whole, "{name}");
            }
        } else {
            assert!(ran.stderr.contains("differ in their validation setting"), "{row}: {ran}");
        }
    }
}

#[test]
fn later_commands_keep_the_validation_of_the_run() {
    let yard = Yard::many(2);
    yard.run(yard.migrate(&sh(EVERY_OTHER, "")), "v2").expect_code(0, "v2");
    let (before, findings) = (yard.report("v2"), yard.findings("v2"));
    let tool = Tool::on("sign", yard.path("v2")).arg("--sign-key").arg(keys::secret("ed25519"));
    tool.run().expect_code(0, "sign");
    assert_eq!(yard.report("v2")["validation"], before["validation"]);
    assert_eq!(yard.findings("v2"), findings);
    let plan = yard.path("v2/plan.json");
    assert_eq!(v2::json(&plan)["validation"], before["validation"]["settings"]);
    let tool = Tool::on("verify", yard.repo.path()).arg("--v2").arg(yard.path("v2"));
    let tool = tool.args("--stages production --exact --plan").arg(plan);
    tool.run().expect_code(0, "verify");
}

/// Counts that do not match the findings are refused: the report was edited.
#[test]
fn counts_must_match_the_findings() {
    let yard = Yard::many(2);
    yard.run(yard.migrate(&sh(EVERY_OTHER, "")), "v2").expect_code(0, "v2");
    let path = yard.path("v2/report.json");
    let text = fs::read_to_string(&path).unwrap();
    let rows = [
        ("\"passed\":3,\"failed\":1", "\"passed\":4,\"failed\":0", "the validation counts in "),
        ("\"passed\":3,\"failed\":1", "\"passed\":2,\"failed\":1", "the validation counts in "),
        ("\"timeout\":\"60s\"", "\"timeout\":\"61s\"", "belong to different runs"),
        ("\"timeout\":\"60s\"", "\"timeout\":\"60\"", "cannot read "),
        ("\"command\":\"sh ", "\"command\":\"'sh ", "cannot read "),
    ];
    for (from, to, expected) in rows {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        fs::write(&path, changed).unwrap();
        let tool = Tool::bare().arg("merge-plans").arg(yard.path("v2"));
        let ran = tool.output(yard.path("merged")).run().expect_code(3, to);
        assert!(ran.stderr.contains(expected), "{to}: {ran}");
    }
}
