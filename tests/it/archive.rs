//! Tests of archives: bytes that any ZIP reader accepts, and that never change.
//!
//! The reference reader is the `zip` crate; where it hides the contents of a file, the bytes themselves are
//! checked. Pieces, layout and writer are combined here as in `migrate`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Cursor, Read, Seek};

use libdeflater::{CompressionLvl, Compressor};
use package_storage_migrate::digest::{Sha256Hasher, git_object_id};
use package_storage_migrate::model::content::{Content, FileEntry, FileMode, ObjectId};
use package_storage_migrate::model::package::RevisionId;
use package_storage_migrate::v2::archive::FINGERPRINT;
use package_storage_migrate::v2::archive::deflate::{Deflater, Method};
use package_storage_migrate::v2::archive::layout::{self, LayoutEntry};
use package_storage_migrate::v2::archive::writer::{ArchiveEntry, ArchiveStream};
use proptest::prelude::*;
use zip::read::ZipFile;
use zip::{CompressionMethod, ZipArchive};

use crate::content::{any_tree, content, entry_path};

mod zip64;

/// Paths with their bytes, and whether the file is executable in v1.
pub(crate) type Files = BTreeMap<String, (Vec<u8>, bool)>;

fn files(rows: &[(&str, &[u8])]) -> Files {
    rows.iter().map(|(path, bytes)| ((*path).to_owned(), (bytes.to_vec(), false))).collect()
}

/// Creates the archive of `buoy 1.0.0` with these files.
pub(crate) fn archive(files: &Files) -> Vec<u8> {
    let (mut deflater, mut pieces) = (Deflater::default(), HashMap::new());
    let entries = files.iter().map(|(path, (bytes, executable))| {
        let blob_id = ObjectId(git_object_id("blob", bytes));
        pieces.entry(blob_id).or_insert_with(|| deflater.piece(bytes));
        let mode = if *executable { FileMode::Executable } else { FileMode::Regular };
        FileEntry { path: entry_path(path), mode, blob_id }
    });
    let content = Content::new(entries.collect()).expect("no collision");
    let entries = layout::entries(&content).into_iter().map(|entry| ArchiveEntry {
        name: entry.name(&revision().to_string()),
        piece: match entry {
            LayoutEntry::Folder(_) => None,
            LayoutEntry::File(file) => Some(&pieces[&file.blob_id]),
        },
    });
    read_whole(ArchiveStream::new(entries)).expect("short names")
}

/// Reads an archive in varying steps; a read must return less than requested only at the end.
fn read_whole(mut archive: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for room_len in (1..).map(|step| step * step % 1009 + 1) {
        let mut room = vec![0; room_len];
        let len = archive.read(&mut room)?;
        bytes.extend(&room[..len]);
        if len < room_len {
            break;
        }
    }
    assert_eq!(archive.read(&mut [0; 9])?, 0, "bytes after the end");
    Ok(bytes)
}

fn revision() -> RevisionId {
    let (name, version) = ("buoy".parse(), "1.0.0".parse());
    RevisionId::new(name.expect("a name"), version.expect("a version")).expect("short enough")
}

/// Opens an archive with the reference reader, and checks that local and central headers agree.
fn opened<R: Read + Seek>(archive: R) -> ZipArchive<R> {
    let mut zip = ZipArchive::new(archive).expect("a ZIP file");
    zip.validate_header_consistency().expect("headers that agree, and nothing between");
    zip
}

/// Returns the "version needed" of an entry in both of its headers, which the reference reader does not expose.
fn versions_needed(archive: &[u8], entry: &ZipFile<'_, Cursor<&[u8]>>) -> [u16; 2] {
    [entry.header_start() + 4, entry.central_header_start() + 6].map(|at| {
        let at = usize::try_from(at).expect("an offset in memory");
        u16::from_le_bytes([archive[at], archive[at + 1]])
    })
}

/// Returns incompressible bytes.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// Returns a text that each compression level compresses differently.
fn song() -> Vec<u8> {
    const WORDS: [&str; 8] = ["sea ", "buoy ", "bell ", "sea bell ", "a ", "the ", "rings ", "\n"];
    noise(9000).iter().flat_map(|byte| WORDS[usize::from(byte % 8)].bytes()).collect()
}

