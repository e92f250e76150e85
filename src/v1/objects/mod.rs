//! Objects of a Git repository, read and checked against their ids.
//!
//! `pack` reads packed objects and `loose` loose ones; anything unusual is left to libgit2, which reports
//! what is wrong. `store` knows where the objects are, even while Git moves them.

mod alternates;
mod loose;
mod pack;
mod reader;
pub(super) mod store;

pub use reader::{ObjectReader, UnreadableObject};
