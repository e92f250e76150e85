//! Incremental SHA-256, of one stream or of several at a time.
//!
//! With one stream at a time, a dry run over the public repository takes 1.03 times as long, and 1.03 times
//! the processor time (medians of seven pairs on two processors, 2026-11-27); in isolation, eight streams at a
//! time reach 2.4 GB/s, one 1.8.

use std::slice;

use sha2::digest::array::Array;
use sha2::digest::block_api::{CoreProxy, UpdateCore};
use sha2::digest::{FixedOutput, Update};

use super::Sha256;

/// An incremental SHA-256 hasher.
#[derive(Clone, Debug, Default)]
pub struct Sha256Hasher(sha2::Sha256);

impl Sha256Hasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds bytes to each stream, one block of each by turns: the steps of a SHA-256 depend on each other,
    /// and the processor overlaps them with the next stream's block.
    pub(super) fn update_together(streams: &mut [(&mut Sha256Hasher, &[u8])]) {
        // A single stream is a tenth slower block by block.
        if let [(hasher, bytes)] = streams {
            return hasher.update(bytes);
        }
        let mut lanes: Vec<_> = streams
            .iter_mut()
            .map(|(hasher, bytes)| {
                let (core, buffer) = std::mem::take(&mut hasher.0).decompose();
                // A stream that is not at a block boundary is left to its hasher.
                let aligned = if buffer.get_pos() == 0 { *bytes } else { &[][..] };
                let (blocks, rest) = Array::slice_as_chunks(aligned);
                (core, buffer, blocks, &bytes[aligned.len() - rest.len()..])
            })
            .collect();
        let longest = lanes.iter().map(|(_, _, blocks, _)| blocks.len()).max();
        for index in 0..longest.unwrap_or_default() {
            for (core, _, blocks, _) in &mut lanes {
                if let Some(block) = blocks.get(index) {
                    core.update_blocks(slice::from_ref(block));
                }
            }
        }
        for ((hasher, _), (core, buffer, _, rest)) in streams.iter_mut().zip(lanes) {
            hasher.0 = sha2::Sha256::compose(core, buffer);
            hasher.0.update(rest);
        }
    }

    /// Returns the SHA-256 of all bytes.
    pub fn finish(self) -> Sha256 {
        Sha256(self.0.finalize_fixed().into())
    }
}
