//! The data types of the program: packages, contents, findings, plans, mismatches.
//!
//! Plain values: nothing here reads a repository, a file or a clock, and no rules are applied here.

pub mod balance;
pub mod command_template;
pub mod content;
pub mod cursor;
pub mod event;
pub mod finding;
pub mod mismatch;
pub mod package;
pub mod plan;
pub mod registry_release;
pub mod resources;
pub mod scope;
pub mod shard;
pub mod signature_status;
pub mod timeline;
pub mod upload;
pub mod validation;
pub mod verification;
