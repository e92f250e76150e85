//! One row per fault: one archive, one change, and the exact messages.
//!
//! Every kind of fault has a row, which the compiler and a test enforce.

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

/// Replaces the deflated data, and its length in the headers.
fn restore(entry: &mut MadeEntry, data: Vec<u8>) {
    let stored_len = data.len() as u32;
    entry.both(|header| header.stored_len = stored_len);
    entry.data = data;
}

type Change = fn(&mut Made);
type Row = (&'static str, Change, &'static str);

/// Faults of the archive as a whole, which prevent its listing.
const ARCHIVE_ROWS: &[Row] = &[
    (
        "more trailing bytes than the maximum length of a comment",
        |zip| zip.after = vec![0; 65_536],
        "there is no end of central directory record",
    ),
    (
        "an archive after the archive",
        |zip| zip.after = Made::of([stored("b/a", b"evil")]).bytes(),
        "385 bytes before the archive, which its offsets do not include: the registry, unzip and Python skip them, Kibana rejects the archive",
    ),
    (
        "the start of an end record after the archive",
        |zip| zip.after = b"PK\x05\x06".to_vec(),
        "the end of central directory record is truncated: 18 bytes are missing",
    ),
    (
        "an end record in the comment",
        |zip| zip.comment = Made::default().bytes(),
        "the central directory is declared to end at byte 0, but ends at 385",
    ),
    (
        "a comment longer than the file",
        |zip| zip.comment_len = Some(7),
        "the end of central directory record is truncated: 7 bytes are missing",
    ),
    (
        "leading bytes that offsets do not include",
        |zip| {
            zip.before = vec![0; 9];
            zip.directory_offset = Some(165);
        },
        "9 bytes before the archive, which its offsets do not include: the registry, unzip and Python skip them, Kibana rejects the archive",
    ),
    ("leading bytes", |zip| zip.before = vec![0; 9], "9 bytes at 0 belong to no entry"),
    (
        "bytes between files and directory",
        |zip| zip.between = vec![0; 70_000],
        "4441 bytes at 65724 belong to no entry",
    ),
    ("a disk number", |zip| zip.disk = 1, "it spans several disks"),
    ("an entry on another disk", |zip| zip.entries[1].disk = 1, "it spans several disks"),
    ("more entries in total", |zip| zip.more_entries = 1, "it spans several disks"),
    (
        "more entries",
        |zip| (zip.more_here, zip.more_entries) = (2, 2),
        "6 entries are declared, but 4 were found",
    ),
    (
        "fewer entries",
        |zip| (zip.more_here, zip.more_entries) = (u16::MAX, u16::MAX),
        "3 entries are declared, but 4 were found",
    ),
    (
        "a shorter directory",
        |zip| zip.directory_len = Some(100),
        "the central directory is declared to end at byte 265, but ends at 363",
    ),
    (
        "a directory that starts later",
        |zip| (zip.directory_len, zip.directory_offset) = (Some(188), Some(175)),
        "the central directory is malformed at byte 175",
    ),
    (
        "a directory beyond the file",
        |zip| zip.directory_offset = Some(u32::MAX),
        "the central directory is declared to end at byte 4294967493, but ends at 363",
    ),
    (
        "no entry where one is expected",
        |zip| zip.entries[1].central_signature = 7,
        "the central directory is malformed at byte 213",
    ),
    (
        "an entry with the offset of another",
        |zip| zip.entries[3].offset = Some(32),
        "b/z: it shares bytes with entry 1",
    ),
    (
        "an entry inside another one's data",
        |zip| zip.entries[3].offset = Some(60),
        "b/z: it shares bytes with entry 1",
    ),
    (
        "an entry that overlaps the next one",
        |zip| zip.entries[1].both(|header| (header.len, header.stored_len) = (5, 5)),
        "b/song: it shares bytes with entry 1",
    ),
    (
        "a last entry that extends into the directory",
        |zip| zip.entries[3].both(|header| (header.len, header.stored_len) = (5, 5)),
        "b/z: its declared range extends into the central directory or beyond",
    ),
    (
        "an entry beyond the file",
        |zip| zip.entries[3].offset = Some(1 << 30),
        "b/z: its declared range extends into the central directory or beyond",
    ),
    (
        "missing ZIP64 numbers",
        |zip| zip.entries[1].central.stored_len = u32::MAX,
        "the ZIP64 extra field is missing, malformed or contradicted",
    ),
    (
        "a truncated ZIP64 field",
        |zip| {
            zip.entries[1].central.stored_len = u32::MAX;
            zip.entries[1].central.extra = extra(1, &[4, 0, 0]);
        },
        "the ZIP64 extra field is missing, malformed or contradicted",
    ),
    (
        "a ZIP64 field that contradicts the header",
        |zip| zip.entries[1].central.extra = zip64_extra(&[9]),
        "the ZIP64 extra field is missing, malformed or contradicted",
    ),
    (
        "two ZIP64 fields",
        |zip| zip.entries[1].central.extra = [zip64_extra(&[4]), zip64_extra(&[4])].concat(),
        "the ZIP64 extra field is missing, malformed or contradicted",
    ),
    (
        "a ZIP64 length that overflows",
        |zip| {
            zip.entries[3].central.stored_len = u32::MAX;
            zip.entries[3].central.extra = zip64_extra(&[u64::MAX - 7]);
        },
        "b/z: its declared range extends into the central directory or beyond",
    ),
    (
        "a ZIP64 end record at another offset",
        |zip| zip.zip64 = Some(Zip64 { record_offset: 1, ..Zip64::default() }),
        "the ZIP64 end of central directory record is missing, malformed or contradicted",
    ),
    (
        "a ZIP64 end record with an extension",
        |zip| zip.zip64 = Some(Zip64 { record_len: 1, ..Zip64::default() }),
        "the ZIP64 end of central directory record is missing, malformed or contradicted",
    ),
    (
        "a ZIP64 end record on another disk",
        |zip| zip.zip64 = Some(Zip64 { disk: 1, ..Zip64::default() }),
        "it spans several disks",
    ),
    (
        "ZIP64 disks",
        |zip| zip.zip64 = Some(Zip64 { disk_count: 1, ..Zip64::default() }),
        "it spans several disks",
    ),
    (
        "a ZIP64 end record with another number of entries",
        |zip| zip.zip64 = Some(Zip64 { entry_count: 1, ..Zip64::default() }),
        "the ZIP64 number of entries is missing, malformed or contradicted",
    ),
    (
        "a ZIP64 end record with another directory",
        |zip| zip.zip64 = Some(Zip64 { directory_len: 1, ..Zip64::default() }),
        "the ZIP64 location of the central directory is missing, malformed or contradicted",
    ),
    (
        "billions of entries",
        |zip| {
            let zip64 = Zip64 { entry_count: 1 << 60, hides_numbers: true, ..Zip64::default() };
            zip.zip64 = Some(zip64);
        },
        "1152921504606846980 entries are declared, but 4 were found",
    ),
    (
        "a directory whose end overflows",
        |zip| {
            let zip64 =
                Zip64 { directory_len: u64::MAX - 198, hides_numbers: true, ..Zip64::default() };
            zip.zip64 = Some(zip64);
        },
        "the central directory is declared to end at byte 18446744073709551615, but ends at 363",
    ),
];

