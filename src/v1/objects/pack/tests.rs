//! Handwritten packs: what is read from them, and what is left to libgit2.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use tempfile::TempDir;

use super::*;
use crate::digest::{git_object_id, sha1};
use crate::error::Error;

const BLOB: u8 = 3;
const OFFSET_DELTA: u8 = 6;
const REF_DELTA: u8 = 7;

/// A pack under construction.
struct PackBuilder {
    pack: Vec<u8>,
    entries: Vec<(ObjectId, u32)>,
}

impl PackBuilder {
    fn new() -> Self {
        PackBuilder { pack: b"PACK\0\0\0\x02\0\0\0\0".to_vec(), entries: Vec::new() }
    }

    /// Adds an entry that declares `len` bytes; `base` is written between header and stream.
    fn add(&mut self, id: ObjectId, entry_type: u8, len: usize, base: &[u8], stream: &[u8]) {
        self.entries.push((id, self.pack.len() as u32));
        let mut more = len >> 4;
        self.pack.push(entry_type << 4 | (len & 15) as u8);
        while more > 0 {
            *self.pack.last_mut().expect("was begun") |= 0x80;
            self.pack.push((more & 0x7f) as u8);
            more >>= 7;
        }
        self.pack.extend(base);
        self.pack.extend(stream);
    }

    /// Adds a whole object and returns its id.
    fn add_object(&mut self, entry_type: u8, kind: &str, bytes: &[u8]) -> ObjectId {
        let id = ObjectId(git_object_id(kind, bytes));
        self.add(id, entry_type, bytes.len(), &[], &deflated(bytes));
        id
    }

    fn distance_to(&self, id: ObjectId) -> u8 {
        let (_, offset) = self.entries.iter().find(|entry| entry.0 == id).expect("was added");
        u8::try_from(self.pack.len() - *offset as usize).expect("is near")
    }

    /// The pack with its count of objects and its checksum.
    fn finished(&self) -> Vec<u8> {
        let mut pack = self.pack.clone();
        pack[8..12].copy_from_slice(&(self.entries.len() as u32).to_be_bytes());
        let checksum = sha1(&pack);
        pack.extend(checksum);
        pack
    }

    /// Returns a reader of the pack, and its folder.
    fn reader(&self) -> (PackReader, TempDir) {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("p.pack"), self.finished()).expect("is written");
        fs::write(folder.path().join("p.idx"), self.index()).expect("is written");
        let checked = check_all(folder.path()).expect("the index is right");
        assert_eq!(checked.len(), 1);
        (PackReader::new(Arc::new(Packs::open(checked))), folder)
    }

    fn index(&self) -> Vec<u8> {
        let mut entries = self.entries.clone();
        entries.sort_unstable();
        let mut index = b"\xfftOc\0\0\0\x02".to_vec();
        for first in 0..=255 {
            let count = entries.iter().filter(|(id, _)| id.0[0] <= first).count() as u32;
            index.extend(count.to_be_bytes());
        }
        index.extend(entries.iter().flat_map(|(id, _)| id.0));
        index.extend(entries.iter().flat_map(|_| [0; 4]));
        index.extend(entries.iter().flat_map(|(_, offset)| offset.to_be_bytes()));
        index.extend(&self.finished()[self.finished().len() - 20..]);
        index.extend(sha1(&index));
        index
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("a Vec takes all");
    encoder.finish().expect("a Vec takes all")
}

fn blob_id(bytes: &[u8]) -> ObjectId {
    ObjectId(git_object_id("blob", bytes))
}

#[test]
fn objects_and_deltas_are_read() {
    let mut written = PackBuilder::new();
    let kinds = [(1, "commit"), (2, "tree"), (3, "blob"), (4, "tag")];
    let mut expected = Vec::new();
    for (entry_type, kind) in kinds {
        let bytes = format!("some content of a {kind}").into_bytes();
        expected.push((written.add_object(entry_type, kind, &bytes), kind, bytes));
    }
    let (base, _, _) = expected[2].clone();
    let (base_len, kept) = (23, b"\x90\x12");

    let near = b"some content of a near".to_vec();
    let delta = [&[base_len - 1, 22], kept.as_slice(), b"\x04near"].concat();
    let distance = written.distance_to(base);
    written.add(blob_id(&near), OFFSET_DELTA, delta.len(), &[distance], &deflated(&delta));
    expected.push((blob_id(&near), "blob", near.clone()));

    let named = b"some content of a named".to_vec();
    let delta = [&[22, 23], kept.as_slice(), b"\x05named"].concat();
    let near_id = blob_id(&near);
    written.add(blob_id(&named), REF_DELTA, delta.len(), &near_id.0, &deflated(&delta));
    expected.push((blob_id(&named), "blob", named));

    let (mut reader, _folder) = written.reader();
    // The second time, bases are cached.
    for (id, kind, bytes) in expected.iter().rev().chain(&expected) {
        assert_eq!(reader.declared(*id), Some((*kind, bytes.len() as u64)));
        let object = reader.read(*id).expect(kind);
        assert_eq!((object.kind, &*object.bytes), (*kind, bytes));
    }
    assert!(reader.read(blob_id(b"elsewhere")).is_none());
    assert!(reader.declared(blob_id(b"elsewhere")).is_none());
}

