//! Assembles the bytes of a ZIP file from ready pieces, as a function of names and pieces only.
//!
//! An archive is a stream to read from, so that one thread can create several by turns, and no archive
//! is ever in memory as a whole.
//!
//! Own code, since the `zip` crate does not accept bytes that were deflated elsewhere (zip-rs/zip2#911 prepares
//! files, but with its own encoder and one name for each; nickbabcock/rawzip#67 is open), and each blob is
//! deflated only once for all archives that contain it. Small on purpose: Store and Deflate, sizes in the
//! local headers, no data descriptors; time 1980-01-01, files 0644, folders 0755; UTF-8 flag only
//! where a name needs it; ZIP64 only where a number needs it. The tests check the result with the `zip`
//! crate, Python, Info-ZIP and 7z. Field layout: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.

use std::io::{self, Read};

use super::deflate::{Method, Piece};

const LOCAL_HEADER: u32 = 0x0403_4b50;
const CENTRAL_HEADER: u32 = 0x0201_4b50;
const ZIP64_END: u32 = 0x0606_4b50;
const ZIP64_LOCATOR: u32 = 0x0706_4b50;
const END: u32 = 0x0605_4b50;
const ZIP64_EXTRA: u16 = 0x0001;

/// Format versions that a reader must support, in tenths.
const VERSION_STORE: u16 = 10;
const VERSION_DEFLATE_OR_FOLDER: u16 = 20;
const VERSION_ZIP64: u16 = 45;
/// Upper byte of "version made by": attributes are Unix modes.
const MADE_BY_UNIX: u16 = 3 << 8;

/// 1980-01-01 00:00:00, the earliest DOS time.
const DOS_TIME: u16 = 0;
const DOS_DATE: u16 = 1 << 5 | 1;

const FLAG_UTF8: u16 = 1 << 11;
const FILE_ATTRIBUTES: u32 = 0o100_644 << 16;
const FOLDER_ATTRIBUTES: u32 = 0o040_755 << 16 | 0x10;

/// One entry of an archive.
#[derive(Clone, Debug)]
pub struct ArchiveEntry<'p> {
    /// Its name; a folder's ends with `/`.
    pub name: String,
    /// A file's bytes; `None` for a folder.
    pub piece: Option<&'p Piece>,
}

/// The bytes of an archive, entry by entry in the given order.
///
/// A read returns less than requested only at the end. It fails when a name is longer than ZIP
/// can represent.
pub struct ArchiveStream<'p, E> {
    entries: E,
    /// Number of bytes before the next entry.
    offset: u64,
    entry_count: u64,
    /// The central directory so far.
    central: Vec<u8>,
    is_finished: bool,
    /// The bytes to be read next: the rest of a header, then of an entry's data.
    header: Vec<u8>,
    header_at: usize,
    data: &'p [u8],
}

