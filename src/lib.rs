//! Moves an Elastic-style package storage from v1, a Git repository, to v2, a flat object bucket.
//!
//! ```text
//!    main -> cli -> commands -> progress -> terminal   edge    clap, indicatif, stdout and stderr
//!                      |
//!   migrate, sign, signatures, merge, audit_history    run     a few revisions at a time, rayon; signing what was made or
//!      |               |                                       having it signed; joining shards; walking through history
//!      |    report (json, markdown, junit, github)     tell    pure: a model in, text out
//!      |
//!   archive, output, signing                           make    pieces, ZIP, files, OpenPGP
//!      |                         verify                prove   what v2 should hold, read from v1 once more, against what it
//!      |                           |                           holds; sees nothing of resolve, archive and output
//!      |                  zip_reader, place            read    anyone's archives; a folder, or a URL
//!      |                           |
//!   resolve, history, resolutions  |                   decide  pure: copies in, winners and findings out; what people decided
//!      |                           |
//!   audit                          |                   look    pure: what is odd about names and differences
//!      |                           |
//!      +--------- v1 --------------+                   read    git2
//!                  |
//!               registry                               judge   pure: what files say in, broken rules out
//!                  |
//!                yaml                                  parse   granit-parser
//!                  |
//!   package content digest shard scope balance         ground
//!   finding sighting plan coverage mismatch proof crew event error
//! ```
//!
//! Arrows go down only; a test reads the `use` lines and holds the picture. Data flows one way:
//! copies -> resolution -> archives with their digests -> signatures -> plan and report; and for the
//! proof, v1 and v2 -> what differs -> report. A finding is data; an error means that the answer
//! could not be found, or the archives not be kept.
//!
//! The words are those of the README: stage, revision, copy, winner, finding, conflict, upload, plan.

pub mod archive;
pub mod audit;
pub mod audit_history;
pub mod balance;
pub mod cli;
mod commands;
pub mod content;
pub mod coverage;
pub mod crew;
pub mod digest;
pub mod error;
pub mod event;
pub mod finding;
pub mod history;
pub mod merge;
pub mod migrate;
pub mod mismatch;
pub mod output;
pub mod package;
pub mod place;
pub mod plan;
mod progress;
pub mod proof;
pub mod read_at;
pub mod registry;
pub mod report;
pub mod resolutions;
pub mod resolve;
pub mod scope;
pub mod shard;
pub mod sighting;
pub mod sign;
pub mod signatures;
pub mod signing;
mod terminal;
pub mod v1;
pub mod verify;
pub mod yaml;
pub mod zip_reader;
