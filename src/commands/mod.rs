//! One file per command: checked options in, an exit status out.

pub(crate) mod audit_history;
mod former_run;
mod history_summary;
mod interrupt;
pub(crate) mod merge_plans;
pub(crate) mod migrate;
pub(crate) mod outputs;
pub(crate) mod sign;
pub(crate) mod signatures;
pub(crate) mod signing;
mod summary;
pub(crate) mod verify;
mod verify_outputs;
pub(crate) mod verify_signatures;
mod verify_summary;

use crate::finding::Severity;
use crate::proof::{Conclusion, VerifyOutcome};
use crate::report::Report;

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
    fn of_proof(outcome: &VerifyOutcome) -> Self {
        match outcome.conclusion() {
            Conclusion::Match => ExitStatus::Done,
            Conclusion::Mismatch | Conclusion::NotProven => ExitStatus::Findings,
        }
    }

    fn of_findings(report: &Report, fail_on: Severity) -> Self {
        if report.reaches(fail_on) { ExitStatus::Findings } else { ExitStatus::Done }
    }
}
