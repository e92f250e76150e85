//! Findings about packages that a validator rejects or gives no verdict on.
//!
//! `validate` tests how validators are run.

use super::{check_with, harbor};
use crate::support::v1_repo::RevisionDraft;

/// A validator, and the expected findings on `pier` 1.0.0.
pub(super) struct Row {
    name: &'static str,
    /// A shell script, which runs only for `pier`; other packages pass.
    script: &'static str,
    flags: &'static str,
    archives: &'static [&'static str],
    balance: [u64; 5],
    pub(super) findings: &'static [&'static str],
}

const ARCHIVED: [u64; 5] = [5, 4, 1, 0, 0];
const BLOCKED: [u64; 5] = [5, 3, 0, 0, 2];
const COPY: &str = "info identical-copy pier 1.0.0 staging - winner=production";

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "a validator that passes",
        script: "exit 0",
        flags: "--validate-fail-on-error",
        archives: &["+pier-1.0.0"],
        balance: ARCHIVED,
        findings: &[COPY],
    },
    Row {
        name: "a validator that fails",
        script: "echo no title; exit 3",
        flags: "",
        archives: &["+pier-1.0.0"],
        balance: ARCHIVED,
        findings: &[
            "warning validation-failed pier 1.0.0 production,staging - exit_code=3 fail_on_error=false output=no title",
            COPY,
        ],
    },
    Row {
        name: "a validator that fails, and blocks",
        script: "echo no title; exit 3",
        flags: "--validate-fail-on-error",
        archives: &[],
        balance: BLOCKED,
        findings: &[
            "blocker validation-failed pier 1.0.0 production,staging - exit_code=3 fail_on_error=true output=no title",
            COPY,
        ],
    },
    Row {
        name: "a validator that hangs",
        script: "echo begun; sleep 600",
        flags: "--validate-timeout 10s",
        archives: &["+pier-1.0.0"],
        balance: ARCHIVED,
        findings: &[
            "warning not-validated pier 1.0.0 production,staging - cause={\"timed-out\":\"10s\"} fail_on_error=false output=begun",
            COPY,
        ],
    },
    Row {
        name: "a validator that is killed, and blocks",
        script: "kill -9 $$",
        flags: "--validate-fail-on-error",
        archives: &[],
        balance: BLOCKED,
        findings: &[
            "blocker not-validated pier 1.0.0 production,staging - cause={\"signal\":9} fail_on_error=true output=",
            COPY,
        ],
    },
];

#[test]
fn results_of_validators_are_findings() {
    let run = |row: &Row| {
        let dir = tempfile::tempdir().unwrap();
        let repo = harbor(&dir.path().join("v1"));
        let repo = ["production", "staging"].into_iter().fold(repo, |repo, stage| {
            repo.stage(stage, |s| s.revision("pier", "1.0.0", RevisionDraft::manifest))
        });
        let script = format!("case $PWD in */pier-*) ;; *) exit 0;; esac; {}", row.script);
        let flags = |tool: crate::support::tool::Tool| {
            tool.arg("--validate-command").arg(format!("sh -c '{script}'")).args(row.flags)
        };
        let findings: Vec<String> = row.findings.iter().map(|line| (*line).to_owned()).collect();
        check_with(&flags, row.name, &repo, row.archives, row.balance, &findings);
    };
    // In parallel because one of them only waits.
    std::thread::scope(|scope| {
        for row in ROWS {
            scope.spawn(move || run(row));
        }
    });
}
