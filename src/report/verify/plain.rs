//! Names and details as one line of plain text, for formats that cannot escape invisible characters:
//! XML 1.0 cannot represent most control characters.

use crate::model::mismatch::Mismatch;
use crate::model::package::RevisionId;
use crate::report::text::is_invisible;

/// The maximum length of a line, in characters.
const MAX_CHARS: usize = 300;

/// Renders a text as one line: characters that are invisible or not allowed in XML become escapes,
/// and a text that is too long is truncated.
pub(super) fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut char_count = 0;
    for character in text.chars() {
        let before = line.len();
        if is_invisible(character) || is_forbidden_in_xml(character) {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
        char_count += line[before..].chars().count();
        if char_count > MAX_CHARS {
            line.truncate(before);
            line.push('…');
            break;
        }
    }
    line
}

/// Returns whether XML 1.0 forbids a character that is not a control character (section 2.2).
fn is_forbidden_in_xml(character: char) -> bool {
    matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// Renders a mismatch as one line: its path, if it has one, and its message.
pub(super) fn mismatch(mismatch: &Mismatch) -> String {
    let message = mismatch.kind.message();
    match &mismatch.path {
        Some(path) => line(&format!("{path}: {message}")),
        None => line(&message),
    }
}

/// Renders a mismatch of a revision as one line: also with its object, unless that is the archive or its signature.
pub(super) fn of_revision(found: &Mismatch) -> String {
    match found.kind.is_of_archive() {
        true => mismatch(found),
        false => line(&format!("{}: {}", found.object, mismatch(found))),
    }
}

/// Returns the subject of a mismatch: its revision, or else its object.
pub(super) fn subject(revision: Option<&RevisionId>, mismatch: &Mismatch) -> String {
    line(&revision.map_or_else(|| mismatch.object.clone(), RevisionId::to_string))
}
