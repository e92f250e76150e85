//! YAML as a small tree: each scalar with its text, style and position, and every key, including duplicates.
//!
//! Untyped: [`Resolved`] returns the type of a plain `1.10` or `no`. Reads the first document only,
//! as the registry does, and is bounded in bytes, nodes, depth and aliasing, so that no input takes
//! much time or memory.
//!
//! The registry parses with go-yaml v2.4.0, an early port of libyaml with its own bugs, and whether a package loads
//! depends on these bugs. No crate has them, hence this reader. Of 2,655 texts (selected and random, in
//! `tests/it/judges/yaml`) `granit-parser` 2.2, a reader of YAML 1.2, read 487 differently from go-yaml; this one none, and
//! none of 300,000 more. Ports of libyaml (`libyaml-safer`, `unsafe-libyaml`) are of its newer version, which accepts
//! `%YAML 1.2` and `"\/"`. Each run of `.ci/run` compares this reader with go-yaml.
//!
//! The stages are those of libyaml: bytes (`source`), a cursor, tokens (`scanner` with `keys`, `indicators`, `scalars`,
//! `blocks` and `properties`), events (`grammar` with `document` and `flow`), a tree (`builder`).
//!
//! Kibana parses with js-yaml, which `js_yaml` follows.

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

/// The longest text that is parsed, in bytes; the longest one in the public repository has 425 kB.
pub const MAX_LEN: usize = 4 << 20;

/// Maximum number of nodes of a document, counting the target of each alias.
pub const MAX_NODES: u64 = 1_000_000;

/// Why a text cannot be parsed, and where; lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct YamlError {
    /// What is wrong.
    pub detail: String,
    /// The position, if the error has one.
    pub place: Option<Mark>,
}

/// A position in a text; lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl YamlError {
    /// Creates an error at a position.
    pub(crate) fn at(place: Mark, detail: impl Into<String>) -> Self {
        YamlError { detail: detail.into(), place: Some(place) }
    }
}

impl<'t> Document<'t> {
    /// Parses the first document; an empty text is a document that contains null.
    ///
    /// # Errors
    /// A text that go-yaml v2.4.0 rejects, or that exceeds the bounds.
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
        while let Some(event) = grammar.next()? {
            builder.add_event(event)?;
        }
        builder.finish(source.is_ordinary && grammar.scanner.is_ordinary)
    }
}
