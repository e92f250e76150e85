//! Looks into one archive: what is wrong with its entries, and how the files below the revision's
//! folder differ from the wanted ones.
//!
//! The rules of what is wrong are those of `zip_reader`; what v1 holds also bounds how much of a file
//! is read.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::compare::{FoundBytes, FoundFile, compare};
use super::truth::WantedCopy;
use crate::digest::BlobHasher;
use crate::model::content::{ObjectId, escape};
use crate::model::mismatch::{MismatchKind, PathMismatch};
use crate::read_at::ReadAt;
use crate::v2::zip_reader::{
    self, Directory, Entry, Fault, FaultKind, Field, FileReader, ReadError,
};

/// What looking at an archive, and at its signature, has found.
#[derive(Debug, Default)]
pub(super) struct Inspection {
    /// How the archive does not match.
    pub(super) mismatches: Vec<PathMismatch>,
    /// How its signature does not.
    pub(super) of_signature: Vec<MismatchKind>,
    /// Number of v1's files that were compared.
    pub(super) file_count: u64,
}

impl Inspection {
    /// Adds what another look has found.
    pub(super) fn and(mut self, other: Inspection) -> Self {
        self.mismatches.extend(other.mismatches);
        self.of_signature.extend(other.of_signature);
        self.file_count += other.file_count;
        self
    }
}

impl<M: Into<PathMismatch>> FromIterator<M> for Inspection {
    fn from_iter<I: IntoIterator<Item = M>>(mismatches: I) -> Self {
        let mismatches = mismatches.into_iter().map(M::into).collect();
        Inspection { mismatches, ..Inspection::default() }
    }
}

/// Compares an archive's list of files, with the checksums that its central directory declares.
///
/// # Errors
/// The source cannot be read: nothing is known.
pub(super) fn list(
    source: &dyn ReadAt,
    root: &str,
    wanted: &[WantedCopy],
) -> io::Result<Inspection> {
    look_into(source, |directory| {
        let declared = |entry: &Entry| (entry.len, FoundBytes::Crc32(entry.crc32));
        let entries = directory.entries().iter();
        Ok(Looking::new(directory, root).finish(entries.map(declared).collect(), wanted))
    })
}

/// Compares an archive's files, read as far as v1 has files of such lengths at their paths.
///
/// # Errors
/// The source cannot be read: nothing is known.
pub(super) fn read(
    source: &dyn ReadAt,
    root: &str,
    wanted: &[WantedCopy],
    reader: &mut FileReader,
) -> io::Result<Inspection> {
    look_into(source, |directory| {
        let mut looking = Looking::new(directory, root);
        let mut found = vec![(0, FoundBytes::Unread); directory.entries().len()];
        let mut files = reader.files(source, directory);
        for &index in directory.file_order() {
            let entry = &directory.entries()[index];
            let path = looking.path_of(entry);
            let lens = wanted.iter().filter_map(|copy| copy.len_of(path?));
            // What v1 does not have so long is not the same, and may be a bomb.
            let limit = lens.max().unwrap_or(0);
            let mut hasher = BlobHasher::new(entry.len);
            let read = files.read(index, limit, &mut |bytes| hasher.update(bytes));
            let (len, fault) = match read {
                Ok(()) => (entry.len, None),
                Err(ReadError::Source(error)) => return Err(error),
                Err(ReadError::Fault(Fault { kind, .. })) => (len_of(entry, &kind), Some(kind)),
            };
            let blob_id = ObjectId(hasher.finish());
            found[index] = (
                len,
                match fault {
                    None => FoundBytes::Blob(blob_id),
                    Some(kind) => looking.read_fault(index, kind, blob_id, wanted),
                },
            );
        }
        Ok(looking.finish(found, wanted))
    })
}

/// Reads an archive's directory and looks further with `look`; without one, the archive is unreadable.
fn look_into(
    source: &dyn ReadAt,
    look: impl FnOnce(&Directory) -> io::Result<Inspection>,
) -> io::Result<Inspection> {
    match zip_reader::list(source) {
        Ok(directory) => look(&directory),
        Err(ReadError::Source(error)) => Err(error),
        Err(ReadError::Fault(fault)) => Ok([of_archive(&fault)].into_iter().collect()),
    }
}

/// The length of a file that was not read to its end, as far as it is known.
fn len_of(entry: &Entry, fault: &FaultKind) -> u64 {
    match fault {
        FaultKind::Length { found, .. } => *found,
        _ => entry.len,
    }
}

/// An archive that is being looked into.
struct Looking<'a> {
    directory: &'a Directory,
    root: &'a str,
    /// What is wrong with the archive as a whole.
    of_archive: Vec<PathMismatch>,
    /// What is told of entries, by their places: of each, the first.
    faults: BTreeMap<usize, MismatchKind>,
}

impl<'a> Looking<'a> {
    fn new(directory: &'a Directory, root: &'a str) -> Self {
        let mut looking =
            Looking { directory, root, of_archive: Vec::new(), faults: BTreeMap::new() };
        for fault in directory.faults() {
            match &fault.entry {
                Some(entry) => {
                    looking.faults.entry(entry.index).or_insert_with(|| of_entry(&fault.kind));
                }
                None => looking.of_archive.push(of_archive(fault).into()),
            }
        }
        looking
    }

