//! What the difference between two copies of one revision is about.
//!
//! The class follows from the paths, and from the bytes where they may show that only line endings
//! differ; the first lines of the first small texts are shown as unified diffs. All is bounded, so
//! that neither a huge nor a hostile copy costs much.

use std::fmt::Write;

use similar::TextDiff;

use crate::model::content::{Content, ContentDiff, EntryPath, ObjectId, escape, is_hidden};
use crate::model::finding::ConflictClass;
use crate::model::package::Stage;

/// The longest file that is compared for its line endings, in bytes; a longer one counts as
/// [`ConflictClass::Behaviour`] unless its path says otherwise.
pub const MAX_COMPARED_LEN: usize = 1 << 20;

/// The longest file that is shown, in bytes and in lines.
const MAX_SHOWN_LEN: usize = 64 << 10;
const MAX_SHOWN_LINE_COUNT: usize = 2_000;
/// Files that are shown, lines of each, and characters of a line.
const SHOWN_FILE_COUNT: usize = 3;
const SHOWN_LINE_COUNT: usize = 40;
const SHOWN_LINE_LEN: usize = 160;

/// The bytes of a blob, as far as they are of use here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobBytes {
    /// All bytes, at most [`MAX_COMPARED_LEN`].
    Small(Vec<u8>),
    /// There are more.
    Large,
    /// They cannot be read. What is missing in the winner is a finding of its own.
    Unreadable,
}

/// Tells what a difference is about, and shows some of it.
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
            shown.left_out_count += 1;
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
                shown.left_out_count += 1;
            }
        }
    }
    (class, shown.finish())
}

/// The class of a file whose bytes differ in more than line endings, or that only one copy has:
/// what is made for people is [`ConflictClass::Metadata`] (folders and files of the package-spec).
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

/// Tells whether two texts are one when each CRLF is an LF and the last line's end does not count.
/// Anything with a NUL is no text: there, such a difference is damage.
pub fn differs_only_in_line_endings(left: &[u8], right: &[u8]) -> bool {
    let is_text = |bytes: &[u8]| !bytes.contains(&0);
    is_text(left) && is_text(right) && with_plain_lines(left) == with_plain_lines(right)
}

fn with_plain_lines(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    for (place, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(place + 1) != Some(&b'\n') {
            plain.push(*byte);
        }
    }
    if plain.last() == Some(&b'\n') {
        plain.pop();
    }
    plain
}

/// The diffs so far.
#[derive(Default)]
struct Shown {
    text: String,
    file_count: usize,
    left_out_count: usize,
}

impl Shown {
    fn add(&mut self, path: &EntryPath, old: (Stage, &[u8]), new: (Stage, &[u8])) {
        let texts = (shown_text(old.1), shown_text(new.1));
        let (true, (Some(left), Some(right))) = (self.file_count < SHOWN_FILE_COUNT, texts) else {
            self.left_out_count += 1;
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
            left_out => self.add_line(&format!("... {left_out} more lines")),
        }
    }

    fn add_line(&mut self, line: &str) {
        for (place, letter) in line.chars().enumerate() {
            if place == SHOWN_LINE_LEN {
                self.text.push_str("...");
                break;
            }
            if letter != '\t' && (letter.is_control() || is_hidden(letter)) {
                self.text.extend(letter.escape_default());
            } else {
                self.text.push(letter);
            }
        }
        self.text.push('\n');
    }

    fn finish(mut self) -> String {
        if self.left_out_count > 0 {
            let (count, most) = (self.left_out_count, SHOWN_FILE_COUNT);
            writeln!(self.text, "... {count} more changed, not shown: no text, too long, unreadable, or past the first {most}")
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
