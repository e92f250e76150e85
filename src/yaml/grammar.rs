//! Parses tokens as the first document's nodes: go-yaml v2's grammar, of YAML 1.1.
//!
//! Keeps open collections on a stack, so that nesting uses no call stack. Independent of the meaning of nodes.

use std::borrow::Cow;

use super::YamlError;
use super::cursor::Position;
use super::scanner::Scanner;
use super::source::Source;
use super::token::{Token, TokenKind};

/// The events of the first document, in order.
#[derive(Debug)]
pub(super) enum Event<'s> {
    Alias(&'s str),
    /// A scalar; plain without quotes, and not a block scalar.
    Scalar {
        text: Cow<'s, str>,
        is_plain: bool,
    },
    SequenceStart,
    MappingStart,
    /// The end of the innermost sequence or mapping.
    End,
}

/// An event with its position, anchor and tag.
#[derive(Debug)]
pub(super) struct PositionedEvent<'s> {
    pub(super) event: Event<'s>,
    pub(super) start: Position,
    pub(super) anchor: Option<&'s str>,
    pub(super) tag: Option<Cow<'s, str>>,
}

/// What the parser expects next.
#[derive(Clone, Copy)]
pub(super) enum State {
    /// After the document's root node.
    End,
    BlockSequence,
    IndentlessSequence,
    BlockKey,
    BlockValue,
    FlowSequenceFirst(Position),
    FlowSequence(Position),
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowKeyFirst(Position),
    FlowKey(Position),
    FlowValue(Position),
    /// The missing value of a key without `:`.
    FlowNoValue(Position),
}

/// The context of a node, which determines what it may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Flow,
    Block,
    BlockOrIndentless,
}

pub(super) struct Grammar<'c, 's> {
    pub(super) scanner: Scanner<'c, 's>,
    /// The innermost last.
    pub(super) states: Vec<State>,
    pub(super) tag_prefixes: Vec<(&'s str, Cow<'s, str>)>,
    is_started: bool,
}

pub(super) type Parsed<'s> = Result<Option<PositionedEvent<'s>>, YamlError>;

impl<'c, 's> Grammar<'c, 's> {
    pub(super) fn new(source: &'c Source<'c>, text: &'s str) -> Self {
        Grammar {
            scanner: Scanner::new(source, text),
            states: Vec::new(),
            tag_prefixes: Vec::new(),
            is_started: false,
        }
    }

