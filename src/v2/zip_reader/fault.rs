//! The faults of an archive: one kind per rule, with its evidence.
//!
//! Data, like findings; advice and codes for users are in `mismatch`. A source that cannot be read is not a
//! fault of the archive: see [`ReadError`].

use std::fmt;
use std::io;

use crate::model::content::{UnsafePath, escape};

/// Why an archive, or a file in it, was not read completely.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The source cannot be read: nothing is known about the bytes.
    #[error("the archive's bytes cannot be read")]
    Source(#[from] io::Error),
    /// The archive has a fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A fault of an archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// The entry that has it; `None` for a fault of the whole archive.
    pub entry: Option<EntryId>,
    /// The kind.
    pub kind: FaultKind,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry {
            Some(entry) => write!(f, "{}: {}", escape(&entry.name), self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Fault { entry: None, kind }
    }
}

impl From<FaultKind> for ReadError {
    fn from(kind: FaultKind) -> Self {
        ReadError::Fault(kind.into())
    }
}

/// Identifies an entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryId {
    /// Its index in the central directory, from 0.
    pub index: usize,
    /// Its name in the central directory.
    pub name: Box<[u8]>,
}

/// The kinds of faults; offsets and lengths in bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Not a ZIP archive, or a truncated one.
    #[error("there is no end of central directory record")]
    NoEnd,
    /// The end record or its comment is longer than the rest of the file.
    #[error("the end of central directory record is truncated: {missing_len} bytes are missing")]
    EndCutOff {
        /// Number of missing bytes.
        missing_len: u64,
    },
    /// Bytes after the end of the archive, such as the zeros that pad a block where bsdtar
    /// writes to a pipe. unzip 6.0, Python 3.11 and Go 1.26 skip them; yauzl 2.10, which Kibana
    /// uses, does not ("invalid comment length").
    #[error(
        "{len} {} after the end of the archive: the registry, unzip and Python skip them, Kibana rejects the archive",
        if *are_zeros { "zero bytes" } else { "bytes" }
    )]
    BytesAfterEnd {
        /// Their number.
        len: u64,
        /// Whether all of them are zero.
        are_zeros: bool,
    },
    /// Bytes before the archive that its offsets do not include. The same readers skip them, and yauzl
    /// does not ("invalid central directory file header signature").
    #[error(
        "{len} bytes before the archive, which its offsets do not include: the registry, unzip and Python skip them, Kibana rejects the archive"
    )]
    BytesBefore {
        /// Their number.
        len: u64,
    },
    /// A disk number that is not 0.
    #[error("it spans several disks")]
    SeveralDisks,
    /// A ZIP64 field that is missing, duplicated, malformed, or contradicted by another field.
    #[error("the ZIP64 {field} is missing, malformed or contradicted")]
    Zip64 {
        /// The field.
        field: Field,
    },
    /// The number of entries differs from the declared one.
    #[error("{declared} entries are declared, but {found} were found")]
    EntryCount {
        /// The number that the end record declares.
        declared: u64,
        /// The number of entries.
        found: u64,
    },
    /// The directory does not end where the end record starts.
    #[error(
        "the central directory is declared to end at byte {declared_end}, but ends at {found_end}"
    )]
    DirectoryMisplaced {
        /// The sum of its declared offset and length; the maximum when the sum overflows.
        declared_end: u64,
        /// Where the end record starts.
        found_end: u64,
    },
    /// The directory is longer than [`super::MAX_DIRECTORY_LEN`].
    #[error("the central directory has {len} bytes")]
    DirectoryTooLong {
        /// Its length.
        len: u64,
    },
    /// The directory has no valid entry where one is expected, or a truncated one.
    #[error("the central directory is malformed at byte {offset}")]
    DirectoryMalformed {
        /// The offset in the archive.
        offset: u64,
    },
    /// Bytes that belong to two entries.
    #[error("it shares bytes with entry {other}")]
    Overlap {
        /// The other entry's index in the directory, from 0.
        other: usize,
    },
    /// An entry that extends into the directory or beyond.
    #[error("its declared range extends into the central directory or beyond")]
    OutOfRange,
    /// Bytes that belong to no entry.
    #[error("{len} bytes at {offset} belong to no entry")]
    UnlistedBytes {
        /// Where they start.
        offset: u64,
        /// Their number; the minimum for entries that were only listed.
        len: u64,
    },
    /// A name that a previous entry has.
    #[error("the name appears twice: entry {first} has it too")]
    DuplicateEntry {
        /// The first such entry's index in the directory, from 0.
        first: usize,
    },
    /// A file whose path is a folder according to another entry.
    #[error("it is a file here, and a folder in entry {other}")]
    FileAndFolder {
        /// The other entry's index in the directory, from 0.
        other: usize,
    },
    /// A name that is dangerous to unpack.
    #[error("the name is unsafe: {reason}")]
    UnsafeName {
        /// The violated rule.
        reason: UnsafePath,
    },
    /// A symbolic link.
    #[error("it is a symbolic link")]
    Symlink,
    /// Its attributes declare a special file, or another type than its name.
    #[error("its attributes ({external_attributes:#010x}) declare another type than its name")]
    OddType {
        /// Unix mode and DOS attributes in the directory.
        external_attributes: u32,
    },
    /// A method other than Store and Deflate.
    #[error("compression method {method} is not supported")]
    UnsupportedCompression {
        /// The method's number (APPNOTE 4.4.5).
        method: u16,
    },
    /// Encrypted, or a patch to another file.
    #[error("it is encrypted or a patch (flags {flags:#06x})")]
    Encrypted {
        /// The general purpose flags (APPNOTE 4.4.4).
        flags: u16,
    },
    /// A folder with data.
    #[error("it is a folder, but has {len} bytes")]
    FolderWithData {
        /// Their number.
        len: u64,
    },
    /// There is no local header at the declared offset.
    #[error("there is no local header at byte {offset}")]
    NoLocalHeader {
        /// The declared offset.
        offset: u64,
    },
    /// Two records contradict each other about an entry.
    #[error("its headers disagree about the {field}")]
    HeaderDisagreement {
        /// The field with different values.
        field: Field,
    },
    /// The file exceeds the caller's limit.
    #[error("it is longer than {limit} bytes")]
    AboveLimit {
        /// The caller's limit.
        limit: u64,
    },
    /// Another number of bytes than declared.
    #[error("its declared size is {declared} bytes, but it has {}{found}", if found > declared { "at least " } else { "" })]
    Length {
        /// The length in the directory.
        declared: u64,
        /// The actual length; for a longer file, the number of bytes seen so far.
        found: u64,
    },
    /// The bytes do not match the declared CRC-32.
    #[error("its CRC-32 is {found:08x}, not {declared:08x}")]
    Crc32 {
        /// The CRC-32 in the directory.
        declared: u32,
        /// The CRC-32 of the bytes.
        found: u32,
    },
    /// Deflate data that is not well-formed.
    #[error("its compressed data is corrupt")]
    CorruptStream,
    /// Deflate data without an end.
    #[error("its compressed data is truncated")]
    StreamCutOff,
    /// Bytes after the end of Deflate data.
    #[error("its compressed data ends {len} bytes early")]
    BytesAfterStream {
        /// Their number.
        len: u64,
    },
}

/// A field that is recorded in more than one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The name.
    Name,
    /// The name in the extra field Unicode Path.
    UnicodePath,
    /// The general purpose flags.
    Flags,
    /// The compression method.
    Method,
    /// The CRC-32.
    Crc32,
    /// The compressed size.
    StoredLen,
    /// The length of the file.
    Len,
    /// The data descriptor.
    DataDescriptor,
    /// The ZIP64 extra field.
    Extra,
    /// The ZIP64 end record.
    End,
    /// The number of entries.
    EntryCount,
    /// Offset and length of the directory.
    DirectoryRange,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Name => "name",
            Field::UnicodePath => "Unicode Path name",
            Field::Flags => "flags",
            Field::Method => "compression method",
            Field::Crc32 => "CRC-32",
            Field::StoredLen => "compressed size",
            Field::Len => "size",
            Field::DataDescriptor => "data descriptor",
            Field::Extra => "extra field",
            Field::End => "end of central directory record",
            Field::EntryCount => "number of entries",
            Field::DirectoryRange => "location of the central directory",
        })
    }
}
