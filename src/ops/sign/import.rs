//! Takes signatures that were made elsewhere: each is checked against its archive and a key.
//!
//! Only good ones get in, as armor under the name that v2 serves; what is there already stays. The
//! plan is brought up to date afterwards by `sign`, which looks at everything anew.

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

/// What a service may call the signature of an archive, the likeliest first.
const SUFFIXES: [&str; 2] = [".asc", ".sig"];

/// What was taken, and what was not.
#[derive(Debug, Default)]
pub struct Imported {
    /// Number of signatures that were written.
    pub written_count: u64,
    /// Number of archives that had a signature already, which stays.
    pub kept_count: u64,
    /// Files that are not good signatures of the archives they are named after.
    pub bad: Vec<(String, SignatureState)>,
    /// Archives that have no signature, and for which none came back.
    pub missing: Vec<ObjectKey>,
    /// Names that belong to no archive of the plan, sorted.
    pub foreign: Vec<String>,
    /// The SHA-256 after all bytes of the archives that were read.
    pub read: BTreeMap<ObjectKey, Sha256Hasher>,
}

/// What became of one archive.
struct Outcome {
    bad: Vec<(String, SignatureState)>,
    read: Option<Sha256Hasher>,
    result: Taken,
}

enum Taken {
    Written,
    Kept,
    Nothing,
    OtherBytes,
}

/// Takes the signatures of the plan's archives from `from` into the output folder.
///
/// # Errors
/// [`Error::NoArchives`] when the plan has none; [`Error::UnplannedBytes`] with the archives that
/// are not what the plan says: the signatures of all others were taken. [`Error::File`];
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
    let outcomes = workers.each(&archives, |archive| work.take(archive))?;
    let mut imported = Imported { foreign: foreign(&names, &archives), ..Imported::default() };
    let mut unplanned = Vec::new();
    for (archive, outcome) in archives.into_iter().zip(outcomes) {
        let came_back = !outcome.bad.is_empty();
        imported.bad.extend(outcome.bad);
        imported.read.extend(outcome.read.map(|read| (archive.key.clone(), read)));
        match outcome.result {
            Taken::Written => imported.written_count += 1,
            Taken::Kept => imported.kept_count += 1,
            Taken::Nothing if came_back => {}
            Taken::Nothing => imported.missing.push(archive.key.clone()),
            Taken::OtherBytes => unplanned.push(archive.file.to_string()),
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
    fn take(&self, archive: &ArchiveUpload) -> Result<Outcome, Error> {
        let place = self.folder.join(archive.file.signature_key().as_str());
        let is_there = SignatureFile::read(&place)? != SignatureFile::Nothing;
        let otherwise = if is_there { Taken::Kept } else { Taken::Nothing };
        let name = archive.key.file_name();
        let candidates: Vec<String> = SUFFIXES
            .iter()
            .map(|suffix| format!("{name}{suffix}"))
            .filter(|name| self.names.contains(&OsString::from(name)))
            .collect();
        let mut outcome = Outcome { bad: Vec::new(), read: None, result: otherwise };
        if candidates.is_empty() {
            return Ok(outcome);
        }
        let Some(sha256) = planned_bytes(self.folder, archive)? else {
            outcome.result = Taken::OtherBytes;
            return Ok(outcome);
        };
        let mut good = None;
        for candidate in candidates {
            match self.judge(&candidate, archive, &sha256)? {
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
                Delivery::Written => Taken::Written,
                Delivery::Kept | Delivery::Refused | Delivery::Discarded => Taken::Kept,
            };
        }
        Ok(outcome)
    }

    /// The signature in a file as armor, or why it is not good.
    fn judge(
        &self,
        name: &str,
        archive: &ArchiveUpload,
        sha256: &Sha256Hasher,
    ) -> Result<Result<String, SignatureState>, Error> {
        let malformed = |detail: &str| SignatureState::Malformed { detail: detail.to_owned() };
        let bytes = match SignatureFile::read(&self.from.join(name))? {
            SignatureFile::Bytes(bytes) => bytes,
            SignatureFile::Nothing => return Ok(Err(malformed("gone"))),
            SignatureFile::NoFile => return Ok(Err(malformed("no regular file"))),
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

/// Names that have nothing to do with the plan's archives, or with what was exported.
fn foreign(names: &BTreeSet<OsString>, archives: &[&ArchiveUpload]) -> Vec<String> {
    let mut known: BTreeSet<OsString> = [MANIFEST_NAME, SUMS_NAME].map(OsString::from).into();
    for archive in archives {
        let name = archive.key.file_name();
        known.insert(name.into());
        known.extend(SUFFIXES.map(|suffix| format!("{name}{suffix}").into()));
    }
    names.difference(&known).map(|name| escaped(name)).collect()
}
