//! Block scalars, literal and folded: their header, indentation and line breaks.

use std::borrow::Cow;

use super::YamlError;
use super::cursor::{Position, Stops, stops};
use super::scanner::Scanner;
use super::token::{Token, TokenKind};

const BLOCK_STOPS: Stops = stops(b"");

impl<'s> Scanner<'_, 's> {
    /// Scans a block scalar, literal or folded.
    pub(super) fn block_scalar(&mut self, is_literal: bool) -> Result<Token<'s>, YamlError> {
        let start = self.cursor.mark;
        // As any other value, it must be deeper than its key to js-yaml.
        self.is_ordinary &= start.column as isize > self.indent;
        self.cursor.skip();
        let (keep, increment) = self.block_header(start)?;
        let mut end = self.cursor.mark;
        let mut indent = increment.map(|increment| self.indent.max(0) + increment);
        let mut changed = String::new();
        let mut breaks = String::new();
        let mut first_break = "";
        self.block_breaks(&mut indent, &mut breaks, &mut end)?;
        self.is_ordinary &= increment.is_none() && breaks.is_empty();
        self.cursor.need(1)?;
        let mut was_blank = false;
        while indent == Some(self.cursor.mark.column as isize) && !self.cursor.is_end() {
            let is_blank = self.cursor.is_blank();
            if !is_literal && !was_blank && !is_blank && first_break == "\n" {
                if breaks.is_empty() {
                    changed.push(' ');
                }
            } else {
                changed.push_str(first_break);
            }
            changed.push_str(&breaks);
            breaks.clear();
            was_blank = is_blank;
            let from = self.cursor.at;
            loop {
                self.cursor.run(&BLOCK_STOPS);
                if self.cursor.is_line_end() {
                    break;
                }
                self.cursor.skip();
                self.cursor.need(1)?;
            }
            changed.push_str(&self.cursor.text[from..self.cursor.at]);
            self.cursor.need(2)?;
            first_break = self.cursor.skip_break();
            self.block_breaks(&mut indent, &mut breaks, &mut end)?;
        }
        if keep != Some(false) {
            changed.push_str(first_break);
        }
        if keep == Some(true) {
            changed.push_str(&breaks);
        }
        // js-yaml thinks of a break at the text's end.
        self.is_ordinary &= !self.cursor.is_end() || self.cursor.text.ends_with('\n');
        let text = Cow::Owned(changed);
        Ok(Token { kind: TokenKind::Scalar { text, is_plain: false }, start, end })
    }

    /// Scans the header after `|` or `>`: chomping (`+` keeps trailing breaks, `-` strips them) and indentation.
    fn block_header(
        &mut self,
        start: Position,
    ) -> Result<(Option<bool>, Option<isize>), YamlError> {
        let error = |detail: &str| Err(YamlError::at(start.into(), detail));
        let (mut keep, mut increment) = (None, None);
        // Each at most once, in any order.
        for _ in 0..2 {
            self.cursor.need(1)?;
            match self.cursor.byte() {
                b'0' if increment.is_none() => {
                    return error("the indentation of a block cannot be 0");
                }
                digit @ b'1'..=b'9' if increment.is_none() => {
                    increment = Some(isize::from(digit - b'0'));
                }
                b'+' if keep.is_none() => keep = Some(true),
                b'-' if keep.is_none() => keep = Some(false),
                _ => break,
            }
            self.cursor.skip();
        }
        self.cursor.need(1)?;
        self.is_ordinary &= self.cursor.byte() != b'#';
        self.cursor.skip_blanks()?;
        if self.cursor.byte() == b'#' {
            self.cursor.skip_to_line_end()?;
        }
        if !self.cursor.is_line_end() {
            return error("unexpected text after a block indicator");
        }
        if self.cursor.is_break() {
            self.cursor.need(2)?;
            self.cursor.skip_break();
        }
        Ok((keep, increment))
    }

    /// Skips indentation and empty lines; detects the indentation if it is not known.
    fn block_breaks(
        &mut self,
        indent: &mut Option<isize>,
        breaks: &mut String,
        end: &mut Position,
    ) -> Result<(), YamlError> {
        *end = self.cursor.mark;
        let mut deepest = 0;
        loop {
            self.cursor.need(1)?;
            let is_indentation =
                |column: usize| indent.is_none_or(|indent| (column as isize) < indent);
            while is_indentation(self.cursor.mark.column) && self.cursor.byte() == b' ' {
                self.cursor.skip();
                self.cursor.need(1)?;
            }
            deepest = deepest.max(self.cursor.mark.column as isize);
            if is_indentation(self.cursor.mark.column) && self.cursor.byte() == b'\t' {
                return Err(self.tab());
            }
            if !self.cursor.is_break() {
                break;
            }
            self.cursor.need(2)?;
            breaks.push_str(self.cursor.skip_break());
            *end = self.cursor.mark;
        }
        if indent.is_none() {
            *indent = Some(deepest.max(self.indent + 1).max(1));
        }
        Ok(())
    }
}
