//! Files that appear whole or not at all: temporary name, flush, rename.
//!
//! On Linux, archives go past the page cache (`O_DIRECT`): nobody reads them soon, and copying them
//! there is the larger part of writing them. Where a file system knows no such writes, they are
//! ordinary ones. Called by `folder` and `replace_file`.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::chunk::DIRECT_ALIGN;
use crate::error::Error;

/// How a temporary file's name begins and ends.
const TEMPORARY_PREFIX: &str = ".package-storage-migrate-";
const TEMPORARY_SUFFIX: &str = ".tmp";

/// Tells whether a file of that name may be removed by the next run.
pub(super) fn is_temporary(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.starts_with(TEMPORARY_PREFIX) && name.ends_with(TEMPORARY_SUFFIX))
}

/// A file that is not there yet under its final name, and vanishes unless it gets it.
pub(super) struct Temporary {
    file: tempfile::NamedTempFile,
    path: PathBuf,
    is_direct: bool,
}

impl Temporary {
    /// A file in the folder of `path`, which is to become its name.
    pub(super) fn beside(path: &Path) -> Result<Self, Error> {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY_PREFIX).suffix(TEMPORARY_SUFFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Published files are for everyone to read, as far as the umask allows.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder
            .tempfile_in(folder)
            .map_err(Error::file("create a file in the folder", folder))?;
        Ok(Temporary { file, path: path.to_owned(), is_direct: false })
    }

    /// Like [`Temporary::beside`], for a long file that nobody reads soon.
    pub(super) fn direct_beside(path: &Path) -> Result<Self, Error> {
        let mut temporary = Temporary::beside(path)?;
        temporary.is_direct = set_direct(temporary.file.as_file(), true).is_ok();
        Ok(temporary)
    }

    /// Appends bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.append(bytes).map_err(Error::file("write", &self.path))
    }

    fn append(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let file = self.file.as_file_mut();
        while self.is_direct && !bytes.is_empty() {
            let whole_len = bytes.len() - bytes.len() % DIRECT_ALIGN;
            let is_aligned = bytes.as_ptr().align_offset(DIRECT_ALIGN) == 0;
            let written = if is_aligned && whole_len > 0 {
                file.write(&bytes[..whole_len])
            } else {
                Err(io::ErrorKind::InvalidInput.into())
            };
            match written {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(len) => bytes = &bytes[len..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The end of the file, or a file system that says only now that it cannot.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    set_direct(file, false)?;
                    self.is_direct = false;
                }
                Err(error) => return Err(error),
            }
        }
        file.write_all(bytes)
    }

    fn sync(&self) -> Result<(), Error> {
        let file = self.file.as_file();
        file.sync_data().map_err(Error::file("flush", &self.path))?;
        // Where the page cache was used after all, its memory is better used for the next file.
        // It is only advice, so that a system which takes none is as good.
        #[cfg(target_os = "linux")]
        rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed).unwrap_or_default();
        Ok(())
    }

    /// Gives the file its final name; none when another file has it.
    pub(super) fn persist_new(self) -> Result<Option<()>, Error> {
        self.sync()?;
        match self.file.persist_noclobber(&self.path) {
            Ok(_) => Ok(Some(())),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(Error::file("rename the new file to", self.path)(error.error)),
        }
    }

    /// Gives the file its final name, in place of what had it.
    pub(super) fn persist_over(self) -> Result<(), Error> {
        self.sync()?;
        match self.file.persist(&self.path) {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::file("rename the new file to", self.path)(error.error)),
        }
    }
}

/// Makes writes go past the page cache, or through it.
#[cfg(target_os = "linux")]
fn set_direct(file: &File, is_direct: bool) -> io::Result<()> {
    let mut flags = rustix::fs::fcntl_getfl(file)?;
    flags.set(rustix::fs::OFlags::DIRECT, is_direct);
    Ok(rustix::fs::fcntl_setfl(file, flags)?)
}

#[cfg(not(target_os = "linux"))]
fn set_direct(_file: &File, is_direct: bool) -> io::Result<()> {
    if is_direct { Err(io::ErrorKind::Unsupported.into()) } else { Ok(()) }
}
