//! Incremental MD5, of one stream or of several at a time.

mod lanes;

use md5::block_api::{Md5Core, compress};
use md5::digest::array::Array;
use md5::digest::block_api::Buffer;

use lanes::{BLOCK_LEN, Lane, digest_together, lane_limit};

/// RFC 1321, 3.3: the words A, B, C and D.
const INITIAL: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The state of a stream's MD5.
#[derive(Clone)]
pub(super) struct Md5Hasher {
    words: [u32; 4],
    /// The bytes after the last whole block.
    tail: Buffer<Md5Core>,
    /// Length of the stream so far, in bytes.
    len: u64,
}

impl Default for Md5Hasher {
    fn default() -> Self {
        Md5Hasher { words: INITIAL, tail: Buffer::<Md5Core>::default(), len: 0 }
    }
}

impl Md5Hasher {
    /// Adds bytes to each stream; streams that are at a block boundary are digested in parallel lanes.
    pub(super) fn update_together(streams: &mut [(&mut Md5Hasher, &[u8])]) {
        for group in streams.chunks_mut(lane_limit()) {
            loop {
                let mut lanes: Vec<Lane<'_, '_>> = group
                    .iter_mut()
                    .filter(|(state, bytes)| state.tail.get_pos() == 0 && bytes.len() >= BLOCK_LEN)
                    .map(|(state, bytes)| Lane {
                        words: &mut state.words,
                        len: &mut state.len,
                        bytes,
                    })
                    .collect();
                if lanes.len() < 2 {
                    break;
                }
                digest_together(&mut lanes);
            }
            for (state, bytes) in group {
                state.update(bytes);
            }
        }
    }

    /// Adds bytes.
    fn update(&mut self, bytes: &[u8]) {
        self.tail.digest_blocks(bytes, |blocks| {
            compress(&mut self.words, Array::cast_slice_to_core(blocks));
        });
        self.len += bytes.len() as u64;
    }

    /// Returns the MD5 of all bytes.
    pub(super) fn finish(mut self) -> [u8; 16] {
        // RFC 1321, 3.2: the length in bits, modulo 2^64.
        let bit_len = self.len.wrapping_mul(8);
        self.tail.len64_padding_le(bit_len, |block| compress(&mut self.words, &[block.0]));
        let mut md5 = [0; 16];
        for (bytes, word) in md5.chunks_exact_mut(4).zip(self.words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        md5
    }
}
