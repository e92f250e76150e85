//! Lists an archive: its entries as the central directory has them, and what is wrong with them.
//!
//! What makes the whole archive unreadable is an error; what is wrong with single entries is
//! collected, so that all of it can be told. Reads the archive's tail only: see [`super::end`].

use crate::read_at::ReadAt;

use super::collisions::collisions;
use super::end::{DirectoryRange, Tail};
use super::entry::{self, Entry};
use super::fault::{EntryId, Fault, FaultKind, ReadError};
use super::fields::Fields;
use super::local::MAX_DESCRIPTOR_LEN;

/// What an archive holds.
#[derive(Clone, Debug)]
pub struct Directory {
    entries: Vec<Entry>,
    faults: Vec<Fault>,
    file_order: Vec<usize>,
    /// Where the bytes of each entry must end: where those of the next one begin.
    ends: Vec<u64>,
    offset: u64,
}

impl Directory {
    /// All entries, in the directory's order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What comes after the end of the archive, and what is wrong with single entries, in the
    /// directory's order. Such an archive can be read on, but for files that are encrypted or stored
    /// by an unsupported method.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The places of all entries in [`Directory::entries`], in the order of their bytes: whoever
    /// reads all files in this order reads the archive once, from front to back.
    pub fn file_order(&self) -> &[usize] {
        &self.file_order
    }

    /// Where the central directory begins: the number of bytes that files take.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the bytes of an entry must end.
    pub(super) fn end_of(&self, index: usize) -> u64 {
        self.ends[index]
    }

    /// A fault of an entry.
    pub(super) fn fault(&self, index: usize, kind: FaultKind) -> Fault {
        fault(&self.entries, index, kind)
    }
}

fn fault(entries: &[Entry], index: usize, kind: FaultKind) -> Fault {
    Fault { entry: Some(EntryId { index, name: entries[index].name.clone() }), kind }
}

/// Lists an archive.
///
/// Reads the tail of the archive: 8 KiB, and what the directory has beyond that; up to 64 KiB more
/// where there is a long comment.
///
/// # Errors
/// The source cannot be read, or what it holds is no archive whose entries could be told for sure.
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
    let faults = range.behind.into_iter().map(Fault::from).chain(faults).collect();
    Ok(Directory { entries, faults, file_order, ends, offset: range.offset })
}

/// Finds the order of the entries' bytes, and where each one's must end.
///
/// What lies between an entry's least end and the next entry is the extra field of its local header
/// and a data descriptor, which only reading can tell; so gaps are faults here only where they are
/// longer than that.
fn lay_out(entries: &[Entry], range: &DirectoryRange) -> Result<(Vec<usize>, Vec<u64>), Fault> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|index| entries[*index].header_offset);
    let mut least_ends = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let least_end = entry.least_end().filter(|end| *end <= range.offset);
        least_ends.push(least_end.ok_or_else(|| fault(entries, index, FaultKind::OutOfRange))?);
    }
    let first_offset = order.first().map_or(range.offset, |index| entries[*index].header_offset);
    if first_offset != 0 {
        return Err(FaultKind::UnlistedBytes { offset: 0, len: first_offset }.into());
    }
    let mut ends = vec![range.offset; entries.len()];
    for (place, &index) in order.iter().enumerate() {
        let least_end = least_ends[index];
        if let Some(&next) = order.get(place + 1) {
            ends[index] = entries[next].header_offset;
            if least_end > ends[index] {
                let (other, later) = (index.min(next), index.max(next));
                return Err(fault(entries, later, FaultKind::Overlap { other }));
            }
        }
        let most_between = u64::from(u16::MAX) + MAX_DESCRIPTOR_LEN;
        let unlisted_len = (ends[index] - least_end).saturating_sub(most_between);
        if unlisted_len > 0 {
            let offset = ends[index] - unlisted_len;
            return Err(FaultKind::UnlistedBytes { offset, len: unlisted_len }.into());
        }
    }
    Ok((order, ends))
}
