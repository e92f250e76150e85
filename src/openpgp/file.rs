//! What lies at the place of a signature.
//!
//! Never waits for a pipe, and never reads more than a signature can be.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::SIGNATURE_MAX_LEN;
use crate::error::Error;

/// What lies at a signature's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureFile {
    /// Nothing at all.
    Nothing,
    /// At least the beginning of a file: enough to tell that it is too long.
    Bytes(Vec<u8>),
    /// A folder, a device, or a symlink to nothing.
    NoFile,
}

impl SignatureFile {
    /// Looks at a path.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        // Before it is opened: a pipe would keep whoever opens it waiting.
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Ok(SignatureFile::NoFile),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let is_symlink = path.is_symlink();
                return Ok(if is_symlink { SignatureFile::NoFile } else { SignatureFile::Nothing });
            }
            Err(error) => return Err(Error::file("look at", path)(error)),
        }
        let file = File::open(path).map_err(Error::file("open", path))?;
        let mut bytes = Vec::new();
        file.take(SIGNATURE_MAX_LEN + 1)
            .read_to_end(&mut bytes)
            .map_err(Error::file("read", path))?;
        Ok(SignatureFile::Bytes(bytes))
    }
}
