//! The state of the parser: characters, lines, indentation, separators between tokens, and documents.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Value;
use crate::yaml::{Mark, YamlError};

/// The kind of the last node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar,
    Sequence,
    Mapping,
}

/// The tag of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// A plain scalar without a tag, whose type is resolved from its text.
    Implicit,
    /// A plain scalar `<<` without a tag, or a scalar with the merge tag.
    Merge,
    /// Any other tag.
    Named(String),
}

/// The parser, with the same state as js-yaml between two steps: a function returns its node in the fields for the last
/// node.
pub(super) struct Reader<'t> {
    text: &'t str,
    /// Whether a line break has to be assumed at the end of the text.
    lacks_break: bool,
    pub(super) at: usize,
    pub(super) line: usize,
    pub(super) line_start: usize,
    /// Number of spaces at the start of the line.
    pub(super) indent: isize,
    pub(super) depth: usize,
    /// The tag of the last node; its anchor, kind and value follow.
    pub(super) tag: Option<Tag>,
    pub(super) anchor: Option<&'t str>,
    pub(super) kind: Option<Kind>,
    pub(super) value: Value<'t>,
    pub(super) prefixes: HashMap<&'t str, &'t str>,
    /// The values of anchors, with the number of the assignment.
    pub(super) anchors: HashMap<&'t str, (usize, Value<'t>)>,
    pub(super) step: usize,
}

pub(super) fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Returns whether it is a blank or a line break.
pub(super) fn is_gap(byte: u8) -> bool {
    is_blank(byte) || is_break(byte)
}

pub(super) fn is_flow(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}

impl<'t> Reader<'t> {
    pub(super) fn of(text: &'t str) -> Result<Self, YamlError> {
        let lacks_break = !text.is_empty() && !text.ends_with(['\n', '\r']);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader {
            text,
            lacks_break,
            at: 0,
            line: 0,
            line_start: 0,
            indent: 0,
            depth: 0,
            tag: None,
            anchor: None,
            kind: None,
            value: Value::Null,
            prefixes: HashMap::new(),
            anchors: HashMap::new(),
            step: 0,
        };
        if let Some(at) = text.find('\0') {
            reader.line = text[..at].matches('\n').count();
            reader.line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
            reader.at = at;
            return Err(reader.error("null byte is not allowed"));
        }
        Ok(reader)
    }

    /// Returns the byte at an offset; 0 after the end.
    pub(super) fn byte_at(&self, at: usize) -> u8 {
        match self.text.as_bytes().get(at) {
            Some(byte) => *byte,
            None if at == self.text.len() && self.lacks_break => b'\n',
            None => 0,
        }
    }

    pub(super) fn byte(&self) -> u8 {
        self.byte_at(self.at)
    }

    pub(super) fn next_byte(&self) -> u8 {
        self.byte_at(self.at + 1)
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &'t str {
        let end = self.text.len();
        &self.text[from.min(end)..to.min(end)]
    }

    fn len(&self) -> usize {
        self.text.len() + usize::from(self.lacks_break)
    }

    pub(super) fn error(&self, detail: impl Into<String>) -> YamlError {
        let before = self.slice(self.line_start.min(self.at), self.at);
        let column = before.chars().count() as u64 + 1;
        YamlError::at(Mark { line: self.line as u64 + 1, column }, detail)
    }

    pub(super) fn break_line(&mut self) -> Result<(), YamlError> {
        self.at += match (self.byte(), self.next_byte()) {
            (b'\r', b'\n') => 2,
            (b'\r' | b'\n', _) => 1,
            _ => return Err(self.error("expected a line break")),
        };
        self.line += 1;
        self.line_start = self.at;
        Ok(())
    }

    pub(super) fn skip_blanks(&mut self) {
        while is_blank(self.byte()) {
            self.at += 1;
        }
    }

    fn skip_to_break(&mut self) {
        while self.byte() != 0 && !is_break(self.byte()) {
            self.at += 1;
        }
    }

    /// Skips blanks, line breaks and comments; returns the number of line breaks.
    pub(super) fn skip_gaps(&mut self, takes_comments: bool) -> Result<usize, YamlError> {
        let mut break_count = 0;
        while self.byte() != 0 {
            self.skip_blanks();
            if takes_comments && self.byte() == b'#' {
                self.skip_to_break();
            }
            if !is_break(self.byte()) {
                break;
            }
            self.break_line()?;
            break_count += 1;
            self.indent = 0;
            while self.byte() == b' ' {
                self.indent += 1;
                self.at += 1;
            }
        }
        Ok(break_count)
    }

