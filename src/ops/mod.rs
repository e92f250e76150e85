//! What the program does, one room per verb. Knows no terminal and no command line.

pub mod audit_history;
pub mod merge_plans;
pub mod migrate;
pub mod sign;
pub mod validate;
pub mod verify;
