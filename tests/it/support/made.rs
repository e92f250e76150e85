//! Handmade archives, every field of which can be falsified.
//!
//! Starts as a plain archive; a replaced field is written as given, and other fields change
//! only if they must. Independent of the tool's code. Used by the tests of the reader
//! and of `verify`.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// An archive to be written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made {
    /// Before the first entry; included in offsets.
    pub(crate) before: Vec<u8>,
    pub(crate) entries: Vec<MadeEntry>,
    /// Between the last entry and the directory.
    pub(crate) between: Vec<u8>,
    pub(crate) zip64: Option<Zip64>,
    pub(crate) disk: u16,
    /// Added to the number of entries on this disk, and in total.
    pub(crate) more_here: u16,
    pub(crate) more_entries: u16,
    pub(crate) directory_len: Option<u32>,
    pub(crate) directory_offset: Option<u32>,
    pub(crate) comment: Vec<u8>,
    /// Replaces the comment's length.
    pub(crate) comment_len: Option<u16>,
    /// After the end record.
    pub(crate) after: Vec<u8>,
}

/// A ZIP64 end record and its locator: values that are added to the correct numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Zip64 {
    pub(crate) record_offset: u64,
    pub(crate) record_len: u64,
    pub(crate) disk: u32,
    pub(crate) disk_count: u32,
    pub(crate) entry_count: u64,
    pub(crate) directory_len: u64,
    /// Whether the old end record has all ones instead of the numbers.
    pub(crate) hides_numbers: bool,
}

/// An entry to be written.
#[derive(Clone, Debug)]
pub(crate) struct MadeEntry {
    pub(crate) local: Header,
    pub(crate) central: Header,
    pub(crate) data: Vec<u8>,
    /// After the data.
    pub(crate) after: Vec<u8>,
    pub(crate) made_by: u16,
    pub(crate) disk: u16,
    pub(crate) attributes: u32,
    pub(crate) comment: Vec<u8>,
    /// Replaces the entry's offset.
    pub(crate) offset: Option<u32>,
    pub(crate) central_signature: u32,
    pub(crate) local_signature: u32,
}

/// The fields that both headers of an entry have.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) time: u32,
    pub(crate) crc32: u32,
    pub(crate) stored_len: u32,
    pub(crate) len: u32,
    pub(crate) name: Vec<u8>,
    pub(crate) extra: Vec<u8>,
}

/// Creates a stored file, or a folder if the name ends with a slash.
pub(crate) fn stored(name: impl AsRef<[u8]>, bytes: &[u8]) -> MadeEntry {
    let header = Header {
        flags: 0,
        method: 0,
        time: 0x21_0000,
        crc32: crc32(bytes),
        stored_len: bytes.len() as u32,
        len: bytes.len() as u32,
        name: name.as_ref().to_vec(),
        extra: Vec::new(),
    };
    MadeEntry {
        local: header.clone(),
        central: header,
        data: bytes.to_vec(),
        after: Vec::new(),
        made_by: 3 << 8 | 20,
        disk: 0,
        attributes: 0,
        comment: Vec::new(),
        offset: None,
        central_signature: 0x0201_4b50,
        local_signature: 0x0403_4b50,
    }
}

/// Creates a deflated file.
pub(crate) fn deflated(name: &str, bytes: &[u8]) -> MadeEntry {
    let mut entry = stored(name, bytes);
    entry.data = deflate(bytes);
    let stored_len = entry.data.len() as u32;
    entry.both(|header| (header.method, header.stored_len) = (8, stored_len));
    entry
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("write to memory");
    encoder.finish().expect("write to memory")
}

pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// Creates an extra field.
pub(crate) fn extra(id: u16, data: &[u8]) -> Vec<u8> {
    [&id.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
}

/// Creates a ZIP64 extra field.
pub(crate) fn zip64_extra(numbers: &[u64]) -> Vec<u8> {
    extra(1, &numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>())
}

/// Creates Info-ZIP's Unicode Path of a name.
pub(crate) fn unicode_path(name: &[u8], unicode: &str) -> Vec<u8> {
    extra(0x7075, &[&[1], &crc32(name).to_le_bytes()[..], unicode.as_bytes()].concat())
}

impl MadeEntry {
    /// Changes both headers.
    pub(crate) fn both(&mut self, change: impl Fn(&mut Header)) {
        change(&mut self.local);
        change(&mut self.central);
    }

    /// Moves CRC-32 and lengths after the data, with zeros before it.
    pub(crate) fn with_descriptor(mut self, signature: &[u8], is_wide: bool) -> Self {
        self.after = signature.to_vec();
        self.after.extend(self.central.crc32.to_le_bytes());
        for len in [self.central.stored_len, self.central.len] {
            self.after.extend(len.to_le_bytes());
            self.after.extend(if is_wide { &[0; 4][..] } else { &[] });
        }
        self.both(|header| header.flags |= 8);
        (self.local.crc32, self.local.stored_len, self.local.len) = (0, 0, 0);
        self
    }
}

impl Made {
    pub(crate) fn of(entries: impl IntoIterator<Item = MadeEntry>) -> Self {
        Made { entries: entries.into_iter().collect(), ..Made::default() }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = self.before.clone();
        let mut central = Vec::new();
        for entry in &self.entries {
            let offset = entry.offset.unwrap_or(out.len() as u32);
            put(&mut out, 4, entry.local_signature.into());
            put(&mut out, 2, 20);
            entry.local.put(&mut out);
            out.extend(&entry.local.name);
            out.extend(&entry.local.extra);
            out.extend(&entry.data);
            out.extend(&entry.after);

            put(&mut central, 4, entry.central_signature.into());
            put(&mut central, 2, entry.made_by.into());
            put(&mut central, 2, 20);
            entry.central.put(&mut central);
            put(&mut central, 2, entry.comment.len() as u64);
            put(&mut central, 2, entry.disk.into());
            put(&mut central, 2, 0);
            put(&mut central, 4, entry.attributes.into());
            put(&mut central, 4, offset.into());
            central.extend(&entry.central.name);
            central.extend(&entry.central.extra);
            central.extend(&entry.comment);
        }
        out.extend(&self.between);
        let (offset, len) = (out.len() as u64, central.len() as u64);
        out.extend(&central);
        let count = self.entries.len() as u64;
        if let Some(wide) = self.zip64 {
            let record_offset = out.len() as u64;
            put(&mut out, 4, 0x0606_4b50);
            put(&mut out, 8, 44 + wide.record_len);
            put(&mut out, 4, 45 << 16 | 45);
            put(&mut out, 4, wide.disk.into());
            put(&mut out, 4, wide.disk.into());
            put(&mut out, 8, count + wide.entry_count);
            put(&mut out, 8, count + wide.entry_count);
            put(&mut out, 8, len + wide.directory_len);
            put(&mut out, 8, offset);
            put(&mut out, 4, 0x0706_4b50);
            put(&mut out, 4, 0);
            put(&mut out, 8, record_offset + wide.record_offset);
            put(&mut out, 4, (1 + wide.disk_count).into());
        }
        let hides = self.zip64.is_some_and(|wide| wide.hides_numbers);
        let number = |number: u64, ones: u64| if hides { ones } else { number };
        put(&mut out, 4, 0x0605_4b50);
        put(&mut out, 2, self.disk.into());
        put(&mut out, 2, self.disk.into());
        put(&mut out, 2, number(count + u64::from(self.more_here), 0xffff));
        put(&mut out, 2, number(count + u64::from(self.more_entries), 0xffff));
        let ones = u64::from(u32::MAX);
        put(&mut out, 4, number(self.directory_len.map_or(len, u64::from), ones));
        put(&mut out, 4, number(self.directory_offset.map_or(offset, u64::from), ones));
        put(&mut out, 2, self.comment_len.map_or(self.comment.len() as u64, u64::from));
        out.extend(&self.comment);
        out.extend(&self.after);
        out
    }
}

impl Header {
    fn put(&self, out: &mut Vec<u8>) {
        put(out, 2, self.flags.into());
        put(out, 2, self.method.into());
        put(out, 4, self.time.into());
        put(out, 4, self.crc32.into());
        put(out, 4, self.stored_len.into());
        put(out, 4, self.len.into());
        put(out, 2, self.name.len() as u64);
        put(out, 2, self.extra.len() as u64);
    }
}

fn put(out: &mut Vec<u8>, len: usize, number: u64) {
    out.extend(&number.to_le_bytes()[..len]);
}
