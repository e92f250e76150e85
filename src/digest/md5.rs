//! MD5 of several streams at a time, in the lanes of vector registers.
//!
//! One MD5 is a chain of steps that no processor runs faster than about half a gigabyte a second,
//! and single-stream crates all end there: a fifth of a run's time. Several independent ones share
//! each instruction. No well-kept crate takes many streams piece by piece, so the block function is
//! here; `md-5` judges it in the tests. Algorithm: RFC 1321, section 3.4. Called by `digest` alone.

use std::array::from_fn;

use wide::u32x4;

const BLOCK_LEN: usize = 64;

/// Streams that share an instruction: two registers of four, so that one's steps fill the other's
/// waits.
const LANES: usize = 8;

/// RFC 1321, 3.3: the words A, B, C and D.
const INITIAL: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// A stream's MD5 so far.
#[derive(Clone)]
pub(super) struct Md5State {
    words: [u32; 4],
    /// What came after the last whole block.
    tail: [u8; BLOCK_LEN],
    /// Length of the stream so far, in bytes.
    len: u64,
}

impl Default for Md5State {
    fn default() -> Self {
        Md5State { words: INITIAL, tail: [0; BLOCK_LEN], len: 0 }
    }
}

impl Md5State {
    /// Adds bytes to each stream.
    pub(super) fn update_together(streams: &mut [(&mut Md5State, &[u8])]) {
        for group in streams.chunks_mut(LANES) {
            for (state, bytes) in group.iter_mut() {
                *bytes = state.fill_tail(bytes);
            }
            loop {
                let mut busy: Vec<_> =
                    group.iter_mut().filter(|(_, bytes)| bytes.len() >= BLOCK_LEN).collect();
                match busy.len() {
                    0 => break,
                    1 => advance::<u32, 1>(&mut busy),
                    2..=4 => advance::<[u32x4; 1], 4>(&mut busy),
                    _ => advance::<[u32x4; 2], LANES>(&mut busy),
                }
            }
            for (state, bytes) in group.iter_mut() {
                state.keep_tail(bytes);
            }
        }
    }

    /// Ends the stream.
    pub(super) fn finish(mut self) -> [u8; 16] {
        // RFC 1321, 3.1 and 3.2: one bit, zeros up to 8 bytes before a block's end, the length in bits.
        let bit_len = self.len.wrapping_mul(8).to_le_bytes();
        let zeros_len = (2 * BLOCK_LEN - 9 - self.tail_len()) % BLOCK_LEN;
        let padding = [&[0x80], &[0; BLOCK_LEN][..zeros_len], &bit_len].concat();
        Md5State::update_together(&mut [(&mut self, &padding)]);
        let mut md5 = [0; 16];
        for (bytes, word) in md5.chunks_exact_mut(4).zip(self.words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        md5
    }

    fn tail_len(&self) -> usize {
        (self.len % BLOCK_LEN as u64) as usize
    }

    /// Fills up what is left of a block, and gives back what is left of `bytes`.
    fn fill_tail<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let tail_len = self.tail_len();
        if tail_len == 0 {
            return bytes;
        }
        let (taken, rest) = bytes.split_at(bytes.len().min(BLOCK_LEN - tail_len));
        self.tail[tail_len..tail_len + taken.len()].copy_from_slice(taken);
        self.len += taken.len() as u64;
        if self.tail_len() == 0 && !taken.is_empty() {
            let block = self.tail;
            self.words = digest_block(self.words, &load::<u32, 1>([&block]));
        }
        rest
    }

    /// Keeps what is no whole block: only when there is no tail yet can anything be left.
    fn keep_tail(&mut self, bytes: &[u8]) {
        self.tail[..bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len() as u64;
    }
}

/// Digests as many blocks as all of these streams have, of which there are 1 to `N`.
fn advance<W: Word<N>, const N: usize>(busy: &mut [&mut (&mut Md5State, &[u8])]) {
    let block_count =
        busy.iter().map(|(_, bytes)| bytes.len() / BLOCK_LEN).min().unwrap_or_default();
    // A lane without a stream follows the first one; nobody looks at it.
    let stream_of = |lane: usize| if lane < busy.len() { lane } else { 0 };
    let mut words: [W; 4] =
        from_fn(|word| W::from_lanes(from_fn(|lane| busy[stream_of(lane)].0.words[word])));
    let bytes: [&[u8]; N] = from_fn(|lane| busy[stream_of(lane)].1);
    for index in 0..block_count {
        let at = index * BLOCK_LEN;
        let blocks = bytes.map(|bytes| {
            bytes[at..at + BLOCK_LEN].try_into().expect("a slice of a block's length")
        });
        words = digest_block(words, &load::<W, N>(blocks));
    }
    let lanes = words.map(W::to_lanes);
    let taken_len = block_count * BLOCK_LEN;
    for (lane, (state, bytes)) in
        busy.iter_mut().map(|stream| (&mut *stream.0, &mut stream.1)).enumerate()
    {
        state.words = lanes.map(|word| word[lane]);
        state.len += taken_len as u64;
        *bytes = &bytes[taken_len..];
    }
}

/// A block's 16 words, of all lanes.
fn load<W: Word<N>, const N: usize>(blocks: [&[u8; BLOCK_LEN]; N]) -> [W; 16] {
    let mut words = [W::from_lanes([0; N]); 16];
    for (quarter, words) in words.chunks_exact_mut(4).enumerate() {
        let rows = blocks.map(|block| {
            from_fn(|word| {
                let at = 16 * quarter + 4 * word;
                u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]])
            })
        });
        words.copy_from_slice(&W::columns(rows));
    }
    words
}

