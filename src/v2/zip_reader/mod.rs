//! Reads anyone's ZIP archive, strictly and in bounds: what is in it, and the bytes of its files.
//!
//! Nothing is unpacked to disk, and nothing that an archive declares is believed. Our own, since
//! the crates that could be asked hide what must be seen: `zip` keeps the last of two entries of a
//! name; `rawzip` does not tell disk numbers, takes ZIP64 records that contradict the rest for
//! none, and decides by itself what it reads of the tail. Both stay strangers to this part, which
//! knows neither the writer (`archive`) nor what v1 holds.
//!
//! Readers differ in what they make of odd archives, so the rule is: whatever two readers could
//! take for two things is a [`Fault`]. The attacks, and the answers:
//!
//! | attack | answer |
//! |---|---|
//! | two entries of a name, of which readers take the first or the last | [`FaultKind::DuplicateEntry`] |
//! | a file where there also is a folder | [`FaultKind::FileAndFolder`] |
//! | `../`, absolute names, drive letters, backslashes, control characters, `.git` | [`FaultKind::UnsafeName`], by v1's own rules for paths |
//! | symlinks, devices, files that say they are folders | [`FaultKind::Symlink`], [`FaultKind::OddType`] |
//! | a second name in an extra field (Info-ZIP's Unicode Path) | [`Field::UnicodePath`], unless it is the same |
//! | a local header that disagrees with the central directory | [`FaultKind::HeaderDisagreement`] |
//! | a data descriptor that disagrees | [`Field::DataDescriptor`] |
//! | ZIP64 fields that disagree with the others, are missing, or are there twice | [`FaultKind::Zip64`] |
//! | bombs that inflate without an end | the length in the directory and the caller's limit, whichever comes first |
//! | bombs whose entries share bytes (overlap, quoted headers) | [`FaultKind::Overlap`]; each entry's bytes end where the next one's begin |
//! | lengths and offsets beyond the file | [`FaultKind::OutOfRange`], [`FaultKind::DirectoryMisplaced`] |
//! | a directory of gigabytes, counts of entries that are not there | [`MAX_DIRECTORY_LEN`], [`FaultKind::EntryCount`]; no memory is taken for a declared number |
//! | names that take long to compare | sorted once; no rule looks at each pair, or each folder of each name |
//! | entries that no directory lists, archives in front of archives, junk before, between and behind | [`FaultKind::UnlistedBytes`], [`FaultKind::BytesBefore`], [`FaultKind::BytesAfterEnd`] |
//! | an end of directory inside the comment | [`FaultKind::DirectoryMisplaced`], [`FaultKind::EndCutOff`]: the last one counts |
//! | archives over several disks | [`FaultKind::SeveralDisks`] |
//! | encryption, of files or of the directory | [`FaultKind::Encrypted`] |
//! | methods that the registry does not read | [`FaultKind::UnsupportedCompression`] |
//! | compressed data that goes on after its end, or has none | [`FaultKind::BytesAfterStream`], [`FaultKind::StreamCutOff`], [`FaultKind::CorruptStream`] |
//! | bytes that are not those the directory speaks of | [`FaultKind::Length`], [`FaultKind::Crc32`] |
//! | content in a folder's entry | [`FaultKind::FolderWithData`] |
//!
//! The registry puts up with junk before and behind an archive; here it is a fault: Kibana does not
//! read such an archive, nobody vouches for such bytes, and a second archive fits into them. What is
//! behind is no reason not to look inside.
//!
//! What does not matter is no fault: times, modes, order of entries, folder entries or none, versions,
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