    /// The path of an entry below the revision's folder; none of what is not below it, and of a
    /// name that is no text.
    fn path_of(&self, entry: &'a Entry) -> Option<&'a str> {
        let path = entry.path().strip_prefix(self.root.as_bytes())?.strip_prefix(b"/")?;
        std::str::from_utf8(path).ok()
    }

    /// Takes a fault that reading an entry has shown, and tells what is known of its bytes.
    fn read_fault(
        &mut self,
        index: usize,
        kind: FaultKind,
        blob_id: ObjectId,
        wanted: &[WantedCopy],
    ) -> FoundBytes {
        let path = self.path_of(&self.directory.entries()[index]);
        match kind {
            // Nothing is wrong with the archive; only the file is another one.
            FaultKind::AboveLimit { .. }
            | FaultKind::Length { .. }
            | FaultKind::CorruptStream
            | FaultKind::StreamCutOff => FoundBytes::Unread,
            FaultKind::Crc32 { .. } => {
                let is_wanted = |copy: &WantedCopy| {
                    path.and_then(|path| copy.content.find(path))
                        .is_some_and(|file| file.blob_id == blob_id)
                };
                // The bytes are right, so it is the checksum that is wrong.
                if wanted.iter().any(is_wanted) {
                    let field = Field::Crc32.to_string();
                    self.tell(index, MismatchKind::HeaderDisagreement { field });
                }
                FoundBytes::Blob(blob_id)
            }
            kind => {
                self.tell(index, of_entry(&kind));
                FoundBytes::Unread
            }
        }
    }

    fn tell(&mut self, index: usize, kind: MismatchKind) {
        self.faults.entry(index).or_insert(kind);
    }

    /// Puts together what was found of each entry, by its place, and compares the files.
    fn finish(self, found: Vec<(u64, FoundBytes)>, wanted: &[WantedCopy]) -> Inspection {
        let (mut mismatches, mut reported) = (self.of_archive.clone(), BTreeSet::new());
        let (mut files, mut other_roots) = (Vec::new(), BTreeSet::new());
        for (index, (entry, (len, bytes))) in self.directory.entries().iter().zip(found).enumerate()
        {
            let path = self.path_of(entry);
            if let Some(kind) = self.faults.get(&index) {
                let shown = path.map_or(entry.path(), str::as_bytes);
                mismatches.push(PathMismatch { path: Some(escape(shown)), kind: kind.clone() });
                reported.extend(path.map(Box::from));
            } else if path.is_none() && entry.path() != self.root.as_bytes() {
                other_roots.insert(first_component(entry));
            }
            if let (Some(path), true) = (path, entry.is_file()) {
                files.push(FoundFile { path: path.into(), len, bytes });
            }
        }
        // Without a single file where files should be, there is no more to say than that.
        let is_elsewhere = files.is_empty() && !other_roots.is_empty();
        mismatches
            .extend(other_roots.into_iter().map(|found| MismatchKind::WrongRoot { found }.into()));
        if is_elsewhere {
            return mismatches.into_iter().collect();
        }
        mismatches.extend(compare(wanted, &files, &reported));
        Inspection { file_count: wanted[0].file_count(), ..mismatches.into_iter().collect() }
    }
}

/// The folder that an entry lies in, of those at the archive's top; none for a file at the top.
fn first_component(entry: &Entry) -> String {
    let name: &[u8] = &entry.name;
    let end = name.iter().position(|byte| *byte == b'/').unwrap_or(0);
    escape(&name[..end])
}

/// What is told of an archive that has a fault as a whole.
fn of_archive(fault: &Fault) -> MismatchKind {
    let detail = fault.to_string();
    match fault.kind {
        FaultKind::BytesAfterEnd { .. }
        | FaultKind::BytesBefore { .. }
        | FaultKind::UnlistedBytes { .. } => MismatchKind::StrayBytes { detail },
        _ => MismatchKind::ArchiveUnreadable { detail },
    }
}

/// What is told of an entry that has a fault.
fn of_entry(kind: &FaultKind) -> MismatchKind {
    let unsafe_entry = |reason| MismatchKind::UnsafeEntry { reason };
    let disagreement = |field: &str| MismatchKind::HeaderDisagreement { field: field.to_owned() };
    match kind {
        FaultKind::DuplicateEntry { .. } | FaultKind::FileAndFolder { .. } => {
            MismatchKind::DuplicateEntry
        }
        FaultKind::UnsafeName { reason } => unsafe_entry(reason.to_string()),
        FaultKind::Symlink | FaultKind::OddType { .. } | FaultKind::FolderWithData { .. } => {
            unsafe_entry(kind.to_string())
        }
        FaultKind::UnsupportedCompression { method } => {
            MismatchKind::UnsupportedCompression { method: *method }
        }
        FaultKind::HeaderDisagreement { field } => disagreement(&field.to_string()),
        FaultKind::Zip64 { field } => disagreement(&format!("ZIP64 {field}")),
        FaultKind::Crc32 { .. } => disagreement(&Field::Crc32.to_string()),
        FaultKind::BytesAfterStream { .. } => disagreement(&Field::StoredLen.to_string()),
        FaultKind::Length { .. } => disagreement(&Field::Len.to_string()),
        FaultKind::BytesAfterEnd { .. }
        | FaultKind::BytesBefore { .. }
        | FaultKind::UnlistedBytes { .. } => MismatchKind::StrayBytes { detail: kind.to_string() },
        FaultKind::NoEnd
        | FaultKind::EndCutOff { .. }
        | FaultKind::SeveralDisks
        | FaultKind::EntryCount { .. }
        | FaultKind::DirectoryMisplaced { .. }
        | FaultKind::DirectoryTooLong { .. }
        | FaultKind::DirectoryMalformed { .. }
        | FaultKind::Overlap { .. }
        | FaultKind::OutOfRange
        | FaultKind::Encrypted { .. }
        | FaultKind::NoLocalHeader { .. }
        | FaultKind::AboveLimit { .. }
        | FaultKind::CorruptStream
        | FaultKind::StreamCutOff => MismatchKind::ArchiveUnreadable { detail: kind.to_string() },
    }
}
