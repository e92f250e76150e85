//! An entry of a central directory: parsed, and checked against the rules that need no other entry.
//!
//! Its fields are unverified until `file` has read its bytes.

use super::extra;
use super::fault::{FaultKind, Field};
use super::fields::{Fields, LOCAL_HEADER_LEN};
use crate::model::content::{EntryPath, UnsafePath};

const CENTRAL_HEADER: u32 = 0x0201_4b50;
/// Length of a central header without name, extra field and comment.
const CENTRAL_HEADER_LEN: usize = 46;

/// Encrypted, strongly encrypted, masked headers (APPNOTE 4.4.4).
const FLAGS_ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const FLAG_DESCRIPTOR: u16 = 1 << 3;
const FLAG_PATCH: u16 = 1 << 5;
const FLAG_UTF8: u16 = 1 << 11;

/// The type of a file in a Unix mode, and in the upper half of external attributes.
const TYPE_MASK: u32 = 0o170_000;
const TYPE_REGULAR: u32 = 0o100_000;
const TYPE_FOLDER: u32 = 0o040_000;
const TYPE_SYMLINK: u32 = 0o120_000;
const DOS_FOLDER: u32 = 0x10;

/// An entry as declared by the central directory; unverified until its bytes have been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, byte for byte; a folder's ends with `/`.
    pub name: Box<[u8]>,
    /// File or folder.
    pub kind: EntryKind,
    /// How its bytes are stored.
    pub method: Method,
    /// General purpose flags (APPNOTE 4.4.4).
    pub flags: u16,
    /// CRC-32 of the file.
    pub crc32: u32,
    /// Length of the file in bytes.
    pub len: u64,
    /// Length of the stored bytes.
    pub stored_len: u64,
    /// Where its local header starts.
    pub header_offset: u64,
    /// DOS attributes, and a Unix mode above them.
    pub external_attributes: u32,
}

/// The kind of an entry, which all readers derive from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder: the name ends with `/`.
    Folder,
}

/// How an entry's bytes are stored (APPNOTE 4.4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Uncompressed (0).
    Store,
    /// Deflate (8).
    Deflate,
    /// Any other method, which is a fault.
    Unsupported(u16),
}

impl Entry {
    /// Returns the name without a folder's trailing slash.
    pub fn path(&self) -> &[u8] {
        match self.kind {
            EntryKind::File => &self.name,
            EntryKind::Folder => &self.name[..self.name.len() - 1],
        }
    }

    /// Returns whether it is a file.
    pub fn is_file(&self) -> bool {
        self.kind == EntryKind::File
    }

    /// Returns whether the name is flagged as UTF-8. Without the flag, some readers decode a name that is
    /// not ASCII as code page 437; the registry does not, so it is not a fault.
    pub fn is_utf8_flagged(&self) -> bool {
        self.flags & FLAG_UTF8 != 0
    }

    /// Returns whether lengths and CRC-32 may follow the data instead of preceding it.
    pub(super) fn has_descriptor(&self) -> bool {
        self.flags & FLAG_DESCRIPTOR != 0
    }

    /// Returns everything that makes the entry unreadable, or not an ordinary file or folder.
    pub(super) fn faults(&self) -> Vec<FaultKind> {
        let mut faults = Vec::new();
        faults.extend(self.unreadable());
        faults.extend(self.odd_type());
        if let Err(reason) = check_name(self.path()) {
            faults.push(FaultKind::UnsafeName { reason });
        }
        if self.kind == EntryKind::Folder && self.len != 0 {
            faults.push(FaultKind::FolderWithData { len: self.len });
        }
        if self.method == Method::Store && self.len != self.stored_len {
            faults.push(FaultKind::HeaderDisagreement { field: Field::StoredLen });
        }
        faults
    }

    /// Returns what makes the bytes unreadable.
    pub(super) fn unreadable(&self) -> Option<FaultKind> {
        if self.flags & (FLAGS_ENCRYPTED | FLAG_PATCH) != 0 {
            return Some(FaultKind::Encrypted { flags: self.flags });
        }
        match self.method {
            Method::Store | Method::Deflate => None,
            Method::Unsupported(method) => Some(FaultKind::UnsupportedCompression { method }),
        }
    }

