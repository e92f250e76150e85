//! One file per command: checked options in, an exit status out.

pub(crate) mod audit_history;
pub(crate) mod merge_plans;
pub(crate) mod migrate;
pub(crate) mod sign;
pub(crate) mod signatures;
pub(crate) mod verify;
pub(crate) mod verify_signatures;