#[test]
fn entries_are_ordered_by_path_component_and_folders_precede_their_contents() {
    let rows: [(&str, &[&str]); 4] = [
        ("", &[""]),
        ("manifest.yml=1", &["", "manifest.yml"]),
        (
            "a.b/x=1 a/x=2 a-b=3 a/b/y=4 A=5 a0=6",
            &["", "A", "a/", "a/b/", "a/b/y", "a/x", "a-b", "a.b/", "a.b/x", "a0"],
        ),
        ("x/y/z=1 x/y.z=2 é/x=3 z=4", &["", "x/", "x/y/", "x/y/z", "x/y.z", "z", "é/", "é/x"]),
    ];
    for (text, names) in rows {
        let content = content(text);
        let entries = layout::entries(&content);
        let found: Vec<String> =
            entries.iter().map(|entry| entry.name(&revision().to_string())).collect();
        assert_eq!(
            found,
            names.iter().map(|name| format!("buoy-1.0.0/{name}")).collect::<Vec<_>>()
        );
    }
}

#[test]
fn archives_contain_the_given_files_and_nothing_of_clock_host_or_v1() {
    let (noise, text) = (noise(5000), b"the sea, ".repeat(500));
    let mut given = files(&[
        ("manifest.yml", b"name: buoy\nname: buoy\nname: buoy\nname: buoy\n"),
        ("docs/README.md", &text),
        ("docs/empty", b""),
        ("img/[Logs] noise.png", &noise),
        ("img/grüße.svg", b"<svg/>"),
    ]);
    given.get_mut("docs/README.md").unwrap().1 = true;
    let (stored, deflated) = (CompressionMethod::Stored, CompressionMethod::Deflated);
    let rows: [(&str, CompressionMethod, u16, &[u8]); 8] = [
        ("", stored, 20, b""),
        ("docs/", stored, 20, b""),
        ("docs/README.md", deflated, 20, &text),
        ("docs/empty", stored, 10, b""),
        ("img/", stored, 20, b""),
        ("img/[Logs] noise.png", stored, 10, &noise),
        ("img/grüße.svg", stored, 10, b"<svg/>"),
        ("manifest.yml", deflated, 20, &given["manifest.yml"].0),
    ];
    let archived = archive(&given);
    let mut zip = opened(Cursor::new(archived.as_slice()));
    assert_eq!((zip.len(), zip.comment(), zip.offset()), (rows.len(), b"".as_slice(), 0));
    for (index, (name, method, version, bytes)) in rows.into_iter().enumerate() {
        let mut entry = zip.by_index(index).unwrap();
        assert_eq!(entry.name().unwrap(), format!("buoy-1.0.0/{name}"));
        assert_eq!(entry.compression(), method, "{name}");
        assert_eq!(versions_needed(&archived, &entry), [version; 2], "{name}");
        let mode = if entry.is_dir() { 0o040_755 } else { 0o100_644 };
        assert_eq!(entry.unix_mode(), Some(mode), "{name}");
        assert_eq!(entry.last_modified().unwrap().to_string(), "1980-01-01 00:00:00");
        let flags = if name.is_ascii() { 0 } else { 1 << 11 };
        assert_eq!(entry.flags().as_u16(), flags, "UTF-8, and no data descriptor: {name}");
        assert_eq!((entry.extra_data_fields().count(), entry.comment_raw()), (0, b"".as_slice()));
        assert_eq!(entry.size(), bytes.len() as u64);
        assert_eq!(entry.compressed_size() < entry.size(), method == deflated, "{name}");
        let mut found = Vec::new();
        entry.read_to_end(&mut found).unwrap();
        assert!(found == bytes, "{name} has other bytes");
    }
    given.values_mut().for_each(|(_, executable)| *executable = !*executable);
    assert!(archive(&given) == archived, "modes of v1 affect the archive");
}

#[test]
fn archive_bytes_never_change() {
    let given = files(&[
        ("manifest.yml", b"name: buoy\nversion: 1.0.0\n"),
        ("docs/README.md", &song()),
        ("docs/grüße.md", b"ahoi"),
        ("img/noise.png", &noise(300)),
        ("img/waves.png", &png()),
    ]);
    let mut hasher = Sha256Hasher::default();
    hasher.update(&archive(&given));
    assert_eq!(
        hasher.finish().to_string(),
        "6cc4924e5d041ca5afd2edc9068c1b532bb0e6bea8c1c0efa0ae1df57c0dfc25",
        "the archive engine has changed: update archive::FINGERPRINT"
    );
}

/// Returns bytes that start like a PNG image.
fn png() -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n", song().as_slice()].concat()
}

