//! One file per command: its flags, and its run.

pub(super) mod audit_history;
pub(super) mod merge_plans;
pub(super) mod migrate;
pub(super) mod sign;
pub(super) mod signatures;
pub(super) mod verify;
pub(super) mod verify_signatures;

/// The end of the help of commands that report findings.
const EXIT_CODES: &str = "\
Exit codes:
  0    done, and no finding at or above --fail-on
  1    done, and findings at or above --fail-on
  2    wrong command line
  3    could not finish, or an archive or signature that is there is not the right one
  130  interrupted";
