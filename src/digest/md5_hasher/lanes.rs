//! MD5 of several streams at a time, in the lanes of vector registers.
//!
//! MD5 is a chain of dependent steps that no processor executes faster than about two thirds of a gigabyte
//! per second, the limit of all single-stream crates. Several independent streams share each instruction. No
//! well-maintained crate digests many streams incrementally, so the block function is here; the tests compare
//! it with `md-5`. Compiled for each register size that the processor may have.
//! Algorithm: RFC 1321, section 3.4.
//!
//! With one stream at a time, a dry run over the public repository takes 1.26 times as long, and 1.26 times
//! the processor time (medians of seven pairs on two processors, 2026-11-27); in isolation, sixteen lanes
//! reach 8.4 GB/s, one stream 0.64.
//!
//! What is done for each block is in functions that are always inlined and in loops over indices, never in closures
//! and adapters, not even `array::map`, `array::from_fn` and `zip`: whether they are inlined depends on the codegen
//! units and on LTO. One that is not is compiled without the processor's extensions, and each of its vector
//! operations is a call (50 times slower with 16 codegen units).

// Loops over indices are always inlined.
#![allow(clippy::needless_range_loop)]

use std::array::from_fn;

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x32, u32x8};

/// Length of a block in bytes.
pub(super) const BLOCK_LEN: usize = 64;

/// Number of streams in one vector.
const VECTOR_LEN: usize = 8;

/// A stream with whole blocks to digest.
pub(super) struct Lane<'s, 'b> {
    /// A, B, C and D.
    pub(super) words: &'s mut [u32; 4],
    /// The stream's length so far, in bytes.
    pub(super) len: &'s mut u64,
    /// The bytes that are left to digest.
    pub(super) bytes: &'s mut &'b [u8],
}

/// Returns the maximum number of streams that are digested at a time.
pub(super) fn lane_limit() -> usize {
    dispatch!(Level::new(), simd => VECTOR_LEN * vector_limit(simd))
}

/// Returns the number of vectors that fill two registers, so that one's latency is hidden by the other: one
/// vector, if a vector already takes two registers.
#[inline(always)]
fn vector_limit<S: Simd>(_: S) -> usize {
    if S::u32s::LEN < VECTOR_LEN { 1 } else { 2 }
}

/// Digests as many blocks as the shortest lane has; at most [`lane_limit`] lanes.
pub(super) fn digest_together(lanes: &mut [Lane<'_, '_>]) {
    digest_at(Level::new(), lanes);
}

/// Digests with the registers of `level`; at most two vectors.
fn digest_at(level: Level, lanes: &mut [Lane<'_, '_>]) {
    dispatch!(level, simd => digest_lanes(simd, lanes));
}

#[inline(always)]
fn digest_lanes<S: Simd>(simd: S, lanes: &mut [Lane<'_, '_>]) {
    if vector_limit(simd) == 1 || lanes.len() <= VECTOR_LEN {
        digest_vectors::<S, 1>(simd, lanes);
    } else {
        digest_vectors::<S, 2>(simd, lanes);
    }
}

