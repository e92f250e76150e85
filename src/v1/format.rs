//! Repository formats that libgit2 does not read, each an error that names the format and a way out.
//!
//! Git names them in the configuration ("extensions" in its `git-config`); its `refStorage` is of 2.45,
//! its `objectFormat` of 2.29.

use std::fs;
use std::path::{Path, PathBuf};

use git2::Config;

use crate::error::Error;

/// Refuses a repository whose refs are not in files: libgit2 would open it and find no ref.
pub(super) fn check_refs(handle: &git2::Repository, path: &Path) -> Result<(), Error> {
    let config = handle.commondir().join("config");
    match extension(&config, "refstorage") {
        Some(format) if format != "files" => {
            Err(Error::RefFormat { path: path.to_owned(), format })
        }
        _ => Ok(()),
    }
}

/// The error for a repository that libgit2 did not open because of its object format.
pub(super) fn object_format_error(path: &Path) -> Option<Error> {
    let formats = configs(path).into_iter().filter_map(|config| extension(&config, "objectformat"));
    let format = formats.into_iter().find(|format| format != "sha1")?;
    Some(Error::ObjectFormat { path: path.to_owned(), format })
}

/// A configured extension, in lower case.
fn extension(config: &Path, name: &str) -> Option<String> {
    // libgit2 reports a file that cannot be read.
    let config = Config::open(config).ok()?;
    let value = config.get_string(&format!("extensions.{name}")).ok()?;
    Some(value.to_ascii_lowercase())
}

/// Where a repository's configuration may be: of a bare one, a work tree, a linked work tree.
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
