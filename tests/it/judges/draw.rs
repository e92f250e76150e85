//! Replayable randomness: numbers from a seed.

use std::hash::{BuildHasher, RandomState};

use super::say;

/// A random number generator (SplitMix64).
pub(super) struct Draw(u64);

impl Draw {
    /// Creates a generator from `JUDGE_SEED`, or from a fresh seed, and prints the seed.
    pub(super) fn from_environment(subject: &str) -> Self {
        let seed = match std::env::var("JUDGE_SEED") {
            Ok(seed) => seed.parse().expect("JUDGE_SEED is a number"),
            Err(_) => RandomState::new().hash_one(std::process::id()),
        };
        say(&format!("{subject}: JUDGE_SEED={seed} replays this run"));
        Draw(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `end`, which must not be 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Returns true with a probability of `times` in `of`.
    pub(super) fn happens(&mut self, times: usize, of: usize) -> bool {
        self.below(of) < times
    }

    /// Returns one of the items.
    pub(super) fn one<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// Returns the number of random cases of a test, from `JUDGE_CASES`.
pub(super) fn case_count() -> usize {
    std::env::var("JUDGE_CASES")
        .map_or(2000, |count| count.parse().expect("JUDGE_CASES is a number"))
}
