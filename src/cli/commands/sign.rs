//! `sign`: signs what a former run left unsigned, in its folder. Touches no archive.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::cli::exit_status::ExitStatus;
use crate::cli::former_run::read_whole_part;
use crate::cli::interrupt::interrupt_flag;
use crate::cli::keys::{self, Signing, SigningChoice};
use crate::cli::outputs::Outputs;
use crate::cli::progress::Progress;
use crate::cli::summary::{labelled, written_lines};
use crate::cli::terminal;
use crate::error::Error;
use crate::ops::merge_plans::Part;
use crate::v2::folder::OutputFolder;

/// A checked command line.
#[derive(Debug)]
pub(crate) struct SignDirCommand {
    /// The output folder of a former run.
    pub(crate) folder: PathBuf,
    pub(crate) signing: SigningChoice,
    pub(crate) jobs: usize,
    pub(crate) outputs: Outputs,
    pub(crate) quiet: bool,
}

impl SignDirCommand {
    pub(crate) fn run(self) -> Result<ExitStatus, Error> {
        let keys = self.signing.load(SystemTime::now())?;
        let interrupt = interrupt_flag();
        let sink = OutputFolder::reopen(&self.folder)?;
        let Part { plan, mut report, .. } = read_whole_part(&self.folder)?;

        let progress = Progress::on_stderr(self.quiet);
        let signed = keys.sign(
            &plan,
            &Signing {
                folder: Some(&self.folder),
                sink: Some(&sink),
                read: &BTreeMap::new(),
                refused: &[],
                jobs: self.jobs,
            },
            &progress,
            &interrupt,
        )?;
        drop(progress);
        report.signatures = signed.coverage.clone();
        let plan = plan.with_signatures(signed.uploads.clone());
        self.outputs.write(&plan, &report)?;

        if !self.quiet {
            let mut lines = vec![labelled(0, "Signed", &keys.told(&signed))];
            lines.extend(written_lines(&self.outputs));
            terminal::say(lines.join("\n"));
        }
        if let Some(text) = keys::faults(&signed, &self.folder) {
            terminal::say(text);
        }
        Ok(match signed.refused.is_empty() {
            true => ExitStatus::Done,
            false => ExitStatus::CouldNotFinish,
        })
    }
}
