//! Unpacks an archive into a folder, for programs that read packages from disk.
//!
//! Only for archives that this program has just made or has verified. That is why the `zip` crate reads
//! them and not `zip_reader`: the strict reader proves what is in anyone's archive and writes no files,
//! whereas here nothing is left to prove. Entries are still kept below the folder, CRCs are still checked,
//! and no file is written over another.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use zip::ZipArchive;

use crate::error::Error;

/// Why an archive was not unpacked.
#[derive(Debug)]
pub enum UnpackFault {
    /// The file system does not take an entry's path: too long, or taken by a path that is the same to it.
    Path {
        /// The entry's name.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// The archive cannot be read, or its files not be written.
    Failed(Error),
}

/// Writes all files and folders of `archive` below `folder`, which exists.
///
/// # Errors
/// [`UnpackFault`]; what was written so far stays.
pub fn unpack(archive: &Path, folder: &Path) -> Result<(), UnpackFault> {
    let unreadable = |source: io::Error| {
        UnpackFault::Failed(Error::File { action: "unpack", path: archive.to_owned(), source })
    };
    let file = File::open(archive).map_err(unreadable)?;
    let mut entries = ZipArchive::new(file).map_err(|error| unreadable(error.into()))?;
    for index in 0..entries.len() {
        let mut entry = entries.by_index(index).map_err(|error| unreadable(error.into()))?;
        let Some(path) = entry.enclosed_name().map(|name| folder.join(name)) else {
            return Err(unreadable(io::Error::new(
                io::ErrorKind::InvalidData,
                "an entry's name leads out of the folder",
            )));
        };
        let (is_folder, name) = (entry.is_dir(), entry.name().map(|name| name.into_owned()));
        let name = name.map_err(|error| unreadable(error.into()))?;
        let written = match is_folder {
            true => fs::create_dir_all(&path),
            false => File::create_new(&path)
                .and_then(|mut file| io::copy(&mut entry, &mut file).map(drop)),
        };
        written.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput => UnpackFault::Path { name, source },
            _ => UnpackFault::Failed(Error::File { action: "write", path, source }),
        })?;
    }
    Ok(())
}
