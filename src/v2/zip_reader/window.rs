//! A piece of an archive in memory, which moves forward: large reads for many small files.
//!
//! Every byte is read once, as long as what is asked for only moves forward.

use std::io;

use crate::read_at::ReadAt;

/// The piece, with memory that is used again for the next archive.
#[derive(Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    /// Where in the archive it begins.
    start: u64,
    /// How much of `bytes` is filled.
    filled_len: usize,
}

impl Window {
    /// A window of this length in bytes.
    pub(super) fn new(len: usize) -> Self {
        Window { bytes: vec![0; len], start: 0, filled_len: 0 }
    }

    /// Forgets an archive's bytes, before another one's are read.
    pub(super) fn clear(&mut self) {
        self.filled_len = 0;
    }

    /// The bytes at `offset`: at least `least_len` of them, or all up to `end`; never any beyond it.
    /// Reads only when there are fewer, and then as many as there is room for.
    pub(super) fn at<S: ReadAt + ?Sized>(
        &mut self,
        source: &S,
        offset: u64,
        least_len: usize,
        end: u64,
    ) -> io::Result<&[u8]> {
        let wanted_len = end.saturating_sub(offset).min(least_len as u64) as usize;
        let at = offset
            .checked_sub(self.start)
            .and_then(|at| usize::try_from(at).ok())
            .filter(|at| *at <= self.filled_len);
        let kept_len = at.map_or(0, |at| self.filled_len - at);
        if let (Some(at), true) = (at, kept_len >= wanted_len) {
            let there_len = (kept_len as u64).min(end.saturating_sub(offset)) as usize;
            return Ok(&self.bytes[at..at + there_len]);
        }
        if let Some(at) = at {
            self.bytes.copy_within(at..self.filled_len, 0);
        }
        // Until the read is done, what it may have filled counts for nothing.
        (self.start, self.filled_len) = (offset, kept_len);
        let room_len = self.bytes.len() - kept_len;
        let read_offset = offset + kept_len as u64;
        let read_len = end.saturating_sub(read_offset).min(room_len as u64) as usize;
        source.read_exact_at(&mut self.bytes[kept_len..kept_len + read_len], read_offset)?;
        self.filled_len += read_len;
        Ok(&self.bytes[..self.filled_len])
    }
}
