//! Texts from a repository as a page shows them, and sizes. The templates escape them for HTML.

use std::fmt;

use crate::report::text::{grouped, is_invisible};

/// The maximum length of a text, in characters; a name from Git may be of any length.
const MAX_CHARS: usize = 4000;

/// A text from a repository: invisible characters, and those that change the direction, are shown as escapes, so that
/// no two texts look alike. Templates escape it like any other value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) struct Text(String);

impl Text {
    /// Converts a text of one line; a long one is cut off.
    pub(in crate::report) fn of(text: &str) -> Self {
        let (shown, cut_count) = match text.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => (&text[..end], text[end..].chars().count()),
            None => (text, 0),
        };
        let mut visible = String::with_capacity(shown.len());
        for character in shown.chars() {
            match is_invisible(character) && character != '\t' {
                true => visible.extend(character.escape_default()),
                false => visible.push(character),
            }
        }
        if cut_count > 0 {
            visible += &format!("… ({} more characters)", grouped(cut_count as u64));
        }
        Text(visible)
    }

    /// Converts each line of a text.
    pub(in crate::report) fn lines(text: &str) -> Vec<Self> {
        text.lines().map(Text::of).collect()
    }

    pub(in crate::report) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Formats a number of bytes with a binary unit.
pub(in crate::report) fn size(len: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if len < 1024 {
        return format!("{len} B");
    }
    // Two decimals are enough, so that rounding in f64 does not show.
    let mut value = len as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.2} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_escaped_and_long_texts_cut_off() {
        assert_eq!(
            Text::of("a\u{202e}b\tc\u{200b}\n<i>").as_str(),
            "a\\u{202e}b\tc\\u{200b}\\n<i>"
        );
        let long = Text::of(&"é".repeat(MAX_CHARS + 1234));
        assert!(long.as_str().ends_with("é… (1,234 more characters)"), "{long}");
        assert_eq!(long.as_str().matches('é').count(), MAX_CHARS);
    }

    #[test]
    fn sizes_have_two_decimals() {
        let rows = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.00 KiB"),
            (1_638_400, "1.56 MiB"),
            (u64::MAX, "16384.00 PiB"),
        ];
        for (bytes, text) in rows {
            assert_eq!(size(bytes), text);
        }
    }
}
