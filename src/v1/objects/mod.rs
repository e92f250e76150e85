//! Objects of a Git repository, read and checked against their ids.
//!
//! Packed objects are read by `pack` and loose ones by `loose`; whatever is unusual is left to
//! libgit2, which says what is wrong. `store` knows where the objects are, even while Git moves them.

mod alternates;
mod loose;
mod pack;
mod reader;
pub(super) mod store;

pub use reader::{ObjectReader, UnreadableObject};
