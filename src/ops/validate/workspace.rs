//! The temporary folder of one validation: the archive, beside it the package's folder, and nothing that
//! outlives it.
//!
//! The package's folder is named `<name>-<version>`, as in the archive. `elastic-package lint` looks for
//! `manifest.yml` in the working folder and above, and for the repository's root, a folder that has `.git`
//! (elastic-package, `internal/files/repository.go`): so there is an empty folder `.git` beside the
//! package's, which is no repository to Git.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::error::Error;

/// Attempts to remove a folder that something may still write to.
const REMOVE_ATTEMPTS: u32 = 5;
const REMOVE_PAUSE: Duration = Duration::from_millis(20);

/// A temporary folder.
pub(super) struct Workspace {
    /// Removed when it is dropped, as far as that is possible; [`Workspace::remove`] does more.
    _folder: tempfile::TempDir,
    root: PathBuf,
    /// Where the package is unpacked to.
    pub(super) dir: PathBuf,
    /// Where the archive is.
    pub(super) archive: PathBuf,
}

impl Workspace {
    /// Makes a folder for the package of that name, `<name>-<version>`.
    pub(super) fn create(name: &str) -> Result<Self, Error> {
        let temporary = std::env::temp_dir();
        let folder = tempfile::Builder::new()
            .prefix("package-storage-migrate-")
            .tempdir()
            .map_err(Error::file("create a folder in", temporary))?;
        let root = canonical(folder.path()).map_err(Error::file("find", folder.path()))?;
        let git = root.join(".git");
        fs::create_dir(&git).map_err(Error::file("create the folder", git))?;
        let (dir, archive) = (root.join(name), root.join(format!("{name}.zip")));
        Ok(Workspace { _folder: folder, root, dir, archive })
    }

    /// The folder that the others lie in.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Removes the folder, also where the validator took away permissions.
    pub(super) fn remove(self) -> Result<(), Error> {
        for attempt in 1.. {
            match fs::remove_dir_all(&self.root) {
                Ok(()) => break,
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                Err(error) if attempt == REMOVE_ATTEMPTS => {
                    return Err(Error::file("remove the folder", &self.root)(error));
                }
                Err(_) => {
                    allow_removal(&self.root);
                    thread::sleep(REMOVE_PAUSE);
                }
            }
        }
        Ok(())
    }
}

/// The path without symlinks: a program that asks for its working folder gets this one, and it is to be
/// found in the output.
#[cfg(unix)]
fn canonical(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize()
}

/// The path as it is: Windows's canonical form is not understood by many programs.
#[cfg(not(unix))]
fn canonical(path: &Path) -> io::Result<PathBuf> {
    std::path::absolute(path)
}

/// Gives the owner access to all folders below; what fails here fails again when it is removed.
#[cfg(unix)]
fn allow_removal(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap_or_default();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            allow_removal(&entry.path());
        }
    }
}

#[cfg(not(unix))]
fn allow_removal(_folder: &Path) {}
