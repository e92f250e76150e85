//! Moves an Elastic-style package storage from v1, a Git repository, to v2, a flat object bucket.
//!
//! ```text
//!    main -> cli                   the command line: one file per command, progress         clap, indicatif
//!             |
//!            ops                    one module per command: migrate, validate, sign,        rayon
//!             |         \           verify, upload, audit_history, index, …
//!             |       report        one model per command, one pure renderer per format
//!             |
//!     v1      |       v2            v1: a Git repository; v2: archives, the output          git2 | libdeflater, tempfile, ureq
//!             |                     folder, stores (independent of each other)              zip, reqsign
//!             |
//!          openpgp                  signatures and keys; the only user of OpenPGP           pgp
//!           rules                   pure: precedence, decisions, names, differences,        similar, serde_yaml
//!             |                     history, the registry's rules, Kibana's,
//!             |                     index entries, what a registry shows
//!           model                   shared types: package, content, plan, finding,          semver, glob
//!                                   mismatch, verification, upload, scope, shard, …
//!                                   balance, timeline, event
//!
//!   digest  yaml  parallel  read_at  error
//! ```
//!
//! Dependencies point down only, and the files of a module have no cycles; `tests/it/layering.rs` reads
//! the `use` lines and checks both. `ops::verify` checks the output of `ops::migrate`, so it does not
//! use the code that creates archives or decides about them.
//!
//! Data flows one way: copies -> resolution -> archives with their digests -> signatures -> plan and
//! report; and for verification, v1 and v2 -> differences -> report. A finding is data; an error means
//! that the result could not be found, or the archives could not be stored.
//!
//! `docs/glossary.md` defines the terms: stage, revision, copy, winner, finding, conflict, upload, plan.

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
