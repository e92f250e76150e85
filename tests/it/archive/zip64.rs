//! Tests of ZIP64: used where a number exceeds the range of the old fields, and only there.
//!
//! Numbers of entries, lengths and offsets each have their own limit and their own test.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use package_storage_migrate::v2::archive::deflate::{Deflater, Method, Piece};
use package_storage_migrate::v2::archive::writer::{ArchiveEntry, ArchiveStream};
use zip::{ExtraField, ZipArchive};

use super::{opened, versions_needed};

const ZIP64_LOCATOR: &[u8] = b"PK\x06\x07";
/// Length of the ZIP64 locator and of the end record after it.
const TAIL_LEN: usize = 20 + 22;

fn file<'p>(name: &str, piece: &'p Piece) -> ArchiveEntry<'p> {
    ArchiveEntry { name: name.to_owned(), piece: Some(piece) }
}

#[test]
fn zip64_is_used_when_entries_exceed_16_bits() {
    for (count, is_zip64) in [(65_534, false), (65_535, true), (70_000, true)] {
        let piece = Deflater::default().piece(b"");
        let entries = (0..count).map(|number| file(&number.to_string(), &piece));
        let mut bytes = Vec::new();
        ArchiveStream::new(entries).read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes[bytes.len() - TAIL_LEN..].starts_with(ZIP64_LOCATOR), is_zip64, "{count}");
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(zip.len(), count);
        let last = count - 1;
        assert_eq!(zip.by_index(last).unwrap().name().unwrap(), last.to_string());
    }
}

#[test]
fn zip64_is_used_for_lengths_above_4_gib() {
    let limit = u64::from(u32::MAX);
    let rows = [(limit - 1, false), (limit, true), (limit + 1, true), (5 * limit + 7, true)];
    for (blob_len, is_zip64) in rows {
        let piece = Piece { crc32: 7, blob_len, method: Method::Deflate, data: [3, 0].into() };
        let after = ArchiveEntry { name: "after/".to_owned(), piece: None };
        let mut archived = Vec::new();
        ArchiveStream::new([file("giant", &piece), after]).read_to_end(&mut archived).unwrap();
        let mut zip = opened(Cursor::new(archived.as_slice()));
        let entry = zip.by_index_raw(0).unwrap();
        assert_eq!((entry.size(), entry.compressed_size(), entry.crc32()), (blob_len, 2, 7));
        let version = if is_zip64 { 45 } else { 20 };
        assert_eq!(versions_needed(&archived, &entry), [version; 2], "{blob_len}");
        let is_field = |f: &ExtraField| matches!(f, ExtraField::Zip64ExtendedInformation(_));
        assert_eq!(entry.extra_data_fields().any(is_field), is_zip64, "{blob_len}");
        drop(entry);
        assert!(zip.by_index(1).unwrap().extra_data_fields().next().is_none());
    }
}

static ZEROS: [u8; 1 << 20] = [0; 1 << 20];

/// A sparse file in which zeros are holes, so that gigabytes take no disk space.
struct Holes(File);

impl Write for Holes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match i64::try_from(bytes.len()) {
            Ok(len) if *bytes == ZEROS[..bytes.len()] => {
                self.0.seek(SeekFrom::Current(len)).map(|_| bytes.len())
            }
            _ => self.0.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn zip64_is_used_for_offsets_above_4_gib() {
    let data = vec![0; 1 << 28].into_boxed_slice();
    let quarter = Piece { crc32: 0, blob_len: 1 << 28, method: Method::Store, data };
    let beyond = Deflater::default().piece(b"beyond");
    let quarters = (0..16).map(|number| file(&format!("quarter {number}"), &quarter));
    let mut archive = ArchiveStream::new(quarters.chain([file("last", &beyond)]));
    let mut holes = Holes(tempfile::tempfile().unwrap());
    let mut room = vec![0; ZEROS.len()];
    loop {
        match archive.read(&mut room).unwrap() {
            0 => break,
            len => holes.write_all(&room[..len]).unwrap(),
        }
    }
    let mut zip = opened(holes.0);
    let mut last = zip.by_index(16).unwrap();
    assert!(last.header_start() > 1 << 32);
    let mut text = String::new();
    last.read_to_string(&mut text).unwrap();
    assert_eq!((last.name().unwrap().as_ref(), text.as_str()), ("last", "beyond"));
}
