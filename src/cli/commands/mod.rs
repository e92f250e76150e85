//! One file per command: its flags and its `run`.

pub(super) mod audit_history;
pub(super) mod completions;
pub(super) mod explain;
pub(super) mod index;
pub(super) mod man_pages;
pub(super) mod merge_plans;
pub(super) mod migrate;
pub(super) mod report;
pub(super) mod sign;
pub(super) mod signatures;
#[cfg(feature = "stores")]
pub(super) mod upload;
pub(super) mod verify;
pub(super) mod verify_signatures;

/// The exit codes in the help of commands that report findings.
const EXIT_CODES: &str = "\
Exit codes:
  0    success, no finding at or above --fail-on
  1    completed, with findings at or above --fail-on
  2    invalid command line
  3    could not complete, or an existing file has other content
  130  interrupted";