/// Digests the lanes of `N` vectors.
#[inline(always)]
fn digest_vectors<S: Simd, const N: usize>(simd: S, lanes: &mut [Lane<'_, '_>]) {
    // A lane without a stream repeats the first one; its result is ignored.
    let lane_at = |vector: usize, at: usize| {
        let lane = VECTOR_LEN * vector + at;
        if lane < lanes.len() { lane } else { 0 }
    };
    let blocks: [[&[[u8; BLOCK_LEN]]; VECTOR_LEN]; N] =
        from_fn(|vector| from_fn(|at| lanes[lane_at(vector, at)].bytes.as_chunks().0));
    let mut words = [[u32x8::splat(simd, 0); N]; 4];
    for (word, vectors) in words.iter_mut().enumerate() {
        for (vector, words) in vectors.iter_mut().enumerate() {
            let of_lanes: [u32; VECTOR_LEN] = from_fn(|at| lanes[lane_at(vector, at)].words[word]);
            *words = of_lanes.simd_into(simd);
        }
    }
    let block_count =
        lanes.iter().map(|lane| lane.bytes.len() / BLOCK_LEN).min().unwrap_or_default();
    for index in 0..block_count {
        let mut block = [[u32x8::splat(simd, 0); 16]; N];
        for vector in 0..N {
            let mut current = [&[0; BLOCK_LEN]; VECTOR_LEN];
            for at in 0..VECTOR_LEN {
                current[at] = &blocks[vector][at][index];
            }
            block[vector] = load(simd, current);
        }
        words = digest_block(simd, words, &block);
    }
    for (at, lane) in lanes.iter_mut().enumerate() {
        for (word, vectors) in lane.words.iter_mut().zip(&words) {
            *word = vectors[at / VECTOR_LEN][at % VECTOR_LEN];
        }
        *lane.len += (block_count * BLOCK_LEN) as u64;
        *lane.bytes = &lane.bytes[block_count * BLOCK_LEN..];
    }
}

