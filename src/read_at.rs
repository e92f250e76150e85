//! Bytes that are read at any offset: a file, or an object on a server.
//!
//! The interface between the code that locates archives (`store`) and the code that parses them
//! (`zip_reader`), which are independent of each other.

use std::fs::File;
use std::io;

/// Bytes of a known length that are read at any offset, from any thread.
pub trait ReadAt: Sync {
    /// Returns the length in bytes.
    fn len(&self) -> u64;

    /// Returns whether the length is 0.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` with the bytes at `offset`.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] beyond the end; any error of the system or the server.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

impl ReadAt for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let range = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..start.checked_add(buffer.len())?))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(range);
        Ok(())
    }
}

/// A file.
pub struct FileReader {
    file: File,
    len: u64,
}

impl FileReader {
    /// Takes an open file; its length must not change.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::IsADirectory`] for a folder.
    pub fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        match metadata.is_dir() {
            true => Err(io::ErrorKind::IsADirectory.into()),
            false => Ok(FileReader { len: metadata.len(), file }),
        }
    }
}

impl ReadAt for FileReader {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        read_exact_at(&self.file, buffer, offset)
    }
}

/// Fills `buffer` with a file's bytes at `offset`, independently of other readers.
///
/// # Errors
/// [`io::ErrorKind::UnexpectedEof`] beyond the end; any error of the system.
#[cfg(unix)]
pub fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

/// Fills `buffer` with a file's bytes at `offset`, independently of other readers.
///
/// # Errors
/// [`io::ErrorKind::UnexpectedEof`] beyond the end; any error of the system.
#[cfg(windows)]
pub fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            len => {
                buffer = &mut buffer[len..];
                offset += len as u64;
            }
        }
    }
    Ok(())
}
