//! The operations of the program, one module per command. Independent of the terminal and the command
//! line.

pub mod audit_history;
pub mod endpoint;
pub mod explain;
pub mod index;
pub mod merge_plans;
pub mod migrate;
mod past;
pub mod sign;
#[cfg(feature = "stores")]
pub mod upload;
pub mod validate;
pub mod verify;
