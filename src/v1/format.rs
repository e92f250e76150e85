//! Rejects repository formats that libgit2 does not read, with an error that names the format and a remedy.
//!
//! Git sets them in the configuration ("extensions" in `git-config`): `refStorage` since Git 2.45,
//! `objectFormat` since 2.29.

use std::fs;
use std::path::{Path, PathBuf};

use git2::Config;

use crate::error::Error;

/// Rejects a repository whose refs are not stored in files: libgit2 would open it and find no refs.
pub(super) fn check_refs(handle: &git2::Repository, path: &Path) -> Result<(), Error> {
    let config = handle.commondir().join("config");
    match extension(&config, "refstorage") {
        Some(format) if format != "files" => {
            Err(Error::RefFormat { path: path.to_owned(), format })
        }
        _ => Ok(()),
    }
}

/// Returns the error for a repository that libgit2 did not open because of its object format.
pub(super) fn object_format_error(path: &Path) -> Option<Error> {
    let formats = configs(path).into_iter().filter_map(|config| extension(&config, "objectformat"));
    let format = formats.into_iter().find(|format| format != "sha1")?;
    Some(Error::ObjectFormat { path: path.to_owned(), format })
}

/// Returns a configured extension, in lower case.
fn extension(config: &Path, name: &str) -> Option<String> {
    // An unreadable file is reported by libgit2.
    let config = Config::open(config).ok()?;
    let value = config.get_string(&format!("extensions.{name}")).ok()?;
    Some(value.to_ascii_lowercase())
}

/// Returns where the configuration may be: of a bare repository, a work tree, a linked work tree.
fn configs(path: &Path) -> Vec<PathBuf> {
    let mut configs = vec![path.join("config"), path.join(".git/config")];
    for link in [path.to_owned(), path.join(".git")] {
        let Ok(text) = fs::read_to_string(&link) else { continue };
        let Some(folder) = text.strip_prefix("gitdir:") else { continue };
        let folder = link.parent().unwrap_or(Path::new("")).join(folder.trim());
        configs.push(folder.join("config"));
        if let Ok(common) = fs::read_to_string(folder.join("commondir")) {
            configs.push(folder.join(common.trim()).join("config"));
        }
    }
    configs
}
