//! YAML as a small tree: each scalar with its text, its style and its place, and every key, duplicates included.
//!
//! Not typed: [`Resolved`] says what a plain `1.10` or `no` is, to whoever asks. Reads the first document only,
//! as the registry does, and is bounded in bytes, nodes, depth and what aliases stand for, so that no input takes
//! long or much memory.
//!
//! The registry parses with go-yaml v2.4.0, an early port of libyaml with faults of its own, and whether a package loads
//! depends on these faults. No crate has them, so this is a reader of our own. Of 2,655 texts (picked and random, in
//! `tests/it/judges/yaml`) `granit-parser` 2.2, a reader of YAML 1.2, read 487 differently from go-yaml; this one none, and
//! none of 300,000 more. Ports of libyaml (`libyaml-safer`, `unsafe-libyaml`) are of its newer line, which takes
//! `%YAML 1.2` and `"\/"`. go-yaml judges this one in each run of `.ci/run`.
//!
//! In the steps of libyaml: bytes (`source`), a cursor, tokens (`scanner` with `keys`, `indicators`, `scalars`, `blocks` and
//! `properties`), events (`grammar` with `document` and `flow`), a tree (`builder`).
//!
//! Kibana parses with js-yaml: `js_yaml` reads what that one reads.

mod blocks;
mod builder;
mod cursor;
mod document;
mod flow;
mod grammar;
mod indicators;
pub mod js_yaml;
mod keys;
mod parts;
mod properties;
mod resolve;
mod scalars;
mod scanner;
mod source;
mod token;
mod tree;

pub use parts::{Part, parts};
pub use resolve::Resolved;
pub use tree::{Data, Document, Items, Node, Pairs, Scalar};

use builder::Builder;
use grammar::Grammar;
use source::Source;

/// The longest text that is parsed, in bytes; the longest real one has 425 kB.
pub const MAX_LEN: usize = 4 << 20;

/// The most nodes that a document may have, counting what each alias stands for.
pub const MAX_NODES: u64 = 1_000_000;

/// Why a text is no document, and where; lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct YamlError {
    /// What is wrong.
    pub detail: String,
    /// Where, as far as it is about a place.
    pub place: Option<Mark>,
}

/// A place in a text; lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl YamlError {
    /// An error at a place.
    pub(crate) fn at(place: Mark, detail: impl Into<String>) -> Self {
        YamlError { detail: detail.into(), place: Some(place) }
    }
}

impl<'t> Document<'t> {
    /// Parses the first document; an empty text is a document that holds null.
    ///
    /// # Errors
    /// What go-yaml v2.4.0 would refuse, and what exceeds the bounds.
    pub fn parse(bytes: &'t [u8]) -> Result<Self, YamlError> {
        let source = Source::of(bytes)?;
        match source.borrowed() {
            Some(text) => Document::read(&source, text),
            None => Ok(Document::read(&source, &source.text)?.into_owned()),
        }
    }

    fn read<'s>(source: &Source<'_>, text: &'s str) -> Result<Document<'s>, YamlError> {
        let mut grammar = Grammar::new(source, text);
        let mut builder = Builder::default();
        while let Some(placed) = grammar.next()? {
            builder.take(placed)?;
        }
        builder.finish(source.is_ordinary && grammar.scanner.is_ordinary)
    }
}
