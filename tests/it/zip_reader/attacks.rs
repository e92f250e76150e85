//! A row for each way to lie: one archive, one change, and exactly what is said about it.
//!
//! Every kind of fault has a row, which the compiler and a test see to.

use std::collections::BTreeSet;

use package_storage_migrate::v2::zip_reader::{
    Fault, FaultKind, MAX_DIRECTORY_LEN, ReadError, list, read_file,
};

use super::read;
use crate::support::made::{
    Made, MadeEntry, Zip64, deflate, deflated, extra, stored, unicode_path, zip64_extra,
};

/// `b/`, `b/a`, `b/song` (deflated) and `b/z`.
fn plain() -> Made {
    Made::of([
        stored("b/", b""),
        stored("b/a", b"ahoi"),
        deflated("b/song", &song()),
        stored("b/z", b"last"),
    ])
}

fn song() -> Vec<u8> {
    b"the sea, ".repeat(99)
}

fn rename(entry: &mut MadeEntry, name: &[u8]) {
    entry.both(|header| header.name = name.to_vec());
}

/// Puts something else for the deflated data, and says so.
fn restore(entry: &mut MadeEntry, data: Vec<u8>) {
    let stored_len = data.len() as u32;
    entry.both(|header| header.stored_len = stored_len);
    entry.data = data;
}

type Change = fn(&mut Made);
type Row = (&'static str, Change, &'static str);

