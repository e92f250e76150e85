//! A whole received object: in memory while it is small, else in an unnamed temporary file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::client::ResponseBody;
use super::fault::HttpFault;

/// Maximum length of an object in memory, in bytes.
const MAX_MEMORY_LEN: usize = 8 * 1024 * 1024;
/// Length of one read of the body, in bytes.
const PIECE_LEN: usize = 256 * 1024;

/// The bytes of an object.
pub(super) enum Spool {
    /// In memory.
    Memory(Vec<u8>),
    /// In a file.
    File { file: File, len: u64 },
}

impl Spool {
    /// Receives a body to its end: `expected` bytes, if known, and at most `limit`.
    pub(super) fn receive(
        mut reader: ResponseBody<'_>,
        expected: Option<u64>,
        limit: u64,
    ) -> Result<Self, HttpFault> {
        if expected.is_some_and(|expected| expected > limit) {
            return Err(HttpFault::TooLarge { limit });
        }
        let mut memory = Vec::new();
        let mut file: Option<File> = None;
        let mut piece = vec![0; PIECE_LEN];
        let mut len = 0;
        loop {
            let received = match reader.read(&mut piece)? {
                0 => break,
                received => &piece[..received],
            };
            len += received.len() as u64;
            if let Some(expected) = expected.filter(|expected| len > *expected) {
                return Err(HttpFault::TooLong { expected });
            }
            if len > limit {
                return Err(HttpFault::TooLarge { limit });
            }
            match &mut file {
                Some(file) => file.write_all(received).map_err(HttpFault::Keep)?,
                None => {
                    memory.extend_from_slice(received);
                    if memory.len() > MAX_MEMORY_LEN {
                        let spilled = spill(&std::mem::take(&mut memory));
                        file = Some(spilled.map_err(HttpFault::Keep)?);
                    }
                }
            }
        }
        match expected.filter(|expected| len < *expected) {
            Some(expected) => Err(HttpFault::Truncated { expected, received: len }),
            None => Ok(match file {
                Some(file) => Spool::File { file, len },
                None => Spool::Memory(memory),
            }),
        }
    }

    /// Returns all bytes.
    pub(super) fn into_vec(self) -> io::Result<Vec<u8>> {
        match self {
            Spool::Memory(bytes) => Ok(bytes),
            Spool::File { mut file, .. } => {
                let mut bytes = Vec::new();
                file.rewind()?;
                file.read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    /// Returns the length in bytes.
    pub(super) fn len(&self) -> u64 {
        match self {
            Spool::Memory(bytes) => bytes.len() as u64,
            Spool::File { len, .. } => *len,
        }
    }

    /// Fills `buffer` with the bytes at `offset`; fails beyond the end.
    pub(super) fn read_exact_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        match self {
            Spool::Memory(bytes) => {
                let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
                let range = bytes.get(start..start + buffer.len());
                buffer.copy_from_slice(range.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
            Spool::File { file, .. } => {
                file.seek(SeekFrom::Start(offset))?;
                file.read_exact(buffer)
            }
        }
    }
}

fn spill(bytes: &[u8]) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    Ok(file)
}
