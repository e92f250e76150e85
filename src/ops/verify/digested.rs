//! An object whose bytes are hashed while they are read, so that they are not read again for the digest.
//!
//! After its end has been read, an archive is read from front to back; bytes that were skipped are read
//! by `finish`.

use std::io;
use std::sync::{Mutex, PoisonError};

use crate::digest::Sha256Hasher;
use crate::read_at::ReadAt;

/// The size of the reads in `finish`, in bytes.
const STEP_LEN: usize = 64 << 10;

/// An object that is hashed while it is read.
pub(super) struct Digested<'o> {
    object: &'o dyn ReadAt,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    hasher: Sha256Hasher,
    /// The offset up to which bytes have been hashed.
    end: u64,
}

impl<'o> Digested<'o> {
    pub(super) fn new(object: &'o dyn ReadAt) -> Self {
        Digested { object, state: Mutex::default() }
    }

    /// Reads the remaining bytes, and returns the SHA-256 state after all bytes.
    ///
    /// # Errors
    /// The object cannot be read.
    pub(super) fn finish(self) -> io::Result<Sha256Hasher> {
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = vec![0; STEP_LEN];
        while state.end < self.object.len() {
            let len = (self.object.len() - state.end).min(STEP_LEN as u64);
            let bytes = &mut buffer[..len as usize];
            self.object.read_exact_at(bytes, state.end)?;
            state.update(bytes, state.end);
        }
        Ok(state.hasher)
    }
}

impl State {
    fn update(&mut self, bytes: &[u8], offset: u64) {
        let known_len = self.end.checked_sub(offset).and_then(|len| usize::try_from(len).ok());
        if let Some(new) = known_len.and_then(|len| bytes.get(len..)) {
            self.hasher.update(new);
            self.end += new.len() as u64;
        }
    }
}

impl ReadAt for Digested<'_> {
    fn len(&self) -> u64 {
        self.object.len()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.object.read_exact_at(buffer, offset)?;
        self.state.lock().unwrap_or_else(PoisonError::into_inner).update(buffer, offset);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(Vec<u8>);

    impl ReadAt for Bytes {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
            self.0.as_slice().read_exact_at(buffer, offset)
        }
    }

    #[test]
    fn every_byte_is_hashed_once_in_any_order_of_reads() {
        let bytes = Bytes((0..200_000_u32).map(|n| (n * 7 % 251) as u8).collect());
        let mut hasher = Sha256Hasher::default();
        hasher.update(&bytes.0);
        let expected = hasher.finish();
        let rows: [&[(u64, usize)]; 6] = [
            &[],
            &[(0, 200_000)],
            &[(199_000, 1_000), (0, 100), (100, 50), (120, 70_000)],
            &[(50, 10), (0, 60), (60, 0)],
            &[(0, 10), (0, 10), (5, 5), (9, 2)],
            &[(199_999, 1), (10, 199_990)],
        ];
        for reads in rows {
            let digested = Digested::new(&bytes);
            for &(offset, len) in reads {
                let mut buffer = vec![0; len];
                digested.read_exact_at(&mut buffer, offset).expect("the range exists");
                assert_eq!(buffer, bytes.0[offset as usize..][..len]);
            }
            let found = digested.finish().expect("the range exists").finish();
            assert_eq!(found, expected, "{reads:?}");
        }
    }
}