/// Faults of single entries, which a listing reports.
const ENTRY_ROWS: &[Row] = &[
    (
        "a trailing byte",
        |zip| zip.after = vec![7],
        "1 bytes after the end of the archive: the registry, unzip and Python skip them, Kibana rejects the archive",
    ),
    (
        "trailing zeros",
        |zip| zip.after = vec![0; 9000],
        "9000 zero bytes after the end of the archive: the registry, unzip and Python skip them, Kibana rejects the archive",
    ),
    (
        "as many trailing zeros as the maximum length of a comment",
        |zip| zip.after = vec![0; 65_535],
        "65535 zero bytes after the end of the archive: the registry, unzip and Python skip them, Kibana rejects the archive",
    ),
    (
        "zeros after a comment",
        |zip| (zip.comment, zip.after) = (b"ahoi".to_vec(), vec![0; 9]),
        "9 zero bytes after the end of the archive: the registry, unzip and Python skip them, Kibana rejects the archive",
    ),
    (
        "a comment with a shorter declared length",
        |zip| (zip.comment, zip.comment_len) = (b"ahoi".to_vec(), Some(1)),
        "3 bytes after the end of the archive: the registry, unzip and Python skip them, Kibana rejects the archive",
    ),
    (
        "trailing zeros, and a fault of an entry",
        |zip| {
            zip.after = vec![0; 9];
            zip.entries[1].both(|header| header.flags = 1);
        },
        "9 zero bytes after the end of the archive: the registry, unzip and Python skip them, Kibana rejects the archive; b/a: it is encrypted or a patch (flags 0x0001)",
    ),
    (
        "a duplicate name",
        |zip| rename(&mut zip.entries[3], b"b/a"),
        "b/a: the name appears twice: entry 1 has it too",
    ),
    (
        "a name three times",
        |zip| {
            rename(&mut zip.entries[2], b"b/a");
            rename(&mut zip.entries[3], b"b/a");
        },
        "b/a: the name appears twice: entry 1 has it too; b/a: the name appears twice: entry 1 has it too",
    ),
    (
        "a duplicate folder",
        |zip| zip.entries[3] = stored("b/", b""),
        "b/: the name appears twice: entry 0 has it too",
    ),
    (
        "a file that is also a folder",
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
        "a parent folder",
        |zip| rename(&mut zip.entries[1], b"../etc/passwd"),
        "../etc/passwd: the name is unsafe: a component is . or ..",
    ),
    (
        "a parent folder, later",
        |zip| rename(&mut zip.entries[1], b"b/../../a"),
        "b/../../a: the name is unsafe: a component is . or ..",
    ),
    (
        "a folder with a parent folder",
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
        "the current folder",
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
        "b/..\\\\a: the name is unsafe: it contains a backslash",
    ),
    (
        "a NUL, where C ends a name",
        |zip| rename(&mut zip.entries[1], b"b/a\0.png"),
        "b/a\\x00.png: the name is unsafe: it contains a control character",
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
        "another Unicode Path name",
        |zip| zip.entries[1].central.extra = unicode_path(b"b/a", "b/evil"),
        "b/a: its headers disagree about the Unicode Path name",
    ),
    (
        "another Unicode Path name, with the CRC-32 of a third one",
        |zip| zip.entries[1].central.extra = unicode_path(b"b/x", "b/evil"),
        "b/a: its headers disagree about the Unicode Path name",
    ),
    (
        "two Unicode Path names",
        |zip| {
            zip.entries[1].central.extra =
                [unicode_path(b"b/a", "b/a"), unicode_path(b"b/a", "b/a")].concat();
        },
        "b/a: its headers disagree about the Unicode Path name",
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
        "b/a: its attributes (0x21b60000) declare another type than its name",
    ),
    (
        "a folder without a slash",
        |zip| zip.entries[1].attributes = 0o040_755 << 16,
        "b/a: its attributes (0x41ed0000) declare another type than its name",
    ),
    (
        "a DOS folder without a slash",
        |zip| zip.entries[1].attributes = 0x10,
        "b/a: its attributes (0x00000010) declare another type than its name",
    ),
    (
        "a folder with data",
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
        "a stored file with two lengths",
        |zip| zip.entries[1].both(|header| header.len = 7),
        "b/a: its headers disagree about the compressed size",
    ),
];

