//! `merge-plans`: joins what the shards of one run have told. Touches no archive.

use std::path::PathBuf;

use crate::cli::exit_status::ExitStatus;
use crate::cli::former_run::read_part;
use crate::cli::outputs::Outputs;
use crate::cli::summary;
use crate::cli::terminal;
use crate::error::Error;
use crate::model::finding::Severity;
use crate::ops::merge_plans::merge;
use crate::report::signatures;
use crate::v2::folder::make_folder;

/// A checked command line.
#[derive(Debug)]
pub(crate) struct MergePlansCommand {
    /// Output folders of the shards' runs.
    pub(crate) parts: Vec<PathBuf>,
    /// A folder that is to be there before anything is written.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) outputs: Outputs,
    pub(crate) fail_on: Severity,
    pub(crate) quiet: bool,
}

impl MergePlansCommand {
    pub(crate) fn run(self) -> Result<ExitStatus, Error> {
        let parts = self.parts.iter().map(|folder| read_part(folder)).collect::<Result<_, _>>()?;
        let (plan, report) = merge(parts)
            .map_err(|error| Error::Merge { hint: error.hint(), source: error.into() })?;
        self.folder.as_deref().map_or(Ok(()), make_folder)?;
        self.outputs.write(&plan, &report)?;
        if !self.quiet {
            let archives = summary::planned(&plan);
            let signed = signatures::counts(&report.signatures);
            terminal::say(summary::render(&report, &archives, &signed, &self.outputs));
        }
        Ok(ExitStatus::of_findings(&report, self.fail_on))
    }
}
