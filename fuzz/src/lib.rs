//! The lines of a text, to hold places against that were told of it.
//!
//! Counts by itself, so that it judges the parser's counting. A line ends with LF, CR or both.
//! Called by the targets that read YAML.

use package_storage_migrate::yaml::Mark;

/// The number of letters in each line.
pub struct Lines(Vec<u64>);

impl Lines {
    /// Counts the lines of bytes; where they are no UTF-8, up to there.
    pub fn of(bytes: &[u8]) -> Self {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).expect("UTF-8"),
        };
        let mut lines = vec![0];
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\r' if letters.peek() == Some(&'\n') => {}
                '\r' | '\n' => lines.push(0),
                _ => *lines.last_mut().expect("a first line") += 1,
            }
        }
        Lines(lines)
    }

    /// Panics unless there is such a line.
    pub fn hold_line(&self, line: u64) {
        assert!((1..=self.0.len() as u64).contains(&line), "line {line} of {}", self.0.len());
    }

    /// Panics unless the place is a letter, or right behind a line's last letter.
    pub fn hold(&self, place: Mark) {
        self.hold_line(place.line);
        let letters = self.0[place.line as usize - 1];
        assert!((1..=letters + 1).contains(&place.column), "{place:?}, the line has {letters}");
    }
}
