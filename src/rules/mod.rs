//! Pure rules on values: which copy wins, how decisions apply, which paths and versions are
//! problematic, and what the registry and Kibana would refuse.
//!
//! Nothing here reads a repository or a file.

pub mod decisions;
pub mod differences;
pub mod history;
pub mod index;
pub mod kibana;
pub mod lfs_pointer;
pub mod links;
pub mod paths;
pub mod precedence;
pub mod registry;
pub mod versions;
