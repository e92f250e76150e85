//! Reads packed objects: a fast path for the usual cases, next to libgit2.
//!
//! libgit2 maps a pack again for every few objects and inflates with zlib, which was a tenth of a run
//! and half of a check of entries. Here an entry is read with one call and inflated with
//! libdeflate, and delta bases are cached. Anything unusual (another index version, a very large object,
//! an inconsistent entry) returns `None`; libgit2 handles it and reports what is wrong, so reading needs no
//! error here. Only damage that libgit2 does not withstand is reported. The caller hashes the bytes.
//!
//! Own code, since `gix-odb` 0.87 and `gix-pack` 0.77 were measured for comparison (two processors,
//! 2026-11-27, `verify --depth entries` over the public repository, each object hashed): they map the whole
//! pack, so peak memory is 4.1 times as high, and take 1.03 to 1.12 times the processor time; when the map is
//! released while reading, 1.02 times the memory and 1.20 times the processor time.

mod bases;
mod check;
mod entry;
mod fields;
mod index;

use std::fs::File;
use std::sync::Arc;

use libdeflater::Decompressor;

use bases::Bases;
pub(in crate::v1) use check::{CheckedPack, check_all};
use entry::{Header, MAX_HEADER_LEN, Payload, apply_delta, result_len};
use index::Index;

use crate::model::content::ObjectId;
use crate::read_at::read_exact_at;

/// A pack ends with its checksum, so no object starts there.
const TRAILER_LEN: u64 = 20;

/// Longer ones are left to libgit2, in bytes: objects, all deltas of one object, and pack entries.
const MAX_OBJECT_LEN: u64 = 256 << 20;
const MAX_ENTRY_LEN: u64 = 64 << 20;

/// A larger entry buffer is freed after use, so that one huge entry does not occupy memory for the rest
/// of the run. In bytes.
const KEPT_ENTRY_LEN: usize = 8 << 20;

/// Maximum memory for indexes, in bytes: the rest is left to libgit2, which maps them.
const MAX_INDEXES_LEN: usize = 64 << 20;

/// Maximum number of open packs; the rest is left to libgit2, as Git repacks long before that.
const MAX_PACKS: usize = 64;

/// Length of the longest delta chain that Git writes.
const MAX_CHAIN_LEN: usize = 4095;

/// Maximum ratio by which a deflate stream inflates: 258 bytes from two bits (RFC 1951).
const MAX_INFLATION: u64 = 1032;

/// The packs of a repository; shared by all workers.
#[derive(Default)]
pub(in crate::v1) struct Packs {
    packs: Vec<Pack>,
}

struct Pack {
    file: File,
    index: Index,
}

impl Packs {
    /// Opens packs whose indexes have been checked.
    pub(in crate::v1) fn open(checked: Vec<CheckedPack>) -> Self {
        let mut room = MAX_INDEXES_LEN;
        let fits = |pack: &CheckedPack| match room.checked_sub(pack.index.len()) {
            Some(left) => {
                room = left;
                true
            }
            None => false,
        };
        let fitting = checked.into_iter().filter(fits).take(MAX_PACKS);
        Packs { packs: fitting.filter_map(Pack::open).collect() }
    }

    /// Returns the packs that contain an object, each with its number and the offset in it.
    fn containing(&self, id: ObjectId) -> impl Iterator<Item = (usize, &Pack, u64)> {
        let packs = self.packs.iter().enumerate();
        packs.filter_map(move |(number, pack)| Some((number, pack, pack.index.find(id)?)))
    }
}

impl Pack {
    /// Opens the pack, if the index belongs to it.
    fn open(checked: CheckedPack) -> Option<Self> {
        let file = File::open(&checked.path).ok()?;
        let end = file.metadata().ok()?.len().checked_sub(TRAILER_LEN)?;
        let index = Index::new(checked.index, end)?;
        let (mut header, mut trailer) = ([0; 12], [0; TRAILER_LEN as usize]);
        read_exact_at(&file, &mut header, 0).ok()?;
        read_exact_at(&file, &mut trailer, end).ok()?;
        let matches_index = index.belongs_to(header, trailer);
        matches_index.then_some(Pack { file, index })
    }

    /// Returns the length of the entry that starts at `at`, in bytes; `None` when no entry starts there.
    fn entry_len(&self, at: u64) -> Option<u64> {
        self.index.end_of(at)?.checked_sub(at)
    }

    /// Reads an entry's header only.
    fn header(&self, at: u64) -> Option<Header> {
        let entry_len = self.entry_len(at)?;
        let mut beginning = [0; MAX_HEADER_LEN];
        let beginning = &mut beginning[..usize::try_from(entry_len).ok()?.min(MAX_HEADER_LEN)];
        read_exact_at(&self.file, beginning, at).ok()?;
        Header::read(beginning)
    }

    /// Returns where the base of the delta at `at` starts; `None` for a whole object.
    fn base_at(&self, at: u64, delta: Payload) -> Option<u64> {
        match delta {
            Payload::Object(_) => None,
            Payload::OffsetDelta(distance) => at.checked_sub(distance),
            Payload::RefDelta(base_id) => self.index.find(base_id),
        }
    }

