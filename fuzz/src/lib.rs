//! The lines of a text, to check reported positions.
//!
//! Counts independently, so that it checks the parser's counting. Lines end as in YAML 1.1.
//! Used by the targets that parse YAML.

use package_storage_migrate::yaml::Mark;

/// The number of characters in each line.
pub struct Lines(Vec<u64>);

impl Lines {
    /// Counts the lines of UTF-8, or of UTF-16 with a byte order mark, up to the first invalid character.
    pub fn of(bytes: &[u8]) -> Self {
        let utf16 = |to_unit: fn([u8; 2]) -> u16| {
            let units = bytes[2..].chunks_exact(2).map(|unit| to_unit([unit[0], unit[1]]));
            char::decode_utf16(units).map_while(Result::ok).collect()
        };
        let text: String = match (bytes, std::str::from_utf8(bytes)) {
            ([0xff, 0xfe, ..], _) => utf16(u16::from_le_bytes),
            ([0xfe, 0xff, ..], _) => utf16(u16::from_be_bytes),
            (_, Ok(text)) => text.to_owned(),
            (_, Err(error)) => {
                std::str::from_utf8(&bytes[..error.valid_up_to()]).expect("UTF-8").to_owned()
            }
        };
        let mut lines = vec![0];
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\r' if chars.peek() == Some(&'\n') => {}
                '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => lines.push(0),
                _ => *lines.last_mut().expect("a first line") += 1,
            }
        }
        Lines(lines)
    }

    /// Panics unless the line exists.
    pub fn check_line(&self, line: u64) {
        assert!((1..=self.0.len() as u64).contains(&line), "line {line} of {}", self.0.len());
    }

    /// Panics unless the position is a character, or directly after a line's last character.
    pub fn check(&self, place: Mark) {
        self.check_line(place.line);
        let count = self.0[place.line as usize - 1];
        assert!((1..=count + 1).contains(&place.column), "{place:?}, the line has {count}");
    }
}
