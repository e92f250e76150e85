//! What is published, as far as a comparison needs it: lists, digests and the cursor, of a bucket or of a folder.
//!
//! Not for writing: that is for buckets only, and `send` does it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::files::sha256;
use crate::digest::ObjectDigests;
use crate::error::Error;
use crate::model::content::escape;
use crate::v2::store::Claims;
use crate::v2::store::bucket::{Bucket, Entry, Presence, agrees};

/// Prefix of the lock and temporary files of a migration, which are not objects.
const OWN_PREFIX: &str = ".package-storage-migrate";

/// A place that objects are published in.
pub trait Published: Sync {
    /// Lists all objects whose keys start with `prefix`, which ends with `/` or is empty.
    ///
    /// # Errors
    /// The list is incomplete.
    fn list(&self, prefix: &str) -> Result<BTreeMap<String, Entry>, Error>;

    /// Compares what is at a key with an object.
    ///
    /// # Errors
    /// No definite answer.
    fn compare(&self, key: &str, digests: &ObjectDigests) -> io::Result<Presence>;

    /// Reads a small object, with its state at that time; `None` when it does not exist.
    ///
    /// # Errors
    /// No definite answer, or an object that is longer than `limit` bytes.
    fn read(&self, key: &str, limit: usize) -> io::Result<Option<(Entry, Vec<u8>)>>;

    /// Returns the number of pages of lists that were requested.
    fn page_count(&self) -> u64;
}

impl Published for Bucket {
    fn list(&self, prefix: &str) -> Result<BTreeMap<String, Entry>, Error> {
        self.list_or_fail(prefix)
    }

    fn compare(&self, key: &str, digests: &ObjectDigests) -> io::Result<Presence> {
        Bucket::compare(self, key, digests)
    }

    fn read(&self, key: &str, limit: usize) -> io::Result<Option<(Entry, Vec<u8>)>> {
        Bucket::read(self, key, limit)
    }

    fn page_count(&self) -> u64 {
        Bucket::page_count(self)
    }
}

/// A bucket that no object is downloaded from, but for the cursor.
pub struct Described(pub Bucket);

impl Published for Described {
    fn list(&self, prefix: &str) -> Result<BTreeMap<String, Entry>, Error> {
        self.0.list_or_fail(prefix)
    }

    fn compare(&self, key: &str, digests: &ObjectDigests) -> io::Result<Presence> {
        let Some(entry) = self.0.head(key)? else { return Ok(Presence::Absent) };
        match agrees(entry.claims, digests) {
            _ if entry.len != digests.size => Ok(Presence::Other(Box::new(entry))),
            Some(true) => Ok(Presence::Same),
            Some(false) => Ok(Presence::Other(Box::new(entry))),
            None => Err(io::Error::other(
                "the store declares no digest, so only a download shows whether it is the same",
            )),
        }
    }

    fn read(&self, key: &str, limit: usize) -> io::Result<Option<(Entry, Vec<u8>)>> {
        self.0.read(key, limit)
    }

    fn page_count(&self) -> u64 {
        self.0.page_count()
    }
}

/// A folder that mirrors the bucket.
pub struct MirrorFolder(pub PathBuf);

impl MirrorFolder {
    /// Adds the files in a folder and below it.
    fn add(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Entry>) -> Result<(), Error> {
        let failed = |error| Error::file("list", folder)(error);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let path = folder.join(&name);
            // A key is UTF-8, so the name of any other file is that of none.
            let name = name.into_string().unwrap_or_else(|name| escape(name.as_encoded_bytes()));
            if name.starts_with(OWN_PREFIX) {
                continue;
            }
            let key = format!("{prefix}{name}");
            let metadata = fs::metadata(&path).map_err(Error::file("inspect", &path))?;
            match metadata.is_dir() {
                true => MirrorFolder::add(&path, &format!("{key}/"), found)?,
                false => drop(found.insert(key.clone(), described(key, metadata.len()))),
            }
        }
        Ok(())
    }
}

/// Describes a file: a folder declares no digests.
fn described(key: String, len: u64) -> Entry {
    let claims = Claims::default();
    Entry { key, len, claims, content_type: None, cache_control: None, revision: None }
}

impl Published for MirrorFolder {
    fn list(&self, prefix: &str) -> Result<BTreeMap<String, Entry>, Error> {
        // A folder that does not exist is a mistake, one without a kind of object is not.
        fs::read_dir(&self.0).map_err(Error::file("list", &self.0))?;
        let (folder, mut found) = (self.0.join(prefix), BTreeMap::new());
        if folder.is_dir() {
            MirrorFolder::add(&folder, prefix, &mut found)?;
        }
        Ok(found)
    }

    fn compare(&self, key: &str, digests: &ObjectDigests) -> io::Result<Presence> {
        let path = self.0.join(key);
        let len = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Presence::Absent),
            Err(error) => return Err(error),
        };
        let is_same = len == digests.size && sha256(&path)? == digests.sha256;
        Ok(match is_same {
            true => Presence::Same,
            false => Presence::Other(Box::new(described(key.to_owned(), len))),
        })
    }

    fn read(&self, key: &str, limit: usize) -> io::Result<Option<(Entry, Vec<u8>)>> {
        let file = match File::open(self.0.join(key)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(Some((described(key.to_owned(), bytes.len() as u64), bytes)))
    }

    fn page_count(&self) -> u64 {
        0
    }
}
