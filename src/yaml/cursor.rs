//! The scanner's position in a text: the next bytes, lines and columns, and line breaks.
//!
//! Lines end as in YAML 1.1: with LF, CR, both, U+0085, U+2028 or U+2029. Independent of tokens.

use super::source::Source;
use super::{Mark, YamlError};

/// A position in a text, counted from 0 in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// Number of characters before it in the whole text.
    pub(super) index: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl From<Position> for Mark {
    fn from(mark: Position) -> Self {
        Mark { line: mark.line as u64 + 1, column: mark.column as u64 + 1 }
    }
}

/// The bytes at which a run of characters ends.
pub(super) type Stops = [bool; 256];

/// Creates a table of bytes; it always includes those that may start a line break.
pub(super) const fn stops(bytes: &[u8]) -> Stops {
    let mut stops = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        stops[bytes[at] as usize] = true;
        at += 1;
    }
    stops[b'\r' as usize] = true;
    stops[b'\n' as usize] = true;
    stops[0xc2] = true;
    stops[0xe2] = true;
    stops
}

const BREAKS: Stops = stops(&[]);

pub(super) struct Cursor<'c, 's> {
    source: &'c Source<'c>,
    pub(super) text: &'s str,
    pub(super) at: usize,
    pub(super) mark: Position,
    /// Whether it matters when the text is decoded.
    tracks_decoding: bool,
    decoded: Decoded,
}

/// The state of go-yaml's buffer.
#[derive(Default)]
struct Decoded {
    chunk_count: usize,
    end: usize,
    /// Number of decoded characters, including zeros after the end of the text.
    index: usize,
    /// The offset of the buffer's start.
    start: usize,
}

impl<'c, 's> Cursor<'c, 's> {
    /// Creates a cursor; `text` is the source's text, possibly with a longer lifetime.
    pub(super) fn new(source: &'c Source<'c>, text: &'s str) -> Self {
        Cursor {
            source,
            text,
            at: 0,
            mark: Position::default(),
            tracks_decoding: !source.chunks.is_empty() || source.fault.is_some(),
            decoded: Decoded::default(),
        }
    }

    /// Decodes at least `count` characters.
    ///
    /// # Errors
    /// A decoded character that YAML does not allow.
    #[inline]
    pub(super) fn need(&mut self, count: usize) -> Result<(), YamlError> {
        if self.tracks_decoding { self.decode(count) } else { Ok(()) }
    }

    #[cold]
    fn decode(&mut self, count: usize) -> Result<(), YamlError> {
        let wanted = self.mark.index + count;
        if self.decoded.index >= wanted {
            return Ok(());
        }
        self.decoded.start = self.at;
        while self.decoded.index < wanted {
            match self.source.chunks.get(self.decoded.chunk_count) {
                Some(end) => {
                    self.decoded.index += self.text[self.decoded.end..*end].chars().count();
                    self.decoded.end = *end;
                    self.decoded.chunk_count += 1;
                }
                None if self.source.fault.is_some() => return Err(self.source.error()),
                None => {
                    self.decoded.index += 1;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Returns whether go-yaml's buffer starts with a byte order mark. go-yaml means to check the next character.
    pub(super) fn is_buffer_marked(&self) -> bool {
        self.tracks_decoding && self.text[self.decoded.start..].starts_with('\u{feff}')
    }

    /// Returns the next byte; 0 at the end.
    #[inline]
    pub(super) fn byte(&self) -> u8 {
        self.byte_at(0)
    }

    /// Returns the byte at an offset from the cursor; 0 at the end.
    #[inline]
    pub(super) fn byte_at(&self, offset: usize) -> u8 {
        self.text.as_bytes().get(self.at + offset).copied().unwrap_or(0)
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        matches!(self.byte(), b' ' | b'\t')
    }

    pub(super) fn is_break(&self) -> bool {
        self.break_len(0) > 0
    }

    /// Returns whether a line break or the end follows.
    pub(super) fn is_line_end(&self) -> bool {
        self.is_end() || self.is_break()
    }

    /// Returns whether a blank, a line break or the end follows.
    #[inline]
    pub(super) fn is_gap(&self) -> bool {
        self.is_gap_at(0)
    }

    #[inline]
    pub(super) fn is_gap_at(&self, offset: usize) -> bool {
        matches!(self.byte_at(offset), b' ' | b'\t' | 0) || self.break_len(offset) > 0
    }

    /// Returns the length of the line break there, CR and LF counting as two; 0 if there is none.
    #[inline]
    fn break_len(&self, offset: usize) -> usize {
        match self.byte_at(offset) {
            b'\r' | b'\n' => 1,
            0xc2 if self.byte_at(offset + 1) == 0x85 => 2,
            0xe2 if self.byte_at(offset + 1) == 0x80
                && matches!(self.byte_at(offset + 2), 0xa8 | 0xa9) =>
            {
                3
            }
            _ => 0,
        }
    }

    /// Returns whether `---` or `...` at the start of a line follows, and a gap after it.
    pub(super) fn is_document_mark(&self, marker: u8) -> bool {
        self.mark.column == 0
            && (0..3).all(|offset| self.byte_at(offset) == marker)
            && self.is_gap_at(3)
    }

    /// Skips one character of any kind.
    #[inline]
    pub(super) fn skip(&mut self) {
        self.at += match self.byte() {
            0xf0.. => 4,
            0xe0.. => 3,
            0xc0.. => 2,
            _ => 1,
        };
        self.at = self.at.min(self.text.len());
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Skips to the next stop byte, if it does not matter when the text is decoded; otherwise does nothing.
    #[inline]
    pub(super) fn run(&mut self, stops: &Stops) {
        if self.tracks_decoding {
            return;
        }
        let rest = &self.text.as_bytes()[self.at..];
        let mut len = 0;
        let mut count = 0;
        for byte in rest {
            if stops[*byte as usize] {
                break;
            }
            len += 1;
            count += usize::from(byte & 0xc0 != 0x80);
        }
        self.at += len;
        self.mark.index += count;
        self.mark.column += count;
    }

    /// Skips to the end of the line.
    pub(super) fn skip_to_line_end(&mut self) -> Result<(), YamlError> {
        loop {
            self.run(&BREAKS);
            if self.is_line_end() {
                return Ok(());
            }
            self.skip();
            self.need(1)?;
        }
    }

    /// Skips blanks.
    pub(super) fn skip_blanks(&mut self) -> Result<(), YamlError> {
        while self.is_blank() {
            self.skip();
            self.need(1)?;
        }
        Ok(())
    }

    /// Skips a line break, if there is one, and returns its value: U+2028 and U+2029 themselves, otherwise LF.
    pub(super) fn skip_break(&mut self) -> &'static str {
        let (len, count, read) = match self.break_len(0) {
            0 => return "",
            1 if self.byte() == b'\r' && self.byte_at(1) == b'\n' => (2, 2, "\n"),
            3 if self.byte_at(2) == 0xa8 => (3, 1, "\u{2028}"),
            3 => (3, 1, "\u{2029}"),
            len => (len, 1, "\n"),
        };
        self.at += len;
        self.mark.index += count;
        self.mark.line += 1;
        self.mark.column = 0;
        read
    }
}