/// Compresses a text with libdeflate.
fn deflated(level: i32, text: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::new(level).expect("a level"));
    let mut out = vec![0; compressor.deflate_compress_bound(text.len())];
    let len = compressor.deflate_compress(text, &mut out).expect("enough room");
    out.truncate(len);
    out
}

#[test]
fn incompressible_blobs_are_stored() {
    let mut gains = BTreeSet::new();
    for echo_len in 0..12 {
        // Noise grows when deflated; from some length on, its repetition compensates for that.
        let text = [noise(60), noise(echo_len)].concat();
        let (piece, deflated) = (Deflater::default().piece(&text), deflated(6, &text));
        let gain = text.len().cmp(&deflated.len());
        let is_smaller = gain == Ordering::Greater;
        let (method, data) =
            if is_smaller { (Method::Deflate, deflated) } else { (Method::Store, text) };
        assert_eq!((piece.method, &*piece.data), (method, &*data), "an echo of {echo_len}");
        gains.insert(gain);
    }
    assert_eq!(gains.len(), 3, "longer, equal and shorter results have all occurred");
}

#[test]
fn the_fingerprint_names_the_compressor_in_use() {
    let lock = include_str!("../../Cargo.lock");
    let (_, package) = lock.split_once("name = \"libdeflater\"\nversion = \"").unwrap();
    let (version, _) = package.split_once('"').unwrap();
    // The levels that give the same bytes.
    let level_of = |blob: &[u8]| {
        let piece = Deflater::default().piece(blob);
        let same = (1..=12).filter(|level| deflated(*level, blob) == *piece.data);
        same.map(|level| level.to_string()).collect::<Vec<_>>().join(" or ")
    };
    let (level, png_level) = (level_of(&song()), level_of(&png()));
    let expected = format!("libdeflate {version} level {level} (PNG {png_level}), layout ");
    assert!(FINGERPRINT.starts_with(&expected), "{expected}");
}

#[test]
fn a_piece_does_not_depend_on_previous_pieces() {
    let blobs =
        [b"a".repeat(70_000), noise(100), Vec::new(), b"ab".repeat(5 << 20), b"abc".repeat(9)];
    let mut used = Deflater::default();
    for blob in blobs.iter().chain(blobs.iter().rev()) {
        assert!(used.piece(blob) == Deflater::default().piece(blob), "{} bytes", blob.len());
    }
}

#[test]
fn a_name_longer_than_zip_allows_is_rejected() {
    let piece = Deflater::default().piece(b"x");
    for (len, is_allowed) in [(65_535, true), (65_536, false)] {
        let entry = ArchiveEntry { name: "n".repeat(len), piece: Some(&piece) };
        match read_whole(ArchiveStream::new([entry])) {
            Ok(bytes) => assert!(is_allowed && opened(Cursor::new(bytes)).len() == 1, "{len}"),
            Err(error) => {
                assert!(!is_allowed && error.kind() == io::ErrorKind::InvalidInput, "{len}");
            }
        }
    }
}

pub(crate) fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        ("[a-c]{1,3}", 1..400_usize).prop_map(|(word, times)| word.repeat(times).into_bytes()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_tree_survives_archiving(given in any_tree(any_bytes())) {
        let bytes = archive(&given);
        prop_assert_eq!(&bytes, &archive(&given), "the second archive differs");
        let mut zip = opened(Cursor::new(bytes));
        let (mut found, mut folders) = (BTreeMap::new(), BTreeSet::new());
        for index in 0..zip.len() {
            let mut entry = zip.by_index(index).unwrap();
            let name = entry.name().unwrap().into_owned();
            let (parent, _) = name.trim_end_matches('/').rsplit_once('/').unwrap_or_default();
            let is_open = parent.is_empty() || folders.contains(parent);
            prop_assert!(is_open, "{} precedes {}", name, parent);
            if let Some(folder) = name.strip_suffix('/') {
                prop_assert!(folders.insert(folder.to_owned()), "{} appears twice", folder);
            } else {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).unwrap();
                let path = name.strip_prefix("buoy-1.0.0/").unwrap().to_owned();
                prop_assert!(found.insert(path, bytes).is_none(), "{} appears twice", name);
            }
        }
        let expected: BTreeMap<_, _> =
            given.into_iter().map(|(path, (bytes, _))| (path, bytes)).collect();
        prop_assert_eq!(found, expected);
    }
}
