//! What a person should know of names, paths and differences, beyond what keeps a copy from being read.
//!
//! [`paths`] looks at the paths of one revision, [`versions`] at all versions of one package,
//! [`difference`] at two copies of one revision. Pure: no Git, no files; nothing here decides who wins
//! or what is archived. Called by `resolve` and `migrate`.

pub mod difference;
pub mod paths;
pub mod versions;
