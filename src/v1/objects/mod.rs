//! Objects of a Git repository, read and checked against their ids.
//!
//! Packed objects are read by `pack` and loose ones by `loose`; whatever is unusual is left to
//! libgit2, which says what is wrong.

pub(super) mod loose;
pub(super) mod pack;
mod reader;

pub use reader::{ObjectReader, UnreadableObject};
