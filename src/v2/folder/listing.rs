//! What lies among the archives of a folder, sorted by what its names say.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::list;
use super::temporary::is_temporary;
use crate::error::Error;
use crate::model::package::{ARCHIVE_PREFIX, ObjectKey};

/// What lies among the archives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The folder in which archives and signatures lie.
    pub place: PathBuf,
    /// Keys of archives that are there.
    pub archives: BTreeSet<ObjectKey>,
    /// Keys of the archives that there is a signature of, whether they are there or not.
    pub signed: BTreeSet<ObjectKey>,
    /// Names of everything else, sorted; odd bytes are escaped.
    pub others: Vec<String>,
}

impl Listing {
    /// Lists the archives of an output folder, or, where it has no `artifacts/packages/`, those that
    /// lie in the folder itself, of which nothing but archives and signatures counts.
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
            // Temporary files are those of a run that is not over, or was killed.
            let Some(name) = path.file_name().filter(|name| !is_temporary(name)) else { continue };
            match key_of(name) {
                Some((key, true)) => drop(listing.signed.insert(key)),
                Some((key, false)) if path.is_file() => drop(listing.archives.insert(key)),
                // Somebody's own folder may hold other things as well.
                None if !mirrors_bucket => {}
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
