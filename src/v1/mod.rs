//! Reads v1: a Git repository whose stages hold `packages/<name>/<version>/…` unpacked.
//!
//! [`git`] opens it and reads checked objects, with `pack` for those that are packed and `loose` for
//! the others; [`listing`] finds every copy, [`copy`] reads the files of one copy, [`manifest`] what a
//! manifest says, [`history`] what stood where in the past, [`compare`] how two folders differ;
//! [`workers`] shares handles among threads. Decides nothing: that is `resolve` and `history`.

pub mod commits;
pub mod content;
mod folder;
pub mod listing;
pub mod objects;
pub mod repository;
mod selection;
pub mod stages;
mod tree;
pub mod tree_diff;
pub mod workers;
