//! Reads the files of a listed archive: checks headers, inflates, stays in bounds.
//!
//! Memory does not grow with the archive: one window and one buffer are reused for every file of
//! every archive. One reader per thread.

use std::io;

use flate2::{Decompress, FlushDecompress, Status};

use crate::read_at::ReadAt;

use super::directory::Directory;
use super::entry::{Entry, Method};
use super::fault::{FaultKind, ReadError};
use super::fields::LOCAL_HEADER_LEN;
use super::local::{self, MAX_DESCRIPTOR_LEN, MAX_HEADER_LEN};
use super::window::Window;

/// Length of a read, in bytes. Four times as much made no measurable difference on a local disk.
const WINDOW_LEN: usize = 256 << 10;
/// Number of bytes that are inflated at a time: they stay in the processor's cache until they are hashed.
const INFLATED_LEN: usize = 64 << 10;

/// Reusable buffers for reading files.
pub struct FileReader {
    window: Window,
    inflater: Decompress,
    inflated: Vec<u8>,
}

impl Default for FileReader {
    fn default() -> Self {
        FileReader::with_window(WINDOW_LEN)
    }
}

impl FileReader {
    /// Creates a reader that reads up to `len` bytes at a time; at least the longest possible header.
    pub fn with_window(len: usize) -> Self {
        FileReader {
            window: Window::new(len.max(MAX_HEADER_LEN)),
            inflater: Decompress::new(false),
            inflated: vec![0; INFLATED_LEN],
        }
    }

    /// Starts to read the files of an archive. Meant for reading all of them, in
    /// [`Directory::file_order`]: reads ahead into the following files.
    pub fn files<'r, S: ReadAt + ?Sized>(
        &'r mut self,
        source: &'r S,
        directory: &'r Directory,
    ) -> Files<'r, S> {
        self.window.clear();
        Files { reader: self, source, directory, read_end: Some(directory.offset()) }
    }
}

/// Reads one file, and no bytes of any other: see [`Files::read`].
///
/// # Errors
/// Those of [`Files::read`].
pub fn read_file<S: ReadAt + ?Sized>(
    source: &S,
    directory: &Directory,
    index: usize,
    limit: u64,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), ReadError> {
    let mut reader = FileReader::default();
    let mut files = Files { reader: &mut reader, source, directory, read_end: None };
    files.read(index, limit, sink)
}

/// The files of one archive.
pub struct Files<'r, S: ?Sized> {
    reader: &'r mut FileReader,
    source: &'r S,
    directory: &'r Directory,
    /// The limit for reading ahead; `None` for the end of the entry.
    read_end: Option<u64>,
}

impl<S: ReadAt + ?Sized> Files<'_, S> {
    /// Reads the entry at an index of [`Directory::entries`], files and folders alike: compares its local
    /// header and data descriptor with the directory, checks that its bytes end where the next entry's
    /// start, and passes the file to `sink`, piece by piece.
    ///
    /// Reading all entries without a fault covers every byte before the directory.
    ///
    /// # Errors
    /// The source cannot be read; or a fault of the entry, in which case `sink` may have received a part
    /// of the file, but never more than the declared length, and nothing when that exceeds `limit`.
    ///
    /// # Panics
    /// When the index is out of bounds.
    pub fn read(
        &mut self,
        index: usize,
        limit: u64,
        sink: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ReadError> {
        self.read_entry(index, limit, sink).map_err(|error| match error {
            EntryError::Source(error) => ReadError::Source(error),
            EntryError::Fault(kind) => ReadError::Fault(self.directory.fault(index, kind)),
        })
    }

    fn read_entry(
        &mut self,
        index: usize,
        limit: u64,
        sink: &mut dyn FnMut(&[u8]),
    ) -> Result<(), EntryError> {
        let entry = &self.directory.entries()[index];
        if let Some(kind) = entry.unreadable() {
            return Err(kind.into());
        }
        let entry_end = self.directory.end_of(index);
        let read_end = self.read_end.unwrap_or(entry_end);
        let FileReader { window, inflater, inflated } = &mut *self.reader;

        let offset = entry.header_offset;
        let header = window.at(self.source, offset, LOCAL_HEADER_LEN, read_end)?;
        let header_len = local::declared_len(header).unwrap_or(LOCAL_HEADER_LEN);
        let header = window.at(self.source, offset, header_len, read_end)?;
        let header_len = local::check_header(entry, within(header, offset, entry_end))?;
        let data_offset = offset + header_len as u64;
        let data_end = data_offset
            .checked_add(entry.stored_len)
            .filter(|end| *end <= entry_end)
            // The stored bytes fit before the next entry, but not together with this header.
            .ok_or(FaultKind::OutOfRange)?;
        if entry.len > limit {
            return Err(FaultKind::AboveLimit { limit }.into());
        }

        let mut checked = CheckedSink { entry, len: 0, crc32: crc32fast::Hasher::new(), sink };
        let mut offset = data_offset;
        let mut inflating = match entry.method {
            Method::Store | Method::Unsupported(_) => None,
            Method::Deflate => {
                inflater.reset(false);
                Some(Inflating { inflater, buffer: inflated, is_finished: false })
            }
        };
        while offset < data_end {
            let bytes = window.at(self.source, offset, 1, read_end)?;
            let bytes = within(bytes, offset, data_end);
            match &mut inflating {
                None => checked.take(bytes)?,
                Some(inflating) => inflating.take(bytes, data_end - offset, &mut checked)?,
            }
            offset += bytes.len() as u64;
        }
        if inflating.is_some_and(|inflating| !inflating.is_finished) {
            return Err(FaultKind::StreamCutOff.into());
        }
        checked.finish()?;

        let between_len = entry_end - data_end;
        if between_len > MAX_DESCRIPTOR_LEN {
            return Err(FaultKind::UnlistedBytes { offset: data_end, len: between_len }.into());
        }
        let between = window.at(self.source, data_end, between_len as usize, read_end)?;
        local::check_descriptor(entry, data_end, within(between, data_end, entry_end))?;
        Ok(())
    }
}

