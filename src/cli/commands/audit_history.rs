//! `audit-history`: reports revisions that were removed from the stages or changed after release.

use std::path::PathBuf;

use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::{FailOn, StagesArgs, distinct_outputs, parse_report};
use crate::cli::named_values::named;
use crate::cli::outputs::{Outputs, ReportFormat, Target};
use crate::cli::summary::history;
use crate::cli::terminal;
use crate::cli::terminal::progress::Progress;
use crate::ops::audit_history::{Options, audit_history};
use crate::report::history::{html, json, markdown};

/// The exit codes in the help.
const EXIT_CODES: &str = "\
Exit codes:
  0    success, no finding at or above --fail-on
  1    completed, with findings at or above --fail-on
  2    invalid command line
  3    could not complete
  130  interrupted";

/// Report the revisions that v1 served and no longer does, and those that changed after release
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct AuditHistoryArgs {
    /// The v1 repository: bare, a work tree, or a .git folder, with its full history
    v1_repo: PathBuf,

    #[command(flatten)]
    stages: StagesArgs,

    /// Exit with code 1 if a finding is at least this severe: info, warning, conflict, blocker; or never
    #[arg(
        long,
        value_name = "SEVERITY",
        default_value = "blocker",
        value_parser = named::<FailOn>(FailOn::NAMES),
        hide_possible_values = true
    )]
    fail_on: FailOn,

    /// Write the report to this file (.json, .md or .html), or - for JSON on stdout; repeatable
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    report: Vec<(Target, ReportFormat)>,

    /// Hide progress and summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

impl AuditHistoryArgs {
    pub(in crate::cli) fn run(self) -> Result<ExitStatus, Failure> {
        let StagesArgs { stages, remote } = self.stages.check()?;
        let outputs = distinct_outputs(Outputs { reports: self.report, ..Outputs::default() })?;
        let progress = Progress::on_stderr(self.quiet);
        let report = audit_history(&self.v1_repo, &Options { stages, remote }, &progress)?;
        drop(progress);
        let html = || html::render(&report);
        outputs.write_reports(
            || json::render(&report),
            || markdown::render(&report),
            Some(&html),
        )?;
        if !self.quiet {
            terminal::summary(history::render(&report, &outputs));
        }
        let fails = self.fail_on.fails(|severity| report.reaches(severity));
        Ok(if fails { ExitStatus::Findings } else { ExitStatus::Done })
    }
}