    /// Like [`PackReader::damage`], from the entry at `at` down to its last base.
    fn damage(&self, mut at: u64) -> Option<&'static str> {
        for _ in 0..=MAX_CHAIN_LEN {
            let Some(entry_len) = self.entry_len(at) else {
                return Some("its delta base is not an object of the pack");
            };
            let Some(header) = self.header(at) else {
                return Some("its pack entry has an unreadable header");
            };
            if header.len > entry_len.saturating_mul(MAX_INFLATION) {
                return Some("its pack entry declares more bytes than it can contain");
            }
            // libgit2 itself rejects a missing base.
            at = self.base_at(at, header.payload)?;
        }
        Some("its delta chain does not end")
    }
}

/// An object as it was read, not yet checked against its id.
#[derive(Clone)]
pub(in crate::v1) struct PackedObject {
    /// Its kind, in Git's spelling.
    pub(in crate::v1) kind: &'static str,
    /// Its bytes.
    pub(in crate::v1) bytes: Arc<Vec<u8>>,
}

/// The position of an entry: the number of the pack, and the offset in it.
type PackOffset = (usize, u64);

/// One worker's reader of the packs.
pub(in crate::v1) struct PackReader {
    packs: Arc<Packs>,
    inflater: Decompressor,
    bases: Bases,
    /// A reusable buffer for an entry.
    entry: Vec<u8>,
}

/// An entry, inflated.
enum Inflated {
    Object(PackedObject),
    Delta { base_at: u64, delta: Vec<u8> },
}

impl PackReader {
    pub(in crate::v1) fn new(packs: Arc<Packs>) -> Self {
        let (inflater, bases) = (Decompressor::new(), Bases::default());
        PackReader { packs, inflater, bases, entry: Vec::new() }
    }

    /// Reads an object; `None` when it is not packed, or left to libgit2.
    pub(in crate::v1) fn read(&mut self, id: ObjectId) -> Option<PackedObject> {
        let packs = Arc::clone(&self.packs);
        let (number, pack, offset) = packs.containing(id).next()?;
        self.object(number, pack, offset)
    }

    /// Returns an object's declared kind and length in bytes; `None` as in [`PackReader::read`].
    pub(in crate::v1) fn declared(&mut self, id: ObjectId) -> Option<(&'static str, u64)> {
        let packs = Arc::clone(&self.packs);
        let (number, pack, mut at) = packs.containing(id).next()?;
        // The length is in the object's own entry, the kind in the last base.
        let mut len = None;
        for _ in 0..=MAX_CHAIN_LEN {
            if let Some(known) = self.bases.get((number, at)) {
                return Some((known.kind, len.unwrap_or(known.bytes.len() as u64)));
            }
            let header = pack.header(at)?;
            if let Payload::Object(kind) = header.payload {
                return Some((kind, len.unwrap_or(header.len)));
            }
            let base_at = pack.base_at(at, header.payload)?;
            if len.is_none() {
                let Inflated::Delta { delta, .. } = self.inflate(pack, at)? else { return None };
                len = Some(result_len(&delta)?);
            }
            at = base_at;
        }
        None
    }

    /// Returns the damage of an object's entry, or of a base, that libgit2 does not withstand: it would
    /// allocate as much memory as is declared, or follow a chain forever.
    pub(in crate::v1) fn damage(&self, id: ObjectId) -> Option<&'static str> {
        self.packs.containing(id).find_map(|(_, pack, offset)| pack.damage(offset))
    }

    fn object(&mut self, number: usize, pack: &Pack, offset: u64) -> Option<PackedObject> {
        let (mut chain, mut chain_len) = (Vec::new(), 0);
        let mut at = offset;
        let mut object = loop {
            if let Some(known) = self.bases.get((number, at)) {
                break known;
            }
            match self.inflate(pack, at)? {
                Inflated::Object(object) => {
                    self.bases.keep((number, at), &object);
                    break object;
                }
                Inflated::Delta { base_at, delta } => {
                    chain_len += delta.len() as u64;
                    chain.push((at, delta));
                    at = base_at;
                }
            }
            if chain.len() > MAX_CHAIN_LEN || chain_len > MAX_OBJECT_LEN {
                return None;
            }
        };
        while let Some((at, delta)) = chain.pop() {
            let bytes = apply_delta(&object.bytes, &delta, MAX_OBJECT_LEN)?;
            object = PackedObject { kind: object.kind, bytes: Arc::new(bytes) };
            self.bases.keep((number, at), &object);
        }
        Some(object)
    }

    fn inflate(&mut self, pack: &Pack, at: u64) -> Option<Inflated> {
        let entry_len = pack.entry_len(at)?;
        if entry_len > MAX_ENTRY_LEN {
            return None;
        }
        let entry_len = usize::try_from(entry_len).ok()?;
        if self.entry.len() < entry_len {
            self.entry.resize(entry_len, 0);
        }
        let entry = &mut self.entry[..entry_len];
        read_exact_at(&pack.file, entry, at).ok()?;
        let header = Header::read(entry)?;
        if header.len > MAX_OBJECT_LEN {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(header.len).ok()?];
        let stream = &entry[header.stream_at..];
        let inflated_len = self.inflater.zlib_decompress(stream, &mut bytes).ok()?;
        if self.entry.capacity() > KEPT_ENTRY_LEN {
            self.entry = Vec::new();
        }
        if inflated_len != bytes.len() {
            return None;
        }
        Some(match header.payload {
            Payload::Object(kind) => {
                Inflated::Object(PackedObject { kind, bytes: Arc::new(bytes) })
            }
            delta => Inflated::Delta { base_at: pack.base_at(at, delta)?, delta: bytes },
        })
    }
}

#[cfg(test)]
mod tests;
