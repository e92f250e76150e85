//! Reads v1: a Git repository whose stages contain unpacked packages in `packages/<name>/<version>/…`.
//!
//! [`repository`] opens it, [`stages`] finds the stages' commits, and [`objects`] reads checked objects;
//! [`listing`] finds every copy, [`names`] only the names, [`content`] reads the files of one copy,
//! [`attributes`] what a checkout does to them; [`commits`] walks the history, [`tree_diff`] compares two folders; [`overrides`] counts
//! replacements and grafts, and [`workers`] shares handles among threads. Decides nothing: that is for
//! `rules`.

pub mod attributes;
pub mod commits;
pub mod content;
mod folder;
mod format;
pub mod listing;
pub mod names;
pub mod objects;
pub mod overrides;
mod quoting;
pub mod repository;
mod selection;
pub mod stages;
mod tree;
pub mod tree_diff;
pub mod workers;
