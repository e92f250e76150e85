//! Makes the bytes of a ZIP file from ready pieces, as a function of names and pieces alone.
//!
//! An archive is a stream that is read from, so that several can be made in turn by one thread, and
//! none is ever held as a whole.
//!
//! Our own, since the `zip` crate takes no bytes that were deflated elsewhere, and each blob is
//! deflated only once for all archives it is in. Small on purpose: Store and Deflate, sizes in the
//! local headers, no data descriptors; time 1980-01-01, files 0644, folders 0755; UTF-8 flag only
//! where a name needs it; ZIP64 only where a number needs it. The `zip` crate, Python, Info-ZIP and
//! 7z judge the result in the tests. Field layout: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.

use std::io::{self, Read};

use super::deflate::{Method, Piece};

const LOCAL_HEADER: u32 = 0x0403_4b50;
const CENTRAL_HEADER: u32 = 0x0201_4b50;
const ZIP64_END: u32 = 0x0606_4b50;
const ZIP64_LOCATOR: u32 = 0x0706_4b50;
const END: u32 = 0x0605_4b50;
const ZIP64_EXTRA: u16 = 0x0001;

/// Versions of the format, in tenths: what a reader must know.
const VERSION_STORE: u16 = 10;
const VERSION_DEFLATE_OR_FOLDER: u16 = 20;
const VERSION_ZIP64: u16 = 45;
/// Upper byte of "version made by": attributes are Unix modes.
const MADE_BY_UNIX: u16 = 3 << 8;

/// 1980-01-01 00:00:00, the first moment that DOS time can tell.
const DOS_TIME: u16 = 0;
const DOS_DATE: u16 = 1 << 5 | 1;

const FLAG_UTF8: u16 = 1 << 11;
const FILE_ATTRIBUTES: u32 = 0o100_644 << 16;
const FOLDER_ATTRIBUTES: u32 = 0o040_755 << 16 | 0x10;

/// One entry of an archive.
#[derive(Clone, Debug)]
pub struct ArchiveEntry<'p> {
    /// Its name; a folder's ends in `/`.
    pub name: String,
    /// A file's bytes; none for a folder.
    pub piece: Option<&'p Piece>,
}

/// The bytes of an archive, entry by entry in the order given.
///
/// A read gives less than it is asked for only at the end. It fails when a name is longer than ZIP
/// can tell.
pub struct ArchiveStream<'p, E> {
    entries: E,
    /// Number of bytes before the next entry.
    offset: u64,
    entry_count: u64,
    /// The central directory so far.
    central: Vec<u8>,
    is_finished: bool,
    /// What is to be read next: the rest of a header, and then of an entry's data.
    header: Vec<u8>,
    header_at: usize,
    data: &'p [u8],
}

