//! `migrate`: runs the engine into a folder or into nothing, and writes plan and report last.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{ExitStatus, summary, terminal};
use crate::error::Error;
use crate::finding::Severity;
use crate::migrate::{Options, migrate};
use crate::output::{ArchiveSink, OutputFolder, Preview, replace_file, unplanned_archives};
use crate::progress::Progress;
use crate::report;
use crate::v1::git::StageRequest;

/// Where plan or report go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Stdout,
    File(PathBuf),
}

impl From<PathBuf> for Target {
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Target::Stdout } else { Target::File(path) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Stdout => f.write_str("stdout"),
            Target::File(path) => path.display().fmt(f),
        }
    }
}

impl Target {
    fn write(&self, text: &str) -> Result<(), Error> {
        match self {
            Target::Stdout => terminal::data(text),
            Target::File(path) => replace_file(path, text),
        }
    }
}

/// A report's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    Json,
    Markdown,
}

/// A checked command line.
#[derive(Debug)]
pub(crate) struct MigrateCommand {
    pub(crate) v1_repo: PathBuf,
    pub(crate) output: Option<PathBuf>,
    /// Whether archives go to `output`; else it is only compared with.
    pub(crate) keeps_archives: bool,
    pub(crate) stages: Vec<StageRequest>,
    pub(crate) remote: String,
    pub(crate) jobs: usize,
    pub(crate) fail_on: Severity,
    pub(crate) plan: Option<Target>,
    pub(crate) reports: Vec<(Target, ReportFormat)>,
    pub(crate) quiet: bool,
}

impl MigrateCommand {
    pub(crate) fn run(self) -> Result<ExitStatus, Error> {
        let interrupt = interrupt_flag();
        let options = Options { stages: self.stages, remote: self.remote, jobs: self.jobs };
        let sink: Box<dyn ArchiveSink> = match &self.output {
            Some(folder) if self.keeps_archives => Box::new(OutputFolder::open(folder)?),
            folder => Box::new(Preview::new(folder.clone())),
        };
        let progress = Progress::on_stderr(self.quiet);
        let outcome = migrate(&self.v1_repo, &options, &*sink, &progress, &interrupt)?;
        drop(progress);

        let unplanned = match &self.output {
            Some(folder) => {
                let uploads = &outcome.plan.uploads;
                unplanned_archives(folder, |name| {
                    uploads.iter().any(|upload| upload.key.file_name() == name)
                })?
            }
            None => Vec::new(),
        };
        if let Some(target) = &self.plan {
            let text = outcome.plan.to_json();
            target.write(&text.map_err(|source| Error::Json { what: "the plan", source })?)?;
        }
        for (target, format) in &self.reports {
            let text = match format {
                ReportFormat::Json => report::json::render(&outcome.report)
                    .map_err(|source| Error::Json { what: "the report", source })?,
                ReportFormat::Markdown => report::markdown::render(&outcome.report),
            };
            target.write(&text)?;
        }

        let folder = self.output.as_deref();
        if !self.quiet {
            let written: Vec<&Target> =
                self.plan.iter().chain(self.reports.iter().map(|(target, _)| target)).collect();
            terminal::say(summary::render(&outcome, self.keeps_archives, folder, &written));
        }
        if let Some(text) = summary::folder_faults(&outcome.deliveries, folder, &unplanned) {
            terminal::say(text);
        }
        Ok(if !outcome.deliveries.refused.is_empty() {
            ExitStatus::CouldNotFinish
        } else if outcome.report.reaches(self.fail_on) {
            ExitStatus::Findings
        } else {
            ExitStatus::Done
        })
    }
}

/// Becomes true at Ctrl-C, SIGTERM or SIGHUP; at the second one, the process ends at once.
fn interrupt_flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    let handler = ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            std::process::exit(ExitStatus::Interrupted.code().into());
        }
    });
    if let Err(error) = handler {
        // The run is as safe without: a killed run leaves no half file under a final name.
        terminal::say(format_args!("Ctrl-C ends this run at once: {error}"));
    }
    flag
}
