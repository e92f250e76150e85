//! One row a fault: what was done to v2, and exactly what `verify` says about it.
//!
//! Each row is held at the depths `content` and `entries`. What an archive's own directory does not
//! show cannot be seen at depth `entries`; the row says so.

use std::io::{Cursor, Read};

use package_storage_migrate::proof::{Conclusion, Depth};

use super::lines;
use super::pair::{Files, Pair};
use crate::support::made::{Made, MadeEntry, deflate, deflated, extra, stored, unicode_path};

const HARBOR: &str = "harbor-1.0.0.zip";
const PIER: &str = "pier-2.0.0.zip";
const TIDE: &str = "tide-0.3.0.zip";

/// Whether the fault can be seen without reading files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// It is in the central directory, or in the listing.
    ByEntries,
    /// It is not.
    ByContentOnly,
}
use Seen::{ByContentOnly, ByEntries};

type Row = (&'static str, fn(&mut Files), Seen, &'static [&'static str]);

/// What is done to the folder, or to whole archives.
const FOLDER_ROWS: &[Row] = &[
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
    ("a byte appended", |v2| harbor(v2).push(0), ByEntries, UNREADABLE),
    ("a byte before it", |v2| harbor(v2).insert(0, 0), ByEntries, UNREADABLE),
    (
        "a byte cut off",
        |v2| {
            harbor(v2).pop().expect("a byte");
        },
        ByEntries,
        UNREADABLE,
    ),
    (
        "half of it cut off",
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
        "a signature beside its archive, which nobody asked about",
        |v2| drop(v2.insert("pier-2.0.0.zip.sig".into(), b"?".to_vec())),
        ByEntries,
        &[],
    ),
    (
        "a file that is no archive",
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

/// What is done to an archive that is made by hand of the same files.
const ARCHIVE_ROWS: &[Row] = &[
    ("the same files, stored, without folders", |v2| make(v2, |_| {}), ByEntries, &[]),
    ("in another order", |v2| make(v2, |zip| zip.entries.reverse()), ByEntries, &[]),
    (
        "with other times, modes, systems and comments",
        |v2| {
            make(v2, |zip| {
                zip.comment = b"made by hand".to_vec();
                for entry in &mut zip.entries {
                    entry.both(|header| header.time = 0x5a_3c12);
                    (entry.made_by, entry.attributes) = (0, 0o100_600 << 16);
                    entry.comment = b"?".to_vec();
                }
            });
        },
        ByEntries,
        &[],
    ),
    (
        "with folders, also such as v1 does not have",
        |v2| {
            make(v2, |zip| {
                let folders = ["harbor-1.0.0/", "harbor-1.0.0/docs/", "harbor-1.0.0/empty/"];
                zip.entries.extend(folders.map(|name| stored(name, b"")));
            });
        },
        ByEntries,
        &[],
    ),
    (
        "with data descriptors",
        |v2| {
            make(v2, |zip| {
                let entries = std::mem::take(&mut zip.entries).into_iter();
                zip.entries = entries.map(|e| e.with_descriptor(b"PK\x07\x08", false)).collect();
            });
        },
        ByEntries,
        &[],
    ),
    (
        "a file missing",
        |v2| make(v2, |zip| drop(zip.entries.remove(index(zip, "docs/README.md")))),
        ByEntries,
        &["file-missing harbor-1.0.0.zip docs/README.md"],
    ),
    (
        "an empty file missing",
        |v2| make(v2, |zip| drop(zip.entries.remove(index(zip, "empty.txt")))),
        ByEntries,
        &["file-missing harbor-1.0.0.zip empty.txt"],
    ),
    (
        "all files missing",
        |v2| make(v2, |zip| zip.entries.clear()),
        ByEntries,
        &[
            "file-missing harbor-1.0.0.zip docs/README.md",
            "file-missing harbor-1.0.0.zip empty.txt",
            "file-missing harbor-1.0.0.zip img/noise.bin",
            "file-missing harbor-1.0.0.zip manifest.yml",
            "file-missing harbor-1.0.0.zip song.txt",
        ],
    ),
    (
        "a file added",
        |v2| make(v2, |zip| zip.entries.push(stored("harbor-1.0.0/docs/MORE.md", b"more"))),
        ByEntries,
        &["file-extra harbor-1.0.0.zip docs/MORE.md"],
    ),
    (
        "an empty file added",
        |v2| make(v2, |zip| zip.entries.push(stored("harbor-1.0.0/.keep", b""))),
        ByEntries,
        &["file-extra harbor-1.0.0.zip .keep"],
    ),
    (
        "a file renamed",
        |v2| make(v2, |zip| name(zip, "docs/README.md", "docs/LIESMICH.md")),
        ByEntries,
        &[
            "file-extra harbor-1.0.0.zip docs/LIESMICH.md",
            "file-missing harbor-1.0.0.zip docs/README.md",
        ],
    ),
    (
        "a file renamed in case only",
        |v2| make(v2, |zip| name(zip, "docs/README.md", "docs/readme.md")),
        ByEntries,
        &[
            "file-missing harbor-1.0.0.zip docs/README.md",
            "file-extra harbor-1.0.0.zip docs/readme.md",
        ],
    ),
    (
        "two files swapped",
        |v2| {
            make(v2, |zip| {
                name(zip, "docs/README.md", "manifest.yml.new");
                name(zip, "manifest.yml", "docs/README.md");
                name(zip, "manifest.yml.new", "manifest.yml");
            });
        },
        ByEntries,
        &[
            "file-differs harbor-1.0.0.zip docs/README.md",
            "file-differs harbor-1.0.0.zip manifest.yml",
        ],
    ),
    (
        "other bytes of the same length",
        |v2| make(v2, |zip| set(zip, |bytes| bytes[0] ^= 1, "docs/README.md")),
        ByEntries,
        &["file-differs harbor-1.0.0.zip docs/README.md"],
    ),
    (
        "line ends changed",
        |v2| make(v2, |zip| set(zip, |bytes| bytes.insert(1, b'\r'), "docs/README.md")),
        ByEntries,
        &["file-differs harbor-1.0.0.zip docs/README.md"],
    ),
    (
        "a file emptied",
        |v2| make(v2, |zip| set(zip, |bytes| bytes.clear(), "docs/README.md")),
        ByEntries,
        &["file-differs harbor-1.0.0.zip docs/README.md"],
    ),
    (
        "an entry twice",
        |v2| {
            make(v2, |zip| {
                let again = zip.entries[index(zip, "song.txt")].clone();
                zip.entries.push(again);
            });
        },
        ByEntries,
        &["duplicate-entry harbor-1.0.0.zip song.txt"],
    ),
    (
        "an entry twice, with other bytes",
        |v2| make(v2, |zip| zip.entries.push(stored("harbor-1.0.0/song.txt", b"la la"))),
        ByEntries,
        &["duplicate-entry harbor-1.0.0.zip song.txt"],
    ),
    (
        "a file where a folder is",
        |v2| make(v2, |zip| zip.entries.push(stored("harbor-1.0.0/docs", b"?"))),
        ByEntries,
        &["duplicate-entry harbor-1.0.0.zip docs"],
    ),
    (
        "a name that leaves the folder",
        |v2| make(v2, |zip| zip.entries.push(stored("harbor-1.0.0/../evil", b"?"))),
        ByEntries,
        &["unsafe-entry harbor-1.0.0.zip ../evil"],
    ),
    (
        "a name that leaves the archive",
        |v2| make(v2, |zip| zip.entries.push(stored("../evil", b"?"))),
        ByEntries,
        &["unsafe-entry harbor-1.0.0.zip ../evil"],
    ),
    (
        "an absolute name",
        |v2| make(v2, |zip| zip.entries.push(stored("/etc/passwd", b"?"))),
        ByEntries,
        &["unsafe-entry harbor-1.0.0.zip /etc/passwd"],
    ),
    (
        "a backslash",
        |v2| make(v2, |zip| zip.entries.push(stored("harbor-1.0.0\\evil", b"?"))),
        ByEntries,
        &["unsafe-entry harbor-1.0.0.zip harbor-1.0.0\\\\evil"],
    ),
    (
        "a name that is no UTF-8",
        |v2| make(v2, |zip| zip.entries.push(stored(b"harbor-1.0.0/\xff", b"?"))),
        ByEntries,
        &["unsafe-entry harbor-1.0.0.zip harbor-1.0.0/\\xff"],
    ),
    (
        "a file that is a symlink",
        |v2| make(v2, |zip| entry(zip, "song.txt").attributes = 0o120_777 << 16),
        ByEntries,
        &["unsafe-entry harbor-1.0.0.zip song.txt"],
    ),
    (
        "bzip2",
        |v2| make(v2, |zip| entry(zip, "song.txt").both(|header| header.method = 12)),
        ByEntries,
        &["unsupported-compression harbor-1.0.0.zip song.txt"],
    ),
    (
        "encrypted",
        |v2| make(v2, |zip| entry(zip, "song.txt").both(|header| header.flags |= 1)),
        ByEntries,
        &["archive-unreadable harbor-1.0.0.zip song.txt"],
    ),
    (
        "another root",
        |v2| make(v2, |zip| rename_root(zip, "harbor-1.0.1/")),
        ByEntries,
        &["wrong-root harbor-1.0.0.zip"],
    ),
    ("no root", |v2| make(v2, |zip| rename_root(zip, "")), ByEntries, NO_ROOT),
    (
        "a second root",
        |v2| make(v2, |zip| zip.entries.push(stored("quay/a", b"?"))),
        ByEntries,
        &["wrong-root harbor-1.0.0.zip"],
    ),
    (
        "a second root that is an empty folder",
        |v2| make(v2, |zip| zip.entries.push(stored("quay/", b""))),
        ByEntries,
        &["wrong-root harbor-1.0.0.zip"],
    ),
    (
        "headers that disagree about the method",
        |v2| make(v2, |zip| entry(zip, "song.txt").local.method = 8),
        ByContentOnly,
        &["header-disagreement harbor-1.0.0.zip song.txt"],
    ),
    (
        "headers that disagree about the size",
        |v2| make(v2, |zip| entry(zip, "song.txt").local.len -= 1),
        ByContentOnly,
        &["header-disagreement harbor-1.0.0.zip song.txt"],
    ),
    (
        "headers that agree on a wrong CRC-32",
        |v2| make(v2, |zip| entry(zip, "song.txt").both(|header| header.crc32 ^= 1)),
        ByEntries,
        &["header-disagreement harbor-1.0.0.zip song.txt"],
    ),
    (
        "a data descriptor that disagrees",
        |v2| {
            make(v2, |zip| {
                let at = index(zip, "song.txt");
                zip.entries[at] = zip.entries[at].clone().with_descriptor(b"PK\x07\x08", false);
                zip.entries[at].behind[5] ^= 1;
            });
        },
        ByContentOnly,
        &["header-disagreement harbor-1.0.0.zip song.txt"],
    ),
    (
        "a second name in an extra field",
        |v2| {
            make(v2, |zip| {
                entry(zip, "song.txt").both(|header| {
                    header.extra = unicode_path(&header.name, "harbor-1.0.0/evil.txt");
                });
            });
        },
        ByEntries,
        &["header-disagreement harbor-1.0.0.zip song.txt"],
    ),
    (
        "an extra field that says nothing",
        |v2| {
            make(v2, |zip| {
                entry(zip, "song.txt").both(|header| header.extra = extra(0x5455, &[0; 5]));
            });
        },
        ByEntries,
        &[],
    ),
    (
        "a bomb that says it is as long as v1's file",
        |v2| {
            make(v2, |zip| {
                let at = index(zip, "song.txt");
                let (len, crc32) = (zip.entries[at].central.len, zip.entries[at].central.crc32);
                zip.entries[at] = deflated("harbor-1.0.0/song.txt", &vec![b's'; 20 << 20]);
                zip.entries[at].both(|header| (header.len, header.crc32) = (len, crc32));
            });
        },
        ByContentOnly,
        &["file-differs harbor-1.0.0.zip song.txt"],
    ),
    (
        "a bomb that says how long it is",
        |v2| {
            make(v2, |zip| {
                let at = index(zip, "song.txt");
                zip.entries[at] = deflated("harbor-1.0.0/song.txt", &vec![b's'; 20 << 20]);
            });
        },
        ByEntries,
        &["file-differs harbor-1.0.0.zip song.txt"],
    ),
    (
        "deflated data that ends early",
        |v2| {
            make(v2, |zip| {
                let entry = entry(zip, "song.txt");
                let (data, rest) = (deflate(&entry.data), b"hidden");
                entry.data = [&data[..], rest].concat();
                let stored_len = entry.data.len() as u32;
                entry.both(|header| (header.method, header.stored_len) = (8, stored_len));
            });
        },
        ByContentOnly,
        &["header-disagreement harbor-1.0.0.zip song.txt"],
    ),
    (
        "bytes between entries that no directory lists",
        |v2| make(v2, |zip| entry(zip, "song.txt").behind = b"hidden".to_vec()),
        ByContentOnly,
        &["archive-unreadable harbor-1.0.0.zip song.txt"],
    ),
    (
        "two entries in one place",
        |v2| {
            make(v2, |zip| {
                let copy = entry(zip, "song.txt").clone();
                zip.entries.push(MadeEntry { offset: Some(0), ..copy });
            });
        },
        ByEntries,
        UNREADABLE,
    ),
    (
        "content in a folder",
        |v2| make(v2, |zip| zip.entries.push(stored("harbor-1.0.0/docs/", b"hidden"))),
        ByEntries,
        &["unsafe-entry harbor-1.0.0.zip docs/"],
    ),
    (
        "another stage's copy",
        |v2| make_tide(v2, &[("level.yml", b"staging\n"), ("more.yml", b"more\n")]),
        ByEntries,
        &["other-copy tide-0.3.0.zip"],
    ),
    (
        "a mixture of two stages' copies",
        |v2| make_tide(v2, &[("level.yml", b"production\n"), ("more.yml", b"more\n")]),
        ByEntries,
        &["file-extra tide-0.3.0.zip more.yml"],
    ),
    (
        "neither stage's copy",
        |v2| make_tide(v2, &[("level.yml", b"nowhere\n")]),
        ByEntries,
        &["file-differs tide-0.3.0.zip level.yml"],
    ),
];

const UNREADABLE: &[&str] = &["archive-unreadable harbor-1.0.0.zip"];
/// Files at the top lie in no root, folders at the top in their own.
const NO_ROOT: &[&str] =
    &["wrong-root harbor-1.0.0.zip", "wrong-root harbor-1.0.0.zip", "wrong-root harbor-1.0.0.zip"];

fn pair() -> Pair {
    Pair::migrated(0, |repo| {
        repo.stage("production", |s| {
            s.revision("harbor", "1.0.0", |r| {
                r.manifest()
                    .file("empty.txt", "")
                    .file("img/noise.bin", noise())
                    .file("song.txt", "the sea, ".repeat(99))
            })
            .revision("pier", "2.0.0", |r| r.manifest())
            .revision("tide", "0.3.0", |r| r.manifest().file("level.yml", "production\n"))
        })
        .stage("staging", |s| {
            s.revision("tide", "0.3.0", |r| {
                r.manifest().file("level.yml", "staging\n").file("more.yml", "more\n")
            })
        })
        .stage("snapshot", |s| s)
    })
}

/// Bytes that cannot be deflated.
fn noise() -> Vec<u8> {
    let next = |state: &mut u32| {
        // xorshift32
        *state ^= *state << 13;
        *state ^= *state >> 17;
        *state ^= *state << 5;
        Some((*state >> 24) as u8)
    };
    let mut state = 0x2545_f491;
    std::iter::from_fn(|| next(&mut state)).take(3_000).collect()
}

#[test]
fn every_fault_is_told_exactly_at_every_depth_that_can_see_it() {
    let pair = pair();
    assert!(FOLDER_ROWS.len() + ARCHIVE_ROWS.len() >= 20);
    let mut faults = Vec::new();
    for (row, change, seen, expected) in FOLDER_ROWS.iter().chain(ARCHIVE_ROWS) {
        let mut v2 = pair.archives.clone();
        change(&mut v2);
        for depth in [Depth::Content, Depth::Entries] {
            let outcome = pair.verify(&v2, |options| options.depth = depth);
            let outcome = outcome.unwrap_or_else(|error| panic!("{row}, {depth}: {error}"));
            let is_blind = depth == Depth::Entries && *seen == ByContentOnly;
            let expected: &[&str] = if is_blind { &[] } else { expected };
            let is_match = expected.iter().all(|line| line.starts_with("archive-extra"));
            let found = (lines(&outcome), outcome.conclusion() == Conclusion::Match);
            if found.0 != expected || found.1 != is_match {
                faults.push(format!("{row}, {depth}: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_listing_shows_what_is_there_and_no_more() {
    let pair = pair();
    for (row, change, _, expected) in FOLDER_ROWS.iter().chain(ARCHIVE_ROWS) {
        let mut v2 = pair.archives.clone();
        change(&mut v2);
        let outcome = pair.verify(&v2, |options| options.depth = Depth::Listing);
        let outcome = outcome.unwrap_or_else(|error| panic!("{row}: {error}"));
        let shows = ["archive-missing", "archive-extra", "signature-orphan"];
        let expected: Vec<&&str> = expected
            .iter()
            .filter(|line| shows.iter().any(|code| line.starts_with(code)))
            .collect();
        assert_eq!(lines(&outcome), expected.into_iter().copied().collect::<Vec<_>>(), "{row}");
        assert_eq!(outcome.reading.byte_len, 0, "{row}");
        assert_eq!(outcome.file_count(), 0, "{row}");
    }
}

fn harbor(v2: &mut Files) -> &mut Vec<u8> {
    v2.get_mut(HARBOR).expect("it is there")
}

fn rename(v2: &mut Files, from: &str, to: &str) {
    let bytes = v2.remove(from).expect("it is there");
    v2.insert(to.to_owned(), bytes);
}

/// Where a name stands first, as in its local header.
fn first(archive: &[u8], path: &str) -> usize {
    let name = format!("harbor-1.0.0/{path}");
    archive.windows(name.len()).position(|window| window == name.as_bytes()).expect("a name")
}

/// Where a name stands last, as in the central directory.
fn last(archive: &[u8], path: &str) -> usize {
    let name = format!("harbor-1.0.0/{path}");
    archive.windows(name.len()).rposition(|window| window == name.as_bytes()).expect("a name")
}

/// Flips a bit in the midst of a file's data.
fn flip_data(archive: &mut [u8], path: &str) {
    let header = first(archive, path) - 30;
    let stored_len = u32::from_le_bytes(archive[header + 18..][..4].try_into().expect("4 bytes"));
    let begin = first(archive, path) + "harbor-1.0.0/".len() + path.len();
    archive[begin + stored_len as usize / 2] ^= 1;
}

/// Flips a bit of a local header, of whose layout see APPNOTE 4.3.7.
fn flip_local(archive: &mut [u8], path: &str, at: usize) {
    let header = first(archive, path) - 30;
    archive[header + at] ^= 1;
}

/// Flips a bit of a header in the central directory: APPNOTE 4.3.12.
fn flip_central(archive: &mut [u8], path: &str, at: usize) {
    let header = last(archive, path) - 46;
    archive[header + at] ^= 1;
}

/// Makes the archive of harbor by hand, of the files that the tool's own holds.
fn make(v2: &mut Files, change: impl Fn(&mut Made)) {
    let mut made = Made::of(files(&v2[HARBOR]).iter().map(|(name, bytes)| stored(name, bytes)));
    change(&mut made);
    *harbor(v2) = made.bytes();
}

/// Makes the archive of tide by hand: what the tool's own holds, but for these files.
fn make_tide(v2: &mut Files, others: &[(&str, &[u8])]) {
    let mut tide = files(&v2[TIDE]);
    tide.retain(|(name, _)| !name.ends_with("/level.yml"));
    tide.extend(others.iter().map(|(path, bytes)| (format!("tide-0.3.0/{path}"), bytes.to_vec())));
    let made = Made::of(tide.iter().map(|(name, bytes)| stored(name, bytes)));
    v2.insert(TIDE.to_owned(), made.bytes());
}

/// An archive's files by name, as another reader sees them.
fn files(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let read = |index| {
        let mut entry = zip.by_index(index).expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("a whole file");
        (entry.name().expect("a name").into_owned(), bytes)
    };
    let count = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive").len();
    (0..count).map(read).filter(|(name, _)| !name.ends_with('/')).collect()
}

fn index(zip: &Made, path: &str) -> usize {
    let name = format!("harbor-1.0.0/{path}");
    let found = zip.entries.iter().position(|entry| entry.central.name == name.as_bytes());
    found.expect("an entry")
}

fn entry<'z>(zip: &'z mut Made, path: &str) -> &'z mut MadeEntry {
    let at = index(zip, path);
    &mut zip.entries[at]
}

fn name(zip: &mut Made, path: &str, other: &str) {
    let other = format!("harbor-1.0.0/{other}").into_bytes();
    entry(zip, path).both(|header| header.name = other.clone());
}

/// Puts other bytes for a stored file's.
fn set(zip: &mut Made, change: fn(&mut Vec<u8>), path: &str) {
    let entry = entry(zip, path);
    let mut bytes = entry.data.clone();
    change(&mut bytes);
    *entry = stored(entry.central.name.clone(), &bytes);
}

fn rename_root(zip: &mut Made, root: &str) {
    for entry in &mut zip.entries {
        entry.both(|header| {
            let path = header.name.strip_prefix(b"harbor-1.0.0/").expect("below the root");
            header.name = [root.as_bytes(), path].concat();
        });
    }
}
