//! What lies among the archives of an output folder, sorted by what its names say.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use super::list_archives;
use super::temporary::is_temporary;
use crate::error::Error;
use crate::model::package::{ARCHIVE_PREFIX, ObjectKey};

/// What lies among the archives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Keys of archives that are there.
    pub archives: BTreeSet<ObjectKey>,
    /// Keys of the archives that there is a signature of, whether they are there or not.
    pub signed: BTreeSet<ObjectKey>,
    /// Names of everything else, sorted; odd bytes are escaped.
    pub others: Vec<String>,
}

impl Listing {
    /// Lists the archives of an output folder; a folder without any is empty.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn of(folder: &Path) -> Result<Self, Error> {
        let mut listing = Listing::default();
        for path in list_archives(folder)? {
            // Temporary files are those of a run that is not over, or was killed.
            let Some(name) = path.file_name().filter(|name| !is_temporary(name)) else { continue };
            match key_of(name) {
                Some((key, true)) => drop(listing.signed.insert(key)),
                Some((key, false)) if path.is_file() => drop(listing.archives.insert(key)),
                _ => listing.others.push(escaped(name)),
            }
        }
        listing.others.sort();
        Ok(listing)
    }
}

/// The archive's key that a file name stands for, and whether it is that of its signature.
pub(super) fn key_of(name: &OsStr) -> Option<(ObjectKey, bool)> {
    let name = name.to_str()?;
    let (archive, is_signature) = match name.strip_suffix(".sig") {
        Some(archive) => (archive, true),
        None => (name, false),
    };
    let key = ObjectKey::try_from(format!("{ARCHIVE_PREFIX}{archive}")).ok()?;
    archive.ends_with(".zip").then_some((key, is_signature))
}

/// A name as it can be told: what is no printable UTF-8 is escaped.
pub fn escaped(name: &OsStr) -> String {
    let quoted = format!("{name:?}");
    match name.to_str() {
        Some(name) if quoted.len() == name.len() + 2 => name.to_owned(),
        _ => quoted,
    }
}
