//! Moves an Elastic-style package storage from v1, a Git repository, to v2, a flat object bucket.
//!
//! ```text
//!    main -> cli -> commands -> progress -> terminal   edge    clap, indicatif, stdout and stderr
//!                      |
//!                   migrate, sign, signatures, merge, audit_history  run  a few revisions at a time, rayon; or signing what
//!                      |                                   was made, having it signed, joining shards, history
//!                   verify                         prove   v1 and v2 side by side, without what made v2
//!                      |
//!         report (json, markdown, junit, github)    tell    pure: a model in, text out
//!                      |
//!      archive (deflate, layout, writer), output   make    pieces, ZIP, files
//!      signing                                             OpenPGP; other programs that sign
//!                      |
//!                   resolve                        decide  pure: copies in, a winner and findings out
//!                   history                                pure: sightings in, the fate of each revision out
//!                   resolutions                            pure: what people decided, from a file
//!                      |
//!      audit (paths, versions, difference)         look    pure: what is odd about names and differences
//!                      |
//!   v1 (git, tree, listing, selection, copy, manifest, history)  read  git2
//!                      |
//!          place (folder, http), zip_reader         read    where v2 is; anyone's archives
//!                      |
//!                  registry                        judge   pure: what files say in, broken rules out
//!                      |
//!                    yaml                          parse   granit-parser
//!                      |
//!   package content digest shard scope balance finding sighting plan coverage event error  ground
//!   mismatch  proof
//! ```
//!
//! Arrows go down only; a test reads the `use` lines and holds the picture. Data flows one way:
//! copies -> resolution -> archives with their digests -> signatures -> plan and report. A finding is data; an
//! error means that the answer could not be found, or the archives not be kept.
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
