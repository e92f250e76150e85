//! Where a proof goes: reports, JUnit's XML, and GitHub Actions when the run is one of its steps.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use super::outputs::Outputs;
use super::terminal;
use crate::error::Error;
use crate::model::verification::VerifyOutcome;
use crate::report::verify::{github, json, junit, markdown};

/// A step of GitHub Actions, as far as it wants to be told something.
#[derive(Debug, Default)]
pub(crate) struct GitHubStep {
    /// Tells whether the step's log is read by a runner, which shows annotations.
    pub(crate) shows_annotations: bool,
    /// The file that the job's summary is taken from.
    pub(crate) summary: Option<PathBuf>,
}

impl GitHubStep {
    /// The step that this process runs in, by the variables that the runner sets.
    pub(crate) fn from_environment() -> Self {
        if env::var_os("GITHUB_ACTIONS").is_none_or(|value| value != "true") {
            return GitHubStep::default();
        }
        let summary = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
        GitHubStep { shows_annotations: true, summary: summary.map(PathBuf::from) }
    }
}

/// Writes all that is asked for, the reports first.
pub(super) fn write(
    outputs: &Outputs,
    step: &GitHubStep,
    outcome: &VerifyOutcome,
) -> Result<(), Error> {
    let all = outputs.all_findings();
    outputs.write_reports(|| json::render(outcome), || markdown::render(outcome, &all))?;
    if let Some(target) = &outputs.junit {
        let text = junit::render(outcome).map_err(|error| Error::JUnit { source: error.into() })?;
        target.write(&text)?;
    }
    if step.shows_annotations {
        // To stderr, which the runner reads as well: stdout is for the data that was asked for.
        terminal::say(github::annotations(outcome).trim_end());
    }
    let Some(path) = &step.summary else { return Ok(()) };
    // What cannot be asked for its length is new, or appending to it says what is wrong.
    let there_len = fs::metadata(path).map(|file| file.len()).unwrap_or_default();
    let room = github::MAX_SUMMARY_LEN.saturating_sub(there_len);
    match github::summary(outcome, &all, room) {
        Some(text) => OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(Error::file("append the summary to", path)),
        None => {
            terminal::say("the job's summary is full: the verdict has no room in it");
            Ok(())
        }
    }
}
