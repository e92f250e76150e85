//! Faults in a folder of archives, or in the bytes of an archive made by the tool.

use super::{ByContentOnly, ByEntries, HARBOR, PIER, Row, STRAY, UNREADABLE, harbor};
use crate::verify::pair::Files;

/// Changes to the folder, or to whole archives.
pub(super) const ROWS: &[Row] = &[
    ("nothing", |_| {}, ByEntries, &[]),
    (
        "an archive removed",
        |v2| drop(v2.remove(PIER)),
        ByEntries,
        &["archive-missing pier-2.0.0.zip"],
    ),
    (
        "an archive added",
        |v2| drop(v2.insert("quay-1.0.0.zip".into(), v2[PIER].clone())),
        ByEntries,
        &["archive-extra quay-1.0.0.zip"],
    ),
    (
        "an archive under another version",
        |v2| rename(v2, PIER, "pier-2.0.1.zip"),
        ByEntries,
        &["archive-missing pier-2.0.0.zip", "archive-extra pier-2.0.1.zip"],
    ),
    (
        "an archive renamed in case only",
        |v2| rename(v2, PIER, "Pier-2.0.0.zip"),
        ByEntries,
        &["archive-extra Pier-2.0.0.zip", "archive-missing pier-2.0.0.zip"],
    ),
    (
        "two archives swapped",
        |v2| {
            let (harbor, pier) = (v2[HARBOR].clone(), v2[PIER].clone());
            v2.extend([(HARBOR.to_owned(), pier), (PIER.to_owned(), harbor)]);
        },
        ByEntries,
        &["wrong-root harbor-1.0.0.zip", "wrong-root pier-2.0.0.zip"],
    ),
    ("an empty file", |v2| harbor(v2).clear(), ByEntries, UNREADABLE),
    ("a text", |v2| *harbor(v2) = b"<html>404</html>".to_vec(), ByEntries, UNREADABLE),
    ("a byte appended", |v2| harbor(v2).push(0), ByEntries, STRAY),
    ("a byte before the archive", |v2| harbor(v2).insert(0, 0), ByEntries, STRAY),
    (
        "the last byte cut off",
        |v2| {
            harbor(v2).pop().expect("a byte");
        },
        ByEntries,
        UNREADABLE,
    ),
    (
        "half of the archive cut off",
        |v2| {
            let len = harbor(v2).len() / 2;
            harbor(v2).truncate(len);
        },
        ByEntries,
        UNREADABLE,
    ),
    (
        "the archive twice in one file",
        |v2| {
            let twice = v2[HARBOR].repeat(2);
            *harbor(v2) = twice;
        },
        ByEntries,
        UNREADABLE,
    ),
    (
        "a byte of stored data flipped",
        |v2| flip_data(harbor(v2), "img/noise.bin"),
        ByContentOnly,
        &["file-differs harbor-1.0.0.zip img/noise.bin"],
    ),
    (
        "a byte of deflated data flipped",
        |v2| flip_data(harbor(v2), "song.txt"),
        ByContentOnly,
        &["file-differs harbor-1.0.0.zip song.txt"],
    ),
    (
        "a byte flipped in a CRC-32 of the central directory",
        |v2| flip_central(harbor(v2), "song.txt", 16),
        ByEntries,
        &["header-disagreement harbor-1.0.0.zip song.txt"],
    ),
    (
        "a byte flipped in a size of the central directory",
        |v2| flip_central(harbor(v2), "song.txt", 24),
        ByEntries,
        &["header-disagreement harbor-1.0.0.zip song.txt"],
    ),
    (
        "a byte flipped in a name of the central directory",
        |v2| flip_central(harbor(v2), "song.txt", 46),
        ByEntries,
        &[
            "header-disagreement harbor-1.0.0.zip iarbor-1.0.0/song.txt",
            "file-missing harbor-1.0.0.zip song.txt",
        ],
    ),
    (
        "a byte flipped in the signature of the central directory",
        |v2| flip_central(harbor(v2), "song.txt", 0),
        ByEntries,
        UNREADABLE,
    ),
    (
        "a byte flipped in a CRC-32 of a local header",
        |v2| flip_local(harbor(v2), "song.txt", 14),
        ByContentOnly,
        &["header-disagreement harbor-1.0.0.zip song.txt"],
    ),
    (
        "a byte flipped in a name of a local header",
        |v2| flip_local(harbor(v2), "song.txt", 31),
        ByContentOnly,
        &["header-disagreement harbor-1.0.0.zip song.txt"],
    ),
    (
        "a byte flipped in the signature of a local header",
        |v2| flip_local(harbor(v2), "song.txt", 0),
        ByContentOnly,
        &["archive-unreadable harbor-1.0.0.zip song.txt"],
    ),
    (
        "a signature without its archive",
        |v2| drop(v2.insert("quay-1.0.0.zip.sig".into(), b"?".to_vec())),
        ByEntries,
        &["signature-orphan quay-1.0.0.zip.sig"],
    ),
    (
        "a signature next to its archive, without keys to check it",
        |v2| drop(v2.insert("pier-2.0.0.zip.sig".into(), b"?".to_vec())),
        ByEntries,
        &[],
    ),
    (
        "a file that is not an archive",
        |v2| drop(v2.insert("notes.txt".into(), b"?".to_vec())),
        ByEntries,
        &["archive-extra notes.txt"],
    ),
    (
        "lock and temporary files of a migration",
        |v2| {
            for name in [".package-storage-migrate.lock", ".package-storage-migrate-x1.tmp"] {
                v2.insert(name.to_owned(), Vec::new());
            }
        },
        ByEntries,
        &[],
    ),
];

fn rename(v2: &mut Files, from: &str, to: &str) {
    let bytes = v2.remove(from).expect("it is there");
    v2.insert(to.to_owned(), bytes);
}

/// Returns the first position of a name: in its local header.
fn first(archive: &[u8], path: &str) -> usize {
    let name = format!("harbor-1.0.0/{path}");
    archive.windows(name.len()).position(|window| window == name.as_bytes()).expect("a name")
}

/// Returns the last position of a name: in the central directory.
fn last(archive: &[u8], path: &str) -> usize {
    let name = format!("harbor-1.0.0/{path}");
    archive.windows(name.len()).rposition(|window| window == name.as_bytes()).expect("a name")
}

/// Flips a bit in the middle of a file's data.
fn flip_data(archive: &mut [u8], path: &str) {
    let header = first(archive, path) - 30;
    let stored_len = u32::from_le_bytes(archive[header + 18..][..4].try_into().expect("4 bytes"));
    let begin = first(archive, path) + "harbor-1.0.0/".len() + path.len();
    archive[begin + stored_len as usize / 2] ^= 1;
}

/// Flips a bit of a local header (APPNOTE 4.3.7).
fn flip_local(archive: &mut [u8], path: &str, at: usize) {
    let header = first(archive, path) - 30;
    archive[header + at] ^= 1;
}

/// Flips a bit of a header in the central directory (APPNOTE 4.3.12).
fn flip_central(archive: &mut [u8], path: &str, at: usize) {
    let header = last(archive, path) - 46;
    archive[header + at] ^= 1;
}
