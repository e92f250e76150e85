//! Parses the bytes of a Git tree object.
//!
//! Not parsed by libgit2, which hides what a malicious tree may contain (invalid names, duplicates).
//! The bytes have been checked against their id: see [`super::objects`].
//! Format: entries of `<octal mode> SP <name> NUL <20-byte id>` without separators (Git's
//! documentation, "gitformat" pages and `tree-walk.c`).

use crate::model::content::{FileMode, ObjectId};
use crate::model::finding::EntryKind;

/// The kind of a tree entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    File(FileMode),
    Other(EntryKind),
}

impl Kind {
    fn of_mode(mode: u32) -> Kind {
        match mode & 0o170_000 {
            0o040_000 => Kind::Folder,
            0o100_000 if mode & 0o100 != 0 => Kind::File(FileMode::Executable),
            0o100_000 => Kind::File(FileMode::Regular),
            0o120_000 => Kind::Other(EntryKind::Symlink),
            0o160_000 => Kind::Other(EntryKind::Submodule),
            _ => Kind::Other(EntryKind::Unknown),
        }
    }

    /// Converts the kind for a finding; `None` for a folder.
    pub(super) fn entry_kind(self) -> Option<EntryKind> {
        match self {
            Kind::Folder => None,
            Kind::File(_) => Some(EntryKind::File),
            Kind::Other(kind) => Some(kind),
        }
    }
}

/// One entry of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TreeEntry<'a> {
    pub(super) name: &'a [u8],
    pub(super) kind: Kind,
    pub(super) id: ObjectId,
}

/// Bytes that are not a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tree's bytes are malformed")]
pub(super) struct MalformedTree;

/// Parses all entries, in the order they are stored.
pub(super) fn parse(mut bytes: &[u8]) -> Result<Vec<TreeEntry<'_>>, MalformedTree> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (mode, rest) = split_at_byte(bytes, b' ')?;
        let (name, rest) = split_at_byte(rest, 0)?;
        let (id, rest) = rest.split_first_chunk::<20>().ok_or(MalformedTree)?;
        entries.push(TreeEntry {
            name,
            kind: Kind::of_mode(parse_octal(mode)?),
            id: ObjectId(*id),
        });
        bytes = rest;
    }
    Ok(entries)
}

fn split_at_byte(bytes: &[u8], separator: u8) -> Result<(&[u8], &[u8]), MalformedTree> {
    let at = bytes.iter().position(|byte| *byte == separator).ok_or(MalformedTree)?;
    Ok((&bytes[..at], &bytes[at + 1..]))
}

fn parse_octal(digits: &[u8]) -> Result<u32, MalformedTree> {
    if digits.is_empty() || digits.len() > 10 {
        return Err(MalformedTree);
    }
    digits.iter().try_fold(0, |value, digit| match digit {
        b'0'..=b'7' => Ok(value << 3 | u32::from(digit - b'0')),
        _ => Err(MalformedTree),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mode: &str, name: &str) -> Vec<u8> {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[7; 20]].concat()
    }

    #[test]
    fn kinds_follow_the_mode() {
        let rows = [
            ("40000", Kind::Folder),
            ("040000", Kind::Folder),
            ("100644", Kind::File(FileMode::Regular)),
            ("100664", Kind::File(FileMode::Regular)),
            ("100755", Kind::File(FileMode::Executable)),
            ("120000", Kind::Other(EntryKind::Symlink)),
            ("160000", Kind::Other(EntryKind::Submodule)),
            ("10644", Kind::Other(EntryKind::Unknown)),
            ("0", Kind::Other(EntryKind::Unknown)),
        ];
        for (mode, kind) in rows {
            let bytes = entry(mode, "x");
            let expected = TreeEntry { name: b"x", kind, id: ObjectId([7; 20]) };
            assert_eq!(parse(&bytes), Ok(vec![expected]), "mode {mode}");
        }
    }

    #[test]
    fn malformed_trees_are_rejected() {
        let whole = [entry("100644", "a"), entry("40000", "b")].concat();
        assert_eq!(parse(&whole).map(|entries| entries.len()), Ok(2));
        assert_eq!(parse(b""), Ok(vec![]));
        for cut in 1..whole.len() {
            if cut != whole.len() / 2 + 1 && cut != entry("100644", "a").len() {
                assert_eq!(parse(&whole[..cut]), Err(MalformedTree), "cut at {cut}");
            }
        }
        for mode in ["", "8", "77777777777", "-1"] {
            assert_eq!(parse(&entry(mode, "x")), Err(MalformedTree), "mode {mode:?}");
        }
    }
}
