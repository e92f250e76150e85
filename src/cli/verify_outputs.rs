//! Writes the result of `verify`: reports, JUnit XML, and the GitHub Actions annotations and summary.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use super::outputs::Outputs;
use super::terminal;
use crate::error::Error;
use crate::model::verification::VerifyOutcome;
use crate::report::verify::{github, html, json, junit, markdown};

/// The outputs of a GitHub Actions step.
#[derive(Debug, Default)]
pub(crate) struct GitHubStep {
    /// Whether a runner reads the step's log and shows annotations.
    pub(crate) shows_annotations: bool,
    /// The job summary file.
    pub(crate) summary: Option<PathBuf>,
}

impl GitHubStep {
    /// Reads the variables that the runner sets for a step.
    pub(crate) fn from_environment() -> Self {
        if env::var_os("GITHUB_ACTIONS").is_none_or(|value| value != "true") {
            return GitHubStep::default();
        }
        let summary = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
        GitHubStep { shows_annotations: true, summary: summary.map(PathBuf::from) }
    }
}

/// Writes all requested outputs, the reports first.
pub(super) fn write(
    outputs: &Outputs,
    step: &GitHubStep,
    outcome: &VerifyOutcome,
) -> Result<(), Error> {
    let all = outputs.all_findings();
    let html = || html::render(outcome);
    let markdown = || markdown::render(outcome, &all);
    outputs.write_reports(|| json::render(outcome), markdown, Some(&html))?;
    if let Some(target) = &outputs.junit {
        let text = junit::render(outcome).map_err(|error| Error::JUnit { source: error.into() })?;
        target.write(&text)?;
    }
    if step.shows_annotations {
        // To stderr, which the runner reads as well: stdout is for requested data.
        terminal::annotations(github::annotations(outcome).trim_end());
    }
    let Some(path) = &step.summary else { return Ok(()) };
    // If the length is unavailable, the file is new, or appending to it will report the error.
    let current_len = fs::metadata(path).map(|file| file.len()).unwrap_or_default();
    let max_len = github::MAX_SUMMARY_LEN.saturating_sub(current_len);
    match github::summary(outcome, &all, max_len) {
        Some(text) => OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(Error::file("append the summary to", path)),
        None => {
            terminal::notice("the job summary is full: no space left for the verdict");
            Ok(())
        }
    }
}
