//! Reads v1: a Git repository whose stages hold `packages/<name>/<version>/…` unpacked.
//!
//! [`repository`] opens it, [`stages`] finds the commits, and [`objects`] reads what is checked; [`listing`]
//! finds every copy, [`content`] reads the files of one copy, [`commits`] what stood where in the past,
//! [`tree_diff`] how two folders differ; [`workers`] shares handles among threads. Knows no YAML, and decides
//! nothing: that is `rules`.

pub mod commits;
pub mod content;
mod folder;
mod format;
pub mod listing;
pub mod objects;
pub mod overrides;
mod quoting;
pub mod repository;
mod selection;
pub mod stages;
mod tree;
pub mod tree_diff;
pub mod workers;
