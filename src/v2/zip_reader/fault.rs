//! What is wrong with an archive: one kind per rule, with its evidence.
//!
//! Data, as findings are; the advice and the codes that people see are those of `mismatch`. A source
//! that does not hand its bytes out is no fault of the archive: see [`ReadError`].

use std::fmt;
use std::io;

use crate::model::content::{UnsafePath, escape};

/// Why an archive, or a file in it, was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The source does not hand the bytes out: nothing is known about them.
    #[error("the archive's bytes cannot be read")]
    Source(#[from] io::Error),
    /// The archive itself is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Something that no archive should have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// The entry it is about; none when it is about the archive.
    pub entry: Option<EntryId>,
    /// What it is.
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

/// Which entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryId {
    /// Its place in the central directory, from 0.
    pub index: usize,
    /// Its name, as it is in the central directory.
    pub name: Box<[u8]>,
}

/// What is wrong; offsets and lengths in bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// No ZIP archive, or one that is cut off.
    #[error("there is no end of a central directory")]
    NoEnd,
    /// The comment behind the end of the directory is longer than the file.
    #[error("the end of the central directory is cut off: {missing_len} bytes are missing")]
    EndCutOff {
        /// Number of bytes that are missing.
        missing_len: u64,
    },
    /// Bytes behind the end of the archive, such as the zeros that fill a block up where bsdtar
    /// writes to a pipe. unzip 6.0, Python 3.11 and Go 1.26 skip them; yauzl 2.10, which Kibana
    /// reads with, does not ("invalid comment length").
    #[error(
        "{len} {} after the end of the archive: the registry, unzip and Python skip them, Kibana does not read the archive",
        if *are_zeros { "zero bytes come" } else { "bytes come" }
    )]
    BytesAfterEnd {
        /// Their number.
        len: u64,
        /// Whether all of them are zero.
        are_zeros: bool,
    },
    /// Bytes before the archive, which no offset in it counts. The same readers skip them, and yauzl
    /// does not ("invalid central directory file header signature").
    #[error(
        "{len} bytes come before the archive, and its offsets do not count them: the registry, unzip and Python skip them, Kibana does not read the archive"
    )]
    BytesBefore {
        /// Their number.
        len: u64,
    },
    /// A disk number that is not 0.
    #[error("it is said to lie on several disks")]
    SeveralDisks,
    /// A ZIP64 field that is missing, there twice, malformed, or that another field contradicts.
    #[error("the ZIP64 {field} is missing, malformed or contradicted")]
    Zip64 {
        /// The field.
        field: Field,
    },
    /// Not as many entries as are declared.
    #[error("{declared} entries are declared, but {found} are there")]
    EntryCount {
        /// What the end of the directory declares.
        declared: u64,
        /// The number of entries.
        found: u64,
    },
    /// The directory does not end where its end begins.
    #[error("the central directory is said to end at byte {declared_end}, but ends at {found_end}")]
    DirectoryMisplaced {
        /// The sum of its declared offset and length; the highest number when there is none.
        declared_end: u64,
        /// Where the end of the directory begins.
        found_end: u64,
    },
    /// The directory is longer than [`super::MAX_DIRECTORY_LEN`].
    #[error("the central directory has {len} bytes")]
    DirectoryTooLong {
        /// Its length.
        len: u64,
    },
    /// There is no entry where one must be, or it is cut off.
    #[error("the central directory is malformed at byte {offset}")]
    DirectoryMalformed {
        /// Where, in the archive.
        offset: u64,
    },
    /// Bytes that belong to two entries.
    #[error("it shares bytes with entry {other}")]
    Overlap {
        /// The other entry's place in the directory, from 0.
        other: usize,
    },
    /// An entry that goes on beyond the files, into the directory or out of the archive.
    #[error("it is said to lie where the central directory is, or behind it")]
    OutOfRange,
    /// Bytes that belong to no entry.
    #[error("{len} bytes at {offset} belong to no entry")]
    UnlistedBytes {
        /// Where they begin.
        offset: u64,
        /// Their number; of entries that were only listed, the least it can be.
        len: u64,
    },
    /// A name that is there before.
    #[error("the name is there twice: entry {first} has it too")]
    DuplicateEntry {
        /// The first such entry's place in the directory, from 0.
        first: usize,
    },
    /// A file where another entry says there is a folder.
    #[error("it is a file here, and a folder in entry {other}")]
    FileAndFolder {
        /// The other entry's place in the directory, from 0.
        other: usize,
    },
    /// A name that an unpacker could be hurt by.
    #[error("the name is unsafe: {reason}")]
    UnsafeName {
        /// The rule that it breaks.
        reason: UnsafePath,
    },
    /// A symbolic link.
    #[error("it is a symbolic link")]
    Symlink,
    /// Its attributes say that it is neither a file, nor what its name says.
    #[error("its attributes ({external_attributes:#010x}) say that it is no file")]
    OddType {
        /// Unix mode and DOS attributes, as the directory has them.
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
    /// A folder that has bytes.
    #[error("it is a folder, but has {len} bytes")]
    FolderWithData {
        /// Their number.
        len: u64,
    },
    /// There is no local header where the directory says.
    #[error("there is no local header at byte {offset}")]
    NoLocalHeader {
        /// Where it should be.
        offset: u64,
    },
    /// Two places say different things about an entry.
    #[error("its headers disagree about the {field}")]
    HeaderDisagreement {
        /// What they disagree about.
        field: Field,
    },
    /// The caller wants no file that long.
    #[error("it is longer than {limit} bytes")]
    AboveLimit {
        /// The caller's limit.
        limit: u64,
    },
    /// More or fewer bytes than the directory says.
    #[error("it is said to have {declared} bytes, but has {}{found}", if found > declared { "at least " } else { "" })]
    Length {
        /// What the directory says.
        declared: u64,
        /// How many there are; when there are more than declared, as many as were seen.
        found: u64,
    },
    /// Other bytes than the directory says.
    #[error("its CRC-32 is {found:08x}, not {declared:08x}")]
    Crc32 {
        /// What the directory says.
        declared: u32,
        /// That of the bytes.
        found: u32,
    },
    /// Deflate data that is not well-formed.
    #[error("its compressed data is corrupt")]
    CorruptStream,
    /// Deflate data that has no end.
    #[error("its compressed data is cut off")]
    StreamCutOff,
    /// Bytes behind the end of Deflate data.
    #[error("its compressed data ends {len} bytes early")]
    BytesAfterStream {
        /// Their number.
        len: u64,
    },
}

/// A field that is there more than once.
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
    /// The length in the archive.
    StoredLen,
    /// The length of the file.
    Len,
    /// What stands behind the data.
    DataDescriptor,
    /// The ZIP64 extra field.
    Extra,
    /// The ZIP64 end of the directory.
    End,
    /// The number of entries.
    EntryCount,
    /// Where the directory begins, and its length.
    DirectoryRange,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Name => "name",
            Field::UnicodePath => "name in Unicode",
            Field::Flags => "flags",
            Field::Method => "compression method",
            Field::Crc32 => "CRC-32",
            Field::StoredLen => "compressed size",
            Field::Len => "size",
            Field::DataDescriptor => "data descriptor",
            Field::Extra => "extra field",
            Field::End => "end of the central directory",
            Field::EntryCount => "number of entries",
            Field::DirectoryRange => "place of the central directory",
        })
    }
}
