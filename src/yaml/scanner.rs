//! Cuts a text into tokens as go-yaml v2.4.0 does: indentation becomes tokens, and what turns out to be a key gets
//! its token before it.
//!
//! Tokens are cut no earlier than the grammar needs them, as go-yaml does it: what it never looks at is no error.
//! Whether a scalar is a key shows at the `:` behind it, so tokens wait in a queue for as long as the first of them
//! may be one. The scalars themselves are read in `scalars`, tags and directives in `properties`.

use std::collections::VecDeque;

use super::YamlError;
use super::cursor::{Cursor, Position};
use super::source::Source;
use super::token::{Token, TokenKind};

/// How far behind its start a key's `:` may stand, in characters.
const MAX_KEY_LEN: usize = 1024;

/// How deep flow collections, and how deep block collections may be nested (`max_flow_level`, `max_indents`).
const MAX_LEVEL: usize = 10_000;

/// A place where a key may have begun.
#[derive(Default)]
struct SimpleKey {
    is_possible: bool,
    /// Whether nothing but a key may stand there.
    is_required: bool,
    token_number: usize,
    mark: Position,
}

pub(super) struct Scanner<'c, 's> {
    pub(super) cursor: Cursor<'c, 's>,
    tokens: VecDeque<Token<'s>>,
    taken_count: usize,
    is_available: bool,
    is_started: bool,
    is_ended: bool,
    pub(super) flow_level: usize,
    /// The column of the innermost block collection; -1 outside all.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) is_key_allowed: bool,
    /// One for each flow level, and one for the block.
    keys: Vec<SimpleKey>,
    /// Numbers of tokens that may begin a key, in their order, and the levels of these keys.
    key_levels: VecDeque<(usize, usize)>,
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
            keys: vec![SimpleKey::default()],
            key_levels: VecDeque::new(),
        }
    }

    /// The next token.
    ///
    /// # Errors
    /// What is no token, as far as the text had to be looked at.
    pub(super) fn peek(&mut self) -> Result<&mut Token<'s>, YamlError> {
        if !self.is_available {
            self.fetch()?;
        }
        Ok(self.tokens.front_mut().expect("the end of the stream is never taken"))
    }

    /// Takes the token that was peeked.
    pub(super) fn take(&mut self) -> Token<'s> {
        self.is_available = false;
        self.taken_count += 1;
        self.tokens.pop_front().expect("it was peeked")
    }

    /// Fetches tokens until the first one is known to begin no key, or has its key before it.
    fn fetch(&mut self) -> Result<(), YamlError> {
        while self.tokens.is_empty() || self.may_begin_key()? {
            self.fetch_one()?;
        }
        self.is_available = true;
        Ok(())
    }

    fn may_begin_key(&mut self) -> Result<bool, YamlError> {
        while self.key_levels.front().is_some_and(|(number, _)| *number < self.taken_count) {
            self.key_levels.pop_front();
        }
        match self.key_levels.front() {
            Some((number, level)) if *number == self.taken_count => self.is_key_valid(*level),
            _ => Ok(false),
        }
    }

    /// Tells whether a key may still have begun where a level says so.
    fn is_key_valid(&mut self, level: usize) -> Result<bool, YamlError> {
        let mark = self.cursor.mark;
        match self.keys.get_mut(level) {
            Some(key) if key.is_possible => {
                let is_stale = self.is_ended
                    || key.mark.line < mark.line
                    || key.mark.index + MAX_KEY_LEN < mark.index;
                if is_stale && key.is_required {
                    return Err(unfinished_key(key.mark));
                }
                key.is_possible = !is_stale;
                Ok(key.is_possible)
            }
            _ => Ok(false),
        }
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
                self.remove_key()?;
                self.is_key_allowed = true;
                self.push_letter(TokenKind::FlowEntry)
            }
            b'-' if is_before_gap => self.fetch_block_entry(),
            b'?' if is_flow || is_before_gap => self.fetch_key(),
            b':' if is_flow || is_before_gap => self.fetch_value(),
            b'*' => {
                self.begin_key_content()?;
                let (start, name) = self.anchor()?;
                self.push(TokenKind::Alias(name), start)
            }
            b'&' => {
                self.begin_key_content()?;
                let (start, name) = self.anchor()?;
                self.push(TokenKind::Anchor(name), start)
            }
            b'!' => {
                self.begin_key_content()?;
                let start = self.cursor.mark;
                let tag = self.tag()?;
                self.push(tag, start)
            }
            letter @ (b'|' | b'>') if !is_flow => {
                self.remove_key()?;
                self.is_key_allowed = true;
                let token = self.block_scalar(letter == b'|')?;
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

    /// Goes over blanks, comments and breaks.
    fn skip_to_token(&mut self) -> Result<(), YamlError> {
        loop {
            self.cursor.need(1)?;
            if self.cursor.mark.column == 0 && self.cursor.is_buffer_marked() {
                self.cursor.skip();
            }
            self.cursor.need(1)?;
            // A tab begins no token in a block.
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

    fn push(&mut self, kind: TokenKind<'s>, start: Position) -> Result<(), YamlError> {
        self.tokens.push_back(Token { kind, start, end: self.cursor.mark });
        Ok(())
    }

    /// A token of one letter, which it goes over.
    fn push_letter(&mut self, kind: TokenKind<'s>) -> Result<(), YamlError> {
        let start = self.cursor.mark;
        self.cursor.skip();
        self.push(kind, start)
    }

    /// Puts a token before the one with this number; behind all others if that one has been taken.
    fn insert(&mut self, number: Option<usize>, kind: TokenKind<'s>, mark: Position) {
        let token = Token { kind, start: mark, end: mark };
        match number.and_then(|number| number.checked_sub(self.taken_count)) {
            Some(index) if index < self.tokens.len() => self.tokens.insert(index, token),
            _ => self.tokens.push_back(token),
        }
    }

    /// Before something that may be a key, or begin one, and that no other key may follow.
    fn begin_key_content(&mut self) -> Result<(), YamlError> {
        self.save_key()?;
        self.is_key_allowed = false;
        Ok(())
    }

    fn save_key(&mut self) -> Result<(), YamlError> {
        if !self.is_key_allowed {
            return Ok(());
        }
        self.remove_key()?;
        let mark = self.cursor.mark;
        let key = SimpleKey {
            is_possible: true,
            is_required: self.flow_level == 0 && self.indent == mark.column as isize,
            token_number: self.taken_count + self.tokens.len(),
            mark,
        };
        self.key_levels.push_back((key.token_number, self.keys.len() - 1));
        *self.last_key() = key;
        Ok(())
    }

    /// No key has begun on this level, then.
    fn remove_key(&mut self) -> Result<(), YamlError> {
        let key = self.last_key();
        if key.is_possible {
            if key.is_required {
                return Err(unfinished_key(key.mark));
            }
            key.is_possible = false;
            let number = key.token_number;
            self.forget_key(number);
        }
        Ok(())
    }

    fn last_key(&mut self) -> &mut SimpleKey {
        self.keys.last_mut().expect("there is always one for the block")
    }

    fn forget_key(&mut self, token_number: usize) {
        if let Some(at) = self.key_levels.iter().rposition(|(number, _)| *number == token_number) {
            self.key_levels.remove(at);
        }
    }

    /// A collection begins, if its column says so.
    fn roll(
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

    /// Collections end that begin behind a column.
    fn unroll(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.insert(None, TokenKind::BlockEnd, self.cursor.mark);
            self.indent = self.indents.pop().expect("each indentation replaced another");
        }
    }

    fn leave_blocks(&mut self) -> Result<(), YamlError> {
        self.unroll(-1);
        self.remove_key()?;
        self.is_key_allowed = false;
        Ok(())
    }

    fn fetch_stream_end(&mut self) -> Result<(), YamlError> {
        self.is_ended = true;
        self.leave_blocks()?;
        self.push(TokenKind::StreamEnd, self.cursor.mark)
    }

    fn fetch_document_mark(&mut self, kind: TokenKind<'s>) -> Result<(), YamlError> {
        self.leave_blocks()?;
        let start = self.cursor.mark;
        (0..3).for_each(|_| self.cursor.skip());
        self.push(kind, start)
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'s>) -> Result<(), YamlError> {
        self.save_key()?;
        let token_number = self.taken_count + self.tokens.len();
        self.keys.push(SimpleKey { token_number, ..SimpleKey::default() });
        self.flow_level += 1;
        if self.flow_level > MAX_LEVEL {
            return Err(too_deep(self.cursor.mark));
        }
        self.is_key_allowed = true;
        self.push_letter(kind)
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'s>) -> Result<(), YamlError> {
        self.remove_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            // That of an empty collection is the collection's own number: `{}` is no key to go-yaml.
            let key = self.keys.pop().expect("one for each level");
            self.forget_key(key.token_number);
        }
        self.is_key_allowed = false;
        self.push_letter(kind)
    }

    fn fetch_block_entry(&mut self) -> Result<(), YamlError> {
        let mark = self.cursor.mark;
        if self.flow_level == 0 {
            if !self.is_key_allowed {
                return Err(YamlError::at(mark.into(), "a list item is not allowed here"));
            }
            self.roll(mark.column, None, TokenKind::BlockSequenceStart, mark)?;
        }
        self.remove_key()?;
        self.is_key_allowed = true;
        self.push_letter(TokenKind::BlockEntry)
    }

    fn fetch_key(&mut self) -> Result<(), YamlError> {
        let mark = self.cursor.mark;
        if self.flow_level == 0 {
            if !self.is_key_allowed {
                return Err(YamlError::at(mark.into(), "a key is not allowed here"));
            }
            self.roll(mark.column, None, TokenKind::BlockMappingStart, mark)?;
        }
        self.remove_key()?;
        self.is_key_allowed = self.flow_level == 0;
        self.push_letter(TokenKind::Key)
    }

    fn fetch_value(&mut self) -> Result<(), YamlError> {
        let mark = self.cursor.mark;
        if self.is_key_valid(self.keys.len() - 1)? {
            let SimpleKey { token_number, mark, .. } = *self.last_key();
            self.insert(Some(token_number), TokenKind::Key, mark);
            let kind = TokenKind::BlockMappingStart;
            self.roll(mark.column, Some(token_number), kind, mark)?;
            self.last_key().is_possible = false;
            self.forget_key(token_number);
            self.is_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.is_key_allowed {
                    let detail = "a value is not allowed here";
                    return Err(YamlError::at(mark.into(), detail));
                }
                self.roll(mark.column, None, TokenKind::BlockMappingStart, mark)?;
            }
            self.is_key_allowed = self.flow_level == 0;
        }
        self.push_letter(TokenKind::Value)
    }

    fn fetch_quoted(&mut self, is_single: bool) -> Result<(), YamlError> {
        self.begin_key_content()?;
        let token = self.quoted(is_single)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_plain(&mut self) -> Result<(), YamlError> {
        self.begin_key_content()?;
        let token = self.plain()?;
        self.tokens.push_back(token);
        Ok(())
    }
}

fn unfinished_key(mark: Position) -> YamlError {
    YamlError::at(mark.into(), "expected ':' after a key")
}

fn too_deep(mark: Position) -> YamlError {
    YamlError::at(mark.into(), "recursion limit exceeded")
}
