//! An unnamed temporary file that keeps many texts, so that they do not occupy memory.
//!
//! It vanishes with the process, however that ends.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::error::Error;
use crate::read_at::read_exact_at;

/// Texts in a temporary file; several threads may add and read at the same time.
#[derive(Debug, Default)]
pub struct Spool {
    /// `None` before the first text.
    file: OnceLock<File>,
    len: Mutex<u64>,
}

/// The place of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    offset: u64,
    len: usize,
}

impl Spool {
    /// Adds a text; the first one creates the file, in the system's folder for temporary files.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn add(&self, text: &[u8]) -> Result<Span, Error> {
        let mut len = self.len.lock().unwrap_or_else(PoisonError::into_inner);
        let span = Span { offset: *len, len: text.len() };
        let mut file = match self.file.get() {
            Some(file) => file,
            None => {
                let file =
                    tempfile::tempfile().map_err(Error::file("create a file in", folder()))?;
                self.file.get_or_init(|| file)
            }
        };
        file.seek(SeekFrom::Start(*len))
            .and_then(|_| file.write_all(text))
            .map_err(Error::file("write a temporary file in", folder()))?;
        *len += text.len() as u64;
        Ok(span)
    }

    /// Returns a text.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn read(&self, span: Span) -> Result<Vec<u8>, Error> {
        let mut text = vec![0; span.len];
        self.file
            .get()
            .ok_or(io::ErrorKind::UnexpectedEof.into())
            .and_then(|file| read_exact_at(file, &mut text, span.offset))
            .map_err(Error::file("read a temporary file in", folder()))?;
        Ok(text)
    }
}

fn folder() -> PathBuf {
    std::env::temp_dir()
}
