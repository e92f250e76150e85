//! Splits a text into tokens like go-yaml v2.4.0: indentation becomes tokens, and a key gets
//! its token inserted before it.
//!
//! Like in go-yaml, tokens are scanned only when the grammar needs them: text that go-yaml never scans is not an error.
//! Only the `:` after a scalar shows that it is a key, so tokens wait in a queue as long as the first of them
//! may be one (`keys`). The effect of each token on that is in `indicators`; scalars are scanned in `scalars` and `blocks`,
//! tags and directives in `properties`.

use std::collections::VecDeque;

use super::YamlError;
use super::cursor::{Cursor, Position};
use super::keys::{SimpleKey, SimpleKeys};
use super::source::Source;
use super::token::{Token, TokenKind};

/// Maximum nesting of flow collections, and of block collections (`max_flow_level`, `max_indents`).
pub(super) const MAX_LEVEL: usize = 10_000;

pub(super) struct Scanner<'c, 's> {
    pub(super) cursor: Cursor<'c, 's>,
    pub(super) tokens: VecDeque<Token<'s>>,
    taken_count: usize,
    is_available: bool,
    is_started: bool,
    pub(super) is_ended: bool,
    pub(super) flow_level: usize,
    /// The column of the innermost block collection; -1 outside of all.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) is_key_allowed: bool,
    pub(super) keys: SimpleKeys,
    /// Whether js-yaml reads everything so far in the same way.
    pub(super) is_ordinary: bool,
}

impl<'c, 's> Scanner<'c, 's> {
    pub(super) fn new(source: &'c Source<'c>, text: &'s str) -> Self {
        Scanner {
            cursor: Cursor::new(source, text),
            tokens: VecDeque::new(),
            taken_count: 0,
            is_available: false,
            is_started: false,
            is_ended: false,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            is_key_allowed: true,
            keys: SimpleKeys::new(),
            is_ordinary: true,
        }
    }