/// Lies about the archive as a whole, which cannot be listed then.
const ARCHIVE_ROWS: &[Row] = &[
    (
        "more junk behind than a comment may be long",
        |zip| zip.behind = vec![0; 65_536],
        "there is no end of a central directory",
    ),
    (
        "an archive behind the archive",
        |zip| zip.behind = Made::of([stored("b/a", b"evil")]).bytes(),
        "385 bytes come before the archive, and its offsets do not count them: the registry, unzip and Python skip them, Kibana does not read the archive",
    ),
    (
        "an end behind that seems to begin",
        |zip| zip.behind = b"PK\x05\x06".to_vec(),
        "the end of the central directory is cut off: 18 bytes are missing",
    ),
    (
        "an end in the comment",
        |zip| zip.comment = Made::default().bytes(),
        "the central directory is said to end at byte 0, but ends at 385",
    ),
    (
        "a comment longer than the file",
        |zip| zip.comment_len = Some(7),
        "the end of the central directory is cut off: 7 bytes are missing",
    ),
    (
        "junk before, which the offsets do not count",
        |zip| {
            zip.before = vec![0; 9];
            zip.directory_offset = Some(165);
        },
        "9 bytes come before the archive, and its offsets do not count them: the registry, unzip and Python skip them, Kibana does not read the archive",
    ),
    ("junk before", |zip| zip.before = vec![0; 9], "9 bytes at 0 belong to no entry"),
    (
        "junk between files and directory",
        |zip| zip.between = vec![0; 70_000],
        "4441 bytes at 65724 belong to no entry",
    ),
    ("a disk number", |zip| zip.disk = 1, "it is said to lie on several disks"),
    (
        "an entry on another disk",
        |zip| zip.entries[1].disk = 1,
        "it is said to lie on several disks",
    ),
    ("more entries in all", |zip| zip.more_entries = 1, "it is said to lie on several disks"),
    (
        "more entries",
        |zip| (zip.more_here, zip.more_entries) = (2, 2),
        "6 entries are declared, but 4 are there",
    ),
    (
        "fewer entries",
        |zip| (zip.more_here, zip.more_entries) = (u16::MAX, u16::MAX),
        "3 entries are declared, but 4 are there",
    ),
    (
        "a shorter directory",
        |zip| zip.directory_len = Some(100),
        "the central directory is said to end at byte 265, but ends at 363",
    ),
    (
        "a directory that begins later",
        |zip| (zip.directory_len, zip.directory_offset) = (Some(188), Some(175)),
        "the central directory is malformed at byte 175",
    ),
    (
        "a directory beyond the file",
        |zip| zip.directory_offset = Some(u32::MAX),
        "the central directory is said to end at byte 4294967493, but ends at 363",
    ),
    (
        "no entry where one must be",
        |zip| zip.entries[1].central_signature = 7,
        "the central directory is malformed at byte 213",
    ),
    (
        "an entry that is all the same as another",
        |zip| zip.entries[3].offset = Some(32),
        "b/z: it shares bytes with entry 1",
    ),
    (
        "an entry inside another one's data",
        |zip| zip.entries[3].offset = Some(60),
        "b/z: it shares bytes with entry 1",
    ),
    (
        "an entry that is longer than there is room",
        |zip| zip.entries[1].both(|header| (header.len, header.stored_len) = (5, 5)),
        "b/song: it shares bytes with entry 1",
    ),
    (
        "a last entry that goes on into the directory",
        |zip| zip.entries[3].both(|header| (header.len, header.stored_len) = (5, 5)),
        "b/z: it is said to lie where the central directory is, or behind it",
    ),
    (
        "an entry beyond the file",
        |zip| zip.entries[3].offset = Some(1 << 30),
        "b/z: it is said to lie where the central directory is, or behind it",
    ),
    (
        "ZIP64 numbers that are nowhere",
        |zip| zip.entries[1].central.stored_len = u32::MAX,
        "the ZIP64 extra field is missing, malformed or contradicted",
    ),
    (
        "a ZIP64 field that is cut off",
        |zip| {
            zip.entries[1].central.stored_len = u32::MAX;
            zip.entries[1].central.extra = extra(1, &[4, 0, 0]);
        },
        "the ZIP64 extra field is missing, malformed or contradicted",
    ),
    (
        "a ZIP64 field that says other things than the header",
        |zip| zip.entries[1].central.extra = zip64_extra(&[9]),
        "the ZIP64 extra field is missing, malformed or contradicted",
    ),
    (
        "two ZIP64 fields",
        |zip| zip.entries[1].central.extra = [zip64_extra(&[4]), zip64_extra(&[4])].concat(),
        "the ZIP64 extra field is missing, malformed or contradicted",
    ),
    (
        "a ZIP64 length beyond all bounds",
        |zip| {
            zip.entries[3].central.stored_len = u32::MAX;
            zip.entries[3].central.extra = zip64_extra(&[u64::MAX - 7]);
        },
        "b/z: it is said to lie where the central directory is, or behind it",
    ),
    (
        "a ZIP64 end somewhere else",
        |zip| zip.zip64 = Some(Zip64 { record_offset: 1, ..Zip64::default() }),
        "the ZIP64 end of the central directory is missing, malformed or contradicted",
    ),
    (
        "a ZIP64 end with an extension",
        |zip| zip.zip64 = Some(Zip64 { record_len: 1, ..Zip64::default() }),
        "the ZIP64 end of the central directory is missing, malformed or contradicted",
    ),
    (
        "a ZIP64 end on another disk",
        |zip| zip.zip64 = Some(Zip64 { disk: 1, ..Zip64::default() }),
        "it is said to lie on several disks",
    ),
    (
        "ZIP64 disks",
        |zip| zip.zip64 = Some(Zip64 { disk_count: 1, ..Zip64::default() }),
        "it is said to lie on several disks",
    ),
    (
        "a ZIP64 end that counts other entries than the end",
        |zip| zip.zip64 = Some(Zip64 { entry_count: 1, ..Zip64::default() }),
        "the ZIP64 number of entries is missing, malformed or contradicted",
    ),
    (
        "a ZIP64 end that knows of another directory than the end",
        |zip| zip.zip64 = Some(Zip64 { directory_len: 1, ..Zip64::default() }),
        "the ZIP64 place of the central directory is missing, malformed or contradicted",
    ),
    (
        "billions of entries",
        |zip| {
            let zip64 = Zip64 { entry_count: 1 << 60, hides_numbers: true, ..Zip64::default() };
            zip.zip64 = Some(zip64);
        },
        "1152921504606846980 entries are declared, but 4 are there",
    ),
    (
        "a directory that ends beyond all numbers",
        |zip| {
            let zip64 =
                Zip64 { directory_len: u64::MAX - 198, hides_numbers: true, ..Zip64::default() };
            zip.zip64 = Some(zip64);
        },
        "the central directory is said to end at byte 18446744073709551615, but ends at 363",
    ),
];

