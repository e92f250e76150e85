//! Imports signatures that were made elsewhere; each is checked against its archive and a key.
//!
//! Only good signatures are imported, armored, under the name that v2 serves; existing signatures are
//! kept. Afterwards `sign` checks everything again and updates the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;

use super::export::{MANIFEST_NAME, SUMS_NAME};
use super::workers::{Workers, planned_bytes};
use crate::digest::{ObjectDigests, Sha256Hasher};
use crate::error::Error;
use crate::model::package::ObjectKey;
use crate::model::plan::{ArchiveUpload, Plan};
use crate::model::signature_status::SignatureState;
use crate::openpgp::{self, DetachedSignature, PublicKeys, SignatureFile};
use crate::v2::folder::{ArchiveSink, Delivery, escaped, list_names, put};

/// The suffixes that a service may use for the signature of an archive; the first has precedence.
const SUFFIXES: [&str; 2] = [".asc", ".sig"];

/// The result of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// Number of signatures that were written.
    pub written_count: u64,
    /// Number of archives that already had a signature, which was kept.
    pub kept_count: u64,
    /// Files that are not good signatures of the archives they are named after.
    pub bad: Vec<(String, SignatureState)>,
    /// Archives that have no signature, and for which there is none to import.
    pub missing: Vec<ObjectKey>,
    /// Names that match no archive of the plan, sorted.
    pub foreign: Vec<String>,
    /// The SHA-256 state after all bytes of the archives that were read.
    pub read: BTreeMap<ObjectKey, Sha256Hasher>,
}

/// The result for one archive.
struct Outcome {
    bad: Vec<(String, SignatureState)>,
    read: Option<Sha256Hasher>,
    result: ImportState,
}

enum ImportState {
    Written,
    Kept,
    Nothing,
    OtherBytes,
}

/// Imports the signatures of the plan's archives from the folder `from` into the output folder.
///
/// # Errors
/// [`Error::NoArchives`] if the plan has none; [`Error::UnplannedBytes`] with the archives that do not
/// match the plan, after the signatures of all others were imported. [`Error::File`];
/// [`Error::Workers`].
pub fn import(
    plan: &Plan,
    folder: &Path,
    from: &Path,
    keys: &PublicKeys,
    sink: &dyn ArchiveSink,
    workers: Workers<'_>,
) -> Result<Imported, Error> {
    let archives: Vec<&ArchiveUpload> = plan.archives().collect();
    if archives.is_empty() {
        return Err(Error::NoArchives { path: folder.to_owned() });
    }
    let names: BTreeSet<OsString> = list_names(from)?.into_iter().collect();
    let work = Work { folder, from, names: &names, keys, sink };
    let outcomes = workers.each(&archives, |archive| work.import(archive))?;
    let mut imported = Imported { foreign: foreign(&names, &archives), ..Imported::default() };
    let mut unplanned = Vec::new();
    for (archive, outcome) in archives.into_iter().zip(outcomes) {
        let has_bad = !outcome.bad.is_empty();
        imported.bad.extend(outcome.bad);
        imported.read.extend(outcome.read.map(|read| (archive.key.clone(), read)));
        match outcome.result {
            ImportState::Written => imported.written_count += 1,
            ImportState::Kept => imported.kept_count += 1,
            ImportState::Nothing if has_bad => {}
            ImportState::Nothing => imported.missing.push(archive.key.clone()),
            ImportState::OtherBytes => unplanned.push(archive.file.to_string()),
        }
    }
    match unplanned.is_empty() {
        true => Ok(imported),
        false => Err(Error::UnplannedBytes { files: unplanned }),
    }
}

struct Work<'a> {
    folder: &'a Path,
    from: &'a Path,
    names: &'a BTreeSet<OsString>,
    keys: &'a PublicKeys,
    sink: &'a dyn ArchiveSink,
}

impl Work<'_> {
    fn import(&self, archive: &ArchiveUpload) -> Result<Outcome, Error> {
        let path = self.folder.join(archive.file.signature_key().as_str());
        let exists = SignatureFile::read(&path)? != SignatureFile::Nothing;
        let default = if exists { ImportState::Kept } else { ImportState::Nothing };
        let name = archive.key.file_name();
        let candidates: Vec<String> = SUFFIXES
            .iter()
            .map(|suffix| format!("{name}{suffix}"))
            .filter(|name| self.names.contains(&OsString::from(name)))
            .collect();
        let mut outcome = Outcome { bad: Vec::new(), read: None, result: default };
        if candidates.is_empty() {
            return Ok(outcome);
        }
        let Some(sha256) = planned_bytes(self.folder, archive)? else {
            outcome.result = ImportState::OtherBytes;
            return Ok(outcome);
        };
        let mut good = None;
        for candidate in candidates {
            match self.check(&candidate, archive, &sha256)? {
                Ok(armor) => {
                    good.get_or_insert(armor);
                }
                Err(state) => outcome.bad.push((candidate, state)),
            }
        }
        outcome.read = Some(sha256);
        if let Some(armor) = good {
            let (key, digests) =
                (archive.file.signature_key(), ObjectDigests::of(armor.as_bytes()));
            outcome.result = match put(self.sink, &key, armor.as_bytes(), &digests)? {
                Delivery::Written => ImportState::Written,
                Delivery::Kept | Delivery::Refused | Delivery::Discarded => ImportState::Kept,
            };
        }
        Ok(outcome)
    }

    /// Returns the signature in a file as armor, or its state if it is not good.
    fn check(
        &self,
        name: &str,
        archive: &ArchiveUpload,
        sha256: &Sha256Hasher,
    ) -> Result<Result<String, SignatureState>, Error> {
        let malformed = |detail: &str| SignatureState::Malformed { detail: detail.to_owned() };
        let bytes = match SignatureFile::read(&self.from.join(name))? {
            SignatureFile::Bytes(bytes) => bytes,
            SignatureFile::Nothing => return Ok(Err(malformed("the file is gone"))),
            SignatureFile::NoFile => return Ok(Err(malformed("not a regular file"))),
        };
        let path = self.folder.join(archive.file.as_str());
        Ok(match openpgp::check(&bytes, &path, Some(sha256), self.keys)? {
            SignatureState::Good { .. } => DetachedSignature::parse(&bytes)
                .map(|signature| signature.to_armor())
                .map_err(SignatureState::from),
            state => Err(state),
        })
    }
}

/// Returns the names that belong neither to the plan's archives nor to the export.
fn foreign(names: &BTreeSet<OsString>, archives: &[&ArchiveUpload]) -> Vec<String> {
    let mut known: BTreeSet<OsString> = [MANIFEST_NAME, SUMS_NAME].map(OsString::from).into();
    for archive in archives {
        let name = archive.key.file_name();
        known.insert(name.into());
        known.extend(SUFFIXES.map(|suffix| format!("{name}{suffix}").into()));
    }
    names.difference(&known).map(|name| escaped(name)).collect()
}
