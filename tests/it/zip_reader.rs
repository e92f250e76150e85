//! Tests of the ZIP reader: what it lists and reads, and the bytes that it reads for that.
//!
//! `attacks` has a row for each fault; `random` has random archives; `tools` has archives
//! created by other tools. Archives are assembled by `made`.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::sync::Mutex;

use package_storage_migrate::read_at::ReadAt;
use package_storage_migrate::v2::archive::deflate::Method::Deflate as Deflated;
use package_storage_migrate::v2::archive::deflate::{Deflater, Piece};
use package_storage_migrate::v2::archive::writer::{ArchiveEntry, ArchiveStream};
use package_storage_migrate::v2::zip_reader::{
    Directory, EntryKind, FileReader, Method, ReadError, list, read_file,
};

use crate::support::made::{self, Made, MadeEntry, deflated, extra, stored, unicode_path};

mod attacks;
mod random;
mod tools;

/// Names with bytes; a folder's name ends with a slash.
pub(crate) type Read = BTreeMap<String, Vec<u8>>;

/// Reads all of an archive, or returns all faults: those of the listing, and
/// only without any, those of reading.
pub(crate) fn read(archive: &[u8]) -> Result<Read, Vec<ReadError>> {
    let directory = list(archive).map_err(|error| vec![error])?;
    if !directory.faults().is_empty() {
        return Err(directory.faults().iter().cloned().map(ReadError::Fault).collect());
    }
    let (mut found, mut faults) = (Read::new(), Vec::new());
    let mut reader = FileReader::default();
    let mut files = reader.files(archive, &directory);
    for &index in directory.file_order() {
        let mut bytes = Vec::new();
        match files.read(index, u64::MAX, &mut |piece| bytes.extend(piece)) {
            Ok(()) => {
                let name = directory.entries()[index].name.to_vec();
                found.insert(String::from_utf8(name).expect("a safe name"), bytes);
            }
            Err(error) => faults.push(error),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// Returns the expected result for these files and folders.
fn files(rows: &[(&str, &[u8])]) -> Read {
    rows.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect()
}

/// An archive that records its reads.
struct RecordingSource {
    bytes: Vec<u8>,
    reads: Mutex<Vec<(u64, usize)>>,
}

impl RecordingSource {
    fn new(bytes: Vec<u8>) -> Self {
        RecordingSource { bytes, reads: Mutex::default() }
    }

    /// Returns offsets and lengths since the last call.
    fn reads(&self) -> Vec<(u64, usize)> {
        std::mem::take(&mut self.reads.lock().expect("no panic before"))
    }
}

impl ReadAt for RecordingSource {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.reads.lock().expect("no panic before").push((offset, buffer.len()));
        self.bytes.read_exact_at(buffer, offset)
    }
}

#[test]
fn a_listing_returns_the_directory() {
    let mut folder = stored("b-1.0.0/", b"");
    folder.attributes = 0o040_755 << 16 | 0x10;
    let mut flagged = stored("b-1.0.0/grüße", b"ahoi");
    flagged.both(|header| header.flags = 1 << 11);
    flagged.attributes = 0o100_600 << 16;
    let song = b"the sea, ".repeat(99);
    let archive = Made::of([folder, deflated("b-1.0.0/song", &song), flagged]).bytes();
    let directory = list(archive.as_slice()).unwrap();
    assert_eq!(directory.faults(), []);
    let rows: Vec<_> = directory
        .entries()
        .iter()
        .map(|entry| {
            let name = std::str::from_utf8(entry.path()).unwrap();
            (name, entry.kind, entry.method, entry.is_utf8_flagged(), entry.len, entry.crc32)
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("b-1.0.0", EntryKind::Folder, Method::Store, false, 0, 0),
            ("b-1.0.0/song", EntryKind::File, Method::Deflate, false, 891, made::crc32(&song)),
            ("b-1.0.0/grüße", EntryKind::File, Method::Store, true, 4, made::crc32(b"ahoi")),
        ]
    );
    let lens: Vec<_> = directory.entries().iter().map(|entry| entry.stored_len).collect();
    assert_eq!(lens, [0, made::deflate(&song).len() as u64, 4]);
    assert_eq!(directory.entries()[2].external_attributes, 0o100_600 << 16);
}

#[test]
fn irrelevant_differences_are_not_faults() {
    let song = b"the sea, ".repeat(99);
    let expected = files(&[("b/", b""), ("b/a", b"ahoi"), ("b/song", &song), ("b/empty", b"")]);
    let entries = [
        stored("b/", b""),
        stored("b/a", b"ahoi"),
        deflated("b/song", &song),
        stored("b/empty", b""),
    ];
    let plain = Made::of(entries);
    type Change = fn(&mut Made);
    let rows: [(&str, Change); 19] = [
        ("nothing", |_| ()),
        ("the order of entries", |zip| zip.entries.reverse()),
        ("times", |zip| zip.entries[1].both(|header| header.time = 0x5a5a_a5a5)),
        ("times that differ", |zip| zip.entries[1].local.time = 7),
        ("modes", |zip| zip.entries[1].attributes = 0o100_777 << 16),
        ("a set-uid file", |zip| zip.entries[1].attributes = 0o104_777 << 16),
        ("another system", |zip| zip.entries[1].made_by = 19 << 8 | 63),
        ("DOS attributes", |zip| zip.entries[1].attributes = 0x21),
        ("a comment", |zip| zip.comment = b"ahoi".to_vec()),
        ("the longest comment", |zip| zip.comment = vec![b'c'; 65_535]),
        ("comments of entries", |zip| zip.entries[2].comment = vec![b'c'; 65_535]),
        ("hints about the level", |zip| zip.entries[2].local.flags = 6),
        ("times in extra fields", |zip| {
            zip.entries[1].local.extra = extra(0x5455, &[3, 1, 2, 3, 4, 5, 6, 7, 8]);
            zip.entries[1].central.extra = extra(0x5455, &[3, 1, 2, 3, 4]);
        }),
        ("padding instead of extra fields", |zip| zip.entries[1].local.extra = vec![0; 3]),
        ("the longest extra fields", |zip| zip.entries[1].local.extra = vec![0; 65_535]),
        ("a duplicate name", |zip| {
            zip.entries[1].both(|header| header.extra = unicode_path(b"b/a", "b/a"));
        }),
        ("ZIP64 that is not needed", |zip| {
            zip.zip64 = Some(made::Zip64::default());
            zip.entries[1].both(|header| header.extra = made::zip64_extra(&[4, 4]));
        }),
        ("ZIP64 for all numbers", |zip| {
            zip.zip64 = Some(made::Zip64 { hides_numbers: true, ..Default::default() });
            zip.entries[1].both(|header| {
                (header.len, header.stored_len) = (u32::MAX, u32::MAX);
                header.extra = made::zip64_extra(&[4, 4]);
            });
        }),
        ("an empty folder that is deflated", |zip| {
            zip.entries[0].both(|header| (header.method, header.stored_len) = (8, 2));
            zip.entries[0].data = made::deflate(b"");
        }),
    ];
    for (what, change) in rows {
        let mut zip = plain.clone();
        change(&mut zip);
        assert_eq!(read(&zip.bytes()).expect(what), expected, "{what}");
    }
    for signature in [&b""[..], b"PK\x07\x08"] {
        for is_wide in [false, true] {
            let with = |entry: MadeEntry| entry.with_descriptor(signature, is_wide);
            let zip = Made::of(plain.entries.clone().into_iter().map(with));
            assert_eq!(read(&zip.bytes()).unwrap(), expected, "{signature:?} {is_wide}");
        }
    }
    assert_eq!(read(&Made::default().bytes()).unwrap(), Read::new(), "an empty archive");
}

#[test]
fn a_listing_reads_the_tail_and_no_byte_twice() {
    let many = |count: usize| (0..count).map(|n| stored(format!("b/{n:04}"), &[7; 99]));
    // The directory has 46 bytes and a name of 6 bytes per entry.
    let (small, large) = (Made::of(many(60)), Made::of(many(600)));
    let mut commented = small.clone();
    commented.comment = vec![b'c'; 9000];
    let mut wide = small.clone();
    wide.zip64 = Some(made::Zip64 { hides_numbers: true, ..Default::default() });
    let tail = 8192;
    let rows: [(&str, Vec<u8>, &[usize]); 5] = [
        ("an empty archive", Made::default().bytes(), &[22]),
        ("a short directory", small.bytes(), &[tail]),
        ("ZIP64", wide.bytes(), &[tail]),
        ("a long directory", large.bytes(), &[tail, 600 * 52 + 22 - tail]),
        ("a long comment", commented.bytes(), &[tail, 60 * (135 + 52) + 22 + 9000 - tail]),
    ];
    for (what, bytes, lens) in rows {
        let source = RecordingSource::new(bytes);
        list(&source).expect(what);
        let (mut end, mut found) = (source.len(), Vec::new());
        for (offset, len) in source.reads() {
            assert_eq!(offset + len as u64, end, "{what}: from the end backwards");
            (end, found) = (offset, [found, vec![len]].concat());
        }
        assert_eq!(found, lens, "{what}");
    }
}

#[test]
fn all_files_are_read_in_large_steps_and_a_single_file_alone() {
    let noise: Vec<u8> =
        (0..3_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let many = (0..100).map(|n| match n % 2 {
        0 => stored(format!("b/{n}"), &noise),
        _ => deflated(&format!("b/{n}"), &noise),
    });
    let source = RecordingSource::new(Made::of(many).bytes());
    let directory = list(&source).unwrap();
    source.reads();
    // The maximum length of a header is 131,100.
    for (window_len, least_len) in [(256 << 10, 256 << 10), (1 << 20, 1 << 20), (0, 131_100)] {
        let mut reader = FileReader::with_window(window_len);
        for _ in 0..2 {
            let mut files = reader.files(&source, &directory);
            for &index in directory.file_order() {
                let mut bytes = Vec::new();
                files.read(index, 12_000, &mut |piece| bytes.extend_from_slice(piece)).unwrap();
                assert!(bytes == noise, "entry {index}");
            }
            let (mut offset, reads) = (0, source.reads());
            for (start, len) in &reads {
                assert_eq!(*start, offset, "from front to back");
                offset += *len as u64;
            }
            assert_eq!(offset, directory.offset());
            let max_count = directory.offset() as usize / (least_len - 200) + 1;
            assert!(reads.len() <= max_count, "{} reads of {window_len}", reads.len());
        }
    }
    let entry = &directory.entries()[51];
    read_file(&source, &directory, 51, 12_000, &mut |_| ()).unwrap();
    let len = 30 + 4 + entry.stored_len as usize;
    assert_eq!(source.reads(), [(entry.header_offset, len)]);
}

#[test]
fn zip64_of_our_writer_is_read() {
    let empty = Deflater::default().piece(b"");
    let giant_len = 5 * u64::from(u32::MAX) + 7;
    let giant = Piece { crc32: 7, blob_len: giant_len, method: Deflated, data: [3, 0].into() };
    let of = |name: String, piece| ArchiveEntry { name, piece: Some(piece) };
    let entries = (0..70_000).map(|n| of(format!("b/{n}"), &empty));
    let mut archive = Vec::new();
    let all = entries.chain([of("b/giant".to_owned(), &giant)]);
    ArchiveStream::new(all).read_to_end(&mut archive).unwrap();
    let directory = list(archive.as_slice()).unwrap();
    assert_eq!((directory.entries().len(), directory.faults()), (70_001, &[][..]));
    let read = |index| {
        let result = read_file(archive.as_slice(), &directory, index, u64::MAX, &mut |_| ());
        result.map_err(|error| error.to_string())
    };
    assert_eq!(read(69_999), Ok(()));
    let wrong_size = "b/giant: its declared size is 21474836482 bytes, but it has 0";
    assert_eq!(read(70_000), Err(wrong_size.to_owned()), "its headers agree");
}

/// An archive whose bytes before an offset cannot be read.
struct Failing(Vec<u8>, u64);

impl ReadAt for Failing {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        match offset < self.1 {
            true => Err(io::ErrorKind::TimedOut.into()),
            false => self.0.read_exact_at(buffer, offset),
        }
    }
}

#[test]
fn a_failing_source_is_not_a_fault_of_the_archive() {
    let bytes = Made::of([stored("b/a", &[1; 20_000]), stored("b/b", b"ahoi")]).bytes();
    let is_source = |result: Result<(), ReadError>| matches!(result, Err(ReadError::Source(_)));
    let all = Failing(bytes.clone(), u64::MAX);
    assert!(is_source(list(&all).map(|_: Directory| ())));
    let some = Failing(bytes, 10_000);
    let directory = list(&some).unwrap();
    assert!(is_source(read_file(&some, &directory, 0, u64::MAX, &mut |_| ())));
    read_file(&some, &directory, 1, u64::MAX, &mut |_| ()).unwrap();
}
