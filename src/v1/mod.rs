//! Reads v1: a Git repository whose stages hold `packages/<name>/<version>/…` unpacked.
//!
//! [`repository`] opens it, [`stages`] finds what it is read at, and [`objects`] reads checked objects;
//! [`listing`] finds every copy, [`content`] reads the files of one copy, [`attributes`] what a checkout
//! does to them; [`commits`] has what stood where in the past, [`tree_diff`] how two folders differ;
//! [`overrides`] counts what Git would read instead, and [`workers`] shares handles among threads. Decides
//! nothing: that is for `rules`.

pub mod attributes;
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
