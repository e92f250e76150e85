//! Bytes that are read at any offset: a file, or an object behind a server.
//!
//! The seam between those who know where archives are (`store`) and those who know what is in them
//! (`zip_reader`). Neither knows the other.

use std::fs::File;
use std::io;

/// Bytes of a known length that are read at any offset, from any thread.
pub trait ReadAt: Sync {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// Tells whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` with the bytes at `offset`.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] when there are not as many bytes; whatever the system or
    /// the server says.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

impl ReadAt for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let there = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..start.checked_add(buffer.len())?))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(there);
        Ok(())
    }
}

/// Fills `buffer` with a file's bytes at `offset`, wherever others read.
///
/// # Errors
/// [`io::ErrorKind::UnexpectedEof`] when there are not as many bytes; whatever the system says.
#[cfg(unix)]
pub fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

/// Fills `buffer` with a file's bytes at `offset`, wherever others read.
///
/// # Errors
/// [`io::ErrorKind::UnexpectedEof`] when there are not as many bytes; whatever the system says.
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
