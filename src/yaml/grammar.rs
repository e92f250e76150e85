//! Reads tokens as the first document's nodes: go-yaml v2's grammar, of YAML 1.1.
//!
//! Keeps what is open on a stack, so that nesting costs no call stack. Knows nothing of what nodes mean.

use std::borrow::Cow;

use super::YamlError;
use super::cursor::Position;
use super::scanner::Scanner;
use super::source::Source;
use super::token::{Token, TokenKind};

/// What the first document consists of, in its order.
#[derive(Debug)]
pub(super) enum Event<'s> {
    Alias(&'s str),
    /// A scalar; plain if it stands there without quotes, and is no block.
    Scalar {
        text: Cow<'s, str>,
        is_plain: bool,
    },
    SequenceStart,
    MappingStart,
    /// The end of the innermost sequence or mapping.
    End,
}

/// An event with where it begins, and what stands before its node.
#[derive(Debug)]
pub(super) struct Placed<'s> {
    pub(super) event: Event<'s>,
    pub(super) start: Position,
    pub(super) anchor: Option<&'s str>,
    pub(super) tag: Option<Cow<'s, str>>,
}

/// What comes next.
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
    /// The value that a key without `:` has not.
    FlowNoValue(Position),
}

/// Where a node stands: what it may be.
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
    tag_prefixes: Vec<(&'s str, Cow<'s, str>)>,
    is_begun: bool,
}

pub(super) type Parsed<'s> = Result<Option<Placed<'s>>, YamlError>;

impl<'c, 's> Grammar<'c, 's> {
    pub(super) fn new(source: &'c Source<'c>, text: &'s str) -> Self {
        Grammar {
            scanner: Scanner::new(source, text),
            states: Vec::new(),
            tag_prefixes: Vec::new(),
            is_begun: false,
        }
    }

    /// The next event; none at the document's end, and when there is no document.
    ///
    /// # Errors
    /// What is no YAML 1.1, as far as go-yaml looks.
    pub(super) fn next(&mut self) -> Parsed<'s> {
        if !self.is_begun {
            self.is_begun = true;
            return self.document();
        }
        match self.states.pop() {
            None => Ok(None),
            Some(State::End) => {
                // go-yaml looks at one token behind the root, and stops.
                self.scanner.peek()?;
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

    fn document(&mut self) -> Parsed<'s> {
        self.scanner.peek()?;
        self.scanner.take();
        let token = self.scanner.peek()?;
        let is_implicit = match token.kind {
            TokenKind::StreamEnd => return Ok(None),
            TokenKind::Version { .. }
            | TokenKind::TagDirective { .. }
            | TokenKind::DocumentStart => false,
            _ => true,
        };
        self.directives()?;
        self.states.push(State::End);
        if is_implicit {
            return self.node(Kind::Block);
        }
        let token = self.scanner.peek()?;
        if !matches!(token.kind, TokenKind::DocumentStart) {
            let detail = "expected --- after the directives";
            return Err(YamlError::at(token.start.into(), detail));
        }
        self.scanner.take();
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::Version { .. }
            | TokenKind::TagDirective { .. }
            | TokenKind::DocumentStart
            | TokenKind::DocumentEnd
            | TokenKind::StreamEnd => {
                let start = token.start;
                empty(start)
            }
            _ => self.node(Kind::Block),
        }
    }

    fn directives(&mut self) -> Result<(), YamlError> {
        let mut has_version = false;
        loop {
            let token = self.scanner.peek()?;
            let place = token.start.into();
            match &token.kind {
                TokenKind::Version { .. } if has_version => {
                    return Err(YamlError::at(place, "%YAML appears twice"));
                }
                TokenKind::Version { is_1_1: false } => {
                    return Err(YamlError::at(place, "the registry reads YAML 1.1 only"));
                }
                TokenKind::Version { is_1_1: true } => has_version = true,
                TokenKind::TagDirective { handle, prefix } => {
                    if self.tag_prefixes.iter().any(|(known, _)| known == handle) {
                        return Err(YamlError::at(place, "%TAG appears twice for one handle"));
                    }
                    self.tag_prefixes.push((handle, prefix.clone()));
                }
                _ => break,
            }
            self.scanner.take();
        }
        // Those that are known anyway, unless a directive says otherwise.
        for (handle, prefix) in [("!", "!"), ("!!", super::resolve::TAG_PREFIX)] {
            if self.tag_prefixes.iter().all(|(known, _)| *known != handle) {
                self.tag_prefixes.push((handle, Cow::Borrowed(prefix)));
            }
        }
        Ok(())
    }

    /// A node with its anchor and its tag.
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
        let placed = |event| Ok(Some(Placed { event, start, anchor, tag }));
        let token = self.scanner.peek()?;
        let mark = token.start;
        match &mut token.kind {
            TokenKind::BlockEntry if kind == Kind::BlockOrIndentless => {
                self.states.push(State::IndentlessSequence);
                placed(Event::SequenceStart)
            }
            TokenKind::Scalar { text, is_plain } => {
                let (text, is_plain) = (std::mem::take(text), *is_plain);
                self.scanner.take();
                placed(Event::Scalar { text, is_plain })
            }
            TokenKind::FlowSequenceStart => {
                self.scanner.take();
                self.states.push(State::FlowSequenceFirst(mark));
                placed(Event::SequenceStart)
            }
            TokenKind::FlowMappingStart => {
                self.scanner.take();
                self.states.push(State::FlowKeyFirst(mark));
                placed(Event::MappingStart)
            }
            TokenKind::BlockSequenceStart if kind != Kind::Flow => {
                self.scanner.take();
                self.states.push(State::BlockSequence);
                placed(Event::SequenceStart)
            }
            TokenKind::BlockMappingStart if kind != Kind::Flow => {
                self.scanner.take();
                self.states.push(State::BlockKey);
                placed(Event::MappingStart)
            }
            _ if has_properties => {
                placed(Event::Scalar { text: Cow::Borrowed(""), is_plain: true })
            }
            _ => Err(misplaced(token, "expected a value")),
        }
    }

    fn whole_tag(
        &self,
        handle: &str,
        suffix: Cow<'s, str>,
        start: Position,
    ) -> Result<Cow<'s, str>, YamlError> {
        if handle.is_empty() {
            return Ok(suffix);
        }
        match self.tag_prefixes.iter().find(|(known, _)| *known == handle) {
            Some((_, prefix)) => Ok(Cow::Owned(format!("{prefix}{suffix}"))),
            None => Err(YamlError::at(start.into(), "unknown tag handle")),
        }
    }

    /// Before a node that may be left out: whether it is there.
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
    Ok(Some(Placed { event, start, anchor: None, tag: None }))
}

/// A value that is not there.
pub(super) fn empty<'s>(start: Position) -> Parsed<'s> {
    event(Event::Scalar { text: Cow::Borrowed(""), is_plain: true }, start)
}

fn ends_block_pair(kind: &TokenKind<'_>) -> bool {
    matches!(kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd)
}

pub(super) fn misplaced(token: &Token<'_>, detail: &str) -> YamlError {
    YamlError::at(token.start.into(), detail)
}
