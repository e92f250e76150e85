//! What a proof has to tell: the verdict in words, and one pure renderer per format.
//!
//! The model is [`crate::proof::VerifyOutcome`]. Every renderer begins with the verdict, so that none
//! can show a success that the model does not. Names and details come from others: each format
//! escapes them in its own way.

pub mod github;
pub mod json;
pub mod junit;
pub mod markdown;
mod plain;
mod verdict;

pub use verdict::{notice, verdict};

use crate::package::RevisionId;
use crate::proof::CodeGroup;

/// The revisions and other objects that a group of mismatches is about, each counted once.
fn object_count(group: &CodeGroup<'_>) -> u64 {
    let mut count = 0;
    let mut last: Option<(Option<&RevisionId>, &str)> = None;
    for (revision, mismatch) in &group.mismatches {
        let subject = (*revision, mismatch.object.as_str());
        if last.replace(subject) != Some(subject) {
            count += 1;
        }
    }
    count
}
