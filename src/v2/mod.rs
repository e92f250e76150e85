//! What v2 is: archives, the folder that mirrors the bucket, and places that objects are read from.
//!
//! Knows no Git.

pub mod archive;
pub mod folder;
pub mod store;
pub mod unpack;
pub mod zip_reader;
