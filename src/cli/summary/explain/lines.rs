//! The form of all lines: a section with its label, the date and commit of an event, text in one line.

use crate::cli::summary::labelled;
use crate::model::timeline::CommitStamp;
use crate::report::text::is_invisible;

/// Adds a section; without lines, `none` is shown, unless it is empty.
pub(super) fn push(lines: &mut Vec<String>, label: &str, texts: Vec<String>, none: &str) {
    if texts.is_empty() && !none.is_empty() {
        lines.push(labelled(0, label, none));
    }
    lines.extend(texts.iter().enumerate().map(|(index, text)| labelled(index, label, text)));
}

pub(super) fn stamp(commit: CommitStamp) -> String {
    let id: String = commit.commit_id.to_string().chars().take(12).collect();
    let date = commit.time.map_or_else(|| "(no date)".to_owned(), |time| time.to_string());
    format!("{date} {id}")
}

/// Returns a text in one line, with invisible characters escaped: it may come from a package.
pub(super) fn one_line(text: &str) -> String {
    let escaped = text.chars().map(|character| match is_invisible(character) {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    });
    escaped.collect()
}