    /// Returns the next event; `None` at the document's end, and when there is no document.
    ///
    /// # Errors
    /// Invalid YAML 1.1, as far as go-yaml checks it.
    pub(super) fn next(&mut self) -> Parsed<'s> {
        if !self.is_started {
            self.is_started = true;
            return self.document();
        }
        match self.states.pop() {
            None => Ok(None),
            Some(State::End) => {
                // go-yaml peeks at one token after the root, and stops.
                let is_end = matches!(self.scanner.peek()?.kind, TokenKind::StreamEnd);
                self.scanner.is_ordinary &= is_end;
                Ok(None)
            }
            Some(State::BlockSequence) => self.block_sequence(),
            Some(State::IndentlessSequence) => self.indentless_sequence(),
            Some(State::BlockKey) => self.block_key(),
            Some(State::BlockValue) => self.block_value(),
            Some(State::FlowSequenceFirst(open)) => self.flow_sequence(open, true),
            Some(State::FlowSequence(open)) => self.flow_sequence(open, false),
            Some(State::FlowPairKey) => self.flow_pair_key(),
            Some(State::FlowPairValue) => self.flow_pair_value(),
            Some(State::FlowPairEnd) => {
                let start = self.scanner.peek()?.start;
                event(Event::End, start)
            }
            Some(State::FlowKeyFirst(open)) => self.flow_key(open, true),
            Some(State::FlowKey(open)) => self.flow_key(open, false),
            Some(State::FlowValue(open)) => self.flow_value(open),
            Some(State::FlowNoValue(open)) => {
                self.states.push(State::FlowKey(open));
                let start = self.scanner.peek()?.start;
                empty(start)
            }
        }
    }

    /// Parses a node with its anchor and its tag.
    pub(super) fn node(&mut self, kind: Kind) -> Parsed<'s> {
        let token = self.scanner.peek()?;
        let start = token.start;
        if let TokenKind::Alias(name) = token.kind {
            self.scanner.take();
            return event(Event::Alias(name), start);
        }
        let (mut anchor, mut tag) = (None, None);
        // Each at most once, in any order.
        loop {
            let token = self.scanner.peek()?;
            match &token.kind {
                TokenKind::Anchor(name) if anchor.is_none() => anchor = Some(*name),
                TokenKind::Tag { .. } if tag.is_none() => {
                    let TokenKind::Tag { handle, suffix } = self.scanner.take().kind else {
                        unreachable!("it was peeked")
                    };
                    tag = Some(self.whole_tag(handle, suffix, start)?);
                    continue;
                }
                _ => break,
            }
            self.scanner.take();
        }
        let has_properties = anchor.is_some() || tag.is_some();
        let positioned = |event| Ok(Some(PositionedEvent { event, start, anchor, tag }));
        let token = self.scanner.peek()?;
        let mark = token.start;
        match &mut token.kind {
            TokenKind::BlockEntry if kind == Kind::BlockOrIndentless => {
                self.states.push(State::IndentlessSequence);
                positioned(Event::SequenceStart)
            }
            TokenKind::Scalar { text, is_plain } => {
                let (text, is_plain) = (std::mem::take(text), *is_plain);
                self.scanner.take();
                positioned(Event::Scalar { text, is_plain })
            }
            TokenKind::FlowSequenceStart => {
                self.scanner.take();
                self.states.push(State::FlowSequenceFirst(mark));
                positioned(Event::SequenceStart)
            }
            TokenKind::FlowMappingStart => {
                self.scanner.take();
                self.states.push(State::FlowKeyFirst(mark));
                positioned(Event::MappingStart)
            }
            TokenKind::BlockSequenceStart if kind != Kind::Flow => {
                self.scanner.take();
                self.states.push(State::BlockSequence);
                positioned(Event::SequenceStart)
            }
            TokenKind::BlockMappingStart if kind != Kind::Flow => {
                self.scanner.take();
                self.states.push(State::BlockKey);
                positioned(Event::MappingStart)
            }
            _ if has_properties => {
                positioned(Event::Scalar { text: Cow::Borrowed(""), is_plain: true })
            }
            _ => Err(misplaced(token, "expected a value")),
        }
    }

    /// Returns whether an optional node is missing: the next token is one that follows it.
    pub(super) fn is_missing(
        &mut self,
        ends: fn(&TokenKind<'_>) -> bool,
    ) -> Result<bool, YamlError> {
        Ok(ends(&self.scanner.peek()?.kind))
    }

    fn block_sequence(&mut self) -> Parsed<'s> {
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        match token.kind {
            TokenKind::BlockEntry => {
                self.scanner.take();
                self.states.push(State::BlockSequence);
                if self.is_missing(|kind| {
                    matches!(kind, TokenKind::BlockEntry | TokenKind::BlockEnd)
                })? {
                    // js-yaml goes on in this list with items of the list around it.
                    self.scanner.is_ordinary = false;
                    empty(end)
                } else {
                    self.node(Kind::Block)
                }
            }
            TokenKind::BlockEnd => {
                self.scanner.take();
                event(Event::End, start)
            }
            _ => Err(misplaced(token, "expected '-'")),
        }
    }

    fn indentless_sequence(&mut self) -> Parsed<'s> {
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        if !matches!(token.kind, TokenKind::BlockEntry) {
            return event(Event::End, start);
        }
        self.scanner.take();
        self.states.push(State::IndentlessSequence);
        if self.is_missing(|kind| {
            matches!(
                kind,
                TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
            )
        })? {
            self.scanner.is_ordinary = false;
            empty(end)
        } else {
            self.node(Kind::Block)
        }
    }

    fn block_key(&mut self) -> Parsed<'s> {
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        match token.kind {
            TokenKind::Key => {
                self.scanner.take();
                self.states.push(State::BlockValue);
                if self.is_missing(ends_block_pair)? {
                    empty(end)
                } else {
                    self.node(Kind::BlockOrIndentless)
                }
            }
            TokenKind::BlockEnd => {
                self.scanner.take();
                event(Event::End, start)
            }
            TokenKind::Value => Err(misplaced(token, "a key is empty")),
            _ => Err(misplaced(token, "expected a key")),
        }
    }

    fn block_value(&mut self) -> Parsed<'s> {
        self.states.push(State::BlockKey);
        let token = self.scanner.peek()?;
        let start = token.start;
        if !matches!(token.kind, TokenKind::Value) {
            return empty(start);
        }
        self.scanner.take();
        if self.is_missing(ends_block_pair)? {
            empty(start)
        } else {
            self.node(Kind::BlockOrIndentless)
        }
    }
}

pub(super) fn event(event: Event<'_>, start: Position) -> Parsed<'_> {
    Ok(Some(PositionedEvent { event, start, anchor: None, tag: None }))
}

/// Creates the event of a missing value.
pub(super) fn empty<'s>(start: Position) -> Parsed<'s> {
    event(Event::Scalar { text: Cow::Borrowed(""), is_plain: true }, start)
}

fn ends_block_pair(kind: &TokenKind<'_>) -> bool {
    matches!(kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd)
}

pub(super) fn misplaced(token: &Token<'_>, detail: &str) -> YamlError {
    YamlError::at(token.start.into(), detail)
}
