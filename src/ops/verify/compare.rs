//! Compares what v2 should hold of a revision with what its archive holds.
//!
//! Pure: two lists of files in, mismatches out. What is wrong with an entry itself was told by who
//! read it; a path that is told of so is not told of again.

use std::collections::BTreeSet;

use super::blobs::BlobFacts;
use super::truth::WantedCopy;
use crate::model::content::{FileEntry, ObjectId, escape, merge_sorted};
use crate::model::mismatch::{MismatchKind, PathMismatch};

/// A file of an archive, below the revision's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FoundFile {
    /// Its path below the revision's folder.
    pub(super) path: Box<str>,
    /// Its length in bytes, as far as it was read; else as the archive declares it.
    pub(super) len: u64,
    /// What is known of its bytes.
    pub(super) bytes: FoundBytes,
}

/// What is known of a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FoundBytes {
    /// Nothing: v1 has no file of this length at this path.
    Unread,
    /// The checksum that the archive's central directory declares.
    Crc32(u32),
    /// The id that Git gives them as a blob.
    Blob(ObjectId),
}

/// Tells how an archive's files differ from the wanted ones: from those of the first copy, unless
/// they are those of another. `told` are paths that need not be told of again.
pub(super) fn compare(
    wanted: &[WantedCopy],
    found: &[FoundFile],
    told: &BTreeSet<Box<str>>,
) -> Vec<PathMismatch> {
    let (winner, others) = wanted.split_first().expect("there is a copy that v2 should hold");
    let mismatches = differences(winner, found, told);
    if mismatches.is_empty() {
        return mismatches;
    }
    match others.iter().find(|other| differences(other, found, told).is_empty()) {
        Some(other) => {
            let kind = MismatchKind::OtherCopy { stage: other.stage, expected: winner.stage };
            vec![kind.into()]
        }
        None => mismatches,
    }
}

fn differences(
    wanted: &WantedCopy,
    found: &[FoundFile],
    told: &BTreeSet<Box<str>>,
) -> Vec<PathMismatch> {
    let mut mismatches = Vec::new();
    let mut tell = |path: &str, kind| {
        if !told.contains(path) {
            mismatches.push(PathMismatch { path: Some(escape(path.as_bytes())), kind });
        }
    };
    let mut found: Vec<&FoundFile> = found.iter().collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    let in_order = |(file, _): &(&FileEntry, BlobFacts), there: &&FoundFile| {
        file.path.as_str().cmp(&there.path)
    };
    for pair in merge_sorted(wanted.files(), found, in_order) {
        match pair {
            (Some((file, _)), None) => tell(file.path.as_str(), MismatchKind::FileMissing),
            (None, Some(there)) => tell(&there.path, MismatchKind::FileExtra),
            (Some((file, facts)), Some(there)) => {
                if let Some(kind) = difference(file, facts, there) {
                    tell(&there.path, kind);
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

    /// A blob's length and checksum, by its letter: other blobs have others.
    fn facts(letter: char) -> BlobFacts {
        BlobFacts { len: u64::from(letter as u32), crc32: Some(letter as u32) }
    }

    /// A copy from a text such as `a=x b/c=y`: paths and the letters of their blobs.
    fn copy(stage: Stage, text: &str) -> WantedCopy {
        let files = pairs(text).map(|(path, letter)| FileEntry {
            path: EntryPath::parse(path.as_bytes()).expect("a safe path"),
            mode: FileMode::Regular,
            blob_id: blob(letter),
        });
        let content = Content::new(files.collect()).expect("paths that go together");
        let letters = |id: &ObjectId| char::from(id.0[0]);
        let facts = content.files().iter().map(|file| facts(letters(&file.blob_id))).collect();
        WantedCopy::new(stage, content, facts)
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

    fn lines(told: Vec<PathMismatch>) -> Vec<String> {
        let line = |PathMismatch { path, kind }| {
            let path = path.unwrap_or_else(|| "-".to_owned());
            match kind {
                MismatchKind::FileMissing => format!("missing {path}"),
                MismatchKind::FileExtra => format!("extra {path}"),
                MismatchKind::FileDiffers { .. } => format!("differs {path}"),
                MismatchKind::OtherCopy { stage, expected } => format!("{stage} for {expected}"),
                other => panic!("not from comparing: {other:?}"),
            }
        };
        told.into_iter().map(line).collect()
    }

    #[test]
    fn differences_are_told_by_path() {
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
        for (wanted, found, expected) in rows {
            let wanted = [copy(Stage::Production, wanted)];
            for found in [by_blob(found), by_crc(found)] {
                let told = compare(&wanted, &found, &BTreeSet::new());
                assert_eq!(lines(told), expected, "{wanted:?} {found:?}");
            }
        }
    }

    #[test]
    fn what_was_told_of_is_not_told_again() {
        let wanted = [copy(Stage::Production, "a=x b=y")];
        let told = BTreeSet::from(["a".into()]);
        for (found, expected) in [("b=y", vec![]), ("a=y b=y", vec![]), ("b=x", vec!["differs b"])]
        {
            assert_eq!(lines(compare(&wanted, &by_blob(found), &told)), expected, "{found}");
        }
    }

    #[test]
    fn another_stage_s_copy_is_told_as_such_when_it_is_whole() {
        let wanted = [
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
                assert_eq!(lines(compare(&wanted, &found, &BTreeSet::new())), expected);
            }
        }
    }

    #[test]
    fn a_checksum_counts_only_with_its_length_and_only_where_it_is_known() {
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
            let mut wanted = copy(Stage::Production, "a=x");
            wanted = WantedCopy::new(
                wanted.stage,
                wanted.content.clone(),
                vec![BlobFacts { len: x.len, crc32 }],
            );
            assert_eq!(compare(&[wanted], &found, &BTreeSet::new()).len(), count, "{found:?}");
        }
    }
}
