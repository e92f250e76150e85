//! `report coverage`: what several runs of `verify` proved together. Reads only their JSON reports.

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::{distinct_outputs, parse_page};
use crate::cli::outputs::{Outputs, ReportFormat, Target};
use crate::cli::previous_run::read_verification;
use crate::cli::summary::coverage as summary;
use crate::cli::terminal;
use crate::model::verification::Conclusion;
use crate::report::coverage::{Coverage, html};

/// The exit codes in the help.
const EXIT_CODES: &str = "\
Exit codes:
  0    every revision matched when last checked, and every slice was checked
  1    a revision does not match, or is not proven to match
  2    invalid command line
  3    could not complete";

/// Combine the reports of several runs
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReportArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Coverage(CoverageArgs),
}

/// Report which revisions several runs of `verify` proved, and how deeply
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
struct CoverageArgs {
    /// The JSON reports of `verify`, in the order of the runs
    #[arg(required = true, value_name = "JSON")]
    reports: Vec<PathBuf>,

    /// Write the report to this file (.html)
    #[arg(long, value_name = "FILE", value_parser = parse_page)]
    report: Option<Target>,

    /// Hide the summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

impl ReportArgs {
    pub(in crate::cli) fn run(self) -> Result<ExitStatus, Failure> {
        match self.action {
            Action::Coverage(args) => args.run(),
        }
    }
}

impl CoverageArgs {
    fn run(self) -> Result<ExitStatus, Failure> {
        let reports = self.report.into_iter().map(|target| (target, ReportFormat::Html));
        let outputs =
            distinct_outputs(Outputs { reports: reports.collect(), ..Outputs::default() })?;
        let runs = self.reports.iter().map(|path| read_verification(path));
        let coverage = Coverage::of(runs.collect::<Result<_, _>>()?);
        for (target, _) in &outputs.reports {
            target.write(&html::render(&coverage))?;
        }
        if !self.quiet {
            terminal::summary(summary::render(&coverage, &outputs));
        }
        Ok(match coverage.conclusion() {
            Conclusion::Match => ExitStatus::Done,
            Conclusion::Mismatch | Conclusion::NotProven => ExitStatus::Findings,
        })
    }
}
