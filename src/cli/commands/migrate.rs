//! `migrate`: runs the engine into a folder or into nothing, and writes plan and report last.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::cli::exit_status::ExitStatus;
use crate::cli::interrupt::interrupt_flag;
use crate::cli::keys::{Signing, SigningChoice};
use crate::cli::outputs::Outputs;
use crate::cli::progress::Progress;
use crate::cli::terminal;
use crate::cli::{keys, summary};
use crate::error::Error;
use crate::model::finding::Severity;
use crate::ops::migrate::{Options, migrate};
use crate::rules::decisions::{Fault, Resolutions};
use crate::v2::folder::{ArchiveSink, OutputFolder, Preview, unplanned_archives};

/// A checked command line.
#[derive(Debug)]
pub(crate) struct MigrateCommand {
    pub(crate) v1_repo: PathBuf,
    pub(crate) options: Options,
    /// The file of decisions.
    pub(crate) resolutions: Option<PathBuf>,
    pub(crate) folder: Option<PathBuf>,
    /// Whether archives go to `folder`; else it is only compared with.
    pub(crate) keeps_archives: bool,
    pub(crate) outputs: Outputs,
    pub(crate) signing: SigningChoice,
    pub(crate) fail_on: Severity,
    pub(crate) quiet: bool,
}

impl MigrateCommand {
    pub(crate) fn run(mut self) -> Result<ExitStatus, Error> {
        let keys = self.signing.load(SystemTime::now())?;
        if let Some(path) = &self.resolutions {
            self.options.resolutions = read_resolutions(path)?;
        }
        let interrupt = interrupt_flag();
        // Held to the end of the run, and with it the folder's lock.
        let sink: Box<dyn ArchiveSink> = match &self.folder {
            Some(folder) if self.keeps_archives => Box::new(OutputFolder::open(folder)?),
            folder => Box::new(Preview::new(folder.clone())),
        };
        let progress = Progress::on_stderr(self.quiet);
        let mut outcome = migrate(&self.v1_repo, &self.options, &*sink, &progress, &interrupt)?;
        let folder = self.folder.as_deref();
        let signed = keys.sign(
            &outcome.plan,
            &Signing {
                folder,
                sink: self.keeps_archives.then_some(&*sink),
                read: &outcome.read,
                refused: &outcome.deliveries.refused,
                jobs: self.options.jobs,
            },
            &progress,
            &interrupt,
        )?;
        drop(progress);
        outcome.report.signatures = signed.coverage.clone();
        outcome.plan = outcome.plan.with_signatures(signed.uploads.clone());

        let unplanned = match folder {
            Some(folder) => unplanned_archives(folder, &outcome.plan.uploads)?,
            None => Vec::new(),
        };
        self.outputs.write_skeleton(&outcome.report, &outcome.open)?;
        self.outputs.write(&outcome.plan, &outcome.report)?;

        if !self.quiet {
            let archives = summary::delivered(&outcome, self.keeps_archives, folder);
            let signed = keys.told(&signed);
            terminal::say(summary::render(&outcome.report, &archives, &signed, &self.outputs));
        }
        if let Some(text) = folder.and_then(|folder| keys::faults(&signed, folder)) {
            terminal::say(text);
        }
        if let Some(text) =
            summary::folder_faults(&outcome.deliveries, folder, &unplanned, &outcome.report)
        {
            terminal::say(text);
        }
        Ok(if outcome.deliveries.refused.is_empty() && signed.refused.is_empty() {
            ExitStatus::of_findings(&outcome.report, self.fail_on)
        } else {
            ExitStatus::CouldNotFinish
        })
    }
}

pub(super) fn read_resolutions(path: &Path) -> Result<Resolutions, Error> {
    let bytes = fs::read(path).map_err(Error::file("read the decisions in", path))?;
    Resolutions::parse(&bytes).map_err(|faults| Error::Resolutions {
        faults: faults.iter().map(Fault::to_string).collect(),
    })
}
