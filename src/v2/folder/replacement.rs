//! A file that replaces an existing one atomically, once it is complete.

use std::path::Path;

use super::make_folder;
use super::temporary::Temporary;
use crate::error::Error;

/// A file that is being written. If it is dropped before it is complete, the existing file stays.
pub struct Replacement(Temporary);

impl Replacement {
    /// Begins a file, and creates its folders.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn begin(path: &Path) -> Result<Self, Error> {
        path.parent().map_or(Ok(()), make_folder)?;
        Temporary::beside(path).map(Replacement)
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.write(bytes)
    }

    /// Flushes the file and gives it its name.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn finish(self) -> Result<(), Error> {
        self.0.persist_over()
    }
}
