//! Moves an Elastic-style package storage from v1, a Git repository, to v2, a flat object bucket.
//!
//! ```text
//!    main -> cli                   the edge: one file per command, summaries, progress     clap, indicatif
//!             |
//!            ops                    one room per verb: migrate, validate, sign, verify,    rayon
//!             |         \           audit_history, merge_plans
//!             |       report        one model per verb, one pure renderer per format
//!             |
//!     v1      |       v2            what v1 is: a Git repository; what v2 is: archives,    git2 | libdeflater, tempfile, ureq
//!             |                     the output folder, stores (they never see each other)  zip
//!             |
//!          openpgp                  signatures and keys; nothing else knows OpenPGP        pgp
//!           rules                   pure: precedence, decisions, names, differences,       similar, serde_yaml
//!             |                     history, the registry's rules, Kibana's
//!           model                   the words: package, content, plan, finding, mismatch,  semver, glob
//!                                   verification, validation, scope, shard, balance,
//!                                   timeline, event
//!
//!   digest  yaml  parallel  read_at  error
//! ```
//!
//! Arrows go down only, and no circle stands among the files of a room; `tests/it/layering.rs` reads
//! the `use` lines and holds the picture. `ops::verify` proves what `ops::migrate` made, so it never
//! uses what makes archives or decides on them.
//!
//! Data flows one way: copies -> resolution -> archives with their digests -> signatures -> plan and
//! report; and for the proof, v1 and v2 -> what differs -> report. A finding is data; an error means
//! that the answer could not be found, or the archives not be kept.
//!
//! The words are those of the README: stage, revision, copy, winner, finding, conflict, upload, plan.

pub mod cli;
pub mod digest;
pub mod error;
pub mod model;
pub mod openpgp;
pub mod ops;
pub mod parallel;
pub mod read_at;
pub mod report;
pub mod rules;
pub mod v1;
pub mod v2;
pub mod yaml;
