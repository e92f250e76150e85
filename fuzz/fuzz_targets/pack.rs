//! Any bytes as a pack and its index: every object that is read hashes to its id, and has its reported length.
//!
//! Checksums are corrected, or hardly any code after their check would be reached. The input's first byte
//! is the form of the rest: 1 a table, from which an index is created, and the pack's entries; 2 an index and a
//! pack, and 3 an index, a multi-pack-index and a pack, unchanged except for their checksums. Numbers are
//! big-endian. Everything uses the repository's public API, and so libgit2 for what is left
//! to it. Indexes of other versions than Git writes today, and those with duplicate objects, are checked,
//! but not used for reading: libgit2 alone would do that, or with another entry, and allocates as much memory as a
//! damaged one declares.

#![no_main]

use std::cell::OnceCell;
use std::fs;
use std::path::PathBuf;

use git2::{ObjectType, Oid, Repository};
use libfuzzer_sys::fuzz_target;
use package_storage_migrate::model::content::ObjectId;
use package_storage_migrate::digest::sha1;
use package_storage_migrate::model::finding::ObjectKind;
use package_storage_migrate::v1::repository::V1Repository;
use tempfile::TempDir;

/// Length of an id or a checksum.
const ID_LEN: usize = 20;

/// The name of the pack, without its extension, in Git's form.
const NAME: &str = "pack-0123456789abcdef0123456789abcdef01234567";

/// The start of an index as Git writes it today.
const VERSION_2: &[u8] = b"\xfftOc\0\0\0\x02";

/// Maximum number of objects that are read per input.
const MAX_ID_COUNT: usize = 32;

/// A bare repository without objects, which gets the files of each input.
struct Scratch {
    folder: TempDir,
    packs: PathBuf,
}

thread_local! {
    static SCRATCH: OnceCell<Scratch> = const { OnceCell::new() };
}

struct Files {
    pack: Vec<u8>,
    index: Vec<u8>,
    multi_index: Option<Vec<u8>>,
    ids: Vec<ObjectId>,
}

fuzz_target!(|bytes: &[u8]| {
    let Some(files) = files(bytes) else { return };
    SCRATCH.with(|scratch| {
        let scratch = scratch.get_or_init(Scratch::new);
        scratch.put(&files);
        check(scratch, &files);
    });
});

impl Scratch {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        Repository::init_bare(folder.path()).expect("a repository");
        let packs = folder.path().join("objects/pack");
        Scratch { folder, packs }
    }

    fn put(&self, files: &Files) {
        let write = |name: &str, bytes| fs::write(self.packs.join(name), bytes).expect("disk space");
        write(&format!("{NAME}.pack"), &files.pack);
        write(&format!("{NAME}.idx"), &files.index);
        match &files.multi_index {
            Some(multi_index) => write("multi-pack-index", multi_index),
            None => _ = fs::remove_file(self.packs.join("multi-pack-index")),
        }
    }
}

fn check(scratch: &Scratch, files: &Files) {
    let repository = match V1Repository::open(scratch.folder.path()) {
        Ok(repository) => repository,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let is_unique = files.ids.is_sorted_by(|id, next| id < next);
    if !files.index.starts_with(VERSION_2) || files.multi_index.is_some() || !is_unique {
        return;
    }
    let reader = repository.reader().expect("it was opened before");
    for &id in files.ids.iter().take(MAX_ID_COUNT) {
        for (kind, object_type) in [
            (ObjectKind::Blob, ObjectType::Blob),
            (ObjectKind::Tree, ObjectType::Tree),
            (ObjectKind::Commit, ObjectType::Commit),
        ] {
            let Ok(bytes) = reader.read(kind, id, <[u8]>::to_vec) else { continue };
            let hashed = Oid::hash_object(object_type, &bytes).expect("a hash");
            assert_eq!(hashed.as_bytes(), id.0);
            if kind == ObjectKind::Blob {
                assert_eq!(reader.blob_len(id).ok(), Some(bytes.len() as u64));
            }
        }
        _ = reader.blob_len(id);
    }
}

/// Splits an input into its files; returns `None` when it is truncated.
fn files(mut bytes: &[u8]) -> Option<Files> {
    let (form, rest) = bytes.split_first()?;
    bytes = rest;
    let (mut index, mut multi_index, ids): (_, _, Vec<_>);
    let mut pack = Vec::new();
    match form {
        1 => {
            let count = take(&mut bytes, 1)?[0];
            let mut table = Vec::new();
            for _ in 0..count {
                let id: [u8; ID_LEN] = take(&mut bytes, ID_LEN)?.try_into().ok()?;
                table.push((ObjectId(id), take(&mut bytes, 4)?));
            }
            pack.extend(b"PACK\0\0\0\x02");
            pack.extend(u32::from(count).to_be_bytes());
            table.sort_unstable();
            index = index_of(&table);
            multi_index = None;
            ids = table.into_iter().map(|(id, _)| id).collect();
        }
        2 | 3 => {
            index = take_field(&mut bytes)?.to_vec();
            multi_index = None;
            if *form == 3 {
                multi_index = Some(take_field(&mut bytes)?.to_vec());
            }
            let count = index.get(8 + 255 * 4..)?.first_chunk().copied().map(u32::from_be_bytes)?;
            let rows = index.get(8 + 256 * 4..)?.chunks_exact(ID_LEN).take(count as usize);
            ids = rows.map(|row| ObjectId(row.try_into().expect("20 bytes"))).collect();
        }
        _ => return None,
    }
    pack.extend(bytes);
    add_checksum(&mut pack);
    index.extend(&pack[pack.len() - ID_LEN..]);
    add_checksum(&mut index);
    if let Some(multi_index) = &mut multi_index {
        add_checksum(multi_index);
    }
    Some(Files { pack, index, multi_index, ids })
}

/// Creates an index of version 2, without its checksums.
fn index_of(table: &[(ObjectId, &[u8])]) -> Vec<u8> {
    let mut index = VERSION_2.to_vec();
    for first in 0..=u8::MAX {
        let count = table.iter().filter(|(id, _)| id.0[0] <= first).count() as u32;
        index.extend(count.to_be_bytes());
    }
    index.extend(table.iter().flat_map(|(id, _)| id.0));
    index.extend(table.iter().flat_map(|_| [0; 4]));
    index.extend(table.iter().flat_map(|(_, offset)| *offset));
    index
}

fn add_checksum(file: &mut Vec<u8>) {
    let checksum = sha1(file);
    file.extend(checksum);
}

/// Takes a field after its length.
fn take_field<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let len = take(bytes, 2)?;
    take(bytes, usize::from(u16::from_be_bytes([len[0], len[1]])))
}

fn take<'b>(bytes: &mut &'b [u8], len: usize) -> Option<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(taken)
}
