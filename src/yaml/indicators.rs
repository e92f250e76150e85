//! Tokens of one to three characters, and their effect on indentation and keys: brackets, `-`, `?`, `:`, document
//! markers and the end of the text.

use super::YamlError;
use super::keys::SimpleKey;
use super::scanner::{MAX_LEVEL, Scanner, too_deep};
use super::token::TokenKind;

impl<'s> Scanner<'_, 's> {
    pub(super) fn fetch_stream_end(&mut self) -> Result<(), YamlError> {
        self.is_ended = true;
        self.leave_blocks()?;
        self.push(TokenKind::StreamEnd, self.cursor.mark)
    }

    pub(super) fn fetch_document_mark(&mut self, kind: TokenKind<'s>) -> Result<(), YamlError> {
        self.leave_blocks()?;
        let start = self.cursor.mark;
        (0..3).for_each(|_| self.cursor.skip());
        let is_first = self.next_number() == 1;
        self.is_ordinary &= is_first && self.cursor.byte() == b'\n';
        self.push(kind, start)
    }

    pub(super) fn fetch_flow_start(&mut self, kind: TokenKind<'s>) -> Result<(), YamlError> {
        self.save_key()?;
        self.keys.enter_flow(self.next_number());
        self.flow_level += 1;
        if self.flow_level > MAX_LEVEL {
            return Err(too_deep(self.cursor.mark));
        }
        self.is_key_allowed = true;
        self.push_indicator(kind)
    }

    pub(super) fn fetch_flow_end(&mut self, kind: TokenKind<'s>) -> Result<(), YamlError> {
        self.keys.remove()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.keys.leave_flow();
        }
        self.is_key_allowed = false;
        self.push_indicator(kind)
    }

    pub(super) fn fetch_block_entry(&mut self) -> Result<(), YamlError> {
        let mark = self.cursor.mark;
        if self.flow_level == 0 {
            if !self.is_key_allowed {
                return Err(YamlError::at(mark.into(), "a list item is not allowed here"));
            }
            self.roll(mark.column, None, TokenKind::BlockSequenceStart, mark)?;
        }
        self.keys.remove()?;
        self.is_key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry)
    }

    pub(super) fn fetch_key(&mut self) -> Result<(), YamlError> {
        self.is_ordinary = false;
        let mark = self.cursor.mark;
        if self.flow_level == 0 {
            if !self.is_key_allowed {
                return Err(YamlError::at(mark.into(), "a key is not allowed here"));
            }
            self.roll(mark.column, None, TokenKind::BlockMappingStart, mark)?;
        }
        self.keys.remove()?;
        self.is_key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key)
    }

    pub(super) fn fetch_value(&mut self) -> Result<(), YamlError> {
        let mark = self.cursor.mark;
        if self.keys.is_innermost_valid(mark, self.is_ended)? {
            let SimpleKey { token_number, mark, .. } = self.keys.take();
            self.insert(Some(token_number), TokenKind::Key, mark);
            let kind = TokenKind::BlockMappingStart;
            self.roll(mark.column, Some(token_number), kind, mark)?;
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
        self.push_indicator(TokenKind::Value)
    }

    pub(super) fn fetch_quoted(&mut self, is_single: bool) -> Result<(), YamlError> {
        self.start_key_content()?;
        let token = self.quoted(is_single)?;
        self.tokens.push_back(token);
        Ok(())
    }

    pub(super) fn fetch_plain(&mut self) -> Result<(), YamlError> {
        self.start_key_content()?;
        let token = self.plain()?;
        self.tokens.push_back(token);
        Ok(())
    }
}
