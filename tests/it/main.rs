//! The behaviour of the tool through its public surface: one binary, one file per subject.

mod archive;
mod audit;
mod audit_history;
mod cli;
mod content;
mod corruption;
mod digest;
mod findings;
mod fixture;
mod history;
mod interrupt;
mod layering;
mod migrate;
mod names;
mod output;
mod registry;
mod report;
mod reproducible;
mod resolutions;
mod resolve;
mod scope;
mod settling;
mod shards;
mod signing;
mod support;
mod yaml;
