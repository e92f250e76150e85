//! What attributes make a checkout do to a file (`convert_to_working_tree` in Git's `convert.c`).
//!
//! Covers attributes only: `core.autocrlf`, `core.eol` and the configuration of filters differ per machine.
//! The filter `lfs` is ignored, since it changes only pointers.

use super::file::{Attributes, State};

/// What a checkout does to a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversion {
    ends_lines_with_crlf: Option<CrLf>,
    expands_ident: bool,
    encoding: Option<String>,
    filter: Option<String>,
}

/// Which files are checked out with CRLF line endings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CrLf {
    /// Every file.
    Always,
    /// Files that look like text and contain no CR yet.
    Text,
}

impl Conversion {
    pub(super) fn of(attributes: &Attributes) -> Self {
        let value = |name: &str| match attributes.get(name.as_bytes()) {
            Some(State::Value(value)) => Some(value.as_slice()),
            _ => None,
        };
        let shown = |value: &[u8]| value.escape_ascii().to_string();
        // Git falls back to the older `crlf` where `text` has no value known to it.
        let lines = |name: &str| match attributes.get(name.as_bytes())? {
            State::Unset => Some(None),
            State::Value(value) if value == b"auto" => Some(Some(CrLf::Text)),
            State::Set => Some(Some(CrLf::Always)),
            State::Value(value) if value == b"input" => Some(Some(CrLf::Always)),
            State::Value(_) | State::Unspecified => None,
        };
        let lines = lines("text").or_else(|| lines("crlf")).unwrap_or(Some(CrLf::Always));
        let ends_lines_with_crlf = lines.filter(|_| value("eol") == Some(b"crlf"));
        let is_utf8 = |value: &[u8]| {
            [b"utf-8".as_slice(), b"utf8"].iter().any(|utf8| value.eq_ignore_ascii_case(utf8))
        };
        Conversion {
            ends_lines_with_crlf,
            expands_ident: attributes.get(b"ident".as_slice()) == Some(&State::Set),
            encoding: value("working-tree-encoding")
                .filter(|value| !value.is_empty() && !is_utf8(value))
                .map(shown),
            filter: value("filter").filter(|value| *value != b"lfs").map(shown),
        }
    }

    /// Returns whether a checkout leaves the file unchanged, whatever its content.
    pub fn is_none(&self) -> bool {
        *self == Conversion::default()
    }

    /// Returns the attributes that change these bytes, or may change them, as written in an attribute file.
    pub fn changes(&self, bytes: &[u8]) -> Vec<String> {
        let adds_cr = self.ends_lines_with_crlf.is_some_and(|crlf| adds_cr(crlf, bytes));
        let expands = self.expands_ident && has_ident(bytes);
        let encoding = self.encoding.as_ref().filter(|_| !bytes.is_empty());
        [
            adds_cr.then(|| "eol=crlf".to_owned()),
            expands.then(|| "ident".to_owned()),
            encoding.map(|encoding| format!("working-tree-encoding={encoding}")),
            self.filter.as_ref().map(|filter| format!("filter={filter}")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Returns whether an LF becomes a CRLF (`will_convert_lf_to_crlf`).
fn adds_cr(crlf: CrLf, bytes: &[u8]) -> bool {
    let is_lone = |at: &usize| *at == 0 || bytes[at - 1] != b'\r';
    let mut line_ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let has_lone_lf = line_ends.any(|(at, _)| is_lone(&at));
    match crlf {
        CrLf::Always => has_lone_lf,
        CrLf::Text => has_lone_lf && !bytes.contains(&b'\r') && is_text(bytes),
    }
}

/// Returns whether bytes without a CR look like text to Git (`convert_is_binary`).
fn is_text(bytes: &[u8]) -> bool {
    // A last Ctrl-Z is the end of a file on DOS.
    let bytes = bytes.strip_suffix(b"\x1a").unwrap_or(bytes);
    let is_odd = |byte: &&u8| match byte {
        b'\n' | 8 | b'\t' | 0x1b | 0x0c => false,
        byte => byte.is_ascii_control(),
    };
    let odd_count = bytes.iter().filter(is_odd).count();
    let line_count = bytes.iter().filter(|byte| **byte == b'\n').count();
    !bytes.contains(&0) && (bytes.len() - line_count - odd_count) >> 7 >= odd_count
}

/// Returns whether the bytes contain `$Id$`, or `$Id:…$` as Git itself writes it (`ident_filter_fn`). As in
/// Git, a `$` that interrupts a match does not start a new one; with `text=auto`, Git is less strict.
fn has_ident(bytes: &[u8]) -> bool {
    let mut rest = bytes.iter();
    while rest.any(|byte| *byte == b'$') {
        if rest.next() != Some(&b'I') || rest.next() != Some(&b'd') {
            continue;
        }
        match rest.next() {
            Some(b'$') => return true,
            Some(b':') => {
                let text = rest.as_slice();
                let is_end = |byte: &u8| matches!(byte, b'$' | b'\n');
                let Some(end) = text.iter().position(is_end) else { return false };
                if text[end] == b'$' && !is_foreign(&text[..end]) {
                    return true;
                }
                rest = text[end + 1..].iter();
            }
            _ => {}
        }
    }
    false
}

/// Returns whether the text after `$Id:` was written by another system, so that Git leaves it alone: a blank,
/// and another one that is not the last byte (`is_foreign_ident`).
fn is_foreign(text: &[u8]) -> bool {
    let text = text.strip_prefix(b" ").and_then(<[u8]>::split_last);
    text.is_some_and(|(_, text)| text.iter().any(u8::is_ascii_whitespace))
}
