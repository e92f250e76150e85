//! Compares the expected files of a revision with the files in its archive.
//!
//! Pure: two lists of files in, mismatches out. A faulty entry was already reported by `inspect`; its
//! path is not reported again.

use std::collections::BTreeSet;

use super::blobs::BlobFacts;
use super::truth::ExpectedCopy;
use crate::model::content::{FileEntry, ObjectId, escape, merge_sorted};
use crate::model::mismatch::{MismatchKind, PathMismatch};

/// A file of an archive, below the revision's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FoundFile {
    /// Its path below the revision's folder.
    pub(super) path: Box<str>,
    /// Its size in bytes: the actual one if the file was read, otherwise the declared one.
    pub(super) len: u64,
    /// How its bytes are identified.
    pub(super) bytes: FoundBytes,
}

/// How the bytes of a file are identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FoundBytes {
    /// Not at all: the file was not, or not completely, read.
    Unread,
    /// By the CRC-32 in the archive's central directory.
    Crc32(u32),
    /// By their Git blob id.
    Blob(ObjectId),
}

/// Returns how an archive's files differ from the first of the `expected` copies; if they are exactly
/// those of another copy, only that is reported. Paths in `reported` are not reported again.
pub(super) fn compare(
    expected: &[ExpectedCopy],
    found: &[FoundFile],
    reported: &BTreeSet<Box<str>>,
) -> Vec<PathMismatch> {
    let (winner, others) = expected.split_first().expect("there is an expected copy");
    let mismatches = differences(winner, found, reported);
    if mismatches.is_empty() {
        return mismatches;
    }
    match others.iter().find(|other| differences(other, found, reported).is_empty()) {
        Some(other) => {
            let kind = MismatchKind::OtherCopy { stage: other.stage, expected: winner.stage };
            vec![kind.into()]
        }
        None => mismatches,
    }
}

fn differences(
    expected: &ExpectedCopy,
    found: &[FoundFile],
    reported: &BTreeSet<Box<str>>,
) -> Vec<PathMismatch> {
    let mut mismatches = Vec::new();
    let mut report = |path: &str, kind| {
        if !reported.contains(path) {
            mismatches.push(PathMismatch { path: Some(escape(path.as_bytes())), kind });
        }
    };
    let mut found: Vec<&FoundFile> = found.iter().collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    let by_path = |(file, _): &(&FileEntry, BlobFacts), found: &&FoundFile| {
        file.path.as_str().cmp(&found.path)
    };
    for pair in merge_sorted(expected.files(), found, by_path) {
        match pair {
            (Some((file, _)), None) => report(file.path.as_str(), MismatchKind::FileMissing),
            (None, Some(found)) => report(&found.path, MismatchKind::FileExtra),
            (Some((file, facts)), Some(found)) => {
                if let Some(kind) = difference(file, facts, found) {
                    report(&found.path, kind);
                }
            }
            (None, None) => {}
        }
    }
    mismatches
}

