//! The flags of `audit-history`.

use std::path::PathBuf;

use super::EXIT_CODES;
use super::commands::audit_history::AuditHistoryCommand;
use super::flags::{StagesArgs, outputs_apart, parse_report, parse_severity};
use super::outputs::{Outputs, ReportFormat, Target};
use crate::model::finding::Severity;
use crate::ops::audit_history;

/// Tell which revisions v1 once served and serves no more, and which changed after they were served
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct AuditHistoryArgs {
    /// The v1 repository: bare, a work tree, or a .git folder, with its whole history
    v1_repo: PathBuf,

    #[command(flatten)]
    stages: StagesArgs,

    /// End with exit code 1 when a finding is at least this severe: info, warning, conflict, blocker
    #[arg(long, value_name = "SEVERITY", default_value = "blocker", value_parser = parse_severity)]
    fail_on: Severity,

    /// Write the report to this file (.json or .md), - for JSON on stdout; repeatable
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    report: Vec<(Target, ReportFormat)>,

    /// Show neither progress nor summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

impl AuditHistoryArgs {
    pub(super) fn into_command(self) -> Result<AuditHistoryCommand, String> {
        let StagesArgs { stages, remote } = self.stages.check()?;
        let outputs = Outputs { reports: self.report, ..Outputs::default() };
        Ok(AuditHistoryCommand {
            v1_repo: self.v1_repo,
            options: audit_history::Options { stages, remote },
            outputs: outputs_apart(outputs)?,
            fail_on: self.fail_on,
            quiet: self.quiet,
        })
    }
}
