//! The tokens that the scanner produces and the grammar parses.

use std::borrow::Cow;

use super::cursor::Position;

/// A token with its start and end.
#[derive(Debug)]
pub(super) struct Token<'s> {
    pub(super) kind: TokenKind<'s>,
    pub(super) start: Position,
    pub(super) end: Position,
}

#[derive(Debug)]
pub(super) enum TokenKind<'s> {
    StreamStart,
    StreamEnd,
    Version {
        is_1_1: bool,
    },
    TagDirective {
        handle: &'s str,
        prefix: Cow<'s, str>,
    },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'s str),
    Anchor(&'s str),
    /// A tag as `!handle!suffix`; the handle is empty for a verbatim tag.
    Tag {
        handle: &'s str,
        suffix: Cow<'s, str>,
    },
    /// A scalar; plain without quotes, and not a block scalar.
    Scalar {
        text: Cow<'s, str>,
        is_plain: bool,
    },
}
