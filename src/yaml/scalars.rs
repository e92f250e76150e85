//! Plain and quoted scalars, and the folding of their line breaks.
//!
//! Borrows a scalar's text from the document where it appears there verbatim.

use std::borrow::Cow;

use super::YamlError;
use super::cursor::{Stops, stops};
use super::scanner::Scanner;
use super::token::{Token, TokenKind};

const PLAIN_STOPS: Stops = stops(b" \t:");
const PLAIN_FLOW_STOPS: Stops = stops(b" \t:,?[]{}");
const SINGLE_STOPS: Stops = stops(b" \t'");
const DOUBLE_STOPS: Stops = stops(b" \t\"\\");

/// The breaks between two lines: the first one, which may become a blank, and the others.
#[derive(Default)]
struct Breaks {
    first: Option<&'static str>,
    others: String,
}

impl Breaks {
    fn add(&mut self, read: &'static str) {
        match self.first {
            None => self.first = Some(read),
            Some(_) => self.others.push_str(read),
        }
    }

    /// Writes the result of line folding: a single LF becomes a blank.
    fn fold(&mut self, text: &mut String) {
        match self.first.take() {
            Some("\n") if self.others.is_empty() => text.push(' '),
            Some("\n") | None => {}
            Some(read) => text.push_str(read),
        }
        text.push_str(&self.others);
        self.others.clear();
    }
}

