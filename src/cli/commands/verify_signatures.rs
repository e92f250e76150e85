//! `verify-signatures`: reports the signature status of each archive in a folder. Changes nothing.

use std::path::PathBuf;
use std::time::SystemTime;

use indicatif::HumanCount;

use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::{JobsArgs, distinct_outputs, parse_text_report};
use crate::cli::interrupt::interrupt_flag;
use crate::cli::keys;
use crate::cli::outputs::{Outputs, ReportFormat, Target};
use crate::cli::previous_run::read_plan;
use crate::cli::summary::{labelled, multiple_signatures_line, name_lines, written_lines};
use crate::cli::terminal::progress::Progress;
use crate::cli::terminal::{self, BAD, GOOD, ODD};
use crate::error::Error;
use crate::model::signature_status::{Coverage, SignatureState};
use crate::ops::sign::status::{Survey, survey};
use crate::ops::sign::workers::Workers;
use crate::report::signatures::{render_json, render_markdown};

/// The maximum number of archives of one state that are named.
const SHOWN: usize = 5;

/// The exit codes in the help.
const EXIT_CODES: &str = "\
Exit codes:
  0    every archive has a good signature, and there is no other signature
  1    completed, but a signature is missing, not good, or without an archive
  2    invalid command line
  3    could not complete
  130  interrupted";

/// Report the signature status of each archive
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct VerifySignaturesArgs {
    /// The output folder of `migrate`, with or without a plan, or a flat folder of archives
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Check signatures with the public keys in this file; repeatable
    #[arg(long, value_name = "FILE", required = true)]
    public_key: Vec<PathBuf>,

    /// Write the report to this file (.json or .md), or - for JSON on stdout; repeatable
    #[arg(long, value_name = "FILE", value_parser = parse_text_report)]
    report: Vec<(Target, ReportFormat)>,

    #[command(flatten)]
    jobs: JobsArgs,

    /// Hide progress and summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

impl VerifySignaturesArgs {
    pub(in crate::cli) fn run(self) -> Result<ExitStatus, Failure> {
        let outputs = distinct_outputs(Outputs { reports: self.report, ..Outputs::default() })?;
        let keys = keys::load_public(&self.public_key, SystemTime::now())?;
        // A plan is optional: a folder of archives alone is enough.
        let path = self.folder.join("plan.json");
        let has_plan = path.try_exists().map_err(Error::file("look at", &path))?;
        let plan = has_plan.then(|| read_plan(&self.folder)).transpose()?;
        let interrupt = interrupt_flag();
        let progress = Progress::on_stderr(self.quiet);
        let workers =
            Workers { jobs: self.jobs.count(), observer: &progress, interrupt: &interrupt };
        let found = survey(&self.folder, plan.as_ref(), &keys, workers)?;
        drop(progress);

        let all = outputs.all_findings();
        let json = || render_json(&found.coverage, &found.others);
        let markdown = || render_markdown(&found.coverage, &found.others, &all);
        outputs.write_reports(json, markdown, None)?;
        if !self.quiet {
            let planned = plan.map(|plan| plan.archives().count() as u64);
            let mut lines = vec![labelled(0, "Archives", &archives(&found, planned))];
            lines.push(labelled(0, "Signed", &signed(&found.coverage)));
            lines.extend(multiple_signatures_line(&found.coverage));
            lines.extend(state_lines(&found.coverage));
            lines.extend(name_lines("Others", &found.others, SHOWN));
            lines.extend(written_lines(&outputs));
            terminal::summary(lines.join("\n"));
        }
        Ok(if found.is_good() { ExitStatus::Done } else { ExitStatus::Findings })
    }
}

fn archives(found: &Survey, planned: Option<u64>) -> String {
    let total = HumanCount(found.coverage.archive_count());
    let Some(planned) = planned else { return format!("{total} found (no plan)") };
    let mut text = format!("{total} = {} planned", HumanCount(planned));
    if found.unplanned_count > 0 {
        text += &format!(" + {ODD}{} not in the plan{ODD:#}", HumanCount(found.unplanned_count));
    }
    if !found.absent.is_empty() {
        let absent = match found.absent.len() {
            1 => "1 planned archive does not exist".to_owned(),
            count => format!("{} planned archives do not exist", HumanCount(count as u64)),
        };
        text += &format!("; {BAD}{absent}{BAD:#}");
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

/// Returns a line for each state that occurs, with a few archives in that state.
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
                format!("  and {} more; --report FILE.json lists all", HumanCount(cut as u64));
            lines.push(labelled(lines.len(), "States", &text));
        }
    }
    lines
}