/// Loads the 16 words of a block, of eight streams.
#[inline(always)]
fn load<S: Simd>(simd: S, blocks: [&[u8; BLOCK_LEN]; VECTOR_LEN]) -> [u32x8<S>; 16] {
    let [a, b, c, d, e, f, g, h] = load_half(simd, blocks, 0);
    let [i, j, k, l, m, n, o, p] = load_half(simd, blocks, 1);
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// Loads eight words of a block, of eight streams.
#[inline(always)]
fn load_half<S: Simd>(
    simd: S,
    blocks: [&[u8; BLOCK_LEN]; VECTOR_LEN],
    half: usize,
) -> [u32x8<S>; VECTOR_LEN] {
    let mut rows = [u32x8::splat(simd, 0); VECTOR_LEN];
    for at in 0..VECTOR_LEN {
        let bytes = &blocks[at][4 * VECTOR_LEN * half..4 * VECTOR_LEN * (half + 1)];
        rows[at] = u32x8::from_bytes(u8x32::from_slice(simd, bytes));
        if cfg!(target_endian = "big") {
            for word in 0..VECTOR_LEN {
                rows[at][word] = rows[at][word].swap_bytes();
            }
        }
    }
    transpose_step(transpose_step(transpose_step(rows)))
}

/// Interleaves rows that are four apart; three such steps transpose the matrix. (A loop would
/// be several times slower: values that are not inlined go through memory.)
#[inline(always)]
fn transpose_step<S: Simd>(rows: [u32x8<S>; VECTOR_LEN]) -> [u32x8<S>; VECTOR_LEN] {
    let [a, b, c, d, e, f, g, h] = rows;
    let ((a, b), (c, d), (e, f), (g, h)) =
        (a.interleave(e), b.interleave(f), c.interleave(g), d.interleave(h));
    [a, b, c, d, e, f, g, h]
}

/// RFC 1321, 3.4: the integer part of 2^32 times |sin(i + 1)|, i in radians.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

/// RFC 1321, 3.4: digests one block.
#[inline(always)]
fn digest_block<S: Simd, const N: usize>(
    simd: S,
    words: [[u32x8<S>; N]; 4],
    block: &[[u32x8<S>; 16]; N],
) -> [[u32x8<S>; N]; 4] {
    let [mut a, mut b, mut c, mut d] = words;
    // Unrolled, so that each rotation is a constant: a loop is a third as fast.
    macro_rules! round {
        ($mix:ident, $first:literal, $stride:literal + $start:literal, $rotations:expr,
            $($step:literal)*) => {$(
            let mut next = b;
            for at in 0..N {
                let word = block[at][($stride * $step + $start) % 16];
                let sine = u32x8::splat(simd, SINES[$first + $step]);
                let sum = a[at] + $mix(b[at], c[at], d[at]) + (word + sine);
                next[at] = b[at] + rotate_left(sum, $rotations[$step % 4]);
            }
            (a, d, c, b) = (d, c, b, next);
        )*};
    }
    macro_rules! round_of_16 {
        ($($args:tt)*) => {
            round!($($args)*, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
        };
    }
    round_of_16!(f, 0, 1 + 0, [7, 12, 17, 22]);
    round_of_16!(g, 16, 5 + 1, [5, 9, 14, 20]);
    round_of_16!(h, 32, 3 + 5, [4, 11, 16, 23]);
    round_of_16!(i, 48, 7 + 0, [6, 10, 15, 21]);
    let mut mixed = [a, b, c, d];
    for word in 0..4 {
        for at in 0..N {
            mixed[word][at] += words[word][at];
        }
    }
    mixed
}

#[inline(always)]
fn rotate_left<S: Simd>(word: u32x8<S>, by: u32) -> u32x8<S> {
    (word << by) | (word >> (32 - by))
}

/// RFC 1321, 3.4: where x is set, y, elsewhere z.
#[inline(always)]
fn f<S: Simd>(x: u32x8<S>, y: u32x8<S>, z: u32x8<S>) -> u32x8<S> {
    z ^ (x & (y ^ z))
}

/// RFC 1321, 3.4: where z is set, x, elsewhere y.
#[inline(always)]
fn g<S: Simd>(x: u32x8<S>, y: u32x8<S>, z: u32x8<S>) -> u32x8<S> {
    f(z, x, y)
}

/// RFC 1321, 3.4.
#[inline(always)]
fn h<S: Simd>(x: u32x8<S>, y: u32x8<S>, z: u32x8<S>) -> u32x8<S> {
    x ^ y ^ z
}

/// RFC 1321, 3.4.
#[inline(always)]
fn i<S: Simd>(x: u32x8<S>, y: u32x8<S>, z: u32x8<S>) -> u32x8<S> {
    y ^ (x | !z)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns all levels of this processor: otherwise only its best one would be tested.
    fn levels() -> Vec<Level> {
        let best = Level::new();
        #[cfg(target_arch = "x86_64")]
        let levels = [
            best.as_sse4_2().map(|token| token.level()),
            best.as_avx2().map(|token| token.level()),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let levels: [Option<Level>; 0] = [];
        [Level::baseline(), best].into_iter().chain(levels.into_iter().flatten()).collect()
    }

    #[test]
    fn every_register_size_gives_the_same_result_as_one_stream() {
        let bytes: Vec<u8> = (0..40_000_u32).map(|at| (at * 31 + at / 256) as u8).collect();
        for level in levels() {
            let limit = dispatch!(level, simd => VECTOR_LEN * vector_limit(simd));
            for count in 2..=limit {
                // Each is a block shorter than the previous one, so that the shortest determines the count.
                let streams: Vec<&[u8]> =
                    (0..count).map(|at| &bytes[at..2_000 - 64 * at]).collect();
                let block_count = (0..count).map(|at| streams[at].len() / BLOCK_LEN).min().unwrap();
                let mut state: Vec<([u32; 4], u64, &[u8])> =
                    streams.iter().enumerate().map(|(at, s)| ([at as u32; 4], 7, *s)).collect();
                let mut lanes: Vec<Lane<'_, '_>> = state
                    .iter_mut()
                    .map(|(words, len, bytes)| Lane { words, len, bytes })
                    .collect();
                digest_at(level, &mut lanes);
                for (at, (words, len, rest)) in state.into_iter().enumerate() {
                    let mut expected = [at as u32; 4];
                    let (blocks, _) = streams[at].as_chunks();
                    md5::block_api::compress(&mut expected, &blocks[..block_count]);
                    assert_eq!(words, expected, "stream {at} of {count}, {level:?}");
                    assert_eq!(len, 7 + 64 * block_count as u64);
                    assert_eq!(rest, &streams[at][64 * block_count..]);
                }
            }
        }
    }
}
