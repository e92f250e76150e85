//! The report of `verify`: the verdict as a sentence, and one pure renderer per format.
//!
//! The model is [`crate::model::verification::VerifyOutcome`]. Every renderer starts with the verdict,
//! so that it cannot show a success that the model does not. Names and details are untrusted: each
//! renderer escapes them for its format.

pub mod github;
pub mod html;
pub mod json;
pub mod junit;
mod kinds;
pub mod markdown;
mod plain;
mod verdict;

pub use verdict::{left_out, notice, registry, title, verdict};
