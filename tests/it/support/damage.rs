//! Damages repositories beyond what `V1Repo` can: any byte of a loose object or of a pack.
//!
//! Also determines which objects of a damaged pack are still readable, so that a test need not rely on
//! the tool.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use git2::{Oid, Repository};

/// Returns the file of a loose object.
pub(crate) fn loose_file(repo: &Path, id: Oid) -> PathBuf {
    let id = id.to_string();
    repo.join("objects").join(&id[..2]).join(&id[2..])
}

/// Returns the only file in `objects/pack` with this extension.
pub(crate) fn pack_file(repo: &Path, extension: &str) -> PathBuf {
    let files = fs::read_dir(repo.join("objects/pack")).expect("list the packs");
    let mut files = files.map(|entry| entry.expect("list the packs").path());
    files.find(|path| path.extension().is_some_and(|found| found == extension)).expect("a pack")
}

/// Returns where the entry of each object starts in the only pack (Git's "gitformat-pack", version 2).
pub(crate) fn entry_offsets(repo: &Path) -> BTreeMap<Oid, usize> {
    let index = fs::read(pack_file(repo, "idx")).expect("read the index");
    let number =
        |at: usize| u32::from_be_bytes(index[at..at + 4].try_into().expect("4 bytes")) as usize;
    let count = number(8 + 255 * 4);
    let ids_at = 8 + 256 * 4;
    let offsets_at = ids_at + count * (20 + 4);
    let id = |row: usize| Oid::from_bytes(&index[ids_at + row * 20..][..20]).expect("an id");
    (0..count).map(|row| (id(row), number(offsets_at + row * 4))).collect()
}

/// Packs the repository, and overwrites the start of an object's entry.
pub(crate) fn overwrite_packed(repo: &super::v1_repo::V1Repo, id: Oid, header: &[u8]) {
    repo.repack();
    let pack = pack_file(repo.path(), "pack");
    let mut bytes = fs::read(&pack).expect("read the pack");
    bytes[entry_offsets(repo.path())[&id]..][..header.len()].copy_from_slice(header);
    rewrite(&pack, &bytes);
}

/// Replaces a file, since Git's own files are read-only.
pub(crate) fn rewrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).and_then(|()| fs::write(path, bytes)).expect("replace a file");
}

/// Returns those of `ids` that are unreadable in a repository without loose objects.
pub(crate) fn unreadable(repo: &Path, ids: &BTreeSet<Oid>) -> BTreeSet<Oid> {
    let git = Repository::open_bare(repo).expect("open the repository");
    let odb = git.odb().expect("open the object database");
    let is_whole = |id: &Oid| {
        odb.read(*id).is_ok_and(|object| {
            Oid::hash_object(object.kind(), object.data()).expect("hash an object") == *id
        })
    };
    ids.iter().filter(|id| !is_whole(id)).copied().collect()
}

/// Packs the repository and flips a byte, so that only this object becomes unreadable.
pub(crate) fn flip_packed(repo: &super::v1_repo::V1Repo, id: Oid) {
    let ids = repo.object_ids();
    repo.repack();
    let pack = pack_file(repo.path(), "pack");
    let whole = fs::read(&pack).expect("read the pack");
    for at in (0..whole.len()).rev() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        rewrite(&pack, &bytes);
        if unreadable(repo.path(), &ids) == BTreeSet::from([id]) {
            return;
        }
    }
    panic!("no byte of the pack belongs to {id} alone");
}
