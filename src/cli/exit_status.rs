//! How a run ended, as an exit code; or why it did not.

use crate::error::Error;
use crate::model::finding::Severity;
use crate::model::verification::{Conclusion, VerifyOutcome};
use crate::report::migration::Report;

/// How a run ended; the README's table of exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Done, and nothing found at or above the threshold.
    Done,
    /// Done, and something found at or above the threshold.
    Findings,
    /// Could not finish, or not keep an archive. (2 is clap's, for a wrong command line.)
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

    /// A proof is done when it stands; when it has a hole, something remains as well.
    pub(super) fn of_proof(outcome: &VerifyOutcome) -> Self {
        match outcome.conclusion() {
            Conclusion::Match => ExitStatus::Done,
            Conclusion::Mismatch | Conclusion::NotProven => ExitStatus::Findings,
        }
    }

    /// The status of a run that could not finish when `any` file was refused.
    pub(super) fn of_refused(any: bool) -> Self {
        if any { ExitStatus::CouldNotFinish } else { ExitStatus::Done }
    }

    pub(super) fn of_findings(report: &Report, fail_on: Severity) -> Self {
        if report.reaches(fail_on) { ExitStatus::Findings } else { ExitStatus::Done }
    }
}

/// Why a command did not end.
#[derive(Debug)]
pub(super) enum Failure {
    /// Flags that do not go together: a wrong command line.
    Usage(String),
    /// It could not finish.
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
