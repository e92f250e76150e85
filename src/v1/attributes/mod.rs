//! `.gitattributes`: whether a checkout of v1 differs from its blobs.
//!
//! v1 was served from checkouts; archives contain what is committed. Nothing is converted here: this module
//! only finds the attributes that change a file. Attributes outside of the repository's trees
//! (`info/attributes`, those of the machine) belong to one clone and are ignored.

mod conversion;
mod file;
mod pattern;

pub use conversion::Conversion;
pub use file::{AttributeFile, FILE_NAME};

use file::{Attributes, Macros};

/// Returns what a checkout does to the file at a path from the repository's root; `files` are its attribute
/// files, those of outer folders first.
pub fn conversion(files: &[&AttributeFile], path: &str) -> Conversion {
    let macros = Macros::of(files);
    let mut known = Attributes::new();
    for file in files.iter().rev() {
        file.add_to(&mut known, path.as_bytes(), &macros);
    }
    Conversion::of(&known)
}
