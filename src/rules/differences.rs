//! Classifies the differences between two copies of a revision, and renders a short diff.
//!
//! The class depends on the paths, and on the bytes if only line endings may differ. The first lines of
//! the first small text files are shown as unified diffs. Everything is bounded, so that a huge or
//! malicious copy stays cheap.

use std::fmt::Write;

use similar::TextDiff;

use crate::model::content::{Content, ContentDiff, EntryPath, ObjectId, escape, is_hidden};
use crate::model::finding::ConflictClass;
use crate::model::package::Stage;

/// The maximum size of a file that is compared for line endings, in bytes; the class of a larger file
/// depends on its path alone.
pub const MAX_COMPARED_LEN: usize = 1 << 20;

/// The maximum size of a file that is shown, in bytes and in lines.
const MAX_SHOWN_LEN: usize = 64 << 10;
const MAX_SHOWN_LINE_COUNT: usize = 2_000;
/// The number of files that are shown, of lines per file, and of characters per line.
const SHOWN_FILE_COUNT: usize = 3;
const SHOWN_LINE_COUNT: usize = 40;
const SHOWN_LINE_LEN: usize = 160;

/// The bytes of a blob, if it is small enough to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobBytes {
    /// All bytes, at most [`MAX_COMPARED_LEN`].
    Small(Vec<u8>),
    /// The blob is larger than [`MAX_COMPARED_LEN`].
    Large,
    /// The blob cannot be read. If the winner needs it, that is a separate finding.
    Unreadable,
}

/// Returns the class of a difference, and a short diff.
///
/// `winner` and `other` are the copies that `diff` compares, with their stages; `read` reads a blob.
pub fn classify(
    diff: &ContentDiff,
    winner: (Stage, &Content),
    other: (Stage, &Content),
    read: &dyn Fn(ObjectId) -> BlobBytes,
) -> (ConflictClass, String) {
    let moved = diff.added.iter().chain(&diff.removed).map(class_of_path);
    let mut class = moved.max().unwrap_or(ConflictClass::LineEndings);
    let mut shown = Shown::default();
    for path in &diff.changed {
        if shown.file_count == SHOWN_FILE_COUNT && class_of_path(path) <= class {
            shown.omitted_count += 1;
            continue;
        }
        let bytes = |content: &Content| {
            content.find(path.as_str()).map_or(BlobBytes::Unreadable, |file| read(file.blob_id))
        };
        match (bytes(winner.1), bytes(other.1)) {
            (BlobBytes::Small(old), BlobBytes::Small(new)) => {
                if !differs_only_in_line_endings(&old, &new) {
                    class = class.max(class_of_path(path));
                }
                shown.add(path, (winner.0, &old), (other.0, &new));
            }
            (BlobBytes::Small(_) | BlobBytes::Large | BlobBytes::Unreadable, _) => {
                class = class.max(class_of_path(path));
                shown.omitted_count += 1;
            }
        }
    }
    (class, shown.finish())
}

/// Returns the class of a file that differs in more than line endings, or that only one copy has:
/// documentation and other files for people are [`ConflictClass::Metadata`] (folders and files of the
/// package-spec).
pub fn class_of_path(path: &EntryPath) -> ConflictClass {
    let path = path.as_str();
    let (top, name) = (path.split('/').next(), path.rsplit('/').next().unwrap_or(path));
    let is_metadata = path == "changelog.yml"
        || (path.contains('/') && matches!(top, Some("docs" | "img")))
        || path.rsplit('/').skip(1).any(|folder| folder == "_dev")
        || name.ends_with(".md")
        || ["LICENSE", "NOTICE"].iter().any(|text| name.starts_with(text));
    if is_metadata { ConflictClass::Metadata } else { ConflictClass::Behaviour }
}

/// Returns whether two texts are equal after replacing CRLF with LF and removing the final line ending.
/// Bytes with a NUL are not text: there, such a difference is corruption.
pub fn differs_only_in_line_endings(left: &[u8], right: &[u8]) -> bool {
    let is_text = |bytes: &[u8]| !bytes.contains(&0);
    is_text(left) && is_text(right) && normalized_lines(left) == normalized_lines(right)
}

fn normalized_lines(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    for (index, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(index + 1) != Some(&b'\n') {
            plain.push(*byte);
        }
    }
    if plain.last() == Some(&b'\n') {
        plain.pop();
    }
    plain
}

/// The diffs that have been rendered so far.
#[derive(Default)]
struct Shown {
    text: String,
    file_count: usize,
    omitted_count: usize,
}

impl Shown {
    fn add(&mut self, path: &EntryPath, old: (Stage, &[u8]), new: (Stage, &[u8])) {
        let texts = (shown_text(old.1), shown_text(new.1));
        let (true, (Some(left), Some(right))) = (self.file_count < SHOWN_FILE_COUNT, texts) else {
            self.omitted_count += 1;
            return;
        };
        self.file_count += 1;
        let path = escape(path.as_str().as_bytes());
        let diff = TextDiff::from_lines(left, right);
        let text = diff
            .unified_diff()
            .header(&format!("{}/{path}", old.0), &format!("{}/{path}", new.0))
            .to_string();
        let mut lines = text.split_terminator('\n');
        for line in lines.by_ref().take(SHOWN_LINE_COUNT) {
            self.add_line(line);
        }
        match lines.count() {
            0 => {}
            omitted => self.add_line(&format!("... {omitted} more lines")),
        }
    }

    fn add_line(&mut self, line: &str) {
        for (index, character) in line.chars().enumerate() {
            if index == SHOWN_LINE_LEN {
                self.text.push_str("...");
                break;
            }
            if character != '\t' && (character.is_control() || is_hidden(character)) {
                self.text.extend(character.escape_default());
            } else {
                self.text.push(character);
            }
        }
        self.text.push('\n');
    }

    fn finish(mut self) -> String {
        if self.omitted_count > 0 {
            let (count, max) = (self.omitted_count, SHOWN_FILE_COUNT);
            writeln!(self.text, "... {count} more changed, not shown: not text, too long, unreadable, or after the first {max}")
                .expect("writing to a String cannot fail");
        }
        self.text
    }
}

fn shown_text(bytes: &[u8]) -> Option<&str> {
    let is_short = bytes.len() <= MAX_SHOWN_LEN
        && bytes.iter().filter(|byte| **byte == b'\n').count() <= MAX_SHOWN_LINE_COUNT;
    let text = if is_short { std::str::from_utf8(bytes).ok()? } else { return None };
    (!text.contains('\0')).then_some(text)
}
