//! An entry as its line in the index: compact JSON, byte for byte as Go's `encoding/json` writes it.
//!
//! The registry parses the index, so escapes would not matter to it; identical lines make two indexes easy to compare.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter};

use super::PackageManifest;

/// An item of the index's list of packages.
#[derive(Serialize)]
struct Item<'m> {
    package_manifest: &'m PackageManifest,
}

/// Renders an entry as `{"package_manifest":{…}}`, without a line break.
///
/// # Panics
/// Never: every entry can be written as JSON.
pub fn line(manifest: &PackageManifest) -> Vec<u8> {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, GoFormatter);
    Item { package_manifest: manifest }
        .serialize(&mut serializer)
        .expect("its maps have texts for keys, and memory takes all bytes");
    text
}

/// Writes numbers and strings like Go: `json.Marshal` escapes the special characters of HTML.
struct GoFormatter;

impl Formatter for GoFormatter {
    /// Writes the shortest digits; with an exponent below 1e-6, and from 1e21.
    fn write_f64<W: Write + ?Sized>(&mut self, to: &mut W, value: f64) -> io::Result<()> {
        let size = value.abs();
        if size == 0.0 || (1e-6..1e21).contains(&size) {
            return write!(to, "{value}");
        }
        let text = format!("{value:e}");
        match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                write!(to, "{digits}e+{exponent}")
            }
            _ => to.write_all(text.as_bytes()),
        }
    }

    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        to: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut written = 0;
        for (at, letter) in text.char_indices() {
            let escape = match letter {
                '<' => "\\u003c",
                '>' => "\\u003e",
                '&' => "\\u0026",
                '\u{2028}' => "\\u2028",
                '\u{2029}' => "\\u2029",
                _ => continue,
            };
            to.write_all(&text.as_bytes()[written..at])?;
            to.write_all(escape.as_bytes())?;
            written = at + letter.len_utf8();
        }
        to.write_all(&text.as_bytes()[written..])
    }

    fn write_char_escape<W: Write + ?Sized>(
        &mut self,
        to: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::Quote => to.write_all(b"\\\""),
            CharEscape::ReverseSolidus => to.write_all(b"\\\\"),
            CharEscape::Solidus => to.write_all(b"/"),
            CharEscape::Backspace => to.write_all(b"\\b"),
            CharEscape::FormFeed => to.write_all(b"\\f"),
            CharEscape::LineFeed => to.write_all(b"\\n"),
            CharEscape::CarriageReturn => to.write_all(b"\\r"),
            CharEscape::Tab => to.write_all(b"\\t"),
            CharEscape::AsciiControl(byte) => write!(to, "\\u{byte:04x}"),
        }
    }
}
