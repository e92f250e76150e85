//! `merge-plans`: merges the plans and reports of the shards of one run. Touches no archive.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::EXIT_CODES;
use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::OutputArgs;
use crate::cli::interrupt::interrupt_flag;
use crate::cli::previous_run::read_part;
use crate::cli::summary;
use crate::cli::terminal;
use crate::error::Error;
use crate::model::plan::PlannedIndex;
use crate::ops::index::Entries;
use crate::ops::merge_plans::{Part, merge};
use crate::report::signatures;
use crate::v2::folder::{clean_metadata, make_folder};

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
        let interrupt = interrupt_flag();
        let folders = self.parts.iter();
        let parts: Vec<Part> = folders.map(|folder| read_part(folder)).collect::<Result<_, _>>()?;
        let (mut plan, mut report) = merge(parts.clone())
            .map_err(|error| Error::Merge { hint: error.hint(), source: error.into() })?;
        self.output.as_deref().map_or(Ok(()), make_folder)?;
        if let Some(PlannedIndex { cursor, base, .. }) = plan.index.take() {
            let entries = entries(&self.parts, &parts, &interrupt)?;
            let folder = self.output.as_deref();
            folder.map_or(Ok(()), clean_metadata)?;
            plan = entries.write(plan, cursor, base, folder, &interrupt)?;
            report.index.clone_from(&plan.index);
        }
        outputs.write(&plan, &report)?;
        if !quiet {
            let objects = summary::planned(&plan);
            let signed = signatures::counts(&report.signatures);
            terminal::summary(summary::render(&report, &objects, &signed, &outputs));
        }
        Ok(ExitStatus::of_findings(&report, fail_on))
    }
}

/// Reads and joins the parts of the search index.
fn entries(folders: &[PathBuf], parts: &[Part], interrupt: &AtomicBool) -> Result<Entries, Error> {
    let read = folders.iter().zip(parts).map(|(folder, part)| {
        let entries = Entries::of_folder(folder, &part.plan, &part.report.findings, interrupt)?;
        entries.ok_or_else(|| Error::UnplannedIndex { file: "the part of the index".to_owned() })
    });
    Entries::joined(read.collect::<Result<Vec<_>, _>>()?)
}
