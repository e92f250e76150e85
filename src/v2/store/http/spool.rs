//! A whole object that was received: in memory while it is small, else in a temporary file that has
//! no name.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::client::AnswerReader;
use super::fault::HttpFault;

/// Up to here, an object is held in memory.
const HELD_LEN: usize = 8 * 1024 * 1024;
/// How much is received at a time once it goes to a file.
const PIECE_LEN: usize = 256 * 1024;

/// The bytes of an object.
pub(super) enum Spool {
    /// In memory.
    Held(Vec<u8>),
    /// In a file.
    File { file: File, len: u64 },
}

impl Spool {
    /// Receives a body to its end: `expected` bytes, if that is known, and at most `limit`.
    pub(super) fn receive(
        mut reader: AnswerReader<'_>,
        expected: Option<u64>,
        limit: u64,
    ) -> Result<Self, HttpFault> {
        if expected.is_some_and(|expected| expected > limit) {
            return Err(HttpFault::TooLarge { limit });
        }
        let mut held = Vec::new();
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
                    held.extend_from_slice(received);
                    if held.len() > HELD_LEN {
                        file = Some(spill(&std::mem::take(&mut held)).map_err(HttpFault::Keep)?);
                    }
                }
            }
        }
        match expected.filter(|expected| len < *expected) {
            Some(expected) => Err(HttpFault::Truncated { expected, received: len }),
            None => Ok(match file {
                Some(file) => Spool::File { file, len },
                None => Spool::Held(held),
            }),
        }
    }

    /// Length in bytes.
    pub(super) fn len(&self) -> u64 {
        match self {
            Spool::Held(bytes) => bytes.len() as u64,
            Spool::File { len, .. } => *len,
        }
    }

    /// Fills `buffer` with the bytes at `offset`, which must be there.
    pub(super) fn read_exact_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        match self {
            Spool::Held(bytes) => {
                let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
                let there = bytes.get(start..start + buffer.len());
                buffer.copy_from_slice(there.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
            Spool::File { file, .. } => {
                file.seek(SeekFrom::Start(offset))?;
                file.read_exact(buffer)
            }
        }
    }
}

fn spill(held: &[u8]) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(held)?;
    Ok(file)
}
