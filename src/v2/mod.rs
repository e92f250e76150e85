//! v2: archives, static resources, the folder that mirrors the bucket, and the places that objects are read from.
//!
//! Does not use Git.

pub mod archive;
pub mod folder;
pub mod index;
pub mod package_archive;
pub mod registry;
pub mod statics;
pub mod store;
pub mod unpack;
pub mod zip_reader;
