//! The temporary folder of one validation, with the archive and the unpacked package; removed afterwards.
//!
//! The folder of the package is named `<name>-<version>`, as in the archive. `elastic-package lint` searches the
//! working folder and its parents for `manifest.yml`, and for the root of the repository, a folder with `.git`
//! (elastic-package, `internal/files/repository.go`). So there is an empty folder `.git` next to the package, which
//! Git does not treat as a repository.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::error::Error;

/// Number of attempts to remove a folder that a process may still write to.
const REMOVE_ATTEMPTS: u32 = 5;
const REMOVE_PAUSE: Duration = Duration::from_millis(20);

/// A temporary folder.
pub(super) struct Workspace {
    /// Removed on drop if possible; [`Workspace::remove`] also handles missing permissions.
    _folder: tempfile::TempDir,
    root: PathBuf,
    /// The folder of the unpacked package.
    pub(super) dir: PathBuf,
    /// The path of the archive.
    pub(super) archive: PathBuf,
}

impl Workspace {
    /// Creates a temporary folder for the package `<name>-<version>`.
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

    /// Returns the temporary folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Removes the folder, even if the validator removed permissions.
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

/// Resolves symlinks: a program that asks for its working folder gets this path, and it must be recognized in the
/// output.
#[cfg(unix)]
fn canonical(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize()
}

/// Returns the absolute path without resolving it: many programs do not understand the canonical form of Windows.
#[cfg(not(unix))]
fn canonical(path: &Path) -> io::Result<PathBuf> {
    std::path::absolute(path)
}

/// Gives the owner access to all folders; errors are ignored because removal then fails again.
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
