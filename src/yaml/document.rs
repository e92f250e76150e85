//! The start of the first document: the directives before it, and the tag handles that they define.

use std::borrow::Cow;

use super::YamlError;
use super::cursor::Position;
use super::grammar::{Grammar, Kind, Parsed, State, empty};
use super::resolve::TAG_PREFIX;
use super::token::TokenKind;

impl<'s> Grammar<'_, 's> {
    pub(super) fn document(&mut self) -> Parsed<'s> {
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
        // The default handles, unless a directive redefines them.
        for (handle, prefix) in [("!", "!"), ("!!", TAG_PREFIX)] {
            if self.tag_prefixes.iter().all(|(known, _)| *known != handle) {
                self.tag_prefixes.push((handle, Cow::Borrowed(prefix)));
            }
        }
        Ok(())
    }

    /// Resolves a tag's handle.
    pub(super) fn whole_tag(
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
}
