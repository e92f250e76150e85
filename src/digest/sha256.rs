//! SHA-256 piece by piece, of one stream or of several at a time.
//!
//! With one stream at a time, a dry run over the public repository takes 1.03 times as long, and 1.03 times
//! the processor time (medians of seven pairs on two processors, 2026-11-27); by itself, eight streams at a
//! time take 2.4 GB/s, one takes 1.8.

use std::slice;

use sha2::digest::array::Array;
use sha2::digest::block_api::{CoreProxy, UpdateCore};
use sha2::digest::{FixedOutput, Update};

use super::Sha256;

/// Takes a SHA-256 piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Sha256Hasher(sha2::Sha256);

impl Sha256Hasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds bytes to each stream, a block of each in turn: the steps of a SHA-256 wait for each other,
    /// and meanwhile the processor begins with the next stream's block.
    pub(super) fn update_together(streams: &mut [(&mut Sha256Hasher, &[u8])]) {
        // Block by block, one alone would be a tenth slower.
        if let [(hasher, bytes)] = streams {
            return hasher.update(bytes);
        }
        let mut lanes: Vec<_> = streams
            .iter_mut()
            .map(|(hasher, bytes)| {
                let (core, buffer) = std::mem::take(&mut hasher.0).decompose();
                // What does not begin with a block is left to the hasher.
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

    /// Ends the pass.
    pub fn finish(self) -> Sha256 {
        Sha256(self.0.finalize_fixed().into())
    }
}
