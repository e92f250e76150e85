//! The grammar of flow collections.

use super::YamlError;
use super::cursor::Position;
use super::grammar::{Event, Grammar, Kind, Parsed, State, empty, event};
use super::token::TokenKind;

impl<'s> Grammar<'_, 's> {
    /// Takes the `,` before all items but the first.
    fn flow_entry(&mut self, open: Position, brackets: [char; 2]) -> Result<(), YamlError> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::FlowEntry => {
                self.scanner.take();
                Ok(())
            }
            TokenKind::StreamEnd | TokenKind::DocumentStart | TokenKind::DocumentEnd => {
                let detail = format!("unclosed bracket '{}'", brackets[0]);
                Err(YamlError::at(open.into(), detail))
            }
            TokenKind::Value => {
                Err(YamlError::at(token.start.into(), "illegal placement of ':' indicator"))
            }
            _ => {
                let detail = format!("expected ',' or '{}'", brackets[1]);
                Err(YamlError::at(token.start.into(), detail))
            }
        }
    }

    pub(super) fn flow_sequence(&mut self, open: Position, is_first: bool) -> Parsed<'s> {
        let is_end = |kind: &_| matches!(kind, TokenKind::FlowSequenceEnd);
        if !is_end(&self.scanner.peek()?.kind) {
            if !is_first {
                self.flow_entry(open, ['[', ']'])?;
            }
            let token = self.scanner.peek()?;
            if matches!(token.kind, TokenKind::Key) {
                let start = self.scanner.take().start;
                self.states.extend([State::FlowSequence(open), State::FlowPairKey]);
                return event(Event::MappingStart, start);
            }
            if !is_end(&token.kind) {
                self.states.push(State::FlowSequence(open));
                return self.node_in(open, '[');
            }
        }
        let start = self.scanner.take().start;
        event(Event::End, start)
    }

    /// Parses a node in a flow collection, which may be unclosed.
    fn node_in(&mut self, open: Position, bracket: char) -> Parsed<'s> {
        if matches!(self.scanner.peek()?.kind, TokenKind::StreamEnd) {
            return Err(YamlError::at(open.into(), format!("unclosed bracket '{bracket}'")));
        }
        self.node(Kind::Flow)
    }

    pub(super) fn flow_pair_key(&mut self) -> Parsed<'s> {
        self.states.push(State::FlowPairValue);
        if !self.is_missing(|kind| {
            matches!(kind, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd)
        })? {
            return self.node(Kind::Flow);
        }
        // go-yaml takes the token, so that the end is missing later: `[?]` is rejected.
        let end = self.scanner.take().end;
        empty(end)
    }

    pub(super) fn flow_pair_value(&mut self) -> Parsed<'s> {
        self.states.push(State::FlowPairEnd);
        if matches!(self.scanner.peek()?.kind, TokenKind::Value) {
            self.scanner.take();
            if !self.is_missing(|kind| {
                matches!(kind, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd)
            })? {
                return self.node(Kind::Flow);
            }
        }
        let start = self.scanner.peek()?.start;
        empty(start)
    }

    pub(super) fn flow_key(&mut self, open: Position, is_first: bool) -> Parsed<'s> {
        let is_end = |kind: &_| matches!(kind, TokenKind::FlowMappingEnd);
        if !is_end(&self.scanner.peek()?.kind) {
            if !is_first {
                self.flow_entry(open, ['{', '}'])?;
            }
            let token = self.scanner.peek()?;
            if matches!(token.kind, TokenKind::Key) {
                self.scanner.take();
                self.states.push(State::FlowValue(open));
                if !self.is_missing(|kind| {
                    matches!(
                        kind,
                        TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd
                    )
                })? {
                    return self.node(Kind::Flow);
                }
                let start = self.scanner.peek()?.start;
                return empty(start);
            }
            if !is_end(&token.kind) {
                self.states.push(State::FlowNoValue(open));
                return self.node_in(open, '{');
            }
        }
        let start = self.scanner.take().start;
        event(Event::End, start)
    }

    pub(super) fn flow_value(&mut self, open: Position) -> Parsed<'s> {
        self.states.push(State::FlowKey(open));
        if matches!(self.scanner.peek()?.kind, TokenKind::Value) {
            self.scanner.take();
            if !self.is_missing(|kind| {
                matches!(kind, TokenKind::FlowEntry | TokenKind::FlowMappingEnd)
            })? {
                return self.node(Kind::Flow);
            }
        }
        let start = self.scanner.peek()?.start;
        empty(start)
    }
}
