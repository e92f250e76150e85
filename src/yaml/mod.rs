//! YAML as a small tree: every scalar with its text, its style and its place, every key that is
//! there, duplicates included.
//!
//! Not typed: what a plain `1.10` or `no` means is asked of whoever reads it. Reads the first
//! document only, as the registry does, and is bounded in bytes, nodes, depth and what aliases
//! stand for, so that no input takes long or much memory. The only user of the YAML crate; called
//! by `registry` and `v1`.
//!
//! The registry parses with a port of libyaml. What the crate accepts beyond that, control characters
//! and empty keys, is refused here; it takes U+0085 for a letter and not for a line's end.

mod parts;
mod tree;

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Marker, Parser, ScalarStyle, Tag};

pub use parts::{Part, parts};
pub use tree::{Data, Document, Items, Node, Pairs, Scalar};

use tree::{RawData, RawNode};

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

impl From<&Marker> for Mark {
    fn from(marker: &Marker) -> Self {
        Mark { line: marker.line() as u64, column: marker.col() as u64 + 1 }
    }
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
    /// What a libyaml reader would refuse, and what exceeds the bounds.
    pub fn parse(bytes: &'t [u8]) -> Result<Self, YamlError> {
        let text = checked_text(bytes)?;
        let options = granit_parser::options! {
            bom_inside_document_as_content: true,
            block_scalar_eof_without_line_feed: true,
        };
        let mut builder = Builder::default();
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) = event
                .map_err(|error| YamlError::at(error.marker().into(), error.kind().to_string()))?;
            if matches!(event, Event::DocumentEnd) {
                break;
            }
            let is_empty = span.start.index() == span.end.index();
            builder.take(event, Mark::from(&span.start), is_empty)?;
        }
        builder.finish()
    }
}

/// The text, if it is UTF-8, not too long, and without characters that YAML does not allow.
fn checked_text(bytes: &[u8]) -> Result<&str, YamlError> {
    if bytes.len() > MAX_LEN {
        let detail = format!("it has {} bytes, more than {MAX_LEN}", bytes.len());
        return Err(YamlError { detail, place: None });
    }
    let fault = |at: usize, detail: &str| {
        // A line ends with LF, CR or both.
        let ends_line = |at: &usize| match bytes[*at] {
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            byte => byte == b'\n',
        };
        let line_start = (0..at).rfind(ends_line).map_or(0, |end| end + 1);
        let line = (0..at).filter(ends_line).count() as u64 + 1;
        let column = String::from_utf8_lossy(&bytes[line_start..at]).chars().count() as u64 + 1;
        YamlError::at(Mark { line, column }, detail)
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|error| fault(error.valid_up_to(), "it is not UTF-8"))?;
    let is_control = |byte: u8| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 0x7f);
    match bytes.iter().position(|byte| is_control(*byte)) {
        Some(at) => Err(fault(at, "control characters are not allowed")),
        None => Ok(text),
    }
}

/// Makes a tree of events; containers that are not closed yet stand on a stack.
#[derive(Default)]
struct Builder<'t> {
    nodes: Vec<RawNode<'t>>,
    /// Contents of closed containers.
    contents: Vec<usize>,
    /// Contents of open containers, those of the innermost last.
    pending: Vec<usize>,
    open: Vec<Open>,
    anchors: HashMap<usize, usize>,
    root: Option<usize>,
    depth: usize,
}

struct Open {
    index: usize,
    /// Where its contents begin among those that are pending.
    first: usize,
}

impl<'t> Builder<'t> {
    fn take(&mut self, event: Event<'t>, place: Mark, is_empty: bool) -> Result<(), YamlError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = match tag {
                    None => style == ScalarStyle::Plain,
                    Some(tag) => may_be_typed(&tag),
                };
                // The crate shows a value that is not there as `~`.
                let text = if is_empty { Cow::Borrowed("") } else { text };
                let index = self.add(place, RawData::Scalar { text, is_plain }, anchor);
                self.attach(index, place)
            }
            Event::SequenceStart(_, anchor, _) => self.open(place, RawData::Sequence(0..0), anchor),
            Event::MappingStart(_, anchor, _) => self.open(place, RawData::Mapping(0..0), anchor),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.close(open, place),
                None => Ok(()),
            },
            Event::Alias(anchor) => match self.anchors.get(&anchor).copied() {
                Some(index) if self.open.iter().all(|open| open.index != index) => {
                    self.attach(index, place)
                }
                _ => Err(YamlError::at(place, "an anchor contains itself")),
            },
            _ => Ok(()),
        }
    }

    fn add(&mut self, place: Mark, data: RawData<'t>, anchor: usize) -> usize {
        self.nodes.push(RawNode { place, data, size: 1 });
        let index = self.nodes.len() - 1;
        if anchor > 0 {
            self.anchors.insert(anchor, index);
        }
        index
    }

    fn open(&mut self, place: Mark, data: RawData<'t>, anchor: usize) -> Result<(), YamlError> {
        if self.wants_key() {
            return Err(YamlError::at(place, "a key is no text"));
        }
        let index = self.add(place, data, anchor);
        self.open.push(Open { index, first: self.pending.len() });
        self.depth = self.depth.max(self.open.len());
        Ok(())
    }

    fn close(&mut self, open: Open, place: Mark) -> Result<(), YamlError> {
        let start = self.contents.len();
        self.contents.extend(self.pending.drain(open.first..));
        match &mut self.nodes[open.index].data {
            RawData::Scalar { .. } => {}
            RawData::Sequence(range) | RawData::Mapping(range) => {
                *range = start..self.contents.len();
            }
        }
        self.attach(open.index, place)
    }

    /// Tells whether what comes next is a mapping's key.
    fn wants_key(&self) -> bool {
        self.open.last().is_some_and(|open| {
            matches!(self.nodes[open.index].data, RawData::Mapping(_))
                && (self.pending.len() - open.first).is_multiple_of(2)
        })
    }

    /// Puts a node that is whole into what holds it.
    fn attach(&mut self, index: usize, place: Mark) -> Result<(), YamlError> {
        if self.wants_key() {
            match &self.nodes[index].data {
                RawData::Scalar { text, is_plain: true } if text.is_empty() => {
                    return Err(YamlError::at(place, "a key is empty"));
                }
                RawData::Scalar { .. } => {}
                RawData::Sequence(_) | RawData::Mapping(_) => {
                    return Err(YamlError::at(place, "a key is no text"));
                }
            }
        }
        let size = self.nodes[index].size;
        let Some(open) = self.open.last() else {
            self.root = Some(index);
            return Ok(());
        };
        let holder = &mut self.nodes[open.index];
        holder.size = holder.size.saturating_add(size);
        if holder.size > MAX_NODES {
            let detail =
                format!("it has more than {MAX_NODES} nodes, what aliases stand for included");
            return Err(YamlError::at(place, detail));
        }
        self.pending.push(index);
        Ok(())
    }

    fn finish(mut self) -> Result<Document<'t>, YamlError> {
        let root = match self.root {
            Some(root) => root,
            None => {
                let data = RawData::Scalar { text: Cow::Borrowed(""), is_plain: true };
                self.add(Mark { line: 1, column: 1 }, data, 0)
            }
        };
        Ok(Document { nodes: self.nodes, contents: self.contents, root, depth: self.depth })
    }
}

/// Tells whether a scalar with this tag may be read as something else than text.
fn may_be_typed(tag: &Tag) -> bool {
    matches!(tag.core_suffix(), Some("bool" | "int" | "float" | "null"))
}
