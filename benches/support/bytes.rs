//! The contents of generated files: text that deflates about as well as a real package's, and images that
//! do not deflate at all.
//!
//! A file's bytes are a function of its seeds, its edition and its length. Two editions of a text
//! differ in every eighth line, so that Git finds deltas between them. Used by `generator`, and by
//! `engine.rs` for single blobs.

use std::fmt::Write;

/// Words of field definitions, pipelines and dashboards.
const WORDS: [&str; 48] = [
    "agent",
    "aggregatable",
    "attributes",
    "average",
    "bytes",
    "cloud",
    "cluster",
    "container",
    "count",
    "dashboard",
    "data_stream",
    "dataset",
    "default",
    "description",
    "destination",
    "duration",
    "ecs",
    "enabled",
    "event",
    "field",
    "fields",
    "filter",
    "format",
    "group",
    "host",
    "index",
    "ingested",
    "input",
    "keyword",
    "kubernetes",
    "level",
    "long",
    "message",
    "metric",
    "namespace",
    "number",
    "optional",
    "path",
    "pipeline",
    "processor",
    "query",
    "required",
    "source",
    "status",
    "timestamp",
    "type",
    "value",
    "visualization",
];

/// An edition changes every line of a text whose number is a multiple of this.
const CHANGED_LINES: u64 = 8;

/// Creates a text of exactly `len` bytes that starts with `head`.
pub(crate) fn text(head: String, len: usize, seeds: [u64; 3], edition: u32) -> Vec<u8> {
    let [seed, package, file] = seeds;
    let mut text = head;
    text.reserve(len);
    for line in 0.. {
        if text.len() >= len {
            break;
        }
        let edition = if line % CHANGED_LINES == 0 { edition } else { 0 };
        let mut numbers = Numbers::of(&[seed, package, file, line, edition.into()]);
        let indent = 2 * numbers.below(4) as usize;
        write!(text, "# {:indent$}{}:", "", numbers.word())
            .expect("writing to a String does not fail");
        for _ in 0..2 + numbers.below(6) {
            text.push(' ');
            text.push_str(numbers.word());
        }
        writeln!(text, " {}", numbers.below(1000)).expect("writing to a String does not fail");
    }
    text.truncate(len);
    text.into_bytes()
}

/// Creates a package manifest of exactly `len` bytes; `len` must leave room for name and version.
pub(crate) fn manifest(
    name: &str,
    version: &str,
    len: usize,
    seeds: [u64; 3],
    edition: u32,
) -> Vec<u8> {
    let head = format!(
        "format_version: 1.0.0\nname: {name}\ntitle: {name}\nversion: {version}\n\
         description: Made up.\ntype: integration\n"
    );
    text(head, len, seeds, edition)
}

/// Creates `len` incompressible bytes.
pub(crate) fn image(len: usize, seeds: [u64; 3], edition: u32) -> Vec<u8> {
    let [seed, package, file] = seeds;
    let mut numbers = Numbers::of(&[seed, package, file, edition.into()]);
    let mut bytes: Vec<u8> =
        (0..len.div_ceil(8)).flat_map(|_| numbers.next().to_le_bytes()).collect();
    bytes.truncate(len);
    bytes
}

/// A random number generator (SplitMix64): small, fast, and the same everywhere.
pub(crate) struct Numbers(u64);

impl Numbers {
    /// Creates the generator for some seeds.
    pub(crate) fn of(seeds: &[u64]) -> Self {
        let mix = |state, seed: &u64| Numbers(state ^ seed).next();
        Numbers(seeds.iter().fold(0, mix))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from 0 to `limit`, exclusive.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len() as u64) as usize]
    }
}
