//! Helpers for text reports: escaping of names in Markdown, truncated lists with a count of the rest,
//! and number formatting.
//!
//! The format is CommonMark with GitHub's tables. Every character with a meaning there is escaped, so
//! that a name from a repository cannot inject markup; invisible characters are shown as escapes, so
//! that no two names look alike. Names do not become links either.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use crate::model::content::is_hidden;
use crate::model::plan::{Source, SourceStage};

/// The number of findings shown per code, and of paths per finding.
pub(super) const EXAMPLES: usize = 5;
/// The maximum length of an inline text, in characters; a name from Git may be of any length.
const MAX_CHARS: usize = 400;

/// Escapes a text for use within a line: in a paragraph, a list item or a table cell.
pub fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let (shown, cut_count) = match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => (&text[..end], text[end..].chars().count()),
        None => (text, 0),
    };
    for (at, character) in shown.char_indices() {
        let (before, from_here) = shown.split_at(at);
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '$' | '^' => {
                escaped.push('\\');
                escaped.push(character);
            }
            // `http://x` and `www.x` would be turned into links.
            ':' if from_here.starts_with("://") => escaped.push_str("\\:"),
            '.' if ends_in_www(before) => escaped.push_str("\\."),
            _ if is_invisible(character) => {
                escaped.push('\\');
                escaped.extend(character.escape_default());
            }
            _ => escaped.push(character),
        }
    }
    if cut_count > 0 {
        escaped += &format!("… ({} more characters)", grouped(cut_count as u64));
    }
    escaped
}

/// Renders a text of several lines as a fenced code block.
pub fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let mut block = format!("{fence}{language}\n");
    for character in text.chars() {
        match character {
            '\n' | '\t' => block.push(character),
            _ if is_invisible(character) => block.extend(character.escape_default()),
            _ => block.push(character),
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

/// Returns whether a character is a control character, has no width, or changes the text direction.
pub fn is_invisible(character: char) -> bool {
    character.is_control() || is_hidden(character)
}

/// Returns how many of `count` to show: one more than `limit` rather than a line "and 1 more".
pub(super) fn shown_count(count: usize, limit: usize) -> usize {
    if count <= limit + 1 { count } else { limit }
}

/// Writes how many entries were omitted, if any; `before` starts the line.
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

/// Writes a row of a table.
pub(super) fn write_row<const N: usize>(out: &mut String, cells: [String; N]) -> fmt::Result {
    writeln!(out, "| {} |", cells.join(" | "))
}

/// Writes a section with a table of `rows`, if there are any; `head` is the first two lines of the table.
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

/// Writes a section with one row per stage that was read.
pub(super) fn write_source(out: &mut String, title: &str, source: &Source) -> fmt::Result {
    writeln!(out, "\n## {title}\n\n| stage | ref | commit |\n|---|---|---|")?;
    source.stages.iter().try_for_each(|SourceStage { stage, reference, commit }| {
        writeln!(out, "| {stage} | {} | `{commit}` |", inline(reference))
    })
}

/// Writes the advice on findings of one code: each text once, sorted.
pub(super) fn write_advice<'a>(
    out: &mut String,
    advice: impl Iterator<Item = &'a str>,
) -> fmt::Result {
    let advice: BTreeSet<&str> = advice.collect();
    advice.iter().try_for_each(|line| writeln!(out, "What to do: {line}\n"))
}

/// Where to find all findings if a text shows only the first few of each code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllFindings {
    /// In the JSON report of this file name.
    File(String),
    /// In the JSON report on stdout.
    Stdout,
    /// Not in an output of this run.
    Nowhere,
}

impl fmt::Display for AllFindings {
    /// Completes the sentence "and 5 more: …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AllFindings::File(name) => write!(f, "all are in {name}"),
            AllFindings::Stdout => f.write_str("all are in the JSON report on stdout"),
            AllFindings::Nowhere => f.write_str("use --report FILE.json to list all"),
        }
    }
}

/// Formats a number with commas between thousands.
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

/// Formats a number and its unit, singular or plural.
pub(super) fn numbered(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}