/// Lies about single entries, which a listing tells.
const ENTRY_ROWS: &[Row] = &[
    (
        "junk behind",
        |zip| zip.behind = vec![7],
        "1 bytes come after the end of the archive: the registry, unzip and Python skip them, Kibana does not read the archive",
    ),
    (
        "zeros behind",
        |zip| zip.behind = vec![0; 9000],
        "9000 zero bytes come after the end of the archive: the registry, unzip and Python skip them, Kibana does not read the archive",
    ),
    (
        "as many zeros behind as a comment may be long",
        |zip| zip.behind = vec![0; 65_535],
        "65535 zero bytes come after the end of the archive: the registry, unzip and Python skip them, Kibana does not read the archive",
    ),
    (
        "zeros behind a comment",
        |zip| (zip.comment, zip.behind) = (b"ahoi".to_vec(), vec![0; 9]),
        "9 zero bytes come after the end of the archive: the registry, unzip and Python skip them, Kibana does not read the archive",
    ),
    (
        "a comment that is said to be shorter",
        |zip| (zip.comment, zip.comment_len) = (b"ahoi".to_vec(), Some(1)),
        "3 bytes come after the end of the archive: the registry, unzip and Python skip them, Kibana does not read the archive",
    ),
    (
        "zeros behind, and a lie inside",
        |zip| {
            zip.behind = vec![0; 9];
            zip.entries[1].both(|header| header.flags = 1);
        },
        "9 zero bytes come after the end of the archive: the registry, unzip and Python skip them, Kibana does not read the archive; b/a: it is encrypted or a patch (flags 0x0001)",
    ),
    (
        "a name twice",
        |zip| rename(&mut zip.entries[3], b"b/a"),
        "b/a: the name is there twice: entry 1 has it too",
    ),
    (
        "a name three times",
        |zip| {
            rename(&mut zip.entries[2], b"b/a");
            rename(&mut zip.entries[3], b"b/a");
        },
        "b/a: the name is there twice: entry 1 has it too; b/a: the name is there twice: entry 1 has it too",
    ),
    (
        "a folder twice",
        |zip| zip.entries[3] = stored("b/", b""),
        "b/: the name is there twice: entry 0 has it too",
    ),
    (
        "a file that is a folder too",
        |zip| zip.entries[3] = stored("b/a/", b""),
        "b/a/: it is a file here, and a folder in entry 1",
    ),
    (
        "a file that has a file below it, with another name between",
        |zip| {
            rename(&mut zip.entries[2], b"b/a-b");
            rename(&mut zip.entries[3], b"b/a/b/c");
        },
        "b/a: it is a file here, and a folder in entry 3",
    ),
    (
        "a way out",
        |zip| rename(&mut zip.entries[1], b"../etc/passwd"),
        "../etc/passwd: the name is unsafe: a component is . or ..",
    ),
    (
        "a way out, later",
        |zip| rename(&mut zip.entries[1], b"b/../../a"),
        "b/../../a: the name is unsafe: a component is . or ..",
    ),
    (
        "a folder that is a way out",
        |zip| zip.entries[0] = stored("b/../", b""),
        "b/../: the name is unsafe: a component is . or ..",
    ),
    (
        "an absolute name",
        |zip| rename(&mut zip.entries[1], b"/a"),
        "/a: the name is unsafe: a component is empty",
    ),
    (
        "no name",
        |zip| rename(&mut zip.entries[1], b""),
        ": the name is unsafe: a component is empty",
    ),
    (
        "the root",
        |zip| zip.entries[0] = stored("/", b""),
        "/: the name is unsafe: a component is empty",
    ),
    (
        "two slashes",
        |zip| rename(&mut zip.entries[1], b"b//a"),
        "b//a: the name is unsafe: a component is empty",
    ),
    (
        "two slashes of a folder",
        |zip| zip.entries[0] = stored("b//", b""),
        "b//: the name is unsafe: a component is empty",
    ),
    (
        "this folder",
        |zip| rename(&mut zip.entries[1], b"./b/a"),
        "./b/a: the name is unsafe: a component is . or ..",
    ),
    (
        "a drive",
        |zip| rename(&mut zip.entries[1], b"C:/a"),
        "C:/a: the name is unsafe: it begins with a drive letter",
    ),
    (
        "a drive below the root",
        |zip| rename(&mut zip.entries[1], b"b/C:a"),
        "b/C:a: the name is unsafe: it begins with a drive letter",
    ),
    (
        "a backslash",
        |zip| rename(&mut zip.entries[1], b"b/..\\a"),
        "b/..\\\\a: the name is unsafe: it holds a backslash",
    ),
    (
        "a NUL, where C ends a name",
        |zip| rename(&mut zip.entries[1], b"b/a\0.png"),
        "b/a\\x00.png: the name is unsafe: it holds a control character",
    ),
    (
        "Git's own folder",
        |zip| rename(&mut zip.entries[1], b"b/.GIT/config"),
        "b/.GIT/config: the name is unsafe: a component is .git",
    ),
    (
        "a name in Latin-1",
        |zip| rename(&mut zip.entries[1], b"b/gr\xfc\xdfe"),
        "b/gr\\xfc\\xdfe: the name is unsafe: it is not UTF-8",
    ),
    (
        "another name in Unicode",
        |zip| zip.entries[1].central.extra = unicode_path(b"b/a", "b/evil"),
        "b/a: its headers disagree about the name in Unicode",
    ),
    (
        "another name in Unicode, by the CRC-32 of yet another",
        |zip| zip.entries[1].central.extra = unicode_path(b"b/x", "b/evil"),
        "b/a: its headers disagree about the name in Unicode",
    ),
    (
        "two names in Unicode",
        |zip| {
            zip.entries[1].central.extra =
                [unicode_path(b"b/a", "b/a"), unicode_path(b"b/a", "b/a")].concat();
        },
        "b/a: its headers disagree about the name in Unicode",
    ),
    (
        "a symbolic link",
        |zip| zip.entries[1].attributes = 0o120_777 << 16,
        "b/a: it is a symbolic link",
    ),
    (
        "a symbolic link made by DOS",
        |zip| (zip.entries[1].attributes, zip.entries[1].made_by) = (0o120_777 << 16, 20),
        "b/a: it is a symbolic link",
    ),
    (
        "a device",
        |zip| zip.entries[1].attributes = 0o020_666 << 16,
        "b/a: its attributes (0x21b60000) say that it is no file",
    ),
    (
        "a folder without a slash",
        |zip| zip.entries[1].attributes = 0o040_755 << 16,
        "b/a: its attributes (0x41ed0000) say that it is no file",
    ),
    (
        "a DOS folder without a slash",
        |zip| zip.entries[1].attributes = 0x10,
        "b/a: its attributes (0x00000010) say that it is no file",
    ),
    (
        "bytes of a folder",
        |zip| zip.entries[0] = stored("b/", b"evil"),
        "b/: it is a folder, but has 4 bytes",
    ),
    (
        "encryption",
        |zip| zip.entries[1].both(|header| header.flags = 1),
        "b/a: it is encrypted or a patch (flags 0x0001)",
    ),
    (
        "a patch",
        |zip| zip.entries[1].both(|header| header.flags = 1 << 5),
        "b/a: it is encrypted or a patch (flags 0x0020)",
    ),
    (
        "Zstandard",
        |zip| zip.entries[2].both(|header| header.method = 93),
        "b/song: compression method 93 is not supported",
    ),
    (
        "Deflate64",
        |zip| zip.entries[2].both(|header| header.method = 9),
        "b/song: compression method 9 is not supported",
    ),
    (
        "a stored file of two lengths",
        |zip| zip.entries[1].both(|header| header.len = 7),
        "b/a: its headers disagree about the compressed size",
    ),
];

