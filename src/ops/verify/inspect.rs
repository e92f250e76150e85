//! Inspects one archive: reports faulty entries, and how the files in the revision's folder differ from
//! the expected ones.
//!
//! `zip_reader` has the rules for entries; the sizes in v1 bound how much of a file is read.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::compare::{FoundBytes, FoundFile, compare};
use super::truth::ExpectedCopy;
use crate::digest::BlobHasher;
use crate::model::content::{ObjectId, escape};
use crate::model::mismatch::{MismatchKind, PathMismatch};
use crate::read_at::ReadAt;
use crate::v2::zip_reader::{
    self, Directory, Entry, Fault, FaultKind, Field, FileReader, ReadError,
};

/// The result of inspecting an archive and its signature.
#[derive(Debug, Default)]
pub(super) struct Inspection {
    /// The mismatches of the archive.
    pub(super) mismatches: Vec<PathMismatch>,
    /// The mismatches of its signature.
    pub(super) of_signature: Vec<MismatchKind>,
    /// Number of v1's files that were compared.
    pub(super) file_count: u64,
}

impl Inspection {
    /// Adds the results of another inspection.
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

/// Compares the names, sizes and checksums in an archive's central directory.
///
/// # Errors
/// The source cannot be read.
pub(super) fn list(
    source: &dyn ReadAt,
    root: &str,
    expected: &[ExpectedCopy],
) -> io::Result<Inspection> {
    with_directory(source, |directory| {
        let declared = |entry: &Entry| (entry.len, FoundBytes::Crc32(entry.crc32));
        let entries = directory.entries().iter();
        Ok(ArchiveInspector::new(directory, root).finish(entries.map(declared).collect(), expected))
    })
}

/// Compares the content of an archive's files; each is read only up to the size of v1's file at its path.
///
/// # Errors
/// The source cannot be read.
pub(super) fn read(
    source: &dyn ReadAt,
    root: &str,
    expected: &[ExpectedCopy],
    reader: &mut FileReader,
) -> io::Result<Inspection> {
    with_directory(source, |directory| {
        let mut inspector = ArchiveInspector::new(directory, root);
        let mut found = vec![(0, FoundBytes::Unread); directory.entries().len()];
        let mut files = reader.files(source, directory);
        for &index in directory.file_order() {
            let entry = &directory.entries()[index];
            let path = inspector.path_of(entry);
            let lens = expected.iter().filter_map(|copy| copy.len_of(path?));
            // A longer file differs from v1 anyway, and may be a decompression bomb.
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
                    Some(kind) => inspector.read_fault(index, kind, blob_id, expected),
                },
            );
        }
        Ok(inspector.finish(found, expected))
    })
}

/// Reads an archive's central directory and calls `inspect`; if it cannot be parsed, the archive is
/// reported as unreadable.
fn with_directory(
    source: &dyn ReadAt,
    inspect: impl FnOnce(&Directory) -> io::Result<Inspection>,
) -> io::Result<Inspection> {
    match zip_reader::list(source) {
        Ok(directory) => inspect(&directory),
        Err(ReadError::Source(error)) => Err(error),
        Err(ReadError::Fault(fault)) => Ok([of_archive(&fault)].into_iter().collect()),
    }
}

/// Returns the size of a file that could not be read: the actual one if known, otherwise the declared one.
fn len_of(entry: &Entry, fault: &FaultKind) -> u64 {
    match fault {
        FaultKind::Length { found, .. } => *found,
        _ => entry.len,
    }
}

/// The state of an inspection.
struct ArchiveInspector<'a> {
    directory: &'a Directory,
    root: &'a str,
    /// The mismatches of the archive as a whole.
    of_archive: Vec<PathMismatch>,
    /// The first fault of each entry, by index.
    faults: BTreeMap<usize, MismatchKind>,
}

impl<'a> ArchiveInspector<'a> {
    fn new(directory: &'a Directory, root: &'a str) -> Self {
        let mut inspector =
            ArchiveInspector { directory, root, of_archive: Vec::new(), faults: BTreeMap::new() };
        for fault in directory.faults() {
            match &fault.entry {
                Some(entry) => {
                    inspector.faults.entry(entry.index).or_insert_with(|| of_entry(&fault.kind));
                }
                None => inspector.of_archive.push(of_archive(fault).into()),
            }
        }
        inspector
    }

    /// Returns the path of an entry in the revision's folder, or `None` if it is not in the folder or not
    /// UTF-8.
    fn path_of(&self, entry: &'a Entry) -> Option<&'a str> {
        let path = entry.path().strip_prefix(self.root.as_bytes())?.strip_prefix(b"/")?;
        std::str::from_utf8(path).ok()
    }

    /// Records a fault found while reading an entry, and returns how its bytes are identified.
    fn read_fault(
        &mut self,
        index: usize,
        kind: FaultKind,
        blob_id: ObjectId,
        expected: &[ExpectedCopy],
    ) -> FoundBytes {
        let path = self.path_of(&self.directory.entries()[index]);
        match kind {
            // Reported as a different file, not as a fault of the archive.
            FaultKind::AboveLimit { .. }
            | FaultKind::Length { .. }
            | FaultKind::CorruptStream
            | FaultKind::StreamCutOff => FoundBytes::Unread,
            FaultKind::Crc32 { .. } => {
                let is_expected = |copy: &ExpectedCopy| {
                    path.and_then(|path| copy.content.find(path))
                        .is_some_and(|file| file.blob_id == blob_id)
                };
                // The bytes are the expected ones, so the checksum is wrong.
                if expected.iter().any(is_expected) {
                    let field = Field::Crc32.to_string();
                    self.report(index, MismatchKind::HeaderDisagreement { field });
                }
                FoundBytes::Blob(blob_id)
            }
            kind => {
                self.report(index, of_entry(&kind));
                FoundBytes::Unread
            }
        }
    }

    fn report(&mut self, index: usize, kind: MismatchKind) {
        self.faults.entry(index).or_insert(kind);
    }

    /// Combines the faults with the size and bytes found for each entry, by index, and compares the files.
    fn finish(self, found: Vec<(u64, FoundBytes)>, expected: &[ExpectedCopy]) -> Inspection {
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
        // If all files are in another folder, only the folder is reported, not every missing file.
        let is_elsewhere = files.is_empty() && !other_roots.is_empty();
        mismatches
            .extend(other_roots.into_iter().map(|found| MismatchKind::WrongRoot { found }.into()));
        if is_elsewhere {
            return mismatches.into_iter().collect();
        }
        mismatches.extend(compare(expected, &files, &reported));
        Inspection { file_count: expected[0].file_count(), ..mismatches.into_iter().collect() }
    }
}

/// Returns the top-level folder of an entry; empty for a file at the top level.
fn first_component(entry: &Entry) -> String {
    let name: &[u8] = &entry.name;
    let end = name.iter().position(|byte| *byte == b'/').unwrap_or(0);
    escape(&name[..end])
}

/// Returns the mismatch for a fault of the archive as a whole.
fn of_archive(fault: &Fault) -> MismatchKind {
    let detail = fault.to_string();
    match fault.kind {
        FaultKind::BytesAfterEnd { .. }
        | FaultKind::BytesBefore { .. }
        | FaultKind::UnlistedBytes { .. } => MismatchKind::StrayBytes { detail },
        _ => MismatchKind::ArchiveUnreadable { detail },
    }
}

/// Returns the mismatch for a fault of an entry.
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