/// Faults that only reading detects.
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
        "a prefix of the name",
        |zip| (zip.entries[1].local.name, zip.entries[1].local.extra) = (b"b/".to_vec(), vec![0]),
        "b/a: its headers disagree about the name",
    ),
    (
        "another Unicode Path name",
        |zip| zip.entries[1].local.extra = unicode_path(b"b/a", "b/evil"),
        "b/a: its headers disagree about the Unicode Path name",
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
        "a ZIP64 field with another length",
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
        "a data descriptor with another length",
        |zip| {
            let entry = zip.entries[2].clone().with_descriptor(b"PK\x07\x08", false);
            zip.entries[2] = entry;
            *zip.entries[2].after.last_mut().expect("a descriptor") ^= 1;
        },
        "b/song: its headers disagree about the data descriptor",
    ),
    (
        "no data descriptor",
        |zip| zip.entries[2].both(|header| header.flags = 8),
        "b/song: its headers disagree about the data descriptor",
    ),
    (
        "a data descriptor without a flag",
        |zip| {
            let entry = zip.entries[2].clone().with_descriptor(b"PK\x07\x08", false);
            zip.entries[2].after = entry.after;
        },
        "b/song: 16 bytes at 128 belong to no entry",
    ),
    (
        "an unlisted entry",
        |zip| {
            let hidden = Made::of([stored("b/hidden", b"evil")]).bytes();
            zip.entries[1].after = hidden[..42].to_vec();
        },
        "b/a: 42 bytes at 69 belong to no entry",
    ),
    (
        "an extra field that is too long",
        |zip| {
            zip.entries[3].local.extra = vec![0; 4];
            zip.entries[3].data.clear();
        },
        "b/z: its declared range extends into the central directory or beyond",
    ),
    (
        "a bomb",
        |zip| restore(&mut zip.entries[2], deflate(&vec![0; 5 << 20])),
        "b/song: its declared size is 891 bytes, but it has at least 65536",
    ),
    (
        "a file that ends early",
        |zip| restore(&mut zip.entries[2], deflate(b"the sea")),
        "b/song: its declared size is 891 bytes, but it has 7",
    ),
    (
        "an extra byte",
        |zip| restore(&mut zip.entries[2], deflate(&[&song()[..], b"!"].concat())),
        "b/song: its declared size is 891 bytes, but it has at least 892",
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
        "trailing bytes after deflated data",
        |zip| restore(&mut zip.entries[2], [deflate(&song()), vec![0; 9]].concat()),
        "b/song: its compressed data ends 9 bytes early",
    ),
    (
        "truncated deflated data",
        |zip| {
            let data = deflate(&song());
            restore(&mut zip.entries[2], data[..data.len() - 1].to_vec());
        },
        "b/song: its compressed data is truncated",
    ),
    (
        "no deflated data",
        |zip| restore(&mut zip.entries[2], Vec::new()),
        "b/song: its compressed data is truncated",
    ),
    (
        "invalid deflated data",
        |zip| restore(&mut zip.entries[2], vec![0xff; 9]),
        "b/song: its compressed data is corrupt",
    ),
];

