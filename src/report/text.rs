//! Markdown that no name from a repository can break out of.
//!
//! CommonMark with the tables of GitHub: every letter that has a meaning there is escaped, and
//! what cannot be seen is shown as an escape, so that no two names look alike. Links are not made
//! of names either. Called by `markdown` and `history`.

use crate::model::content::is_hidden;

/// The longest text in a line, in letters; a name from Git may be of any length.
const MAX_LETTERS: usize = 400;

/// A text within a line: in a paragraph, a list item or a table's cell.
pub fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let (shown, cut_count) = match text.char_indices().nth(MAX_LETTERS) {
        Some((end, _)) => (&text[..end], text[end..].chars().count()),
        None => (text, 0),
    };
    for (at, letter) in shown.char_indices() {
        let (before, from_here) = shown.split_at(at);
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '$' | '^' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            // `http://x` and `www.x` would become links by themselves.
            ':' if from_here.starts_with("://") => escaped.push_str("\\:"),
            '.' if ends_in_www(before) => escaped.push_str("\\."),
            _ if is_unseen(letter) => {
                escaped.push('\\');
                escaped.extend(letter.escape_default());
            }
            _ => escaped.push(letter),
        }
    }
    if cut_count > 0 {
        escaped += &format!("… ({} more letters)", super::migration::grouped(cut_count as u64));
    }
    escaped
}

/// A text of several lines, shown as it is.
pub fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let mut block = format!("{fence}{language}\n");
    for letter in text.chars() {
        match letter {
            '\n' | '\t' => block.push(letter),
            _ if is_unseen(letter) => block.extend(letter.escape_default()),
            _ => block.push(letter),
        }
    }
    if !block.ends_with('\n') {
        block.push('\n');
    }
    block + &fence
}

fn ends_in_www(text: &str) -> bool {
    text.len()
        .checked_sub(3)
        .and_then(|at| text.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// Tells whether a letter is a control character, or takes no room, or turns the line around.
fn is_unseen(letter: char) -> bool {
    letter.is_control() || is_hidden(letter)
}
