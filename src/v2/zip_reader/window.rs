//! A sliding window over an archive: large reads for many small files.
//!
//! Every byte is read once, as long as the requested offsets only increase.

use std::io;

use crate::read_at::ReadAt;

/// The window; its memory is reused for the next archive.
#[derive(Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    /// Its offset in the archive.
    start: u64,
    /// How much of `bytes` is filled.
    filled_len: usize,
}

impl Window {
    /// Creates a window of this length in bytes.
    pub(super) fn new(len: usize) -> Self {
        Window { bytes: vec![0; len], start: 0, filled_len: 0 }
    }

    /// Discards the bytes, before another archive is read.
    pub(super) fn clear(&mut self) {
        self.filled_len = 0;
    }

    /// Returns the bytes at `offset`: at least `least_len` of them, or all up to `end`; never any beyond it.
    /// Reads only when the window has fewer, and then as many as fit.
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
            let available_len = (kept_len as u64).min(end.saturating_sub(offset)) as usize;
            return Ok(&self.bytes[at..at + available_len]);
        }
        if let Some(at) = at {
            self.bytes.copy_within(at..self.filled_len, 0);
        }
        // If the read fails, the bytes that it may have filled do not count.
        (self.start, self.filled_len) = (offset, kept_len);
        let room_len = self.bytes.len() - kept_len;
        let read_offset = offset + kept_len as u64;
        let read_len = end.saturating_sub(read_offset).min(room_len as u64) as usize;
        source.read_exact_at(&mut self.bytes[kept_len..kept_len + read_len], read_offset)?;
        self.filled_len += read_len;
        Ok(&self.bytes[..self.filled_len])
    }
}
