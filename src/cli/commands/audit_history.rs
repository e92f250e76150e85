//! `audit-history`: tells what the stages once had, and what changed after it was served.

use std::path::PathBuf;

use crate::cli::exit_status::ExitStatus;
use crate::cli::outputs::{Outputs, ReportFormat};
use crate::cli::progress::Progress;
use crate::cli::summary::history;
use crate::cli::terminal;
use crate::error::Error;
use crate::model::finding::Severity;
use crate::ops::audit_history::{Options, audit_history};
use crate::report::history::{json, markdown};

/// A checked command line.
#[derive(Debug)]
pub(crate) struct AuditHistoryCommand {
    pub(crate) v1_repo: PathBuf,
    pub(crate) options: Options,
    pub(crate) outputs: Outputs,
    pub(crate) fail_on: Severity,
    pub(crate) quiet: bool,
}

impl AuditHistoryCommand {
    pub(crate) fn run(self) -> Result<ExitStatus, Error> {
        let progress = Progress::on_stderr(self.quiet);
        let report = audit_history(&self.v1_repo, &self.options, &progress)?;
        drop(progress);
        self.outputs.write_reports(|format| match format {
            ReportFormat::Json => {
                json::render(&report).map_err(|source| Error::Json { what: "the report", source })
            }
            ReportFormat::Markdown => Ok(markdown::render(&report)),
        })?;
        if !self.quiet {
            terminal::say(history::render(&report, &self.outputs));
        }
        let reached = report.reaches(self.fail_on);
        Ok(if reached { ExitStatus::Findings } else { ExitStatus::Done })
    }
}