    /// Checks both kinds of attributes, whatever system is declared to have made them.
    fn odd_type(&self) -> Option<FaultKind> {
        let external_attributes = self.external_attributes;
        let is_dos_folder = external_attributes & DOS_FOLDER != 0;
        match (external_attributes >> 16 & TYPE_MASK, self.kind) {
            (TYPE_SYMLINK, _) => Some(FaultKind::Symlink),
            (0 | TYPE_REGULAR | TYPE_FOLDER, EntryKind::Folder) => None,
            (0 | TYPE_REGULAR, EntryKind::File) if !is_dos_folder => None,
            (_, EntryKind::File | EntryKind::Folder) => {
                Some(FaultKind::OddType { external_attributes })
            }
        }
    }

    /// Returns the offset of the first byte that cannot belong to the entry, when its headers agree.
    pub(super) fn min_end(&self) -> Option<u64> {
        let header_len = (LOCAL_HEADER_LEN + self.name.len()) as u64;
        self.header_offset.checked_add(header_len)?.checked_add(self.stored_len)
    }
}

/// Parses an entry (APPNOTE 4.3.12); the fault is a name in its extra field that contradicts it.
pub(super) fn parse(
    fields: &mut Fields<'_>,
    offset: u64,
) -> Result<(Entry, Option<FaultKind>), FaultKind> {
    let malformed = FaultKind::DirectoryMalformed { offset };
    let header = fields.take(CENTRAL_HEADER_LEN).map(Fields);
    let header = header.and_then(CentralHeader::parse).ok_or(malformed.clone())?;
    let name = fields.take(header.name_len.into()).ok_or(malformed.clone())?;
    let extra = fields.take(header.extra_len.into()).ok_or(malformed.clone())?;
    fields.take(header.comment_len.into()).ok_or(malformed)?;
    let (zip64, contradiction) = match extra::zip64(extra, name) {
        Ok(zip64) => (zip64, None),
        Err(fault @ FaultKind::Zip64 { .. }) => return Err(fault),
        // Parsing continues, so that the rest of the directory can be reported; but a duplicate field may
        // hide the ZIP64 field.
        Err(fault) => (None, Some(fault)),
    };
    let (wide, disk) = extra::widen_central(zip64, header.numbers, header.disk)
        .ok_or(FaultKind::Zip64 { field: Field::Extra })?;
    if disk != 0 {
        return Err(FaultKind::SeveralDisks);
    }
    let [len, stored_len, header_offset] = wide;
    let entry = Entry {
        kind: if name.ends_with(b"/") { EntryKind::Folder } else { EntryKind::File },
        name: name.into(),
        method: match header.method {
            0 => Method::Store,
            8 => Method::Deflate,
            other => Method::Unsupported(other),
        },
        flags: header.flags,
        crc32: header.crc32,
        len,
        stored_len,
        header_offset,
        external_attributes: header.external_attributes,
    };
    Ok((entry, contradiction))
}

/// The relevant fields of a central header.
struct CentralHeader {
    flags: u16,
    method: u16,
    crc32: u32,
    /// Length, stored length, offset of the local header.
    numbers: [u32; 3],
    name_len: u16,
    extra_len: u16,
    comment_len: u16,
    disk: u16,
    external_attributes: u32,
}

impl CentralHeader {
    fn parse(mut fields: Fields<'_>) -> Option<Self> {
        if fields.u32()? != CENTRAL_HEADER {
            return None;
        }
        let _versions = fields.u32()?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        let _time = fields.u32()?;
        let crc32 = fields.u32()?;
        let (stored_len, len) = (fields.u32()?, fields.u32()?);
        let (name_len, extra_len, comment_len) = (fields.u16()?, fields.u16()?, fields.u16()?);
        let disk = fields.u16()?;
        let _internal_attributes = fields.u16()?;
        let external_attributes = fields.u32()?;
        let numbers = [len, stored_len, fields.u32()?];
        Some(CentralHeader {
            flags,
            method,
            crc32,
            numbers,
            name_len,
            extra_len,
            comment_len,
            disk,
            external_attributes,
        })
    }
}

/// Checks a name against v1's rules for paths: the root separately from the path below it.
fn check_name(path: &[u8]) -> Result<(), UnsafePath> {
    let mut parts = path.splitn(2, |byte| *byte == b'/');
    parts.try_for_each(|part| EntryPath::parse(part).map(|_| ()))
}