impl<'p, E: Iterator<Item = ArchiveEntry<'p>>> ArchiveStream<'p, E> {
    /// An archive of these entries.
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
        let header = EntryHeader::of(entry.piece);
        let name = &entry.name;
        let name_len = u16::try_from(name.len()).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidInput, "an entry's name is too long")
        })?;
        let flags = if name.is_ascii() { 0 } else { FLAG_UTF8 };

        // A local ZIP64 field always holds both lengths (4.5.3).
        let mut zip64 = Vec::new();
        if header.stored_len.max(header.blob_len) >= u64::from(u32::MAX) {
            zip64.extend(header.blob_len.to_le_bytes());
            zip64.extend(header.stored_len.to_le_bytes());
        }
        let local_extra = zip64_extra(&zip64);
        let (local_stored_len, local_blob_len) = if zip64.is_empty() {
            (clamp(header.stored_len), clamp(header.blob_len))
        } else {
            (u32::MAX, u32::MAX)
        };
        let local = &mut self.header;
        local.clear();
        put_u32(local, LOCAL_HEADER);
        let version = if zip64.is_empty() { header.version } else { VERSION_ZIP64 };
        put_common(local, version, flags, &header);
        put_u32(local, local_stored_len);
        put_u32(local, local_blob_len);
        put_u16(local, name_len);
        put_u16(local, local_extra.len() as u16);
        local.extend(name.as_bytes());
        local.extend(&local_extra);

        if self.offset >= u64::from(u32::MAX) {
            zip64.extend(self.offset.to_le_bytes());
        }
        let central_extra = zip64_extra(&zip64);
        let version = if zip64.is_empty() { header.version } else { VERSION_ZIP64 };
        let central = &mut self.central;
        put_u32(central, CENTRAL_HEADER);
        put_u16(central, MADE_BY_UNIX | version);
        put_common(central, version, flags, &header);
        put_u32(central, local_stored_len);
        put_u32(central, local_blob_len);
        put_u16(central, name_len);
        put_u16(central, central_extra.len() as u16);
        put_u16(central, 0); // comment length
        put_u16(central, 0); // disk
        put_u16(central, 0); // internal attributes
        put_u32(central, header.attributes);
        put_u32(central, clamp(self.offset));
        central.extend(name.as_bytes());
        central.extend(&central_extra);

        self.data = entry.piece.map_or(&[], |piece| &piece.data);
        self.offset += (self.header.len() + self.data.len()) as u64;
        self.entry_count += 1;
        Ok(())
    }

    /// The central directory, and the records that end it.
    fn finish(&mut self) {
        let central_len = self.central.len() as u64;
        self.header = std::mem::take(&mut self.central);
        let end = &mut self.header;
        let needs_zip64 = self.entry_count >= u64::from(u16::MAX)
            || central_len >= u64::from(u32::MAX)
            || self.offset >= u64::from(u32::MAX);
        if needs_zip64 {
            put_u32(end, ZIP64_END);
            end.extend(44_u64.to_le_bytes()); // length of what follows
            put_u16(end, MADE_BY_UNIX | VERSION_ZIP64);
            put_u16(end, VERSION_ZIP64);
            put_u32(end, 0); // this disk
            put_u32(end, 0); // the central directory's disk
            end.extend(self.entry_count.to_le_bytes()); // on this disk
            end.extend(self.entry_count.to_le_bytes());
            end.extend(central_len.to_le_bytes());
            end.extend(self.offset.to_le_bytes());
            put_u32(end, ZIP64_LOCATOR);
            put_u32(end, 0); // the disk of the ZIP64 end
            end.extend((self.offset + central_len).to_le_bytes());
            put_u32(end, 1); // number of disks
        }
        let entry_count = u16::try_from(self.entry_count).unwrap_or(u16::MAX);
        put_u32(end, END);
        put_u16(end, 0); // this disk
        put_u16(end, 0); // the central directory's disk
        put_u16(end, entry_count); // on this disk
        put_u16(end, entry_count);
        put_u32(end, clamp(central_len));
        put_u32(end, clamp(self.offset));
        put_u16(end, 0); // comment length
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

/// Copies what there is room for.
fn take(bytes: &[u8], room: &mut [u8]) -> usize {
    let len = bytes.len().min(room.len());
    room[..len].copy_from_slice(&bytes[..len]);
    len
}

struct EntryHeader {
    version: u16,
    method: u16,
    crc32: u32,
    stored_len: u64,
    blob_len: u64,
    attributes: u32,
}

impl EntryHeader {
    fn of(piece: Option<&Piece>) -> Self {
        let Some(piece) = piece else {
            return EntryHeader {
                version: VERSION_DEFLATE_OR_FOLDER,
                method: 0,
                crc32: 0,
                stored_len: 0,
                blob_len: 0,
                attributes: FOLDER_ATTRIBUTES,
            };
        };
        let (method, version) = match piece.method {
            Method::Store => (0, VERSION_STORE),
            Method::Deflate => (8, VERSION_DEFLATE_OR_FOLDER),
        };
        EntryHeader {
            version,
            method,
            crc32: piece.crc32,
            stored_len: piece.data.len() as u64,
            blob_len: piece.blob_len,
            attributes: FILE_ATTRIBUTES,
        }
    }
}

/// The fields that local and central headers share, up to the lengths.
fn put_common(out: &mut Vec<u8>, version: u16, flags: u16, header: &EntryHeader) {
    put_u16(out, version);
    put_u16(out, flags);
    put_u16(out, header.method);
    put_u16(out, DOS_TIME);
    put_u16(out, DOS_DATE);
    put_u32(out, header.crc32);
}

fn zip64_extra(values: &[u8]) -> Vec<u8> {
    let mut extra = Vec::new();
    if !values.is_empty() {
        put_u16(&mut extra, ZIP64_EXTRA);
        put_u16(&mut extra, values.len() as u16);
        extra.extend(values);
    }
    extra
}

fn put_u16(out: &mut Vec<u8>, value: u16) {
    out.extend(value.to_le_bytes());
}

fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_le_bytes());
}

/// A 32-bit field; all ones tell a reader to look into the ZIP64 field.
fn clamp(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
