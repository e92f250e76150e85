//! Creates archives: bytes that depend only on a revision's name, version and content.
//!
//! [`deflate`] turns a blob into a ready piece, [`layout`] defines which entries an archive has and in
//! which order, [`writer`] assembles pieces into a ZIP file.

pub mod deflate;
pub mod layout;
pub mod writer;

/// Everything but the content that affects an archive's bytes: the compressor with its version and levels,
/// and the version of layout and writer. It is part of every plan; when it changes, digests may change.
pub const FINGERPRINT: &str = "libdeflate 1.26.1 level 4 (PNG 1), layout 1";