/// Returns those of the bytes at `offset` that come before `end`.
fn within(bytes: &[u8], offset: u64, end: u64) -> &[u8] {
    let len = end.saturating_sub(offset).min(bytes.len() as u64) as usize;
    &bytes[..len]
}

/// A [`ReadError`] without its entry.
enum EntryError {
    Source(io::Error),
    Fault(FaultKind),
}

impl From<io::Error> for EntryError {
    fn from(error: io::Error) -> Self {
        EntryError::Source(error)
    }
}

impl From<FaultKind> for EntryError {
    fn from(kind: FaultKind) -> Self {
        EntryError::Fault(kind)
    }
}

/// Passes a file on to the caller, and checks its length and CRC-32.
struct CheckedSink<'a> {
    entry: &'a Entry,
    len: u64,
    crc32: crc32fast::Hasher,
    sink: &'a mut dyn FnMut(&[u8]),
}

impl CheckedSink<'_> {
    fn take(&mut self, bytes: &[u8]) -> Result<(), FaultKind> {
        self.len += bytes.len() as u64;
        if self.len > self.entry.len {
            return Err(FaultKind::Length { declared: self.entry.len, found: self.len });
        }
        if !bytes.is_empty() {
            self.crc32.update(bytes);
            (self.sink)(bytes);
        }
        Ok(())
    }

    fn finish(self) -> Result<(), FaultKind> {
        let entry = self.entry;
        if self.len != entry.len {
            return Err(FaultKind::Length { declared: entry.len, found: self.len });
        }
        match self.crc32.finalize() {
            found if found == entry.crc32 => Ok(()),
            found => Err(FaultKind::Crc32 { declared: entry.crc32, found }),
        }
    }
}

/// A Deflate stream being inflated.
struct Inflating<'a> {
    inflater: &'a mut Decompress,
    buffer: &'a mut [u8],
    is_finished: bool,
}

impl Inflating<'_> {
    /// Inflates `stored`, the next bytes of the `left_len` that are left.
    fn take(
        &mut self,
        mut stored: &[u8],
        left_len: u64,
        checked: &mut CheckedSink<'_>,
    ) -> Result<(), FaultKind> {
        let mut left_len = left_len;
        loop {
            if self.is_finished {
                return match left_len {
                    0 => Ok(()),
                    len => Err(FaultKind::BytesAfterStream { len }),
                };
            }
            let (in_before, out_before) = (self.inflater.total_in(), self.inflater.total_out());
            let status = self
                .inflater
                .decompress(stored, self.buffer, FlushDecompress::None)
                .map_err(|_| FaultKind::CorruptStream)?;
            let taken_len = self.inflater.total_in() - in_before;
            let given_len = (self.inflater.total_out() - out_before) as usize;
            stored = &stored[taken_len as usize..];
            left_len -= taken_len;
            checked.take(&self.buffer[..given_len])?;
            match status {
                Status::StreamEnd => self.is_finished = true,
                Status::Ok | Status::BufError => {
                    // With a full buffer, more output may be pending for the consumed input.
                    let is_idle = taken_len == 0 && given_len == 0;
                    if stored.is_empty() && given_len < self.buffer.len() {
                        return Ok(());
                    }
                    if is_idle {
                        return Err(FaultKind::CorruptStream);
                    }
                }
            }
        }
    }
}