#[test]
fn inconsistent_entries_are_left_to_libgit2() {
    let bytes = b"sixteen bytes ok".as_slice();
    let id = blob_id(bytes);
    let stream = deflated(bytes);
    let delta = deflated(b"\x10\x01\x01a");
    type Row<'r> = (&'r str, u8, usize, &'r [u8], &'r [u8]);
    // The last four do not even have a declared length.
    let rows: [Row; 8] = [
        ("more is declared than there is", BLOB, 17, &[], &stream),
        ("less is declared than there is", BLOB, 15, &[], &stream),
        ("the stream is truncated", BLOB, 16, &[], &stream[..stream.len() - 1]),
        ("the stream is not zlib", BLOB, 16, &[], b"never deflated"),
        ("an unknown kind", 5, 16, &[], &stream),
        ("a base before the pack's start", OFFSET_DELTA, 4, &[0x7f], &delta),
        ("a base where no entry starts", OFFSET_DELTA, 4, &[1], &delta),
        ("a delta against itself", REF_DELTA, 4, &id.0, &delta),
    ];
    for (row, (what, entry_type, len, base, stream)) in rows.into_iter().enumerate() {
        let mut written = PackBuilder::new();
        written.add(id, entry_type, len, base, stream);
        let (mut reader, _folder) = written.reader();
        assert!(reader.read(id).is_none(), "{what}");
        assert_eq!(reader.declared(id).is_none(), row >= 4, "{what}");
    }
    let mut written = PackBuilder::new();
    written.add(id, BLOB, 16, &[], &stream);
    let (mut reader, _folder) = written.reader();
    assert!(reader.read(id).is_some(), "the same entry without a fault");
}

#[test]
fn damage_that_libgit2_does_not_withstand_is_reported() {
    let id = blob_id(b"an object");
    let stream = deflated(b"an object");
    let delta = deflated(b"\x10\x01\x01a");
    // After a header of three bytes.
    let longest = (3 + stream.len()) * 1032;
    type Row<'r> = (u8, usize, &'r [u8], &'r [u8], Option<&'r str>);
    let rows: [Row; 7] = [
        (BLOB, 10, &[], &stream, None),
        (BLOB, longest, &[], &stream, None),
        (REF_DELTA, 4, &[7; 20], &delta, None),
        (5, 9, &[], &stream, Some("unreadable header")),
        (BLOB, longest + 1, &[], &stream, Some("declares more bytes")),
        (OFFSET_DELTA, 4, &[1], &delta, Some("not an object of the pack")),
        (REF_DELTA, 4, &id.0, &delta, Some("does not end")),
    ];
    for (entry_type, len, base, stream, expected) in rows {
        let mut written = PackBuilder::new();
        written.add(id, entry_type, len, base, stream);
        let (reader, _folder) = written.reader();
        let damage = reader.damage(id);
        assert_eq!(damage.is_some(), expected.is_some(), "{damage:?}");
        assert!(damage.unwrap_or_default().contains(expected.unwrap_or_default()), "{damage:?}");
    }
}

#[test]
fn a_pack_with_the_index_of_another_is_left_to_libgit2() {
    let mut written = PackBuilder::new();
    let id = written.add_object(BLOB, "blob", b"an object");
    let (mut reader, folder) = written.reader();
    assert!(reader.read(id).is_some());

    let path = folder.path().join("p.pack");
    let reads = |pack: &[u8], index: Vec<u8>| {
        fs::write(&path, pack).expect("is written");
        let checked = vec![CheckedPack { path: path.clone(), index }];
        PackReader::new(Arc::new(Packs::open(checked))).read(id).is_some()
    };
    let pack = written.finished();
    assert!(reads(&pack, written.index()));
    assert!(!reads(&pack[..pack.len() - 1], written.index()), "truncated");
    assert!(!reads(&pack[..10], written.index()), "shorter than its header");
    for at in [0, 7, 11, pack.len() - 1] {
        let mut other = pack.clone();
        other[at] ^= 1;
        assert!(!reads(&other, written.index()), "byte {at}");
    }
    let mut old = written.index();
    old[7] = 1;
    assert!(!reads(&pack, old), "an index of version 1");
}

#[test]
fn a_damaged_index_is_rejected() {
    let mut written = PackBuilder::new();
    for text in ["an object", "another", "a third"] {
        written.add_object(BLOB, "blob", text.as_bytes());
    }
    let (_, folder) = written.reader();
    let index = written.index();
    let ids_at = 8 + 256 * 4;
    let offsets_at = ids_at + 3 * (20 + 4);
    let last_offset = written.finished().len() as u8 - 20;
    type Row<'r> = (usize, &'r [u8], Option<&'r str>);
    let rows: [Row; 9] = [
        (offsets_at, &[0, 0, 0, last_offset - 1], None),
        (offsets_at, &[0, 0, 0, last_offset], Some("an object is outside its pack")),
        (offsets_at, &[0x80, 0, 0, 0], Some("an object is outside its pack")),
        (offsets_at, &[0x80, 0, 0, 9], Some("it is truncated")),
        (4, &[0, 0, 0, 3], Some("its version is unknown")),
        (ids_at - 4, &[0, 0, 0, 9], Some("it is truncated")),
        (ids_at - 4, &[0, 0, 0, 2], Some("its fan-out is wrong")),
        (8, &[0, 0, 0, 1], Some("its fan-out is wrong")),
        (ids_at, &[0xff; 20], Some("its ids are out of order")),
    ];
    for (at, patch, expected) in rows {
        let mut bytes = index[..index.len() - 20].to_vec();
        bytes[at..at + patch.len()].copy_from_slice(patch);
        bytes.extend(sha1(&bytes));
        fs::write(folder.path().join("p.idx"), bytes).expect("is written");
        let checked = check_all(folder.path());
        match (checked, expected) {
            (Ok(_), None) => {}
            (Err(Error::PackIndex { what, .. }), Some(expected)) => assert_eq!(what, expected),
            (checked, expected) => panic!("{at}: {:?}, not {expected:?}", checked.err()),
        }
    }
}
