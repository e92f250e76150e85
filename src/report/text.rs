//! What texts share, whatever they report: Markdown that no name from a repository can break out of,
//! cuts that say what they leave out, and numbers.
//!
//! CommonMark with the tables of GitHub: every letter that has a meaning there is escaped, and
//! what cannot be seen is shown as an escape, so that no two names look alike. Links are not made
//! of names either.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use crate::model::content::is_hidden;
use crate::model::plan::{Source, SourceStage};

/// Findings of one code that are shown, and paths of one finding.
pub(super) const EXAMPLES: usize = 5;
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
        escaped += &format!("… ({} more letters)", grouped(cut_count as u64));
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

/// How many of `count` are shown; one more than `limit` rather than a line that says "and 1 more".
pub(super) fn shown_count(count: usize, limit: usize) -> usize {
    if count <= limit + 1 { count } else { limit }
}

/// Says what was cut, if anything was; `before` begins the line.
pub(super) fn write_cut(
    out: &mut String,
    before: &str,
    count: usize,
    all: &AllFindings,
) -> fmt::Result {
    match count {
        0 => Ok(()),
        _ => {
            let (count, where_all) = (grouped(count as u64), inline(&all.to_string()));
            writeln!(out, "{before}… and {count} more: {where_all}.")
        }
    }
}

/// A row of a table.
pub(super) fn write_row<const N: usize>(out: &mut String, cells: [String; N]) -> fmt::Result {
    writeln!(out, "| {} |", cells.join(" | "))
}

/// A section with a table of `rows`, if there are any; `head` is the table's first two lines.
pub(super) fn write_table<const N: usize>(
    out: &mut String,
    title: &str,
    head: &str,
    rows: impl Iterator<Item = [String; N]>,
) -> fmt::Result {
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        writeln!(out, "\n## {title} ({})\n\n{head}", rows.len())?;
    }
    rows.into_iter().try_for_each(|row| write_row(out, row))
}

/// A section with one row per stage that was read.
pub(super) fn write_source(out: &mut String, title: &str, source: &Source) -> fmt::Result {
    writeln!(out, "\n## {title}\n\n| stage | ref | commit |\n|---|---|---|")?;
    source.stages.iter().try_for_each(|SourceStage { stage, reference, commit }| {
        writeln!(out, "| {stage} | {} | `{commit}` |", inline(reference))
    })
}

/// The advice on findings of one code: each text once, sorted.
pub(super) fn write_advice<'a>(
    out: &mut String,
    advice: impl Iterator<Item = &'a str>,
) -> fmt::Result {
    let advice: BTreeSet<&str> = advice.collect();
    advice.iter().try_for_each(|line| writeln!(out, "What to do: {line}\n"))
}

/// Where all findings stand, when a text shows only the first few of each code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllFindings {
    /// In the JSON report of this file name.
    File(String),
    /// In the JSON report on stdout.
    Stdout,
    /// In no output of this run.
    Nowhere,
}

impl fmt::Display for AllFindings {
    /// Completes the sentence "and 5 more: …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AllFindings::File(name) => write!(f, "all are in {name}"),
            AllFindings::Stdout => f.write_str("all are in the JSON report on stdout"),
            AllFindings::Nowhere => f.write_str("--report FILE.json writes all"),
        }
    }
}

/// A number with a comma between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and what it counts.
pub(super) fn numbered(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}
