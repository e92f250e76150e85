//! Reads v1: a Git repository whose stages hold `packages/<name>/<version>/…` unpacked.
//!
//! [`git`] opens it and reads checked objects, [`listing`] finds every copy, [`copy`] reads the
//! files of one copy, [`manifest`] what a manifest says. Decides nothing: that is `resolve`.

pub mod copy;
mod folder;
pub mod git;
pub mod listing;
mod loose;
pub mod manifest;
mod pack_index;
mod tree;
