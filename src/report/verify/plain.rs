//! Names and details as plain text in one line, for formats that have no escapes for letters that
//! cannot be seen: XML 1.0 has no way at all to write most of them.

use crate::model::content::is_hidden;
use crate::model::mismatch::Mismatch;
use crate::model::package::RevisionId;

/// The longest line, in letters.
const MAX_LETTERS: usize = 300;

/// A text in one line: what cannot be seen, or stands in no XML, becomes an escape; what is too
/// long is cut.
pub(super) fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut letter_count = 0;
    for letter in text.chars() {
        let before = line.len();
        if letter.is_control() || is_hidden(letter) || is_no_xml(letter) {
            line.extend(letter.escape_default());
        } else {
            line.push(letter);
        }
        letter_count += line[before..].chars().count();
        if letter_count > MAX_LETTERS {
            line.truncate(before);
            line.push('…');
            break;
        }
    }
    line
}

/// What XML 1.0 excludes besides control characters (section 2.2).
fn is_no_xml(letter: char) -> bool {
    matches!(letter, '\u{fffe}' | '\u{ffff}')
}

/// A mismatch in one line: the path if there is one, and what is wrong.
pub(super) fn mismatch(mismatch: &Mismatch) -> String {
    let message = mismatch.kind.message();
    match &mismatch.path {
        Some(path) => line(&format!("{path}: {message}")),
        None => line(&message),
    }
}

/// What a mismatch is about: a revision, else the object.
pub(super) fn subject(revision: Option<&RevisionId>, mismatch: &Mismatch) -> String {
    line(&revision.map_or_else(|| mismatch.object.clone(), RevisionId::to_string))
}
