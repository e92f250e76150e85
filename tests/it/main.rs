//! The behaviour of the tool through its public surface: one binary, one file per subject.

mod archive;
mod content;
mod fixture;
mod layering;
mod names;
mod resolve;
mod support;
