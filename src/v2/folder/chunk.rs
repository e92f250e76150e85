//! Memory in which an archive's bytes travel, placed so that the disk can take it as it is.

use std::io::{self, Read};

/// Length of a chunk in bytes: long enough for the disk, and a multiple of all its blocks.
pub const CHUNK_LEN: usize = 256 << 10;

/// Where direct writes begin in memory and in a file, and how long they are: a multiple of this.
/// Disks of 4,096-byte sectors are the largest that the kernel asks for.
pub(super) const DIRECT_ALIGN: usize = 4096;

/// Up to [`CHUNK_LEN`] bytes of an archive.
pub struct Chunk {
    memory: Box<[u8]>,
    start: usize,
    len: usize,
}

impl Default for Chunk {
    fn default() -> Self {
        let memory = vec![0; CHUNK_LEN + DIRECT_ALIGN].into_boxed_slice();
        // The padding that is asked for is less than the alignment, except where it cannot be told.
        let start = match memory.as_ptr().align_offset(DIRECT_ALIGN) {
            start if start < DIRECT_ALIGN => start,
            _ => 0,
        };
        Chunk { memory, start, len: 0 }
    }
}

impl Chunk {
    /// Forgets what was read.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Reads up to `limit` bytes more, as far as there is room, and gives them: fewer than there is
    /// room for only when `source` ends.
    ///
    /// # Errors
    /// What `source` says.
    pub fn read_more(&mut self, source: &mut impl Read, limit: usize) -> io::Result<&[u8]> {
        let from = self.len;
        let limit = CHUNK_LEN.min(from + limit);
        while self.len < limit {
            let room = self.start + self.len..self.start + limit;
            match source.read(&mut self.memory[room]) {
                Ok(0) => break,
                Ok(len) => self.len += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&self.bytes()[from..])
    }

    /// What was read.
    pub fn bytes(&self) -> &[u8] {
        &self.memory[self.start..self.start + self.len]
    }

    /// Tells whether the source may have more.
    pub fn is_full(&self) -> bool {
        self.len == CHUNK_LEN
    }
}
