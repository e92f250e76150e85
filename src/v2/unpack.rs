//! Unpacks an archive into a folder, for programs that read packages from disk.
//!
//! Only for archives that this program has just created or verified, so the `zip` crate reads them instead
//! of the strict `zip_reader`, which writes no files. Entries still cannot leave the folder, CRCs are
//! checked, and no file is overwritten.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use zip::ZipArchive;

use crate::error::Error;

/// Why an archive was not unpacked.
#[derive(Debug)]
pub enum UnpackFault {
    /// The file system rejects an entry's path: it is too long, or equal to an existing one.
    Path {
        /// The entry's name.
        name: String,
        /// The system's error.
        source: io::Error,
    },
    /// The archive cannot be read, or its files cannot be written.
    Failed(Error),
}

/// Writes all files and folders of `archive` to `folder`, which must exist.
///
/// # Errors
/// [`UnpackFault`]; files written so far are not removed.
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
                "an entry's name points outside the folder",
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
