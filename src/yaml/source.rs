//! The characters of a file, as far as the registry's reader decodes them.
//!
//! UTF-8, and UTF-16 with a byte order mark. A character that YAML does not allow is an error only when it is
//! reached: go-yaml v2 decodes 512 bytes at a time, and text after the first document may never be
//! decoded. Independent of YAML's syntax.

use std::borrow::Cow;

use super::{MAX_LEN, Mark, YamlError};

/// Number of bytes that go-yaml v2 decodes at a time (`input_raw_buffer_size`).
const CHUNK: usize = 512;

const BOM: &str = "\u{feff}";

/// A text up to its end or its first fault.
pub(super) struct Source<'t> {
    pub(super) text: Cow<'t, str>,
    /// The fault after the text.
    pub(super) fault: Option<&'static str>,
    /// Number of bytes of the text that have been decoded after each chunk; empty unless it matters, that is if
    /// there is a fault, or a byte order mark inside the text.
    pub(super) chunks: Vec<usize>,
    /// Whether it has no characters that js-yaml handles differently: tabs, breaks other than LF, byte order marks.
    pub(super) is_ordinary: bool,
}

impl<'t> Source<'t> {
    /// Decodes a file; a byte order mark at its start is removed.
    ///
    /// # Errors
    /// A file longer than [`MAX_LEN`].
    pub(super) fn of(bytes: &'t [u8]) -> Result<Self, YamlError> {
        if bytes.len() > MAX_LEN {
            let detail = format!("it has {} bytes, more than {MAX_LEN}", bytes.len());
            return Err(YamlError { detail, place: None });
        }
        Ok(match bytes {
            [0xff, 0xfe, units @ ..] => Source::of_utf16(units, u16::from_le_bytes),
            [0xfe, 0xff, units @ ..] => Source::of_utf16(units, u16::from_be_bytes),
            _ => Source::of_utf8(bytes),
        })
    }

    fn of_utf8(bytes: &'t [u8]) -> Self {
        let (valid, mut fault) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let valid = std::str::from_utf8(&bytes[..error.valid_up_to()]);
                (valid.expect("valid up to there"), Some("it is not UTF-8"))
            }
        };
        let bom_len = if valid.starts_with(BOM) { BOM.len() } else { 0 };
        let mut text = &valid[bom_len..];
        if let Some(at) = first_control(text) {
            (text, fault) = (&text[..at], Some("control characters are not allowed"));
        }
        let rest = &bytes[bom_len + text.len()..];
        // go-yaml derives the length of a character from its first byte.
        let width = match rest.first() {
            Some(0xc0..=0xdf) => 2,
            Some(0xe0..=0xef) => 3,
            Some(0xf0..=0xf7) => 4,
            _ => 1,
        };
        let fault_len = fault.map(|_| (width, rest.len()));
        let chunks = match is_plain(text) && fault.is_none() {
            true => Vec::new(),
            false => chunks(text, bom_len, char::len_utf8, fault_len),
        };
        let is_ordinary = fault.is_none() && bom_len == 0 && has_ordinary_characters(text);
        Source { text: Cow::Borrowed(text), fault, chunks, is_ordinary }
    }

    fn of_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Self {
        let (pairs, _) = bytes.as_chunks();
        let mut text = String::with_capacity(bytes.len());
        let mut len = 0;
        let mut fault = None;
        for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
            match decoded {
                Ok(c) => {
                    len += c.len_utf16() * 2;
                    text.push(c);
                }
                Err(_) => break,
            }
        }
        if len < bytes.len() {
            fault = Some("it is not UTF-16");
        }
        if let Some(at) = first_control(&text) {
            len = text[..at].encode_utf16().count() * 2;
            text.truncate(at);
            fault = Some("control characters are not allowed");
        }
        let rest = &bytes[len..];
        let width = match rest {
            [one, other, ..] if (0xd800..0xdc00).contains(&unit([*one, *other])) => 4,
            _ => 2,
        };
        let fault_len = fault.map(|_| (width, rest.len()));
        let chunks = match is_plain(&text) && fault.is_none() {
            true => Vec::new(),
            false => chunks(&text, 2, |c| c.len_utf16() * 2, fault_len),
        };
        Source { text: Cow::Owned(text), fault, chunks, is_ordinary: false }
    }

    /// Returns the text, if it is unchanged from the file.
    pub(super) fn borrowed(&self) -> Option<&'t str> {
        match self.text {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(_) => None,
        }
    }

    /// Converts the fault to an error.
    pub(super) fn error(&self) -> YamlError {
        let detail = self.fault.unwrap_or("it is truncated");
        let mut place = Mark { line: 1, column: 1 };
        let mut chars = self.text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\r' if chars.peek() == Some(&'\n') => {}
                '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                    place = Mark { line: place.line + 1, column: 1 };
                }
                _ => place.column += 1,
            }
        }
        YamlError::at(place, detail)
    }
}

/// Returns whether it does not matter when the text is decoded.
fn is_plain(text: &str) -> bool {
    !text.contains(BOM)
}

fn has_ordinary_characters(text: &str) -> bool {
    let may_differ = |byte: &u8| matches!(byte, b'\t' | b'\r' | 0xc2 | 0xe2 | 0xef);
    !text.as_bytes().iter().any(may_differ)
        || !text.contains(['\t', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'])
}

/// Returns the offset of the first character that YAML 1.1 does not allow.
fn first_control(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let may_be = |byte: &u8| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 0x7f | 0xc2 | 0xef);
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(may_be) {
        let at = from + at;
        let is_allowed = match &bytes[at..] {
            [0xc2, next, ..] => matches!(next, 0x85 | 0xa0..),
            [0xef, 0xbf, next, ..] => *next < 0xbe,
            [0xef, ..] => true,
            _ => false,
        };
        if !is_allowed {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// Returns the length of the text decoded after each chunk. `skipped` bytes precede the text; a fault after it has a
/// width and the number of bytes that are left. A chunk with a fault is never decoded, and a character that
/// crosses a chunk's end belongs to the next chunk.
fn chunks(
    text: &str,
    skipped: usize,
    raw_len: impl Fn(char) -> usize,
    fault: Option<(usize, usize)>,
) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut raw_end = CHUNK;
    let (mut raw, mut at) = (skipped, 0);
    for c in text.chars() {
        let len = raw_len(c);
        if raw + len > raw_end {
            ends.push(at);
            raw_end = raw + CHUNK;
        }
        raw += len;
        at += c.len_utf8();
    }
    match fault {
        // The last chunk contains the whole fault.
        Some((width, left)) if width <= left && raw + width <= raw_end => {}
        _ => ends.push(at),
    }
    ends
}
