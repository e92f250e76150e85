//! Pure rules on values: which copy wins, how decisions apply, which paths and versions are
//! problematic, what the registry and Kibana would refuse, and what the registry shows.
//!
//! Nothing here reads a repository or a file.

pub mod constraint;
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
pub mod search;
pub mod served;
pub mod similar_names;
pub mod versions;
pub mod visibility;
