//! One attribute file: its lines, and the attributes that they assign to a path ("gitattributes", Git's `attr.c`).
//!
//! The effect of an attribute on a file is in `conversion`.

use std::collections::BTreeMap;

use super::pattern::Pattern;
use crate::v1::quoting::unquote;

/// The name of attribute files.
pub const FILE_NAME: &str = ".gitattributes";

/// Git ignores lines of this length or longer, in bytes, and files of `MAX_FILE_LEN` or more.
const MAX_LINE_LEN: usize = 2048;
const MAX_FILE_LEN: usize = 100 << 20;

/// How an attribute is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Set,
    Unset,
    /// As if no line mentioned it.
    Unspecified,
    Value(Vec<u8>),
}

/// Attributes by name, as far as they are known.
pub(super) type Attributes = BTreeMap<Vec<u8>, State>;

/// The assignments of one line, in order.
type Assignments = Vec<(Vec<u8>, State)>;

/// One attribute file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeFile {
    /// The folder of the file, as a path from the repository's root with a trailing slash.
    folder: Vec<u8>,
    lines: Vec<(Pattern, Assignments)>,
    macros: BTreeMap<Vec<u8>, Assignments>,
}

impl AttributeFile {
    /// Parses the file in `folder`, a path from the repository's root. Lines that Git ignores are ignored.
    pub fn parse(folder: &str, bytes: &[u8]) -> Self {
        let is_top = folder.is_empty();
        let folder = if is_top { Vec::new() } else { [folder.as_bytes(), b"/"].concat() };
        let mut file = AttributeFile { folder, lines: Vec::new(), macros: BTreeMap::new() };
        // Git reads it as a C string.
        let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        let text = if bytes.len() < MAX_FILE_LEN { text } else { &[] };
        for line in text.split(|byte| *byte == b'\n') {
            match Line::parse(line) {
                Some(Line::Pattern(pattern, assignments)) => {
                    file.lines.push((pattern, assignments));
                }
                // Only the file in the root folder may define macros.
                Some(Line::Macro(name, assignments)) if is_top => {
                    file.macros.insert(name, assignments);
                }
                Some(Line::Macro(..)) | None => {}
            }
        }
        file
    }

    /// Adds the attributes that this file assigns to a path, unless they are already known.
    pub(super) fn add_to(&self, known: &mut Attributes, path: &[u8], macros: &Macros<'_>) {
        let Some(path) = path.strip_prefix(self.folder.as_slice()) else { return };
        for (_, assignments) in self.lines.iter().rev().filter(|(line, _)| line.matches(path)) {
            add(known, assignments, macros);
        }
    }
}

/// The macros defined in attribute files, and Git's built-in one.
pub(super) struct Macros<'f> {
    own: Option<&'f BTreeMap<Vec<u8>, Assignments>>,
    binary: Assignments,
}

impl<'f> Macros<'f> {
    /// The macros in these files.
    pub(super) fn of(files: &[&'f AttributeFile]) -> Self {
        let off = |name: &str| (name.as_bytes().to_vec(), State::Unset);
        Macros {
            own: files.iter().find(|file| file.folder.is_empty()).map(|file| &file.macros),
            binary: ["diff", "merge", "text"].map(off).to_vec(),
        }
    }

    fn find(&self, name: &[u8]) -> Option<&Assignments> {
        let own = self.own.and_then(|own| own.get(name));
        own.or_else(|| (name == b"binary").then_some(&self.binary))
    }
}

/// Adds assignments, the last one first; known attributes keep their state. A macro that is set adds its own.
fn add(known: &mut Attributes, assignments: &Assignments, macros: &Macros<'_>) {
    for (name, state) in assignments.iter().rev() {
        if known.contains_key(name) {
            continue;
        }
        known.insert(name.clone(), state.clone());
        // Terminates, since each name is inserted once.
        if *state == State::Set
            && let Some(assignments) = macros.find(name)
        {
            add(known, assignments, macros);
        }
    }
}

enum Line {
    Pattern(Pattern, Assignments),
    Macro(Vec<u8>, Assignments),
}

impl Line {
    /// Parses a line. Returns `None` for an empty line or one that Git ignores as a whole.
    fn parse(line: &[u8]) -> Option<Line> {
        let text = skip_blanks(line);
        if text.is_empty() || text.starts_with(b"#") || line.len() >= MAX_LINE_LEN {
            return None;
        }
        let (first, rest) = match unquote(text) {
            Some((first, len)) => (first, &text[len..]),
            None => {
                let (first, rest) = split_word(text);
                (first.to_vec(), rest)
            }
        };
        let assignments = assignments(skip_blanks(rest))?;
        match first.strip_prefix(b"[attr]") {
            Some(name) if !name.is_empty() => {
                let (name, _) = split_word(skip_blanks(name));
                is_name(name).then(|| Line::Macro(name.to_vec(), assignments))
            }
            _ if first.is_empty() || first.starts_with(b"!") => None,
            _ => Some(Line::Pattern(Pattern::parse(&first), assignments)),
        }
    }
}

/// Parses what follows the pattern. Returns `None` when a name is malformed.
fn assignments(mut text: &[u8]) -> Option<Assignments> {
    let mut assignments = Vec::new();
    while !text.is_empty() {
        let (word, rest) = split_word(text);
        text = skip_blanks(rest);
        let equals = word.iter().position(|byte| *byte == b'=');
        let name = &word[..equals.unwrap_or(word.len())];
        let (name, state) = match (name.split_first(), equals) {
            (Some((b'-', name)), _) => (name, State::Unset),
            (Some((b'!', name)), _) => (name, State::Unspecified),
            (_, Some(equals)) => (name, State::Value(word[equals + 1..].to_vec())),
            (_, None) => (name, State::Set),
        };
        if !is_name(name) {
            return None;
        }
        assignments.push((name.to_vec(), state));
    }
    Some(assignments)
}

fn is_name(name: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty() && name[0] != b'-' && name.iter().all(fits)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !is_blank(*byte)).unwrap_or(text.len());
    &text[start..]
}

fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| is_blank(*byte)).unwrap_or(text.len()))
}
