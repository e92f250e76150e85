//! Exit codes, and the reasons why a command fails.

use super::flags::FailOn;
use crate::error::Error;
use crate::model::upload::{Comparison, UploadConclusion};
use crate::model::verification::{Conclusion, VerifyOutcome};
use crate::report::migration::Report;

/// How a run ended; the README has a table of the exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Completed, with no finding at or above the threshold.
    Done,
    /// Completed, with findings at or above the threshold.
    Findings,
    /// Could not complete, or refused to replace a file. (clap uses 2 for an invalid command line.)
    CouldNotFinish,
    /// Interrupted.
    Interrupted,
}

impl ExitStatus {
    pub(crate) fn code(self) -> u8 {
        match self {
            ExitStatus::Done => 0,
            ExitStatus::Findings => 1,
            ExitStatus::CouldNotFinish => 3,
            ExitStatus::Interrupted => 130,
        }
    }

    /// Returns the name of the outcome in a log of events.
    pub(super) fn name(self) -> &'static str {
        match self {
            ExitStatus::Done => "done",
            ExitStatus::Findings => "findings",
            ExitStatus::CouldNotFinish => "failed",
            ExitStatus::Interrupted => "interrupted",
        }
    }

    /// Returns the status of a verification: done only if it proves a match.
    pub(super) fn of_proof(outcome: &VerifyOutcome) -> Self {
        match outcome.conclusion() {
            Conclusion::Match => ExitStatus::Done,
            Conclusion::Mismatch | Conclusion::NotProven => ExitStatus::Findings,
        }
    }

    /// Returns the status of a run that could not complete if `any` file was refused.
    pub(super) fn of_refused(any: bool) -> Self {
        if any { ExitStatus::CouldNotFinish } else { ExitStatus::Done }
    }

    pub(super) fn of_findings(report: &Report, fail_on: FailOn) -> Self {
        if fail_on.fails(|severity| report.reaches(severity)) {
            ExitStatus::Findings
        } else {
            ExitStatus::Done
        }
    }
}

impl ExitStatus {
    /// Returns the status of a run whose plan was also compared with a store: what uploading it would end with, too.
    pub(super) fn and_compared(self, comparison: &Comparison, fail_on: FailOn) -> Self {
        match (self, comparison.outcome.conclusion()) {
            (ExitStatus::CouldNotFinish | ExitStatus::Interrupted, _) => self,
            (_, UploadConclusion::Failed) => ExitStatus::CouldNotFinish,
            (ExitStatus::Done, UploadConclusion::Conflicts) if fail_on.fails(|_| true) => {
                ExitStatus::Findings
            }
            (
                _,
                UploadConclusion::Conflicts
                | UploadConclusion::NotServed
                | UploadConclusion::Complete,
            ) => self,
        }
    }
}

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// An invalid command line, such as conflicting flags.
    Usage(String),
    /// The command could not complete.
    Error(Error),
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Failure::Usage(message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Error(error)
    }
}