/// Lies that only reading finds.
const FILE_ROWS: &[Row] = &[
    (
        "no local header",
        |zip| zip.entries[1].local_signature = 7,
        "b/a: there is no local header at byte 32",
    ),
    (
        "another name",
        |zip| zip.entries[1].local.name = b"b/b".to_vec(),
        "b/a: its headers disagree about the name",
    ),
    (
        "the name's beginning",
        |zip| (zip.entries[1].local.name, zip.entries[1].local.extra) = (b"b/".to_vec(), vec![0]),
        "b/a: its headers disagree about the name",
    ),
    (
        "another name in Unicode",
        |zip| zip.entries[1].local.extra = unicode_path(b"b/a", "b/evil"),
        "b/a: its headers disagree about the name in Unicode",
    ),
    (
        "other flags",
        |zip| zip.entries[1].local.flags = 1 << 11,
        "b/a: its headers disagree about the flags",
    ),
    (
        "another method",
        |zip| zip.entries[2].local.method = 0,
        "b/song: its headers disagree about the compression method",
    ),
    (
        "another CRC-32",
        |zip| zip.entries[1].local.crc32 ^= 1,
        "b/a: its headers disagree about the CRC-32",
    ),
    (
        "zeros without a data descriptor",
        |zip| zip.entries[1].local.crc32 = 0,
        "b/a: its headers disagree about the CRC-32",
    ),
    (
        "another length",
        |zip| zip.entries[2].local.len += 1,
        "b/song: its headers disagree about the size",
    ),
    (
        "another stored length",
        |zip| zip.entries[2].local.stored_len -= 1,
        "b/song: its headers disagree about the compressed size",
    ),
    (
        "a ZIP64 field of another length",
        |zip| {
            zip.entries[2].local.len = u32::MAX;
            zip.entries[2].local.extra = zip64_extra(&[7, 7]);
        },
        "b/song: its headers disagree about the size",
    ),
    (
        "no ZIP64 field",
        |zip| zip.entries[2].local.len = u32::MAX,
        "b/song: the ZIP64 extra field is missing, malformed or contradicted",
    ),
    (
        "a data descriptor of another length",
        |zip| {
            let entry = zip.entries[2].clone().with_descriptor(b"PK\x07\x08", false);
            zip.entries[2] = entry;
            *zip.entries[2].behind.last_mut().expect("a descriptor") ^= 1;
        },
        "b/song: its headers disagree about the data descriptor",
    ),
    (
        "no data descriptor",
        |zip| zip.entries[2].both(|header| header.flags = 8),
        "b/song: its headers disagree about the data descriptor",
    ),
    (
        "a data descriptor that no flag tells of",
        |zip| {
            let entry = zip.entries[2].clone().with_descriptor(b"PK\x07\x08", false);
            zip.entries[2].behind = entry.behind;
        },
        "b/song: 16 bytes at 128 belong to no entry",
    ),
    (
        "an entry that no directory lists",
        |zip| {
            let hidden = Made::of([stored("b/hidden", b"evil")]).bytes();
            zip.entries[1].behind = hidden[..42].to_vec();
        },
        "b/a: 42 bytes at 69 belong to no entry",
    ),
    (
        "an extra field that is longer than there is room",
        |zip| {
            zip.entries[3].local.extra = vec![0; 4];
            zip.entries[3].data.clear();
        },
        "b/z: it is said to lie where the central directory is, or behind it",
    ),
    (
        "a bomb",
        |zip| restore(&mut zip.entries[2], deflate(&vec![0; 5 << 20])),
        "b/song: it is said to have 891 bytes, but has at least 65536",
    ),
    (
        "a file that ends early",
        |zip| restore(&mut zip.entries[2], deflate(b"the sea")),
        "b/song: it is said to have 891 bytes, but has 7",
    ),
    (
        "a byte more",
        |zip| restore(&mut zip.entries[2], deflate(&[&song()[..], b"!"].concat())),
        "b/song: it is said to have 891 bytes, but has at least 892",
    ),
    (
        "other bytes",
        |zip| zip.entries[1].data = b"ahoy".to_vec(),
        "b/a: its CRC-32 is 2fa66b12, not 32117b76",
    ),
    (
        "other deflated bytes",
        |zip| restore(&mut zip.entries[2], deflate(&b"the lea, ".repeat(99))),
        "b/song: its CRC-32 is 43c5c958, not 59e4cc26",
    ),
    (
        "junk behind deflated data",
        |zip| restore(&mut zip.entries[2], [deflate(&song()), vec![0; 9]].concat()),
        "b/song: its compressed data ends 9 bytes early",
    ),
    (
        "deflated data that is cut off",
        |zip| {
            let data = deflate(&song());
            restore(&mut zip.entries[2], data[..data.len() - 1].to_vec());
        },
        "b/song: its compressed data is cut off",
    ),
    (
        "no deflated data",
        |zip| restore(&mut zip.entries[2], Vec::new()),
        "b/song: its compressed data is cut off",
    ),
    (
        "what is no deflated data",
        |zip| restore(&mut zip.entries[2], vec![0xff; 9]),
        "b/song: its compressed data is corrupt",
    ),
];

