//! Reports: one room per verb, one pure renderer per format. A model in, text out.

pub mod findings;
pub mod history;
pub mod migration;
pub mod signatures;
pub mod text;
pub mod verify;
