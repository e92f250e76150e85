//! Plain, quoted and block scalars.
//!
//! Each function makes the scalar the last node and returns true, or returns false without consuming anything.

use super::Value;
use super::reader::{Kind, Pieces, Reader, is_blank, is_break, is_flow, is_gap};
use crate::yaml::YamlError;

/// Returns whether a character is not allowed in plain and block scalars.
fn is_unprintable(character: char) -> bool {
    matches!(character,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}'
        | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

impl<'t> Reader<'t> {
    fn piece(&self, from: usize, to: usize) -> Result<&'t str, YamlError> {
        let piece = self.slice(from, to);
        match piece.contains(is_unprintable) {
            true => Err(self.error("non-printable characters are not allowed")),
            false => Ok(piece),
        }
    }

    fn quoted_piece(&self, from: usize, to: usize) -> Result<&'t str, YamlError> {
        let piece = self.slice(from, to);
        match piece.bytes().any(|byte| byte < b' ' && byte != b'\t') {
            true => Err(self.error("control characters are not allowed in quotes")),
            false => Ok(piece),
        }
    }

    fn scalar(&mut self, pieces: Pieces<'t>) {
        self.kind = Some(Kind::Scalar);
        self.value = Value::Text(pieces.finish());
    }

    pub(super) fn plain(&mut self, indent: isize, in_flow: bool) -> Result<bool, YamlError> {
        let first = self.byte();
        let is_gap_in = |byte: u8| is_gap(byte) || in_flow && is_flow(byte);
        if is_gap(first)
            || is_flow(first)
            || b"#&*!|>'\"%@`".contains(&first)
            || matches!(first, b'?' | b'-') && is_gap_in(self.next_byte())
        {
            return Ok(false);
        }
        let mut pieces = Pieces::default();
        let (mut from, mut to) = (self.at, self.at);
        // The line of the last line break, while it is unknown whether the scalar continues after it.
        let mut ended_line = None;
        while self.byte() != 0 {
            let byte = self.byte();
            if byte == b':' {
                if is_gap_in(self.next_byte()) {
                    break;
                }
            } else if byte == b'#' {
                if self.at > 0 && is_gap(self.byte_at(self.at - 1)) {
                    break;
                }
            } else if self.is_document_mark() || in_flow && is_flow(byte) {
                break;
            } else if is_break(byte) {
                let (line, line_start, line_indent) = (self.line, self.line_start, self.indent);
                self.skip_gaps(false)?;
                if self.indent >= indent {
                    ended_line = Some(line);
                    continue;
                }
                (self.at, self.line) = (to, line);
                (self.line_start, self.indent) = (line_start, line_indent);
                break;
            }
            if let Some(line) = ended_line.take() {
                pieces.push(self.piece(from, to)?);
                pieces.fold(self.line - line);
                (from, to) = (self.at, self.at);
            }
            if !is_blank(byte) {
                to = self.at + 1;
            }
            self.at += 1;
        }
        pieces.push(self.piece(from, to)?);
        let text = pieces.finish();
        if text.is_empty() {
            return Ok(false);
        }
        self.kind = Some(Kind::Scalar);
        self.value = Value::Text(text);
        Ok(true)
    }

    /// Reads a quoted scalar.
    pub(super) fn quoted(&mut self) -> Result<bool, YamlError> {
        let quote = self.byte();
        if !matches!(quote, b'\'' | b'"') {
            return Ok(false);
        }
        self.at += 1;
        let mut pieces = Pieces::default();
        let (mut from, mut to) = (self.at, self.at);
        loop {
            let byte = self.byte();
            if byte == 0 {
                return Err(self.error("unclosed quote"));
            } else if byte == quote {
                pieces.push(self.quoted_piece(from, self.at)?);
                self.at += 1;
                if quote == b'"' || self.byte() != b'\'' {
                    self.scalar(pieces);
                    return Ok(true);
                }
                from = self.at;
                self.at += 1;
                to = self.at;
            } else if byte == b'\\' && quote == b'"' {
                pieces.push(self.quoted_piece(from, self.at)?);
                self.at += 1;
                if is_break(self.byte()) {
                    self.skip_gaps(false)?;
                } else {
                    self.escape(&mut pieces)?;
                }
                (from, to) = (self.at, self.at);
            } else if is_break(byte) {
                pieces.push(self.quoted_piece(from, to)?);
                let break_count = self.skip_gaps(false)?;
                pieces.fold(break_count);
                (from, to) = (self.at, self.at);
            } else if self.is_document_mark() {
                return Err(self.error("a document marker inside quotes"));
            } else {
                self.at += 1;
                to = self.at;
            }
        }
    }

    fn escape(&mut self, pieces: &mut Pieces<'t>) -> Result<(), YamlError> {
        let simple = match self.byte() {
            b'0' => "\0",
            b'a' => "\u{7}",
            b'b' => "\u{8}",
            b't' | b'\t' => "\t",
            b'n' => "\n",
            b'v' => "\u{b}",
            b'f' => "\u{c}",
            b'r' => "\r",
            b'e' => "\u{1b}",
            b' ' => " ",
            b'"' => "\"",
            b'/' => "/",
            b'\\' => "\\",
            b'N' => "\u{85}",
            b'_' => "\u{a0}",
            b'L' => "\u{2028}",
            b'P' => "\u{2029}",
            _ => "",
        };
        let len = match self.byte() {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ if simple.is_empty() => return Err(self.error("unknown escape in double quotes")),
            _ => {
                pieces.push_owned(simple);
                self.at += 1;
                return Ok(());
            }
        };
        let mut value = 0_u32;
        for _ in 0..len {
            self.at += 1;
            match char::from(self.byte()).to_digit(16) {
                Some(digit) => value = value << 4 | digit,
                None => return Err(self.error("expected a hexadecimal digit in an escape")),
            }
        }
        self.at += 1;
        // JavaScript allows unpaired surrogates, which Rust cannot represent.
        let character = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
        pieces.push_owned(character.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    /// Reads a literal or folded block scalar.
    pub(super) fn block(&mut self, node_indent: isize) -> Result<bool, YamlError> {
        let is_folded = match self.byte() {
            b'|' => false,
            b'>' => true,
            _ => return Ok(false),
        };
        self.at += 1;
        let (mut keep, mut indent) = (None, None);
        loop {
            match self.byte() {
                b'+' | b'-' if keep.is_some() => {
                    return Err(self.error("a block scalar has two chomping indicators"));
                }
                b'+' => keep = Some(true),
                b'-' => keep = Some(false),
                b'0' => return Err(self.error("the indentation of a block scalar cannot be 0")),
                digit @ b'1'..=b'9' if indent.is_none() => {
                    indent = Some(node_indent + isize::from(digit - b'0') - 1);
                }
                b'1'..=b'9' => {
                    return Err(self.error("a block scalar has two indentation indicators"));
                }
                _ => break,
            }
            self.at += 1;
        }
        self.skip_comment();
        let mut pieces = Pieces::default();
        let mut deepest = indent.unwrap_or(node_indent);
        let (mut has_content, mut was_indented, mut empty_count) = (false, false, 0);
        while self.byte() != 0 {
            self.break_line()?;
            self.indent = 0;
            while indent.is_none_or(|indent| self.indent < indent) && self.byte() == b' ' {
                self.indent += 1;
                self.at += 1;
            }
            if indent.is_none() {
                deepest = deepest.max(self.indent);
            }
            if is_break(self.byte()) {
                empty_count += 1;
                continue;
            }
            let breaks = empty_count + usize::from(has_content);
            if self.indent < deepest {
                match keep {
                    Some(true) => pieces.push_owned(&"\n".repeat(breaks)),
                    None if has_content => pieces.push_owned("\n"),
                    _ => {}
                }
                break;
            }
            if !is_folded || is_blank(self.byte()) {
                was_indented = is_folded;
                pieces.push_owned(&"\n".repeat(breaks));
            } else if was_indented {
                was_indented = false;
                pieces.push_owned(&"\n".repeat(empty_count + 1));
            } else if empty_count == 0 {
                if has_content {
                    pieces.push_owned(" ");
                }
            } else {
                pieces.push_owned(&"\n".repeat(empty_count));
            }
            has_content = true;
            indent = Some(deepest);
            empty_count = 0;
            let from = self.at;
            while self.byte() != 0 && !is_break(self.byte()) {
                self.at += 1;
            }
            pieces.push(self.piece(from, self.at)?);
        }
        self.scalar(pieces);
        Ok(true)
    }
}
