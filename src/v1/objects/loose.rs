//! Reads loose objects: those stored in a file of their own, not in a pack.
//!
//! Not read by libgit2, since libgit2 1.9 never returns from a truncated loose object (libgit2#7342,
//! fixed but not released), and may write out of bounds for one whose header declares less than it
//! contains (libgit2#7177). The file is a zlib stream of `<kind> SP <length> NUL <bytes>` (Git's
//! documentation, "gitrepository-layout" and "Git Objects"). The caller hashes the bytes.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;

use super::alternates;
use crate::error::Error;
use crate::model::content::{ObjectId, escape};

/// Alternates of alternates are followed to this depth, as in Git (`link_alt_odb_entries`).
const MAX_ALTERNATE_DEPTH: usize = 5;

/// Length of the longest header that Git writes, in bytes.
const MAX_HEADER_LEN: usize = 32;

/// The loose objects and their folders, as they were when the repository was opened.
#[derive(Debug, Default)]
pub(in crate::v1) struct LooseObjects {
    folders: Vec<PathBuf>,
    /// Those of `folders` that libgit2 does not find itself.
    hidden_from_libgit2: Vec<String>,
    /// The index of an object's folder in `folders`.
    places: HashMap<ObjectId, usize>,
}

impl LooseObjects {
    /// Lists the loose objects of a repository and of its alternates.
    ///
    /// # Errors
    /// [`Error::File`]; [`Error::Alternate`] for a path that cannot be passed to libgit2.
    pub(in crate::v1) fn list(objects: &Path) -> Result<Self, Error> {
        let mut listed = LooseObjects::default();
        listed.add_folder(objects, 0)?;
        Ok(listed)
    }

    fn add_folder(&mut self, objects: &Path, depth: usize) -> Result<(), Error> {
        let place = self.folders.len();
        self.folders.push(objects.to_owned());
        self.add_objects(objects, place).map_err(Error::file("list the objects in", objects))?;
        let file = objects.join("info/alternates");
        let lines = match fs::read(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            read => read.map_err(Error::file("read", &file))?,
        };
        if depth > MAX_ALTERNATE_DEPTH {
            return Ok(());
        }
        for alternate in alternates::parse(&lines) {
            let refused = || Error::Alternate { file: file.clone(), path: escape(&alternate.path) };
            let path = alternates::to_path(&alternate.path).ok_or_else(refused)?;
            let path = objects.join(path);
            // An alternate may be gone; that matters only for objects that are then missing.
            if !path.is_dir() || self.has_folder(&path) {
                continue;
            }
            if !alternate.is_known_to_libgit2 {
                let text = path.to_str().ok_or_else(refused)?;
                self.hidden_from_libgit2.push(text.to_owned());
            }
            self.add_folder(&path, depth + 1)?;
        }
        Ok(())
    }

    /// Returns whether a folder is already listed, under any path: alternates may form a cycle.
    fn has_folder(&self, path: &Path) -> bool {
        let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let path = real(path);
        self.folders.iter().any(|known| real(known) == path)
    }

    fn add_objects(&mut self, objects: &Path, place: usize) -> io::Result<()> {
        for entry in fs::read_dir(objects)? {
            let fan_out = entry?.path();
            let Some(first) = fan_out.file_name().and_then(|name| name.to_str()) else { continue };
            if first.len() != 2 || !fan_out.is_dir() {
                continue;
            }
            let entries = match fs::read_dir(&fan_out) {
                // Git has packed its objects since, and removed it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            for entry in entries {
                // A file whose name is not an id is not an object: for example a temporary file of Git's.
                let name = entry?.file_name();
                let id = name.to_str().and_then(|rest| format!("{first}{rest}").parse().ok());
                if let Some(id) = id {
                    self.places.entry(id).or_insert(place);
                }
            }
        }
        Ok(())
    }

    /// Returns the folders that contain objects, loose or packed: the repository's own first.
    pub(in crate::v1) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Returns the folders that must be added to libgit2's object database.
    pub(in crate::v1) fn hidden_from_libgit2(&self) -> &[String] {
        &self.hidden_from_libgit2
    }

    /// Returns whether an object was loose when the repository was opened.
    pub(in crate::v1) fn contains(&self, id: ObjectId) -> bool {
        self.places.contains_key(&id)
    }

    /// Reads the kind and the bytes of an object that was loose when the repository was opened; `None`
    /// when it was not, or is gone.
    pub(in crate::v1) fn read(&self, id: ObjectId) -> Option<io::Result<(String, Vec<u8>)>> {
        let place = *self.places.get(&id)?;
        read_file(&self.folders[place], id)
    }

    /// Like [`LooseObjects::read`], for an object that may have become loose since.
    pub(in crate::v1) fn read_new(&self, id: ObjectId) -> Option<io::Result<(String, Vec<u8>)>> {
        self.folders.iter().find_map(|folder| read_file(folder, id))
    }
}

fn read_file(objects: &Path, id: ObjectId) -> Option<io::Result<(String, Vec<u8>)>> {
    let hex = id.to_string();
    match File::open(objects.join(&hex[..2]).join(&hex[2..])) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        opened => Some(opened.and_then(decode)),
    }
}

fn decode(file: impl Read) -> io::Result<(String, Vec<u8>)> {
    let mut stream = io::BufReader::new(ZlibDecoder::new(file));
    let (kind, len) = read_header(&mut stream)?;
    let mut bytes = Vec::new();
    stream.by_ref().take(len).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != len {
        return Err(malformed("it is truncated"));
    }
    if stream.read(&mut [0])? != 0 {
        return Err(malformed("it has trailing bytes"));
    }
    Ok((kind, bytes))
}

fn read_header(stream: &mut impl Read) -> io::Result<(String, u64)> {
    let mut header = Vec::new();
    let mut byte = [0];
    loop {
        stream.read_exact(&mut byte)?;
        if byte == [0] {
            break;
        }
        header.push(byte[0]);
        if header.len() > MAX_HEADER_LEN {
            return Err(malformed("its header is malformed"));
        }
    }
    let text = std::str::from_utf8(&header).ok();
    text.and_then(|text| text.split_once(' '))
        .and_then(|(kind, len)| Some((kind.to_owned(), len.parse().ok()?)))
        .ok_or_else(|| malformed("its header is malformed"))
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn encoded(raw: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(raw).expect("a Vec takes all");
        encoder.finish().expect("a Vec takes all")
    }

    #[test]
    fn an_object_is_read_whole() {
        let decoded = decode(&encoded(b"blob 5\0hello")[..]).expect("whole");
        assert_eq!(decoded, ("blob".to_owned(), b"hello".to_vec()));
        let empty = decode(&encoded(b"tree 0\0")[..]).expect("whole");
        assert_eq!(empty, ("tree".to_owned(), Vec::new()));
    }

    #[test]
    fn every_truncation_is_detected() {
        let whole = encoded(&[b"blob 300\0".as_slice(), &[b'x'; 300]].concat());
        for len in 0..whole.len() {
            assert!(decode(&whole[..len]).is_err(), "cut at {len} of {}", whole.len());
        }
    }

    #[test]
    fn malformed_objects_are_rejected() {
        let rows: [&[u8]; 6] = [
            b"blob 6\0hello",
            b"blob 4\0hello",
            b"blob\0hello",
            b"blob -1\0hello",
            b"blob 99999999999999999999\0hello",
            b"blob 00000000000000000000000000000005\0hello",
        ];
        for raw in rows {
            assert!(decode(&encoded(raw)[..]).is_err(), "{}", raw.escape_ascii());
        }
    }
}
