//! Any bytes as an archive: listed, read in two ways, and compared with the `zip` crate.

#![no_main]

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use libfuzzer_sys::fuzz_target;
use package_storage_migrate::model::content::EntryPath;
use package_storage_migrate::v2::zip_reader::{Directory, Entry, FileReader, ReadError, list, read_file};

/// The longest file that is read.
const LIMIT: u64 = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let directory = match list(bytes) {
        Ok(directory) => directory,
        Err(ReadError::Fault(fault)) => {
            assert!(!fault.to_string().is_empty());
            return;
        }
        Err(ReadError::Source(error)) => panic!("a slice is always readable: {error}"),
    };
    check_directory(bytes, &directory);
    let mut reader = FileReader::default();
    let mut files = reader.files(bytes, &directory);
    let (mut contents, mut is_clean) = (BTreeMap::new(), directory.faults().is_empty());
    for &index in directory.file_order() {
        let entry = &directory.entries()[index];
        let (mut ahead, mut alone) = (Vec::new(), Vec::new());
        let walked = files.read(index, LIMIT, &mut |piece| ahead.extend_from_slice(piece));
        let single =
            read_file(bytes, &directory, index, LIMIT, &mut |piece| alone.extend_from_slice(piece));
        match (walked, single) {
            (Ok(()), Ok(())) => check_file(entry, &ahead),
            (Err(ReadError::Fault(walked)), Err(ReadError::Fault(single))) => {
                assert_eq!(walked, single);
                assert!(ahead.len() as u64 <= entry.len.min(LIMIT), "{walked}");
                is_clean = false;
            }
            (walked, single) => panic!("{walked:?}, but separately {single:?}"),
        }
        assert!(ahead == alone);
        contents.insert(index, ahead);
    }
    if is_clean {
        check_against_reference(bytes, &directory, &contents);
    }
});

fn check_directory(bytes: &[u8], directory: &Directory) {
    let entries = directory.entries();
    assert!(entries.len() * 46 <= bytes.len(), "{} entries", entries.len());
    let mut order = directory.file_order().to_vec();
    let mut end = 0;
    for &index in &order {
        let entry = &entries[index];
        assert!(entry.header_offset >= end, "entries share bytes");
        end = entry.header_offset + 30 + entry.name.len() as u64 + entry.stored_len;
        assert!(end <= directory.offset());
    }
    order.sort_unstable();
    assert!(order.into_iter().eq(0..entries.len()));
    for fault in directory.faults() {
        // Bytes after the end are a fault of the archive.
        if let Some(id) = &fault.entry {
            assert_eq!(id.name, entries[id.index].name);
        }
    }
    if directory.faults().is_empty() {
        for entry in entries {
            assert!(EntryPath::parse(entry.path()).is_ok());
        }
    }
}

fn check_file(entry: &Entry, bytes: &[u8]) {
    assert_eq!(bytes.len() as u64, entry.len);
    assert_eq!(crc32fast::hash(bytes), entry.crc32);
}

/// Checks that another reader reads an archive without faults in the same way, as far as it reads it.
fn check_against_reference(
    bytes: &[u8],
    directory: &Directory,
    contents: &BTreeMap<usize, Vec<u8>>,
) {
    let Ok(mut reference) = zip_judge::ZipArchive::new(Cursor::new(bytes)) else { return };
    assert_eq!(reference.len(), directory.entries().len());
    for index in 0..reference.len() {
        let Ok(mut file) = reference.by_index(index) else { continue };
        let entry = directory.entries().iter().position(|entry| *entry.name == *file.name_raw());
        let entry = entry.expect("an entry of that name");
        let mut read = Vec::new();
        if file.read_to_end(&mut read).is_ok() {
            assert!(read == contents[&entry], "another reader reads other bytes");
        }
    }
}