impl<'c, 's> Scanner<'c, 's> {
    /// Scans a plain scalar.
    pub(super) fn plain(&mut self) -> Result<Token<'s>, YamlError> {
        let is_flow = self.flow_level > 0;
        let indent = self.indent + 1;
        let stops = if is_flow { &PLAIN_FLOW_STOPS } else { &PLAIN_STOPS };
        let text = self.cursor.text;
        let (start, from) = (self.cursor.mark, self.cursor.at);
        let (mut end, mut to) = (start, from);
        // Set from the first folded line on.
        let mut folded: Option<String> = None;
        let mut breaks = Breaks::default();
        let mut is_after_break = false;
        loop {
            self.cursor.need(4)?;
            if self.cursor.is_document_mark(b'-')
                || self.cursor.is_document_mark(b'.')
                || self.cursor.byte() == b'#'
            {
                break;
            }
            let run_from = self.cursor.at;
            loop {
                self.cursor.run(stops);
                let is_indicator = match self.cursor.byte() {
                    b':' => self.cursor.is_gap_at(1),
                    b',' | b'?' | b'[' | b']' | b'{' | b'}' => is_flow,
                    _ => false,
                };
                if is_indicator || self.cursor.is_gap() {
                    break;
                }
                self.cursor.skip();
                self.cursor.need(2)?;
            }
            if self.cursor.at > run_from {
                if is_after_break {
                    let folded = folded.get_or_insert_with(|| text[from..to].to_owned());
                    breaks.fold(folded);
                    is_after_break = false;
                } else if let Some(folded) = &mut folded {
                    folded.push_str(&text[to..run_from]);
                }
                if let Some(folded) = &mut folded {
                    folded.push_str(&text[run_from..self.cursor.at]);
                }
                (end, to) = (self.cursor.mark, self.cursor.at);
            }
            if !(self.cursor.is_blank() || self.cursor.is_break()) {
                break;
            }
            self.cursor.need(1)?;
            loop {
                if self.cursor.is_blank() {
                    let is_indentation =
                        is_after_break && (self.cursor.mark.column as isize) < indent;
                    if is_indentation && self.cursor.byte() == b'\t' {
                        return Err(self.tab());
                    }
                    self.cursor.skip();
                } else if self.cursor.is_break() {
                    self.cursor.need(2)?;
                    breaks.add(self.cursor.skip_break());
                    is_after_break = true;
                } else {
                    break;
                }
                self.cursor.need(1)?;
            }
            if !is_flow && (self.cursor.mark.column as isize) < indent {
                break;
            }
        }
        if is_after_break {
            self.is_key_allowed = true;
        }
        let text = folded.map_or(Cow::Borrowed(&text[from..to]), Cow::Owned);
        // On one line; inside brackets, `:` may end it there, and `-` be no text; `---a` may begin the document.
        let may_differ = |text: &str| {
            text.starts_with("---") || is_flow && (text.contains(':') || text.starts_with('-'))
        };
        self.is_ordinary &= matches!(&text, Cow::Borrowed(text) if !may_differ(text));
        Ok(Token { kind: TokenKind::Scalar { text, is_plain: true }, start, end })
    }

    /// Returns the error for a tab in indentation, at the cursor.
    pub(super) fn tab(&mut self) -> YamlError {
        while self.cursor.is_blank() {
            self.cursor.skip();
        }
        let detail = "tabs disallowed within this context (block indentation)";
        YamlError::at(self.cursor.mark.into(), detail)
    }

    /// Scans a quoted scalar.
    pub(super) fn quoted(&mut self, is_single: bool) -> Result<Token<'s>, YamlError> {
        let start = self.cursor.mark;
        let stops = if is_single { &SINGLE_STOPS } else { &DOUBLE_STOPS };
        let quote = if is_single { b'\'' } else { b'"' };
        self.cursor.skip();
        let text = self.cursor.text;
        // The value of the text before `from`, if it differs from the text.
        let mut changed: Option<String> = None;
        let mut from = self.cursor.at;
        let mut breaks = Breaks::default();
        loop {
            self.cursor.need(4)?;
            if self.cursor.is_document_mark(b'-') || self.cursor.is_document_mark(b'.') {
                let detail = "a document marker inside quotes";
                return Err(YamlError::at(self.cursor.mark.into(), detail));
            }
            if self.cursor.is_end() {
                return Err(YamlError::at(start.into(), "unclosed quote"));
            }
            let mut is_after_break = false;
            loop {
                self.cursor.run(stops);
                if self.cursor.is_gap() {
                    break;
                }
                let byte = self.cursor.byte();
                if is_single && byte == b'\'' && self.cursor.byte_at(1) == b'\'' {
                    // Keeps the first of the two quotes.
                    self.cursor.skip();
                    changed.get_or_insert_default().push_str(&text[from..self.cursor.at]);
                    self.cursor.skip();
                    from = self.cursor.at;
                } else if byte == quote {
                    break;
                } else if !is_single && byte == b'\\' {
                    let changed = changed.get_or_insert_default();
                    changed.push_str(&text[from..self.cursor.at]);
                    is_after_break = self.escape(changed)?;
                    from = self.cursor.at;
                    if is_after_break {
                        break;
                    }
                } else {
                    self.cursor.skip();
                }
                self.cursor.need(2)?;
            }
            self.cursor.need(1)?;
            if self.cursor.byte() == quote {
                break;
            }
            let gap_from = self.cursor.at;
            while self.cursor.is_blank() || self.cursor.is_break() {
                if self.cursor.is_blank() {
                    self.cursor.skip();
                } else {
                    self.cursor.need(2)?;
                    if !is_after_break {
                        changed.get_or_insert_default().push_str(&text[from..gap_from]);
                        breaks.add(self.cursor.skip_break());
                        is_after_break = true;
                    } else {
                        // After an escaped break, there is no first one.
                        let read = self.cursor.skip_break();
                        breaks.others.push_str(read);
                    }
                }
                self.cursor.need(1)?;
            }
            if is_after_break {
                breaks.fold(changed.get_or_insert_default());
                from = self.cursor.at;
            }
        }
        self.is_ordinary &= self.cursor.mark.line == start.line;
        let rest = &text[from..self.cursor.at];
        self.cursor.skip();
        let text = match changed {
            Some(changed) => Cow::Owned(changed + rest),
            None => Cow::Borrowed(rest),
        };
        let end = self.cursor.mark;
        Ok(Token { kind: TokenKind::Scalar { text, is_plain: false }, start, end })
    }

    /// Scans an escape in double quotes; returns whether it is an escaped line break.
    fn escape(&mut self, changed: &mut String) -> Result<bool, YamlError> {
        let escape = self.cursor.mark;
        let error = |detail: &str| Err(YamlError::at(escape.into(), detail));
        let c = self.cursor.byte_at(1);
        if !self.cursor.is_end() && c != b' ' && c != b'\t' && self.cursor.is_gap_at(1) {
            if c == 0 {
                return error("unknown escape in double quotes");
            }
            self.cursor.need(3)?;
            self.cursor.skip();
            self.cursor.skip_break();
            return Ok(true);
        }
        // js-yaml does not know `\'`, and takes halves of characters.
        self.is_ordinary &= !matches!(c, b'\'' | b'x' | b'u' | b'U');
        let mut len = 0;
        match c {
            b'0' => changed.push('\0'),
            b'a' => changed.push('\u{7}'),
            b'b' => changed.push('\u{8}'),
            b't' | b'\t' => changed.push('\t'),
            b'n' => changed.push('\n'),
            b'v' => changed.push('\u{b}'),
            b'f' => changed.push('\u{c}'),
            b'r' => changed.push('\r'),
            b'e' => changed.push('\u{1b}'),
            b' ' | b'"' | b'\'' | b'\\' => changed.push(char::from(c)),
            b'N' => changed.push('\u{85}'),
            b'_' => changed.push('\u{a0}'),
            b'L' => changed.push('\u{2028}'),
            b'P' => changed.push('\u{2029}'),
            b'x' => len = 2,
            b'u' => len = 4,
            b'U' => len = 8,
            // `\/` was added in YAML 1.2.
            _ => return error("unknown escape in double quotes"),
        }
        self.cursor.skip();
        self.cursor.skip();
        if len > 0 {
            self.cursor.need(len)?;
            let mut value = 0_u32;
            for offset in 0..len {
                let digit = char::from(self.cursor.byte_at(offset)).to_digit(16);
                let Some(digit) = digit else {
                    return error("an escape lacks hexadecimal digits");
                };
                value = value << 4 | digit;
            }
            // Half of a surrogate pair is not a character.
            let Some(c) = char::from_u32(value) else {
                return error("an escape is not a Unicode character");
            };
            changed.push(c);
            (0..len).for_each(|_| self.cursor.skip());
        }
        Ok(false)
    }
}
