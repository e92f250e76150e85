//! Writes a ZIP file from ready pieces, as a function of names and pieces alone.
//!
//! Our own, since the `zip` crate takes no bytes that were deflated elsewhere, and each blob is
//! deflated only once for all archives it is in. Small on purpose: Store and Deflate, sizes in the
//! local headers, no data descriptors; time 1980-01-01, files 0644, folders 0755; UTF-8 flag only
//! where a name needs it; ZIP64 only where a number needs it. The `zip` crate, Python, Info-ZIP and
//! 7z judge the result in the tests. Field layout: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.

use std::io::{self, Write};

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

/// Writes entries in the order they are added.
pub struct ArchiveWriter<W> {
    out: W,
    offset: u64,
    central: Vec<u8>,
    entry_count: u64,
}

impl<W: Write> ArchiveWriter<W> {
    /// Starts an archive.
    pub fn new(out: W) -> Self {
        ArchiveWriter { out, offset: 0, central: Vec::new(), entry_count: 0 }
    }

    /// Adds a folder; its name ends in `/`.
    ///
    /// # Errors
    /// What `out` says, or a name longer than ZIP can tell.
    pub fn add_folder(&mut self, name: &str) -> io::Result<()> {
        let header = EntryHeader {
            version: VERSION_DEFLATE_OR_FOLDER,
            method: 0,
            crc32: 0,
            stored_len: 0,
            blob_len: 0,
            attributes: FOLDER_ATTRIBUTES,
        };
        self.add(name, &header, &[])
    }

    /// Adds a file.
    ///
    /// # Errors
    /// What `out` says, or a name longer than ZIP can tell.
    pub fn add_file(&mut self, name: &str, piece: &Piece) -> io::Result<()> {
        let (method, version) = match piece.method {
            Method::Store => (0, VERSION_STORE),
            Method::Deflate => (8, VERSION_DEFLATE_OR_FOLDER),
        };
        let header = EntryHeader {
            version,
            method,
            crc32: piece.crc32,
            stored_len: piece.data.len() as u64,
            blob_len: piece.blob_len,
            attributes: FILE_ATTRIBUTES,
        };
        self.add(name, &header, &piece.data)
    }

    fn add(&mut self, name: &str, header: &EntryHeader, data: &[u8]) -> io::Result<()> {
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
        let mut local = Vec::with_capacity(30 + name.len() + local_extra.len());
        put_u32(&mut local, LOCAL_HEADER);
        let version = if zip64.is_empty() { header.version } else { VERSION_ZIP64 };
        put_common(&mut local, version, flags, header);
        put_u32(&mut local, local_stored_len);
        put_u32(&mut local, local_blob_len);
        put_u16(&mut local, name_len);
        put_u16(&mut local, local_extra.len() as u16);
        local.extend(name.as_bytes());
        local.extend(&local_extra);
        self.out.write_all(&local)?;
        self.out.write_all(data)?;

        if self.offset >= u64::from(u32::MAX) {
            zip64.extend(self.offset.to_le_bytes());
        }
        let central_extra = zip64_extra(&zip64);
        let version = if zip64.is_empty() { header.version } else { VERSION_ZIP64 };
        let central = &mut self.central;
        put_u32(central, CENTRAL_HEADER);
        put_u16(central, MADE_BY_UNIX | version);
        put_common(central, version, flags, header);
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

        self.offset += (local.len() + data.len()) as u64;
        self.entry_count += 1;
        Ok(())
    }

    /// Writes the central directory, and gives `out` back, not flushed.
    ///
    /// # Errors
    /// What `out` says.
    pub fn finish(mut self) -> io::Result<W> {
        let central_len = self.central.len() as u64;
        let mut end = Vec::new();
        let needs_zip64 = self.entry_count >= u64::from(u16::MAX)
            || central_len >= u64::from(u32::MAX)
            || self.offset >= u64::from(u32::MAX);
        if needs_zip64 {
            put_u32(&mut end, ZIP64_END);
            end.extend(44_u64.to_le_bytes()); // length of what follows
            put_u16(&mut end, MADE_BY_UNIX | VERSION_ZIP64);
            put_u16(&mut end, VERSION_ZIP64);
            put_u32(&mut end, 0); // this disk
            put_u32(&mut end, 0); // the central directory's disk
            end.extend(self.entry_count.to_le_bytes()); // on this disk
            end.extend(self.entry_count.to_le_bytes());
            end.extend(central_len.to_le_bytes());
            end.extend(self.offset.to_le_bytes());
            put_u32(&mut end, ZIP64_LOCATOR);
            put_u32(&mut end, 0); // the disk of the ZIP64 end
            end.extend((self.offset + central_len).to_le_bytes());
            put_u32(&mut end, 1); // number of disks
        }
        let entry_count = u16::try_from(self.entry_count).unwrap_or(u16::MAX);
        put_u32(&mut end, END);
        put_u16(&mut end, 0); // this disk
        put_u16(&mut end, 0); // the central directory's disk
        put_u16(&mut end, entry_count); // on this disk
        put_u16(&mut end, entry_count);
        put_u32(&mut end, clamp(central_len));
        put_u32(&mut end, clamp(self.offset));
        put_u16(&mut end, 0); // comment length
        self.out.write_all(&self.central)?;
        self.out.write_all(&end)?;
        Ok(self.out)
    }
}

struct EntryHeader {
    version: u16,
    method: u16,
    crc32: u32,
    stored_len: u64,
    blob_len: u64,
    attributes: u32,
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
