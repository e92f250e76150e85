//! The words of the program, as types: what v1 and v2 are made of, what is found, what is planned.
//!
//! Values only: nothing here reads a repository, a file or a clock, and nothing here decides.

pub mod balance;
pub mod command_template;
pub mod content;
pub mod event;
pub mod finding;
pub mod mismatch;
pub mod package;
pub mod plan;
pub mod registry_release;
pub mod scope;
pub mod shard;
pub mod signature_status;
pub mod timeline;
pub mod validation;
pub mod verification;
