//! `verify-signatures`: tells how each archive of a folder stands with its signature. Changes nothing.

use std::path::PathBuf;
use std::time::SystemTime;

use indicatif::HumanCount;

use crate::cli::exit_status::ExitStatus;
use crate::cli::former_run::read_plan;
use crate::cli::interrupt::interrupt_flag;
use crate::cli::outputs::{Outputs, ReportFormat};
use crate::cli::progress::Progress;
use crate::cli::summary::{labelled, shown, written_lines};
use crate::cli::terminal::{self, BAD, GOOD, ODD};
use crate::error::Error;
use crate::model::signature_status::{Coverage, SignatureState};
use crate::openpgp::PublicKeys;
use crate::ops::sign::crew::Crew;
use crate::ops::sign::status::{Survey, survey};
use crate::report::signatures::{render_json, render_markdown};

/// The most archives of one state that are named.
const SHOWN: usize = 5;

/// A checked command line.
#[derive(Debug)]
pub(crate) struct VerifySignaturesCommand {
    /// The output folder of a run.
    pub(crate) folder: PathBuf,
    pub(crate) public_keys: Vec<PathBuf>,
    pub(crate) jobs: usize,
    pub(crate) outputs: Outputs,
    pub(crate) quiet: bool,
}

impl VerifySignaturesCommand {
    pub(crate) fn run(self) -> Result<ExitStatus, Error> {
        let keys = PublicKeys::load(&self.public_keys, SystemTime::now())?;
        // Only what is there at all is to be trusted; a folder of archives alone will do.
        let path = self.folder.join("plan.json");
        let has_plan = path.try_exists().map_err(Error::file("look at", &path))?;
        let plan = has_plan.then(|| read_plan(&self.folder)).transpose()?;
        let interrupt = interrupt_flag();
        let progress = Progress::on_stderr(self.quiet);
        let crew = Crew { jobs: self.jobs, observer: &progress, interrupt: &interrupt };
        let found = survey(&self.folder, plan.as_ref(), &keys, crew)?;
        drop(progress);

        let all = self.outputs.all_findings();
        self.outputs.write_reports(|format| match format {
            ReportFormat::Json => render_json(&found.coverage, &found.others)
                .map_err(|source| Error::Json { what: "the report", source }),
            ReportFormat::Markdown => Ok(render_markdown(&found.coverage, &found.others, &all)),
        })?;
        if !self.quiet {
            let planned = plan.map(|plan| plan.archives().count() as u64);
            let mut lines = vec![labelled(0, "Archives", &archives(&found, planned))];
            lines.push(labelled(0, "Signed", &signed(&found.coverage)));
            lines.extend(state_lines(&found.coverage));
            lines.extend(shown("Others", &found.others, SHOWN));
            lines.extend(written_lines(&self.outputs));
            terminal::say(lines.join("\n"));
        }
        Ok(if found.is_good() { ExitStatus::Done } else { ExitStatus::Findings })
    }
}

fn archives(found: &Survey, planned: Option<u64>) -> String {
    let total = HumanCount(found.coverage.archive_count());
    let Some(planned) = planned else { return format!("{total} found; there is no plan") };
    let mut text = format!("{total} = {} planned", HumanCount(planned));
    if found.unplanned_count > 0 {
        text += &format!(" + {ODD}{} in no plan{ODD:#}", HumanCount(found.unplanned_count));
    }
    if !found.absent.is_empty() {
        let absent = HumanCount(found.absent.len() as u64);
        text += &format!("; {BAD}{absent} of the planned are not there{BAD:#}");
    }
    text
}

fn signed(coverage: &Coverage) -> String {
    let (good, total) = (coverage.good_count(), coverage.archive_count());
    let style = if good == total { GOOD } else { BAD };
    let keys: Vec<&str> = coverage.good.keys().map(String::as_str).collect();
    let by = if keys.is_empty() { String::new() } else { format!(", by {}", keys.join(", ")) };
    format!("{style}{} of {} good{style:#}{by}", HumanCount(good), HumanCount(total))
}

/// A line for each state that occurs, and a few archives in it.
fn state_lines(coverage: &Coverage) -> Vec<String> {
    let mut lines = Vec::new();
    for (code, count) in coverage.counts() {
        if count == 0 {
            continue;
        }
        let count = HumanCount(count).to_string();
        lines.push(labelled(lines.len(), "States", &format!("{code:22} {count:>6}")));
        let others: Vec<_> =
            coverage.others.iter().filter(|(_, state)| state.code() == code).collect();
        let cut = others.len().saturating_sub(SHOWN);
        for (key, state) in others.into_iter().take(SHOWN) {
            let name = key.file_name();
            let text = match state {
                SignatureState::Missing | SignatureState::Orphan => name.to_owned(),
                state => format!("{name}: {}", state.message()),
            };
            lines.push(labelled(lines.len(), "States", &format!("  {text}")));
        }
        if cut > 0 {
            let text =
                format!("  and {} more; --report FILE.json names all", HumanCount(cut as u64));
            lines.push(labelled(lines.len(), "States", &text));
        }
    }
    lines
}
