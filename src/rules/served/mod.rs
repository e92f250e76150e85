//! What a registry answers about a package: its page, and its item in the list, from the package's index entry.
//!
//! Pure: JSON in, JSON out. A registry does more than to repeat entries: it copies the deprecation of the newest version
//! that has one over all versions of the package, shows fewer fields in lists, and in storage mode reads numbers as
//! float64 (package-registry 1.40.1: `packages/deprecated.go`, `package.go`, `internal/storage/index.go`). Which revisions
//! a query shows is in `search`.

mod deprecations;
mod differences;
mod item;
mod numbers;

pub use deprecations::Deprecations;
pub use differences::{Difference, differences};
pub use item::item;
pub use numbers::through_float64;
