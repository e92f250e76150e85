//! Lists the files among the archives of a folder, classified by name.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::list;
use super::temporary::is_temporary;
use crate::error::Error;
use crate::model::package::{ARCHIVE_PREFIX, ObjectKey};

/// The files among the archives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The folder that contains archives and signatures.
    pub place: PathBuf,
    /// Keys of the existing archives.
    pub archives: BTreeSet<ObjectKey>,
    /// Keys of the archives that have a signature, whether the archives exist or not.
    pub signed: BTreeSet<ObjectKey>,
    /// Names of all other files, sorted; special bytes are escaped.
    pub others: Vec<String>,
}

impl Listing {
    /// Lists the archives of an output folder, or, without `artifacts/packages/`, those directly in the
    /// folder, where files other than archives and signatures are ignored.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn of(folder: &Path) -> Result<Self, Error> {
        let below = folder.join(ARCHIVE_PREFIX);
        let mirrors_bucket = below.try_exists().map_err(Error::file("look at", &below))?;
        let place = if mirrors_bucket { below } else { folder.to_owned() };
        let paths = list(&place)?;
        let mut listing = Listing { place, ..Listing::default() };
        for path in paths {
            // Temporary files belong to a run that is in progress or was killed.
            let Some(name) = path.file_name().filter(|name| !is_temporary(name)) else { continue };
            match key_of(name) {
                Some((key, true)) => drop(listing.signed.insert(key)),
                Some((key, false)) if path.is_file() => drop(listing.archives.insert(key)),
                // A user's own folder may contain other files.
                None if !mirrors_bucket => {}
                _ => listing.others.push(escaped(name)),
            }
        }
        listing.others.sort();
        Ok(listing)
    }
}

/// Returns the key of the archive that a file name belongs to, and whether the file is its signature.
pub(super) fn key_of(name: &OsStr) -> Option<(ObjectKey, bool)> {
    let name = name.to_str()?;
    let (archive, is_signature) = match name.strip_suffix(".sig") {
        Some(archive) => (archive, true),
        None => (name, false),
    };
    let key = ObjectKey::try_from(format!("{ARCHIVE_PREFIX}{archive}")).ok()?;
    archive.ends_with(".zip").then_some((key, is_signature))
}

/// Escapes a name unless it is printable UTF-8.
pub fn escaped(name: &OsStr) -> String {
    let quoted = format!("{name:?}");
    match name.to_str() {
        Some(name) if quoted.len() == name.len() + 2 => name.to_owned(),
        _ => quoted,
    }
}