#[test]
fn every_fault_is_reported_without_false_positives() {
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
    // These two are in other tests.
    kinds.extend([number(&FaultKind::AboveLimit { limit: 0 }), number(&too_long())]);
    assert!(kinds.into_iter().eq(0..KIND_COUNT), "a kind has no row");
}

fn too_long() -> FaultKind {
    FaultKind::DirectoryTooLong { len: 0 }
}

#[test]
fn every_part_of_an_archive_is_a_fault() {
    let bytes = plain().bytes();
    for len in 0..bytes.len() {
        assert!(read(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
        assert!(read(&bytes[bytes.len() - len..]).is_err(), "the last {len} bytes");
    }
}

#[test]
fn a_file_above_the_limit_is_not_read() {
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
fn a_sink_never_gets_more_than_the_declared_length() {
    let mut zip = plain();
    restore(&mut zip.entries[2], deflate(&vec![0; 5 << 20]));
    let declared_len = 3 << 16;
    zip.entries[2].both(|header| (header.len, header.crc32) = (declared_len, 7));
    let bytes = zip.bytes();
    let directory = list(bytes.as_slice()).unwrap();
    let mut len = 0;
    let result = read_file(bytes.as_slice(), &directory, 2, u64::MAX, &mut |b| len += b.len());
    assert!(result.is_err());
    assert_eq!(len, declared_len as usize);
}

#[test]
fn reading_an_unreadable_entry_repeats_its_fault() {
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

/// Zeros without memory, before the end of an archive.
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
fn a_directory_above_the_limit_is_not_read() {
    for (more, expected) in [
        (0, "the central directory is malformed at byte 1000".to_owned()),
        (1, format!("the central directory has {} bytes", MAX_DIRECTORY_LEN + 1)),
    ] {
        let directory_len = MAX_DIRECTORY_LEN as u32 + more;
        let archive = Made {
            directory_len: Some(directory_len),
            directory_offset: Some(1000),
            ..Made::default()
        };
        let zeros = Zeros { len: u64::from(directory_len) + 1000, end: archive.bytes() };
        assert_eq!(list(&zeros).unwrap_err().to_string(), expected);
    }
}

#[test]
fn names_that_are_slow_to_compare_are_listed_quickly() {
    // Tens of thousands of folders in each name, with the maximum number of pairs.
    let name = |n: usize| format!("b/{}{n:03}", "a/".repeat(32_000));
    let zip = Made::of((0..50).map(|n| stored(name(n), b"")));
    let bytes = zip.bytes();
    let started = std::time::Instant::now();
    assert_eq!(list(bytes.as_slice()).unwrap().entries().len(), 50);
    assert!(started.elapsed().as_secs() < 240, "{:?}", started.elapsed());
}

const KIND_COUNT: usize = 29;

/// Fails to compile when a kind is added: give it a number, and a row above.
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
