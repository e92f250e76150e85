//! Faults in an archive that is built by hand from the files in v1.

use std::io::{Cursor, Read};

use super::{ByContentOnly, ByEntries, HARBOR, Row, TIDE, UNREADABLE, harbor};
use crate::support::made::{Made, MadeEntry, deflate, deflated, extra, stored, unicode_path};
use crate::verify::pair::Files;

/// Changes to an archive that is built by hand from the same files.
pub(super) const ROWS: &[Row] = &[
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
        "with folders, also some that v1 does not have",
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
    // What bsdtar writes to a pipe; nothing else is reported.
    (
        "zeros after the end",
        |v2| make(v2, |zip| zip.after = vec![0; 4096]),
        ByEntries,
        &["stray-bytes harbor-1.0.0.zip"],
    ),
    (
        "zeros after the end, and a file missing",
        |v2| {
            make(v2, |zip| {
                zip.after = vec![0; 4096];
                drop(zip.entries.remove(index(zip, "empty.txt")));
            });
        },
        ByEntries,
        &["stray-bytes harbor-1.0.0.zip", "file-missing harbor-1.0.0.zip empty.txt"],
    ),
    (
        "a script before the archive, with unchanged offsets",
        |v2| {
            let archive = v2.get_mut(HARBOR).expect("the archive");
            *archive = [b"#!/bin/sh\n", &archive[..]].concat();
        },
        ByEntries,
        &["stray-bytes harbor-1.0.0.zip"],
    ),
    (
        "zeros before the archive, with adjusted offsets",
        |v2| make(v2, |zip| zip.before = vec![0; 512]),
        ByEntries,
        &["stray-bytes harbor-1.0.0.zip"],
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
        "line endings changed",
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
        "a name that is not UTF-8",
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
                zip.entries[at].after[5] ^= 1;
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
        "a timestamp in an extra field",
        |v2| {
            make(v2, |zip| {
                entry(zip, "song.txt").both(|header| header.extra = extra(0x5455, &[0; 5]));
            });
        },
        ByEntries,
        &[],
    ),
    (
        "a decompression bomb with the size of v1's file",
        |v2| {
            make(v2, |zip| {
                let at = index(zip, "song.txt");
                let (len, crc32) = (zip.entries[at].central.len, zip.entries[at].central.crc32);
                zip.entries[at] = deflated("harbor-1.0.0/song.txt", &vec![b's'; 4 << 20]);
                zip.entries[at].both(|header| (header.len, header.crc32) = (len, crc32));
            });
        },
        ByContentOnly,
        &["file-differs harbor-1.0.0.zip song.txt"],
    ),
    (
        "a decompression bomb with its true size",
        |v2| {
            make(v2, |zip| {
                let at = index(zip, "song.txt");
                zip.entries[at] = deflated("harbor-1.0.0/song.txt", &vec![b's'; 4 << 20]);
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
        "unlisted bytes between entries",
        |v2| make(v2, |zip| entry(zip, "song.txt").after = b"hidden".to_vec()),
        ByContentOnly,
        &["stray-bytes harbor-1.0.0.zip song.txt"],
    ),
    (
        "two entries at the same offset",
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
        &["unsafe-entry harbor-1.0.0.zip docs"],
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

/// Files at the top level are in no root folder; folders there are root folders themselves.
const NO_ROOT: &[&str] =
    &["wrong-root harbor-1.0.0.zip", "wrong-root harbor-1.0.0.zip", "wrong-root harbor-1.0.0.zip"];

/// Builds the archive of `harbor` by hand from the files in the tool's archive.
fn make(v2: &mut Files, change: impl Fn(&mut Made)) {
    let mut made = Made::of(files(&v2[HARBOR]).iter().map(|(name, bytes)| stored(name, bytes)));
    change(&mut made);
    *harbor(v2) = made.bytes();
}

/// Builds the archive of `tide` by hand from the files in the tool's archive, with `others` replaced.
fn make_tide(v2: &mut Files, others: &[(&str, &[u8])]) {
    let mut tide = files(&v2[TIDE]);
    tide.retain(|(name, _)| !name.ends_with("/level.yml"));
    tide.extend(others.iter().map(|(path, bytes)| (format!("tide-0.3.0/{path}"), bytes.to_vec())));
    let made = Made::of(tide.iter().map(|(name, bytes)| stored(name, bytes)));
    v2.insert(TIDE.to_owned(), made.bytes());
}

/// Returns an archive's files by name, as read by another implementation.
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

/// Changes the bytes of a stored file.
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
