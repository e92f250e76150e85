//! Reports: one module per command, with one pure renderer per format, from a model to text.

pub mod coverage;
pub mod explain;
pub mod findings;
pub mod history;
mod html;
pub mod migration;
pub mod signatures;
pub mod text;
pub mod upload;
pub mod verify;
