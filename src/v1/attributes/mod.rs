//! `.gitattributes`: whether a checkout of v1 has other bytes than its blobs.
//!
//! v1 was served from checkouts; archives hold what is committed. Nothing is converted here: only the
//! attributes that change a file are found. Attributes outside of the repository's trees
//! (`info/attributes`, those of a machine) belong to one clone and are not looked at.

mod conversion;
mod file;
mod pattern;

pub use conversion::Conversion;
pub use file::{AttributeFile, FILE_NAME};

use file::{Attributes, Macros};

/// What a checkout does to the file at a path from the repository's top; `files` are the attribute files
/// that there are, those of outer folders first.
pub fn conversion(files: &[&AttributeFile], path: &str) -> Conversion {
    let macros = Macros::of(files);
    let mut known = Attributes::new();
    for file in files.iter().rev() {
        file.add_to(&mut known, path.as_bytes(), &macros);
    }
    Conversion::of(&known)
}
