//! Reads loose objects: those that lie in a file of their own, not in a pack.
//!
//! Our own, since libgit2 1.9 never comes back from a loose object that is cut off (libgit2#7342,
//! mended but not released), and may write out of bounds for one whose header declares less than it
//! holds (libgit2#7177). The file holds a zlib stream of `<kind> SP <length> NUL <bytes>` (Git's
//! documentation, "gitrepository-layout" and "Git Objects"). The bytes are hashed by the caller.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;

use crate::model::content::ObjectId;

/// Folders that borrow from each other deeper than this are taken for a loop, as Git does.
const MAX_ALTERNATE_DEPTH: usize = 5;

/// The longest header that Git writes, in bytes.
const MAX_HEADER_LEN: usize = 32;

/// Which objects are loose, and where; as it was when the repository was opened.
#[derive(Debug, Default)]
pub(in crate::v1) struct LooseObjects {
    folders: Vec<PathBuf>,
    /// The index of an object's folder in `folders`.
    places: HashMap<ObjectId, usize>,
}

impl LooseObjects {
    /// Lists the loose objects of a repository and of those that it borrows from.
    pub(in crate::v1) fn list(objects: &Path) -> io::Result<Self> {
        let mut listed = LooseObjects::default();
        listed.add_folder(objects, 0)?;
        Ok(listed)
    }

    fn add_folder(&mut self, objects: &Path, depth: usize) -> io::Result<()> {
        let place = self.folders.len();
        self.folders.push(objects.to_owned());
        for entry in fs::read_dir(objects)? {
            let fan_out = entry?.path();
            let Some(first) = fan_out.file_name().and_then(|name| name.to_str()) else { continue };
            if first.len() != 2 || !fan_out.is_dir() {
                continue;
            }
            for entry in fs::read_dir(&fan_out)? {
                // What has no id for a name is no object: a temporary file of Git's, say.
                let name = entry?.file_name();
                let id = name.to_str().and_then(|rest| format!("{first}{rest}").parse().ok());
                if let Some(id) = id {
                    self.places.entry(id).or_insert(place);
                }
            }
        }
        let alternates = match fs::read_to_string(objects.join("info/alternates")) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        if depth < MAX_ALTERNATE_DEPTH {
            for line in alternates.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
            {
                // A repository may borrow from one that is gone; only what is missing then counts.
                let alternate = objects.join(line);
                if alternate.is_dir() {
                    self.add_folder(&alternate, depth + 1)?;
                }
            }
        }
        Ok(())
    }

    /// The folders that hold objects, loose or packed: the repository's own first.
    pub(in crate::v1) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Tells whether an object is loose.
    pub(in crate::v1) fn holds(&self, id: ObjectId) -> bool {
        self.places.contains_key(&id)
    }

    /// Reads an object's kind and bytes; none when it is not loose.
    pub(in crate::v1) fn read(&self, id: ObjectId) -> Option<io::Result<(String, Vec<u8>)>> {
        let place = *self.places.get(&id)?;
        let hex = id.to_string();
        let path = self.folders[place].join(&hex[..2]).join(&hex[2..]);
        Some(File::open(path).and_then(decode))
    }
}

fn decode(file: impl Read) -> io::Result<(String, Vec<u8>)> {
    let mut stream = io::BufReader::new(ZlibDecoder::new(file));
    let (kind, len) = read_header(&mut stream)?;
    let mut bytes = Vec::new();
    stream.by_ref().take(len).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != len {
        return Err(malformed("it is cut off"));
    }
    if stream.read(&mut [0])? != 0 {
        return Err(malformed("it goes on after its end"));
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
    fn every_cut_is_noticed() {
        let whole = encoded(&[b"blob 300\0".as_slice(), &[b'x'; 300]].concat());
        for len in 0..whole.len() {
            assert!(decode(&whole[..len]).is_err(), "cut at {len} of {}", whole.len());
        }
    }

    #[test]
    fn what_is_malformed_is_refused() {
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
