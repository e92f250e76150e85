//! A file that takes the place of the one before it, as a whole and at its end.

use std::path::Path;

use super::make_folder;
use super::temporary::Temporary;
use crate::error::Error;

/// A file on its way. Dropped before its end, it leaves what was there.
pub struct Replacement(Temporary);

impl Replacement {
    /// Begins a file, whose folders are made.
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
