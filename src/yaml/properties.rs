//! Anchors, aliases and tags of nodes, and the directives before a document.

use std::borrow::Cow;

use super::YamlError;
use super::cursor::Position;
use super::scanner::Scanner;
use super::token::{Token, TokenKind};

/// Maximum number of digits of a number in `%YAML`.
const MAX_DIGITS: usize = 2;

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_uri(byte: u8) -> bool {
    is_word(byte) || b";/?:@&=+$,.!~*'()[]%".contains(&byte)
}

impl<'c, 's> Scanner<'c, 's> {
    /// Scans letters, digits, `_` and `-`.
    fn word(&mut self) -> Result<&'s str, YamlError> {
        let from = self.cursor.at;
        self.cursor.need(1)?;
        while is_word(self.cursor.byte()) {
            self.cursor.skip();
            self.cursor.need(1)?;
        }
        Ok(&self.cursor.text[from..self.cursor.at])
    }

    /// Scans the name after `&` or `*`; returns it with the position of the indicator.
    pub(super) fn anchor(&mut self) -> Result<(Position, &'s str), YamlError> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let name = self.word()?;
        let is_ended = self.cursor.is_gap()
            || matches!(self.cursor.byte(), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !is_ended {
            let detail = "an anchor's name consists of letters, digits, - and _";
            return Err(YamlError::at(start.into(), detail));
        }
        Ok((start, name))
    }

    /// Scans a tag before a node.
    pub(super) fn tag(&mut self) -> Result<TokenKind<'s>, YamlError> {
        let start = self.cursor.mark;
        self.cursor.need(2)?;
        let (handle, suffix) = if self.cursor.byte_at(1) == b'<' {
            self.cursor.skip();
            self.cursor.skip();
            let suffix = self.uri(start, false)?;
            if self.cursor.byte() != b'>' {
                return Err(tag_error(start, "a tag that starts with !< must end with >"));
            }
            self.cursor.skip();
            ("", suffix)
        } else {
            let from = self.cursor.at;
            let handle = self.handle(start, false)?;
            if handle.len() > 1 && handle.ends_with('!') {
                (handle, self.uri(start, false)?)
            } else {
                // The handle is the start of the suffix.
                let rest = self.uri(start, true)?;
                let suffix = match rest {
                    Cow::Borrowed(_) => Cow::Borrowed(&self.cursor.text[from + 1..self.cursor.at]),
                    Cow::Owned(rest) => Cow::Owned(format!("{}{rest}", &handle[1..])),
                };
                if suffix.is_empty() { ("", Cow::Borrowed("!")) } else { ("!", suffix) }
            }
        };
        self.cursor.need(1)?;
        if !self.cursor.is_gap() {
            return Err(tag_error(start, "a tag must be followed by a space or a line break"));
        }
        Ok(TokenKind::Tag { handle, suffix })
    }

    /// Scans `!`, `!!` or `!word!`; otherwise returns the `!` and the word after it.
    fn handle(&mut self, start: Position, is_directive: bool) -> Result<&'s str, YamlError> {
        self.cursor.need(1)?;
        if self.cursor.byte() != b'!' {
            return Err(tag_error(start, "a tag handle must start and end with !"));
        }
        let from = self.cursor.at;
        self.cursor.skip();
        self.word()?;
        if self.cursor.byte() == b'!' {
            self.cursor.skip();
        } else if is_directive && self.cursor.at > from + 1 {
            return Err(tag_error(start, "a tag handle must start and end with !"));
        }
        Ok(&self.cursor.text[from..self.cursor.at])
    }

    /// Scans the characters of a tag, decoding `%` escapes.
    fn uri(&mut self, start: Position, may_be_empty: bool) -> Result<Cow<'s, str>, YamlError> {
        let start_at = self.cursor.at;
        let mut from = start_at;
        let mut changed: Option<Vec<u8>> = None;
        self.cursor.need(1)?;
        while is_uri(self.cursor.byte()) {
            if self.cursor.byte() == b'%' {
                let changed = changed.get_or_insert_default();
                changed.extend_from_slice(&self.cursor.text.as_bytes()[from..self.cursor.at]);
                self.uri_escape(start, changed)?;
                from = self.cursor.at;
            } else {
                self.cursor.skip();
            }
            self.cursor.need(1)?;
        }
        if self.cursor.at == start_at && !may_be_empty {
            return Err(tag_error(start, "a tag needs a name"));
        }
        let rest = &self.cursor.text[from..self.cursor.at];
        Ok(match changed {
            None => Cow::Borrowed(rest),
            // A tag that is not UTF-8 is unknown in any case.
            Some(changed) => Cow::Owned(
                String::from_utf8_lossy(&[&changed, rest.as_bytes()].concat()).into_owned(),
            ),
        })
    }

    /// Scans the escapes of one character.
    fn uri_escape(&mut self, start: Position, changed: &mut Vec<u8>) -> Result<(), YamlError> {
        let mut left = None;
        while left != Some(0) {
            self.cursor.need(3)?;
            let digit = |offset| char::from(self.cursor.byte_at(offset)).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.cursor.byte(), digit(1), digit(2)) else {
                return Err(tag_error(start, "invalid % escape in a tag"));
            };
            let octet = (high << 4 | low) as u8;
            let width = match octet {
                0x00..0x80 => 1,
                0xc0..0xe0 => 2,
                0xe0..0xf0 => 3,
                0xf0..0xf8 => 4,
                _ => 0,
            };
            let is_trailing = octet & 0xc0 == 0x80;
            left = match left {
                None if width == 0 => {
                    return Err(tag_error(start, "the % escapes of a tag are not UTF-8"));
                }
                None => Some(width - 1),
                Some(_) if !is_trailing => {
                    return Err(tag_error(start, "the % escapes of a tag are not UTF-8"));
                }
                Some(left) => Some(left - 1),
            };
            changed.push(octet);
            (0..3).for_each(|_| self.cursor.skip());
        }
        Ok(())
    }

    /// Scans `%YAML` or `%TAG`, to the end of the line.
    pub(super) fn directive(&mut self) -> Result<Token<'s>, YamlError> {
        let start = self.cursor.mark;
        let error = |detail: &str| Err(YamlError::at(start.into(), detail));
        self.cursor.skip();
        let name = self.word()?;
        if name.is_empty() || !self.cursor.is_gap() {
            return error("a directive needs a name");
        }
        let kind = match name {
            "YAML" => self.version(start)?,
            "TAG" => self.tag_directive(start)?,
            _ => return error("only the directives %YAML and %TAG are known"),
        };
        let end = self.cursor.mark;
        self.cursor.need(1)?;
        self.cursor.skip_blanks()?;
        if self.cursor.byte() == b'#' {
            self.cursor.skip_to_line_end()?;
        }
        if !self.cursor.is_line_end() {
            return error("unexpected text after a directive");
        }
        if self.cursor.is_break() {
            self.cursor.need(2)?;
            self.cursor.skip_break();
        }
        Ok(Token { kind, start, end })
    }

    fn version(&mut self, start: Position) -> Result<TokenKind<'s>, YamlError> {
        self.cursor.need(1)?;
        self.cursor.skip_blanks()?;
        let major = self.version_number(start)?;
        if self.cursor.byte() != b'.' {
            return Err(YamlError::at(start.into(), "%YAML needs a version such as 1.1"));
        }
        self.cursor.skip();
        let minor = self.version_number(start)?;
        Ok(TokenKind::Version { is_1_1: (major, minor) == (1, 1) })
    }

    fn version_number(&mut self, start: Position) -> Result<u32, YamlError> {
        let from = self.cursor.at;
        self.cursor.need(1)?;
        while self.cursor.byte().is_ascii_digit() && self.cursor.at - from <= MAX_DIGITS {
            self.cursor.skip();
            self.cursor.need(1)?;
        }
        let digits = &self.cursor.text[from..self.cursor.at];
        match digits.parse() {
            Ok(number) if digits.len() <= MAX_DIGITS => Ok(number),
            _ => Err(YamlError::at(start.into(), "%YAML needs a version such as 1.1")),
        }
    }

    fn tag_directive(&mut self, start: Position) -> Result<TokenKind<'s>, YamlError> {
        self.cursor.need(1)?;
        self.cursor.skip_blanks()?;
        let handle = self.handle(start, true)?;
        self.cursor.need(1)?;
        if !self.cursor.is_blank() {
            return Err(tag_error(start, "%TAG needs a handle and a prefix"));
        }
        self.cursor.skip_blanks()?;
        let prefix = self.uri(start, false)?;
        self.cursor.need(1)?;
        if !self.cursor.is_gap() {
            return Err(tag_error(start, "a tag must be followed by a space or a line break"));
        }
        Ok(TokenKind::TagDirective { handle, prefix })
    }
}

fn tag_error(start: Position, detail: &str) -> YamlError {
    YamlError::at(start.into(), detail)
}