    /// Skips blanks and a comment after them, up to the end of the line.
    pub(super) fn skip_comment(&mut self) {
        if is_blank(self.byte()) {
            self.skip_blanks();
            if self.byte() == b'#' {
                self.skip_to_break();
            }
        }
    }

    /// Returns whether there is a `---` or `...` at the start of the line.
    pub(super) fn is_document_mark(&self) -> bool {
        let byte = self.byte();
        self.at == self.line_start
            && matches!(byte, b'-' | b'.')
            && self.byte_at(self.at + 1) == byte
            && self.byte_at(self.at + 2) == byte
            && matches!(self.byte_at(self.at + 3), 0 | b' ' | b'\t' | b'\n' | b'\r')
    }

    /// Reads the document; there must be only one.
    pub(super) fn document(mut self) -> Result<Value<'t>, YamlError> {
        while self.byte() == b' ' {
            self.indent += 1;
            self.at += 1;
        }
        let mut found = None;
        while self.at + 1 < self.len() {
            if found.is_some() {
                return Err(self.error("expected a single document, found more"));
            }
            self.one_document()?;
            found = Some(std::mem::replace(&mut self.value, Value::Null));
        }
        Ok(found.unwrap_or(Value::Undefined))
    }

    fn one_document(&mut self) -> Result<(), YamlError> {
        self.prefixes.clear();
        self.anchors.clear();
        let has_directives = self.directives()?;
        self.skip_gaps(true)?;
        if self.indent == 0 && (0..3).all(|offset| self.byte_at(self.at + offset) == b'-') {
            self.at += 3;
            self.skip_gaps(true)?;
        } else if has_directives {
            return Err(self.error("expected --- after the directives"));
        }
        self.root()?;
        self.skip_gaps(true)?;
        if self.is_document_mark() {
            if self.byte() == b'.' {
                self.at += 3;
                self.skip_gaps(true)?;
            }
        } else if self.at + 1 < self.len() {
            return Err(self.error("expected the end of the document"));
        }
        Ok(())
    }

    fn directives(&mut self) -> Result<bool, YamlError> {
        let (mut has_directives, mut has_version) = (false, false);
        while self.byte() != 0 {
            self.skip_gaps(true)?;
            if self.indent > 0 || self.byte() != b'%' {
                break;
            }
            has_directives = true;
            self.at += 1;
            let name = self.word();
            if name.is_empty() {
                return Err(self.error("a directive needs a name"));
            }
            let mut arguments = Vec::new();
            while self.byte() != 0 {
                self.skip_blanks();
                if self.byte() == b'#' {
                    self.skip_to_break();
                }
                if self.byte() == 0 || is_break(self.byte()) {
                    break;
                }
                arguments.push(self.word());
            }
            if self.byte() != 0 {
                self.break_line()?;
            }
            match name {
                "YAML" if has_version => return Err(self.error("%YAML appears twice")),
                "YAML" => {
                    has_version = true;
                    self.version(&arguments)?;
                }
                "TAG" => self.prefix(&arguments)?,
                _ => {}
            }
        }
        Ok(has_directives)
    }

    fn word(&mut self) -> &'t str {
        let from = self.at;
        while self.byte() != 0 && !is_gap(self.byte()) {
            self.at += 1;
        }
        self.slice(from, self.at)
    }

    fn version(&self, arguments: &[&str]) -> Result<(), YamlError> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let is_1 = |major: &str| major.trim_start_matches('0') == "1";
        match arguments {
            [version] => match version.split_once('.') {
                Some((major, minor)) if is_number(major) && is_number(minor) && is_1(major) => {
                    Ok(())
                }
                _ => Err(self.error("%YAML needs a version 1.x")),
            },
            _ => Err(self.error("%YAML needs one version")),
        }
    }
}

/// A text made of pieces; borrowed while there is only one piece.
#[derive(Default)]
pub(super) struct Pieces<'t>(Option<Cow<'t, str>>);

impl<'t> Pieces<'t> {
    pub(super) fn push(&mut self, piece: &'t str) {
        match &mut self.0 {
            _ if piece.is_empty() => {}
            None => self.0 = Some(Cow::Borrowed(piece)),
            Some(text) => text.to_mut().push_str(piece),
        }
    }

    pub(super) fn push_owned(&mut self, piece: &str) {
        self.0.get_or_insert_default().to_mut().push_str(piece);
    }

    /// Appends folded line breaks: a single one becomes a space; of several, the first is dropped.
    pub(super) fn fold(&mut self, break_count: usize) {
        match break_count {
            0 => {}
            1 => self.push_owned(" "),
            _ => self.push_owned(&"\n".repeat(break_count - 1)),
        }
    }

    pub(super) fn finish(self) -> Cow<'t, str> {
        self.0.unwrap_or_default()
    }
}