fn difference(file: &FileEntry, facts: BlobFacts, found: &FoundFile) -> Option<MismatchKind> {
    let found_id = match found.bytes {
        FoundBytes::Unread => None,
        FoundBytes::Crc32(crc32) => {
            let is_same = found.len == facts.len && facts.crc32 == Some(crc32);
            is_same.then_some(file.blob_id)
        }
        FoundBytes::Blob(blob_id) => Some(blob_id),
    };
    (found_id != Some(file.blob_id)).then_some(MismatchKind::FileDiffers {
        expected: file.blob_id,
        found: found_id,
        expected_len: Some(facts.len),
        found_len: found.len,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::content::{Content, EntryPath, FileMode};
    use crate::model::package::Stage;

    fn blob(letter: char) -> ObjectId {
        ObjectId([letter as u8; 20])
    }

    /// Returns a size and checksum that are distinct for each letter.
    fn facts(letter: char) -> BlobFacts {
        BlobFacts { len: u64::from(letter as u32), crc32: Some(letter as u32) }
    }

    /// Creates a copy from a text such as `a=x b/c=y`: paths and the letters of their blobs.
    fn copy(stage: Stage, text: &str) -> ExpectedCopy {
        let files = pairs(text).map(|(path, letter)| FileEntry {
            path: EntryPath::parse(path.as_bytes()).expect("a safe path"),
            mode: FileMode::Regular,
            blob_id: blob(letter),
        });
        let content = Content::new(files.collect()).expect("compatible paths");
        let letters = |id: &ObjectId| char::from(id.0[0]);
        let facts = content.files().iter().map(|file| facts(letters(&file.blob_id))).collect();
        ExpectedCopy::new(stage, content, facts)
    }

    fn pairs(text: &str) -> impl Iterator<Item = (&str, char)> {
        text.split_whitespace().map(|pair| {
            let (path, letter) = pair.split_once('=').expect("path=letter");
            (path, letter.chars().next().expect("a letter"))
        })
    }

    fn by_blob(text: &str) -> Vec<FoundFile> {
        let found = |(path, letter): (&str, char)| FoundFile {
            path: path.into(),
            len: facts(letter).len,
            bytes: FoundBytes::Blob(blob(letter)),
        };
        pairs(text).map(found).collect()
    }

    fn by_crc(text: &str) -> Vec<FoundFile> {
        let found = |(path, letter): (&str, char)| FoundFile {
            path: path.into(),
            len: facts(letter).len,
            bytes: FoundBytes::Crc32(letter as u32),
        };
        pairs(text).map(found).collect()
    }

    fn lines(mismatches: Vec<PathMismatch>) -> Vec<String> {
        let line = |PathMismatch { path, kind }| {
            let path = path.unwrap_or_else(|| "-".to_owned());
            match kind {
                MismatchKind::FileMissing => format!("missing {path}"),
                MismatchKind::FileExtra => format!("extra {path}"),
                MismatchKind::FileDiffers { .. } => format!("differs {path}"),
                MismatchKind::OtherCopy { stage, expected } => format!("{stage} for {expected}"),
                other => panic!("unexpected kind: {other:?}"),
            }
        };
        mismatches.into_iter().map(line).collect()
    }

    #[test]
    fn differences_are_reported_by_path() {
        let rows: [(&str, &str, &[&str]); 12] = [
            ("a=x b/c=y", "a=x b/c=y", &[]),
            ("a=x b/c=y", "b/c=y a=x", &[]),
            ("", "", &[]),
            ("a=x b/c=y", "a=x", &["missing b/c"]),
            ("a=x", "a=x b/c=y", &["extra b/c"]),
            ("a=x b/c=y", "a=x b/c=x", &["differs b/c"]),
            ("a=x b/c=y", "a=y b/c=x", &["differs a", "differs b/c"]),
            ("a=x b/c=y", "A=x b/c=y", &["extra A", "missing a"]),
            ("a=x b/c=y", "a=x b=y", &["extra b", "missing b/c"]),
            ("a=x", "", &["missing a"]),
            ("a.b/x=x a/x=y", "a.b/x=x a/x=y", &[]),
            ("a=x", "a=x a=y", &["extra a"]),
        ];
        for (v1, v2, expected) in rows {
            let copies = [copy(Stage::Production, v1)];
            for found in [by_blob(v2), by_crc(v2)] {
                let mismatches = compare(&copies, &found, &BTreeSet::new());
                assert_eq!(lines(mismatches), expected, "{copies:?} {found:?}");
            }
        }
    }

    #[test]
    fn reported_paths_are_not_reported_again() {
        let copies = [copy(Stage::Production, "a=x b=y")];
        let reported = BTreeSet::from(["a".into()]);
        for (found, expected) in [("b=y", vec![]), ("a=y b=y", vec![]), ("b=x", vec!["differs b"])]
        {
            assert_eq!(lines(compare(&copies, &by_blob(found), &reported)), expected, "{found}");
        }
    }

    #[test]
    fn a_complete_copy_of_another_stage_is_reported_as_such() {
        let copies = [
            copy(Stage::Production, "a=x"),
            copy(Stage::Staging, "a=y"),
            copy(Stage::Snapshot, "a=y b=z"),
        ];
        let rows: [(&str, &[&str]); 5] = [
            ("a=x", &[]),
            ("a=y", &["staging for production"]),
            ("a=y b=z", &["snapshot for production"]),
            ("a=z", &["differs a"]),
            ("a=x b=z", &["extra b"]),
        ];
        for (found, expected) in rows {
            for found in [by_blob(found), by_crc(found)] {
                assert_eq!(lines(compare(&copies, &found, &BTreeSet::new())), expected);
            }
        }
    }

    #[test]
    fn a_checksum_matches_only_with_its_size_and_only_if_it_is_known() {
        let found = |len, bytes| [FoundFile { path: "a".into(), len, bytes }];
        let x = facts('x');
        let crc = FoundBytes::Crc32('x' as u32);
        let rows = [
            (Some('x' as u32), found(x.len, crc), 0),
            (Some('x' as u32), found(x.len + 1, crc), 1),
            (Some('x' as u32), found(x.len, FoundBytes::Crc32(7)), 1),
            (None, found(x.len, crc), 1),
            (None, found(x.len, FoundBytes::Unread), 1),
            (None, found(x.len, FoundBytes::Blob(blob('x'))), 0),
        ];
        for (crc32, found, count) in rows {
            let mut expected = copy(Stage::Production, "a=x");
            expected = ExpectedCopy::new(
                expected.stage,
                expected.content.clone(),
                vec![BlobFacts { len: x.len, crc32 }],
            );
            assert_eq!(compare(&[expected], &found, &BTreeSet::new()).len(), count, "{found:?}");
        }
    }
}
