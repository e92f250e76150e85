//! The bytes of an object to write, checked while they are sent.
//!
//! The last bytes are held back until the digest of all is known to be the expected one. So a file that was
//! changed since its digests were taken is never stored whole, not even by a store that ignores digests.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use crate::digest::{ObjectDigests, Sha256, Sha256Hasher};
use crate::v2::store::http::fault::SourceFault;

/// Length of one read of the content, in bytes.
const PIECE_LEN: usize = 128 * 1024;

/// Bytes that can be read again for each attempt.
pub trait Content: Sync {
    /// Opens the bytes at their start.
    ///
    /// # Errors
    /// They cannot be read.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

impl Content for &[u8] {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(*self))
    }
}

impl Content for &Path {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(File::open(self)?))
    }
}

/// Reads content, and fails before its last byte if it is not the expected one.
struct Checked<'a> {
    content: Box<dyn Read + 'a>,
    hasher: Option<Sha256Hasher>,
    expected: ObjectDigests,
    read_len: u64,
    /// Bytes that may be handed out.
    ready: Cursor<Vec<u8>>,
    /// Bytes that are held back.
    held: Vec<u8>,
}

/// Returns a reader of `before`, the content, and `after`, and their length.
pub(super) fn body<'a>(
    before: &'a [u8],
    content: &'a dyn Content,
    expected: &ObjectDigests,
    after: &'a [u8],
) -> io::Result<(Box<dyn Read + 'a>, u64)> {
    let checked = Checked {
        content: content.open()?,
        hasher: Some(Sha256Hasher::default()),
        expected: *expected,
        read_len: 0,
        ready: Cursor::default(),
        held: Vec::new(),
    };
    let len = before.len() as u64 + expected.size + after.len() as u64;
    Ok((Box::new(before.chain(checked).chain(after)), len))
}

impl Checked<'_> {
    /// Makes the held bytes ready, after the next ones have been read, or the end has been found to be right.
    fn advance(&mut self) -> io::Result<()> {
        let Some(hasher) = &mut self.hasher else {
            self.ready = Cursor::default();
            return Ok(());
        };
        let mut next = Vec::with_capacity(PIECE_LEN);
        (&mut self.content).take(PIECE_LEN as u64).read_to_end(&mut next)?;
        self.read_len += next.len() as u64;
        if self.read_len > self.expected.size {
            return Err(io::Error::other("the file is longer than planned"));
        }
        if next.is_empty() {
            let hasher = self.hasher.take().unwrap_or_default();
            check(self.read_len, hasher.finish(), &self.expected)?;
        } else {
            hasher.update(&next);
        }
        self.ready = Cursor::new(std::mem::replace(&mut self.held, next));
        Ok(())
    }
}

fn check(len: u64, sha256: Sha256, expected: &ObjectDigests) -> io::Result<()> {
    if len != expected.size {
        return Err(io::Error::other("the file is shorter than planned"));
    }
    if sha256 != expected.sha256 {
        return Err(io::Error::other("the file's SHA-256 differs from the planned one"));
    }
    Ok(())
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.ready.read(buffer)? {
                0 if !buffer.is_empty() && (self.hasher.is_some() || !self.held.is_empty()) => {
                    self.advance().map_err(|error| io::Error::other(SourceFault(error)))?;
                }
                len => return Ok(len),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(content: &[u8], planned: &[u8]) -> (Vec<u8>, Option<String>) {
        let (mut reader, len) = body(b"<", &content, &ObjectDigests::of(planned), b">").unwrap();
        let mut sent = Vec::new();
        let result = reader.read_to_end(&mut sent);
        assert!(result.is_err() || sent.len() as u64 == len);
        (sent, result.err().map(|error| error.to_string()))
    }

    #[test]
    fn only_planned_bytes_are_sent_whole() {
        let long: Vec<u8> = (0..PIECE_LEN * 2 + 5).map(|at| at as u8).collect();
        for planned in [&b""[..], b"a", &long, &long[..PIECE_LEN], &long[..PIECE_LEN * 2]] {
            let (bytes, error) = sent(planned, planned);
            assert_eq!(error, None);
            assert_eq!(bytes, [b"<", planned, b">"].concat());
        }
        let mut other = long.clone();
        other[0] ^= 1;
        let longer = [&long[..], b"x"].concat();
        let rows = [
            (&other[..], "SHA-256 differs"),
            (&long[..long.len() - 1], "shorter"),
            (&longer, "longer"),
            (b"", "shorter"),
        ];
        for (content, expected) in rows {
            let (bytes, error) = sent(content, &long);
            assert!(error.as_ref().is_some_and(|error| error.contains(expected)), "{error:?}");
            assert!(bytes.len() < long.len(), "the last bytes are held back");
        }
    }
}