    /// Returns the next token.
    ///
    /// # Errors
    /// An invalid token, as far as the text had to be scanned.
    pub(super) fn peek(&mut self) -> Result<&mut Token<'s>, YamlError> {
        if !self.is_available {
            self.fetch()?;
        }
        Ok(self.tokens.front_mut().expect("the end of the stream is never taken"))
    }

    /// Takes the peeked token.
    pub(super) fn take(&mut self) -> Token<'s> {
        self.is_available = false;
        self.taken_count += 1;
        self.tokens.pop_front().expect("it was peeked")
    }

    /// Fetches tokens until the first one is known not to start a key, or its key token is inserted.
    fn fetch(&mut self) -> Result<(), YamlError> {
        while self.tokens.is_empty()
            || self.keys.may_start_at(self.taken_count, self.cursor.mark, self.is_ended)?
        {
            self.fetch_one()?;
        }
        self.is_available = true;
        Ok(())
    }

    fn fetch_one(&mut self) -> Result<(), YamlError> {
        self.cursor.need(1)?;
        if !self.is_started {
            self.is_started = true;
            return self.push(TokenKind::StreamStart, self.cursor.mark);
        }
        self.skip_to_token()?;
        self.unroll(self.cursor.mark.column as isize);
        self.cursor.need(4)?;
        if self.cursor.is_end() {
            return self.fetch_stream_end();
        }
        if self.cursor.mark.column == 0 && self.cursor.byte() == b'%' {
            self.is_ordinary = false;
            self.leave_blocks()?;
            let token = self.directive()?;
            self.tokens.push_back(token);
            return Ok(());
        }
        if self.cursor.is_document_mark(b'-') {
            return self.fetch_document_mark(TokenKind::DocumentStart);
        }
        if self.cursor.is_document_mark(b'.') {
            return self.fetch_document_mark(TokenKind::DocumentEnd);
        }
        let is_flow = self.flow_level > 0;
        let is_before_gap = self.cursor.is_gap_at(1);
        match self.cursor.byte() {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => {
                self.keys.remove()?;
                self.is_key_allowed = true;
                self.push_indicator(TokenKind::FlowEntry)
            }
            b'-' if is_before_gap => self.fetch_block_entry(),
            b'?' if is_flow || is_before_gap => self.fetch_key(),
            b':' if is_flow || is_before_gap => self.fetch_value(),
            b'*' => {
                self.is_ordinary = false;
                self.start_key_content()?;
                let (start, name) = self.anchor()?;
                self.push(TokenKind::Alias(name), start)
            }
            b'&' => {
                self.is_ordinary = false;
                self.start_key_content()?;
                let (start, name) = self.anchor()?;
                self.push(TokenKind::Anchor(name), start)
            }
            b'!' => {
                self.is_ordinary = false;
                self.start_key_content()?;
                let start = self.cursor.mark;
                let tag = self.tag()?;
                self.push(tag, start)
            }
            indicator @ (b'|' | b'>') if !is_flow => {
                self.keys.remove()?;
                self.is_key_allowed = true;
                let token = self.block_scalar(indicator == b'|')?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'\'' => self.fetch_quoted(true),
            b'"' => self.fetch_quoted(false),
            b'-' => self.fetch_plain(),
            b'?' | b':' if !is_flow => self.fetch_plain(),
            b'\t' => {
                self.cursor.skip_blanks()?;
                let detail = "tabs disallowed within this context (block indentation)";
                Err(YamlError::at(self.cursor.mark.into(), detail))
            }
            b'?' | b':' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => {
                Err(YamlError::at(self.cursor.mark.into(), "unexpected character"))
            }
            _ => self.fetch_plain(),
        }
    }

    /// Skips blanks, comments and line breaks.
    fn skip_to_token(&mut self) -> Result<(), YamlError> {
        loop {
            self.cursor.need(1)?;
            if self.cursor.mark.column == 0 && self.cursor.is_buffer_marked() {
                self.cursor.skip();
            }
            self.cursor.need(1)?;
            // A tab does not start a token in a block.
            let may_be_tab = self.flow_level > 0 || !self.is_key_allowed;
            while self.cursor.byte() == b' ' || may_be_tab && self.cursor.byte() == b'\t' {
                self.cursor.skip();
                self.cursor.need(1)?;
            }
            if self.cursor.byte() == b'#' {
                self.cursor.skip_to_line_end()?;
            }
            if !self.cursor.is_break() {
                return Ok(());
            }
            self.cursor.need(2)?;
            self.cursor.skip_break();
            if self.flow_level == 0 {
                self.is_key_allowed = true;
            }
        }
    }

    pub(super) fn push(&mut self, kind: TokenKind<'s>, start: Position) -> Result<(), YamlError> {
        self.tokens.push_back(Token { kind, start, end: self.cursor.mark });
        Ok(())
    }

    /// Pushes a token of one character, and skips it.
    pub(super) fn push_indicator(&mut self, kind: TokenKind<'s>) -> Result<(), YamlError> {
        let start = self.cursor.mark;
        self.cursor.skip();
        self.push(kind, start)
    }

    /// Inserts a token before the one with this number; at the end if that one has been taken.
    pub(super) fn insert(&mut self, number: Option<usize>, kind: TokenKind<'s>, mark: Position) {
        let token = Token { kind, start: mark, end: mark };
        match number.and_then(|number| number.checked_sub(self.taken_count)) {
            Some(index) if index < self.tokens.len() => self.tokens.insert(index, token),
            _ => self.tokens.push_back(token),
        }
    }

    /// Prepares for content that may be a key, or start one, and that no other key may follow.
    pub(super) fn start_key_content(&mut self) -> Result<(), YamlError> {
        self.save_key()?;
        self.is_key_allowed = false;
        Ok(())
    }

    pub(super) fn save_key(&mut self) -> Result<(), YamlError> {
        if !self.is_key_allowed {
            return Ok(());
        }
        let mark = self.cursor.mark;
        self.keys.save(SimpleKey {
            is_possible: true,
            is_required: self.flow_level == 0 && self.indent == mark.column as isize,
            token_number: self.next_number(),
            mark,
        })
    }

    /// Returns the number of the next token to be fetched.
    pub(super) fn next_number(&self) -> usize {
        self.taken_count + self.tokens.len()
    }

    /// Starts a block collection, if the column is deeper than the current one.
    pub(super) fn roll(
        &mut self,
        column: usize,
        number: Option<usize>,
        kind: TokenKind<'s>,
        mark: Position,
    ) -> Result<(), YamlError> {
        let column = column as isize;
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_LEVEL {
            return Err(too_deep(mark));
        }
        self.insert(number, kind, mark);
        Ok(())
    }

    /// Ends the block collections that are deeper than a column.
    fn unroll(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.insert(None, TokenKind::BlockEnd, self.cursor.mark);
            self.indent = self.indents.pop().expect("each indentation replaced another");
        }
    }

    pub(super) fn leave_blocks(&mut self) -> Result<(), YamlError> {
        self.unroll(-1);
        self.keys.remove()?;
        self.is_key_allowed = false;
        Ok(())
    }
}

pub(super) fn too_deep(mark: Position) -> YamlError {
    YamlError::at(mark.into(), "recursion limit exceeded")
}
