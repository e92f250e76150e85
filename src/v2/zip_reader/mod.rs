//! A strict, bounded reader of ZIP archives from any source: lists entries and reads files.
//!
//! Nothing is unpacked to disk, and no declared value is trusted. Own code, since the available crates
//! hide what must be seen: `zip` keeps the last of two entries with the same name (zip-rs/zip2#488); `rawzip` does not expose
//! disk numbers, ignores ZIP64 records that contradict the rest, and chooses itself what it reads of the
//! tail. Independent of the writer (`archive`) and of v1.
//!
//! Readers differ on unusual archives, so the rule is: anything that two readers could interpret
//! differently is a [`Fault`]. The attacks, and the checks against them:
//!
//! | attack | check |
//! |---|---|
//! | two entries of one name, of which readers use the first or the last | [`FaultKind::DuplicateEntry`] |
//! | a file with the path of a folder | [`FaultKind::FileAndFolder`] |
//! | `../`, absolute names, drive letters, backslashes, control characters, `.git` | [`FaultKind::UnsafeName`], with v1's rules for paths |
//! | symlinks, devices, files with the attributes of a folder | [`FaultKind::Symlink`], [`FaultKind::OddType`] |
//! | a second name in an extra field (Info-ZIP's Unicode Path) | [`Field::UnicodePath`], unless it is identical |
//! | a local header that contradicts the central directory | [`FaultKind::HeaderDisagreement`] |
//! | a data descriptor that contradicts the central directory | [`Field::DataDescriptor`] |
//! | ZIP64 fields that contradict others, are missing or duplicated | [`FaultKind::Zip64`] |
//! | bombs that inflate without an end | the declared length and the caller's limit, whichever is smaller |
//! | bombs whose entries share bytes (overlap, quoted headers) | [`FaultKind::Overlap`]; each entry's bytes end where the next one's start |
//! | lengths and offsets beyond the file | [`FaultKind::OutOfRange`], [`FaultKind::DirectoryMisplaced`] |
//! | a directory of gigabytes, a wrong number of entries | [`MAX_DIRECTORY_LEN`], [`FaultKind::EntryCount`]; no memory is allocated for a declared number |
//! | names that are slow to compare | sorted once; no rule is quadratic in entries or folders |
//! | unlisted entries, archives before archives, data before, between and after | [`FaultKind::UnlistedBytes`], [`FaultKind::BytesBefore`], [`FaultKind::BytesAfterEnd`] |
//! | an end record inside the comment | [`FaultKind::DirectoryMisplaced`], [`FaultKind::EndCutOff`]: the last one counts |
//! | archives on several disks | [`FaultKind::SeveralDisks`] |
//! | encryption of files or of the directory | [`FaultKind::Encrypted`] |
//! | methods that the registry does not support | [`FaultKind::UnsupportedCompression`] |
//! | compressed data with trailing bytes, or without an end | [`FaultKind::BytesAfterStream`], [`FaultKind::StreamCutOff`], [`FaultKind::CorruptStream`] |
//! | bytes that do not match the directory | [`FaultKind::Length`], [`FaultKind::Crc32`] |
//! | data in a folder's entry | [`FaultKind::FolderWithData`] |
//!
//! The registry tolerates data before and after an archive; here it is a fault: Kibana rejects such an
//! archive, the extra bytes are unverified, and could contain a second archive. An archive with
//! trailing data is still read.
//!
//! These differences are not faults: times, modes, order of entries, missing folder entries, versions,
//! compression levels, comments, other extra fields, data descriptors, ZIP64 where it is not needed.
//! Field layout: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5; Unicode Path: 4.6.9.

mod collisions;
mod directory;
mod end;
mod entry;
mod extra;
mod fault;
mod fields;
mod file;
mod local;
mod window;

pub use directory::{Directory, list};
pub use end::MAX_DIRECTORY_LEN;
pub use entry::{Entry, EntryKind, Method};
pub use fault::{EntryId, Fault, FaultKind, Field, ReadError};
pub use file::{FileReader, Files, read_file};