#[test]
fn every_lie_is_told_and_nothing_else() {
    assert_eq!(read(&plain().bytes()).unwrap().len(), 4);
    let (mut kinds, mut wrong) = (BTreeSet::new(), Vec::new());
    for (rows, is_listed) in [(ARCHIVE_ROWS, false), (ENTRY_ROWS, true), (FILE_ROWS, true)] {
        for (what, change, expected) in rows {
            let mut zip = plain();
            change(&mut zip);
            let bytes = zip.bytes();
            if list(bytes.as_slice()).is_ok() != is_listed {
                wrong.push(format!("{what}: listed or not"));
            }
            let faults = read(&bytes).expect_err(what);
            let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
            if texts.join("; ") != *expected {
                wrong.push(format!("{what}: {}", texts.join("; ")));
            }
            for fault in faults {
                let ReadError::Fault(Fault { kind, .. }) = fault else { panic!("{what}") };
                kinds.insert(number(&kind));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The other tests show these two.
    kinds.extend([number(&FaultKind::AboveLimit { limit: 0 }), number(&too_long())]);
    assert!(kinds.into_iter().eq(0..KIND_COUNT), "a kind has no row");
}

fn too_long() -> FaultKind {
    FaultKind::DirectoryTooLong { len: 0 }
}

#[test]
fn every_beginning_of_an_archive_is_at_fault() {
    let bytes = plain().bytes();
    for len in 0..bytes.len() {
        assert!(read(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
        assert!(read(&bytes[bytes.len() - len..]).is_err(), "the last {len} bytes");
    }
}

#[test]
fn a_file_above_the_limit_is_not_even_begun() {
    let bytes = plain().bytes();
    let directory = list(bytes.as_slice()).unwrap();
    for (limit, expected) in [(890, Err("b/song: it is longer than 890 bytes")), (891, Ok(891))] {
        let mut len = 0;
        let result = read_file(bytes.as_slice(), &directory, 2, limit, &mut |b| len += b.len());
        let result = result.map(|()| len).map_err(|error| error.to_string());
        assert_eq!(result, expected.map_err(ToOwned::to_owned));
    }
}

#[test]
fn no_sink_gets_more_than_the_directory_says() {
    let mut zip = plain();
    restore(&mut zip.entries[2], deflate(&vec![0; 5 << 20]));
    let said_len = 3 << 16;
    zip.entries[2].both(|header| (header.len, header.crc32) = (said_len, 7));
    let bytes = zip.bytes();
    let directory = list(bytes.as_slice()).unwrap();
    let mut len = 0;
    let result = read_file(bytes.as_slice(), &directory, 2, u64::MAX, &mut |b| len += b.len());
    assert!(result.is_err());
    assert_eq!(len, said_len as usize);
}

#[test]
fn what_cannot_be_read_is_said_again_when_it_is_read() {
    let change: [(Change, &str); 2] = [
        (
            |zip| zip.entries[1].both(|h| h.flags = 1),
            "b/a: it is encrypted or a patch (flags 0x0001)",
        ),
        (
            |zip| zip.entries[1].both(|h| h.method = 12),
            "b/a: compression method 12 is not supported",
        ),
    ];
    for (change, expected) in change {
        let mut zip = plain();
        change(&mut zip);
        let bytes = zip.bytes();
        let directory = list(bytes.as_slice()).unwrap();
        assert_eq!(directory.faults()[0].to_string(), expected);
        let result = read_file(bytes.as_slice(), &directory, 1, 9, &mut |_| panic!("a byte"));
        assert_eq!(result.unwrap_err().to_string(), expected);
        read_file(bytes.as_slice(), &directory, 2, 891, &mut |_| ()).unwrap();
    }
}

/// Zeros that take no memory, before the end of an archive.
struct Zeros {
    len: u64,
    end: Vec<u8>,
}

impl package_storage_migrate::read_at::ReadAt for Zeros {
    fn len(&self) -> u64 {
        self.len + self.end.len() as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
        assert!(buffer.len() <= MAX_DIRECTORY_LEN + 65_557, "a read of {} bytes", buffer.len());
        let (read_end, end_at) = (offset + buffer.len() as u64, self.len.saturating_sub(offset));
        buffer.fill(0);
        if let Some(room) = buffer.get_mut(end_at as usize..) {
            let end = &self.end[..(read_end - self.len) as usize];
            room.copy_from_slice(&end[end.len() - room.len()..]);
        }
        Ok(())
    }
}

#[test]
fn a_directory_beyond_all_bounds_is_not_read() {
    for (more, expected) in [
        (0, "the central directory is malformed at byte 1000".to_owned()),
        (1, format!("the central directory has {} bytes", MAX_DIRECTORY_LEN + 1)),
    ] {
        let directory_len = MAX_DIRECTORY_LEN as u32 + more;
        let lying = Made {
            directory_len: Some(directory_len),
            directory_offset: Some(1000),
            ..Made::default()
        };
        let zeros = Zeros { len: u64::from(directory_len) + 1000, end: lying.bytes() };
        assert_eq!(list(&zeros).unwrap_err().to_string(), expected);
    }
}

#[test]
fn names_that_take_long_to_compare_are_listed_soon() {
    // Tens of thousands of folders in each name, and as many pairs as there can be.
    let name = |n: usize| format!("b/{}{n:03}", "a/".repeat(32_000));
    let zip = Made::of((0..50).map(|n| stored(name(n), b"")));
    let bytes = zip.bytes();
    let started = std::time::Instant::now();
    assert_eq!(list(bytes.as_slice()).unwrap().entries().len(), 50);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

const KIND_COUNT: usize = 29;

/// Does not compile when there is another kind: give it a number, and a row above.
fn number(kind: &FaultKind) -> usize {
    match kind {
        FaultKind::NoEnd => 0,
        FaultKind::EndCutOff { .. } => 1,
        FaultKind::BytesAfterEnd { .. } => 2,
        FaultKind::SeveralDisks => 3,
        FaultKind::Zip64 { .. } => 4,
        FaultKind::EntryCount { .. } => 5,
        FaultKind::DirectoryMisplaced { .. } => 6,
        FaultKind::DirectoryTooLong { .. } => 7,
        FaultKind::DirectoryMalformed { .. } => 8,
        FaultKind::Overlap { .. } => 9,
        FaultKind::OutOfRange => 10,
        FaultKind::UnlistedBytes { .. } => 11,
        FaultKind::DuplicateEntry { .. } => 12,
        FaultKind::FileAndFolder { .. } => 13,
        FaultKind::UnsafeName { .. } => 14,
        FaultKind::Symlink => 15,
        FaultKind::OddType { .. } => 16,
        FaultKind::UnsupportedCompression { .. } => 17,
        FaultKind::Encrypted { .. } => 18,
        FaultKind::FolderWithData { .. } => 19,
        FaultKind::NoLocalHeader { .. } => 20,
        FaultKind::HeaderDisagreement { .. } => 21,
        FaultKind::AboveLimit { .. } => 22,
        FaultKind::Length { .. } => 23,
        FaultKind::Crc32 { .. } => 24,
        FaultKind::CorruptStream => 25,
        FaultKind::StreamCutOff => 26,
        FaultKind::BytesBefore { .. } => 27,
        FaultKind::BytesAfterStream { .. } => KIND_COUNT - 1,
    }
}