/// One 32-bit word of each of `N` streams.
trait Word<const N: usize>: Copy {
    fn from_lanes(lanes: [u32; N]) -> Self;
    fn to_lanes(self) -> [u32; N];
    /// From four words of each stream to one word of all streams, four times.
    fn columns(rows: [[u32; 4]; N]) -> [Self; 4];
    fn splat(word: u32) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    fn not(self) -> Self;
    /// The sum modulo 2^32.
    fn plus(self, other: Self) -> Self;
    fn rotate_left(self, by: u32) -> Self;
}

impl Word<1> for u32 {
    fn from_lanes([lane]: [u32; 1]) -> Self {
        lane
    }
    fn to_lanes(self) -> [u32; 1] {
        [self]
    }
    fn columns([row]: [[u32; 4]; 1]) -> [Self; 4] {
        row
    }
    fn splat(word: u32) -> Self {
        word
    }
    fn and(self, other: Self) -> Self {
        self & other
    }
    fn or(self, other: Self) -> Self {
        self | other
    }
    fn xor(self, other: Self) -> Self {
        self ^ other
    }
    fn not(self) -> Self {
        !self
    }
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    fn rotate_left(self, by: u32) -> Self {
        u32::rotate_left(self, by)
    }
}

/// Implements [`Word`] for as many registers of four as it takes.
macro_rules! word_of_registers {
    ($lanes:literal, $registers:literal) => {
        impl Word<$lanes> for [u32x4; $registers] {
            #[inline(always)]
            fn from_lanes(lanes: [u32; $lanes]) -> Self {
                from_fn(|at| u32x4::new(from_fn(|lane| lanes[4 * at + lane])))
            }
            #[inline(always)]
            fn to_lanes(self) -> [u32; $lanes] {
                from_fn(|lane| self[lane / 4].to_array()[lane % 4])
            }
            #[inline(always)]
            fn columns(rows: [[u32; 4]; $lanes]) -> [Self; 4] {
                let turned: [[u32x4; 4]; $registers] =
                    from_fn(|at| u32x4::transpose(from_fn(|lane| u32x4::new(rows[4 * at + lane]))));
                from_fn(|word| from_fn(|at| turned[at][word]))
            }
            #[inline(always)]
            fn splat(word: u32) -> Self {
                [u32x4::splat(word); $registers]
            }
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                from_fn(|at| self[at] & other[at])
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                from_fn(|at| self[at] | other[at])
            }
            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                from_fn(|at| self[at] ^ other[at])
            }
            #[inline(always)]
            fn not(self) -> Self {
                from_fn(|at| !self[at])
            }
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                from_fn(|at| self[at] + other[at])
            }
            #[inline(always)]
            fn rotate_left(self, by: u32) -> Self {
                from_fn(|at| (self[at] << by) | (self[at] >> (32 - by)))
            }
        }
    };
}

word_of_registers!(4, 1);
word_of_registers!(8, 2);

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

/// RFC 1321, 3.4: one block.
#[inline(always)]
fn digest_block<W: Word<N>, const N: usize>(words: [W; 4], block: &[W; 16]) -> [W; 4] {
    let [mut a, mut b, mut c, mut d] = words;
    // Unrolled, so that each rotation is a constant: a loop is a third as fast.
    macro_rules! round {
        ($mix:expr, $first:literal, $stride:literal + $start:literal, $rotations:expr,
            $($step:literal)*) => {$(
            let sum = a.plus($mix(b, c, d)).plus(block[($stride * $step + $start) % 16]);
            let sum = sum.plus(W::splat(SINES[$first + $step]));
            (a, d, c, b) = (d, c, b, b.plus(sum.rotate_left($rotations[$step % 4])));
        )*};
    }
    macro_rules! round_of_16 {
        ($($args:tt)*) => {
            round!($($args)*, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
        };
    }
    let choose = |mask: W, one: W, zero: W| zero.xor(mask.and(one.xor(zero)));
    round_of_16!(choose, 0, 1 + 0, [7, 12, 17, 22]);
    round_of_16!(|b, c, d| choose(d, b, c), 16, 5 + 1, [5, 9, 14, 20]);
    round_of_16!(|b: W, c: W, d: W| b.xor(c).xor(d), 32, 3 + 5, [4, 11, 16, 23]);
    round_of_16!(|b: W, c: W, d: W| c.xor(b.or(d.not())), 48, 7 + 0, [6, 10, 15, 21]);
    [words[0].plus(a), words[1].plus(b), words[2].plus(c), words[3].plus(d)]
}
