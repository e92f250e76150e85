//! The buffer that carries an archive's bytes from the worker that creates them to the thread that writes them.

use std::io::{self, Read};

/// Length of a chunk in bytes: large enough for efficient writes.
pub const CHUNK_LEN: usize = 256 << 10;

/// Up to [`CHUNK_LEN`] bytes of an archive.
pub struct Chunk {
    memory: Box<[u8]>,
    len: usize,
}

impl Default for Chunk {
    fn default() -> Self {
        Chunk { memory: vec![0; CHUNK_LEN].into_boxed_slice(), len: 0 }
    }
}

impl Chunk {
    /// Discards the bytes read so far.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Reads up to `limit` more bytes, as far as there is room, and returns them: fewer than there is
    /// room for only when `source` ends.
    ///
    /// # Errors
    /// Any error of `source`.
    pub fn read_more(&mut self, source: &mut impl Read, limit: usize) -> io::Result<&[u8]> {
        let from = self.len;
        let limit = CHUNK_LEN.min(from + limit);
        while self.len < limit {
            match source.read(&mut self.memory[self.len..limit]) {
                Ok(0) => break,
                Ok(len) => self.len += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&self.bytes()[from..])
    }

    /// Returns the bytes read so far.
    pub fn bytes(&self) -> &[u8] {
        &self.memory[..self.len]
    }

    /// Returns whether the chunk is full, so that the source may have more.
    pub fn is_full(&self) -> bool {
        self.len == CHUNK_LEN
    }
}