impl<'p, E: Iterator<Item = ArchiveEntry<'p>>> ArchiveStream<'p, E> {
    /// Creates an archive of these entries.
    pub fn new(entries: impl IntoIterator<IntoIter = E>) -> Self {
        ArchiveStream {
            entries: entries.into_iter(),
            offset: 0,
            entry_count: 0,
            central: Vec::new(),
            is_finished: false,
            header: Vec::new(),
            header_at: 0,
            data: &[],
        }
    }

    fn start(&mut self, entry: &ArchiveEntry<'p>) -> io::Result<()> {
        let folder = Piece::default();
        let piece = entry.piece.unwrap_or(&folder);
        let (version, attributes) = match (entry.piece, piece.method) {
            (None, _) => (VERSION_DEFLATE_OR_FOLDER, FOLDER_ATTRIBUTES),
            (Some(_), Method::Deflate) => (VERSION_DEFLATE_OR_FOLDER, FILE_ATTRIBUTES),
            (Some(_), Method::Store) => (VERSION_STORE, FILE_ATTRIBUTES),
        };
        let name = &entry.name;
        let name_len = u16::try_from(name.len()).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidInput, "an entry's name is too long")
        })?;
        let flags = if name.is_ascii() { 0 } else { FLAG_UTF8 };

        // A local ZIP64 field always has both lengths (4.5.3).
        let (stored_len, blob_len) = (piece.data.len() as u64, piece.blob_len);
        let mut lens = [clamp(stored_len), clamp(blob_len)];
        let mut zip64 = Vec::new();
        if stored_len.max(blob_len) >= u64::from(u32::MAX) {
            put_u64s(&mut zip64, [blob_len, stored_len]);
            lens = [u32::MAX; 2];
        }
        let needed = |zip64: &[u8]| if zip64.is_empty() { version } else { VERSION_ZIP64 };
        // The fields that local and central headers share, after the version.
        let put_common = |out: &mut Vec<u8>, extra: &[u8]| {
            put_u16s(out, [flags, piece.method as u16, DOS_TIME, DOS_DATE]);
            put_u32s(out, [piece.crc32]);
            put_u32s(out, lens);
            put_u16s(out, [name_len, extra.len() as u16]);
        };
        let extra = zip64_extra(&zip64);
        let local = &mut self.header;
        local.clear();
        put_u32s(local, [LOCAL_HEADER]);
        put_u16s(local, [needed(&zip64)]);
        put_common(local, &extra);
        local.extend(name.as_bytes());
        local.extend(&extra);

        if self.offset >= u64::from(u32::MAX) {
            put_u64s(&mut zip64, [self.offset]);
        }
        let (extra, version) = (zip64_extra(&zip64), needed(&zip64));
        let central = &mut self.central;
        put_u32s(central, [CENTRAL_HEADER]);
        put_u16s(central, [MADE_BY_UNIX | version, version]);
        put_common(central, &extra);
        // Length of the comment, disk, internal attributes.
        put_u16s(central, [0, 0, 0]);
        put_u32s(central, [attributes, clamp(self.offset)]);
        central.extend(name.as_bytes());
        central.extend(&extra);

        self.data = entry.piece.map_or(&[], |piece| &piece.data);
        self.offset += (self.header.len() + self.data.len()) as u64;
        self.entry_count += 1;
        Ok(())
    }

    /// Queues the central directory and the records that end it.
    fn finish(&mut self) {
        let central_len = self.central.len() as u64;
        self.header = std::mem::take(&mut self.central);
        let end = &mut self.header;
        let needs_zip64 = self.entry_count >= u64::from(u16::MAX)
            || central_len >= u64::from(u32::MAX)
            || self.offset >= u64::from(u32::MAX);
        if needs_zip64 {
            put_u32s(end, [ZIP64_END]);
            // Length of the rest of the record.
            put_u64s(end, [44]);
            put_u16s(end, [MADE_BY_UNIX | VERSION_ZIP64, VERSION_ZIP64]);
            // This disk, and the central directory's; entries on this disk, and all.
            put_u32s(end, [0, 0]);
            put_u64s(end, [self.entry_count, self.entry_count, central_len, self.offset]);
            // The disk of the ZIP64 end; at the end, the number of disks.
            put_u32s(end, [ZIP64_LOCATOR, 0]);
            put_u64s(end, [self.offset + central_len]);
            put_u32s(end, [1]);
        }
        let entry_count = u16::try_from(self.entry_count).unwrap_or(u16::MAX);
        put_u32s(end, [END]);
        // This disk, and the central directory's; entries on this disk, and all.
        put_u16s(end, [0, 0, entry_count, entry_count]);
        put_u32s(end, [clamp(central_len), clamp(self.offset)]);
        // Length of the comment.
        put_u16s(end, [0]);
        self.is_finished = true;
    }
}

impl<'p, E: Iterator<Item = ArchiveEntry<'p>>> Read for ArchiveStream<'p, E> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled_len = 0;
        while filled_len < buf.len() {
            let room = &mut buf[filled_len..];
            if self.header_at < self.header.len() {
                let taken_len = take(&self.header[self.header_at..], room);
                self.header_at += taken_len;
                filled_len += taken_len;
            } else if !self.data.is_empty() {
                let taken_len = take(self.data, room);
                self.data = &self.data[taken_len..];
                filled_len += taken_len;
            } else if self.is_finished {
                break;
            } else {
                self.header_at = 0;
                match self.entries.next() {
                    Some(entry) => self.start(&entry)?,
                    None => self.finish(),
                }
            }
        }
        Ok(filled_len)
    }
}

/// Copies as many bytes as fit.
fn take(bytes: &[u8], room: &mut [u8]) -> usize {
    let len = bytes.len().min(room.len());
    room[..len].copy_from_slice(&bytes[..len]);
    len
}

fn zip64_extra(values: &[u8]) -> Vec<u8> {
    let mut extra = Vec::new();
    if !values.is_empty() {
        put_u16s(&mut extra, [ZIP64_EXTRA, values.len() as u16]);
        extra.extend(values);
    }
    extra
}

fn put_u16s<const N: usize>(out: &mut Vec<u8>, fields: [u16; N]) {
    fields.iter().for_each(|field| out.extend(field.to_le_bytes()));
}

fn put_u32s<const N: usize>(out: &mut Vec<u8>, fields: [u32; N]) {
    fields.iter().for_each(|field| out.extend(field.to_le_bytes()));
}

fn put_u64s<const N: usize>(out: &mut Vec<u8>, fields: [u64; N]) {
    fields.iter().for_each(|field| out.extend(field.to_le_bytes()));
}

/// Returns a 32-bit field; all ones refer a reader to the ZIP64 field.
fn clamp(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
