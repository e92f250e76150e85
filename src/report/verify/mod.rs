//! What a proof has to tell: the verdict in words, and one pure renderer per format.
//!
//! The model is [`crate::model::verification::VerifyOutcome`]. Every renderer begins with the verdict, so that none
//! can show a success that the model does not. Names and details come from others: each format
//! escapes them in its own way.

pub mod github;
pub mod json;
pub mod junit;
pub mod markdown;
mod plain;
mod verdict;

pub use verdict::{notice, verdict};
