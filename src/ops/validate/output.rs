//! Reduces a validator's output to its first lines, as text that is identical in every run.
//!
//! Temporary paths are replaced by placeholders, and bytes that are not text are escaped.

use super::process::Output;
use super::workspace::Workspace;
use crate::model::content::is_hidden;
use crate::model::validation::{ARCHIVE, DIR};

/// The maximum number of lines.
const MAX_LINES: usize = 20;

/// The maximum number of bytes.
const MAX_LEN: usize = 4000;

/// The last line of a truncated output.
const CUT: &str = "(output truncated)";

/// Temporary paths with their replacements; a path is listed before its prefixes.
pub(super) struct Placeholders(Vec<(Vec<u8>, String)>);

impl Placeholders {
    pub(super) fn of(workspace: &Workspace) -> Self {
        let places = [
            (workspace.archive.as_path(), ARCHIVE.to_owned()),
            (workspace.dir.as_path(), DIR.to_owned()),
            (workspace.root(), format!("{DIR}/..")),
        ];
        let bytes = |(path, name): (&std::path::Path, String)| {
            (path.as_os_str().as_encoded_bytes().to_vec(), name)
        };
        Placeholders(places.into_iter().map(bytes).collect())
    }

    fn replace(&self, output: &[u8]) -> Vec<u8> {
        let mut replaced = Vec::with_capacity(output.len());
        let mut rest = output;
        while let Some((first, after)) = rest.split_first() {
            match self.0.iter().find(|(path, _)| rest.starts_with(path)) {
                Some((path, name)) => {
                    replaced.extend(name.as_bytes());
                    rest = &rest[path.len()..];
                }
                None => {
                    replaced.push(*first);
                    rest = after;
                }
            }
        }
        replaced
    }

    /// Returns the output without a truncated temporary path at its end.
    fn without_torn_path<'o>(&self, output: &'o [u8]) -> &'o [u8] {
        let longest = self.0.iter().map(|(path, _)| path.len()).max().unwrap_or(0);
        let from = output.len().saturating_sub(longest);
        let torn = (from..output.len())
            .find(|at| self.0.iter().any(|(path, _)| path.starts_with(&output[*at..])));
        &output[..torn.unwrap_or(output.len())]
    }
}

/// Returns the first lines of an output.
pub(super) fn kept(output: &Output, placeholders: &Placeholders) -> String {
    let bytes = match output.is_whole() {
        true => &output.bytes[..],
        false => placeholders.without_torn_path(&output.bytes),
    };
    let replaced = placeholders.replace(bytes);
    let text = replaced.trim_ascii();
    let mut kept = String::new();
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let line = printable(line.strip_suffix(b"\r").unwrap_or(line));
        // The line break counts as well.
        let room = MAX_LEN.saturating_sub(kept.len() + 1);
        if index == MAX_LINES || line.len() > room {
            let mut ends = (0..=room.min(line.len())).rev();
            let end = ends.find(|end| line.is_char_boundary(*end)).unwrap_or(0);
            if index < MAX_LINES && end > 0 {
                push_line(&mut kept, &line[..end]);
            }
            push_line(&mut kept, CUT);
            return kept;
        }
        push_line(&mut kept, &line);
    }
    if output.is_cut {
        push_line(&mut kept, CUT);
    }
    kept
}

fn push_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

/// Renders a line as text: a tab becomes a space; other control characters, hidden characters and invalid
/// UTF-8 are escaped.
pub(super) fn printable(line: &[u8]) -> String {
    let mut text = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\t' => text.push(' '),
                _ if character.is_control() || is_hidden(character) => {
                    text.extend(character.escape_default());
                }
                _ => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            text += &format!("\\x{byte:02x}");
        }
    }
    text
}
