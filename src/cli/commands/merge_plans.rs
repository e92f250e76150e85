//! `merge-plans`: merges the plans and reports of the shards of one run. Touches no archive.

use std::path::PathBuf;

use super::EXIT_CODES;
use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::OutputArgs;
use crate::cli::previous_run::read_part;
use crate::cli::summary;
use crate::cli::terminal;
use crate::error::Error;
use crate::ops::merge_plans::merge;
use crate::report::signatures;
use crate::v2::folder::make_folder;

/// Merge the plans and reports of all shards into those of the whole run
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct MergePlansArgs {
    /// The output folder of each shard's run, with plan.json and report.json
    #[arg(required = true, value_name = "PART_DIR")]
    parts: Vec<PathBuf>,

    /// The folder to write the plan and the report to
    #[arg(short, long, value_name = "DIR", required_unless_present_any = ["plan", "report"])]
    output: Option<PathBuf>,

    #[command(flatten)]
    output_args: OutputArgs,
}

impl MergePlansArgs {
    pub(in crate::cli) fn run(self) -> Result<ExitStatus, Failure> {
        let (fail_on, quiet) = (self.output_args.fail_on, self.output_args.quiet);
        let outputs = self.output_args.outputs(self.output.as_deref(), None)?;
        let parts = self.parts.iter().map(|folder| read_part(folder)).collect::<Result<_, _>>()?;
        let (plan, report) = merge(parts)
            .map_err(|error| Error::Merge { hint: error.hint(), source: error.into() })?;
        self.output.as_deref().map_or(Ok(()), make_folder)?;
        outputs.write(&plan, &report)?;
        if !quiet {
            let objects = summary::planned(&plan);
            let signed = signatures::counts(&report.signatures);
            terminal::say(summary::render(&report, &objects, &signed, &outputs));
        }
        Ok(ExitStatus::of_findings(&report, fail_on))
    }
}
