//! Makes archives: bytes that depend on nothing but a revision's name, version and content.
//!
//! [`deflate`] turns a blob into a ready piece, [`layout`] says which entries an archive has and in
//! which order, [`writer`] puts pieces together as a ZIP file.

pub mod deflate;
pub mod layout;
pub mod writer;

/// What decides an archive's bytes besides its content: the compressor with its version and levels,
/// and the version of layout and writer. It stands in every plan; when it moves, digests may move.
pub const FINGERPRINT: &str = "libdeflate 1.26.1 level 4 (PNG 1), layout 1";
