//! Lists an archive: the entries of its central directory, and their faults.
//!
//! A fault that makes the whole archive unreadable is an error; faults of single entries are
//! collected, so that all of them can be reported. Reads only the archive's tail: see [`super::end`].

use crate::read_at::ReadAt;

use super::collisions::collisions;
use super::end::{DirectoryRange, Tail};
use super::entry::{self, Entry};
use super::fault::{EntryId, Fault, FaultKind, ReadError};
use super::fields::Fields;
use super::local::MAX_DESCRIPTOR_LEN;

/// The central directory of an archive.
#[derive(Clone, Debug)]
pub struct Directory {
    entries: Vec<Entry>,
    faults: Vec<Fault>,
    file_order: Vec<usize>,
    /// Where each entry must end: where the next one starts.
    ends: Vec<u64>,
    offset: u64,
}

impl Directory {
    /// Returns all entries, in the directory's order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns data after the end of the archive, and the faults of single entries, in the
    /// directory's order. Such an archive can still be read, except for files that are encrypted or
    /// have an unsupported compression method.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Returns the indices into [`Directory::entries`], in the order of the entries' bytes: reading
    /// all files in this order reads the archive once, from front to back.
    pub fn file_order(&self) -> &[usize] {
        &self.file_order
    }

    /// Returns where the central directory starts: the number of bytes before it.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns where an entry must end.
    pub(super) fn end_of(&self, index: usize) -> u64 {
        self.ends[index]
    }

    /// Creates a fault of an entry.
    pub(super) fn fault(&self, index: usize, kind: FaultKind) -> Fault {
        fault(&self.entries, index, kind)
    }
}

fn fault(entries: &[Entry], index: usize, kind: FaultKind) -> Fault {
    Fault { entry: Some(EntryId { index, name: entries[index].name.clone() }), kind }
}

/// Lists an archive.
///
/// Reads the archive's tail: 8 KiB, and the rest of the directory; up to 64 KiB more with a long
/// comment.
///
/// # Errors
/// The source cannot be read, or is not an archive with unambiguous entries.
pub fn list<S: ReadAt + ?Sized>(source: &S) -> Result<Directory, ReadError> {
    let mut tail = Tail::new(source);
    let range = tail.find_directory()?;
    let mut fields = Fields(tail.directory(&range)?);
    let mut entries: Vec<Entry> = Vec::new();
    let mut faults = Vec::new();
    while !fields.0.is_empty() {
        let offset = range.offset + (range.len - fields.0.len()) as u64;
        let (entry, fault) = entry::parse(&mut fields, offset)?;
        entries.push(entry);
        let index = entries.len() - 1;
        let found = fault.into_iter().chain(entries[index].faults());
        faults.extend(found.map(|kind| (index, kind)));
    }
    if range.entry_count != entries.len() as u64 {
        let (declared, found) = (range.entry_count, entries.len() as u64);
        return Err(FaultKind::EntryCount { declared, found }.into());
    }
    let (file_order, ends) = lay_out(&entries, &range)?;
    faults.extend(collisions(&entries));
    faults.sort_by_key(|(index, _)| *index);
    let faults = faults.into_iter().map(|(index, kind)| fault(&entries, index, kind));
    let faults = range.after_end.into_iter().map(Fault::from).chain(faults).collect();
    Ok(Directory { entries, faults, file_order, ends, offset: range.offset })
}

/// Finds the order of the entries' bytes, and where each entry must end.
///
/// Between an entry's minimum end and the next entry are the extra field of its local header
/// and a data descriptor, whose lengths are known only after reading them; so gaps are faults here only
/// where they exceed the maximum of both.
fn lay_out(entries: &[Entry], range: &DirectoryRange) -> Result<(Vec<usize>, Vec<u64>), Fault> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|index| entries[*index].header_offset);
    let mut min_ends = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let min_end = entry.min_end().filter(|end| *end <= range.offset);
        min_ends.push(min_end.ok_or_else(|| fault(entries, index, FaultKind::OutOfRange))?);
    }
    let first_offset = order.first().map_or(range.offset, |index| entries[*index].header_offset);
    if first_offset != 0 {
        return Err(FaultKind::UnlistedBytes { offset: 0, len: first_offset }.into());
    }
    let mut ends = vec![range.offset; entries.len()];
    for (place, &index) in order.iter().enumerate() {
        let min_end = min_ends[index];
        if let Some(&next) = order.get(place + 1) {
            ends[index] = entries[next].header_offset;
            if min_end > ends[index] {
                let (other, later) = (index.min(next), index.max(next));
                return Err(fault(entries, later, FaultKind::Overlap { other }));
            }
        }
        let max_gap_len = u64::from(u16::MAX) + MAX_DESCRIPTOR_LEN;
        let unlisted_len = (ends[index] - min_end).saturating_sub(max_gap_len);
        if unlisted_len > 0 {
            let offset = ends[index] - unlisted_len;
            return Err(FaultKind::UnlistedBytes { offset, len: unlisted_len }.into());
        }
    }
    Ok((order, ends))
}
