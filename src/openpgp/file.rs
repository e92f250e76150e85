//! Reads the file at a signature's path.
//!
//! Never blocks on a pipe, and never reads more than the maximum length of a signature.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::SIGNATURE_MAX_LEN;
use crate::error::Error;

/// What exists at a signature's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureFile {
    /// Nothing.
    Nothing,
    /// The bytes of a file; of a longer one, enough to see that it is too long.
    Bytes(Vec<u8>),
    /// A folder, a device, or a dangling symlink.
    NoFile,
}

impl SignatureFile {
    /// Reads the file at a path.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        // Checked before opening: opening a pipe would block.
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
