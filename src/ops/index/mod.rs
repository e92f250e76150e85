//! `index`: makes the search index from archives alone, for a v2 whose v1 no longer exists.
//!
//! Every archive has an entry or is reported as a fault: an incomplete index is never written, since a registry would
//! no longer show the other packages. The list of archives and their order are known from their names, so entries are
//! written as they are read, and at most `BATCH_LEN` of them are held in memory.

mod base;
mod entries;
mod reread;
mod write;

use std::str::FromStr;
use std::sync::atomic::AtomicBool;

use crate::error::Error;
use crate::model::package::{GrammarError, PackageName, PackageVersion, RevisionId};
use crate::model::registry_release::RegistryRelease;
use crate::parallel::each;
use crate::rules::index::{
    EntryFault, PackageManifest, RevisionFiles, check_loadable, entry, line, listed_depth,
};
use crate::rules::registry::{Facts, KnownItems, Role, check};
use crate::v2::index::IndexText;
use crate::v2::package_archive::{PackageArchive, PackageFault, read_package};
use crate::v2::store::{Place, Wanted};
use crate::yaml;

pub use base::{Base, BasePlace};
pub use entries::Entries;

/// Number of archives that are read before their entries are written.
const BATCH_LEN: usize = 128;

/// What was indexed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indexed {
    /// Number of entries, as many as there are archives.
    pub entry_count: u64,
    /// Number of those with a signature.
    pub signed_count: u64,
    /// Names of files that are neither archives nor the signature of one, sorted.
    pub others: Vec<String>,
}

/// Why an archive has no entry.
#[derive(Debug, thiserror::Error)]
enum ArchiveFault {
    #[error(transparent)]
    Name(#[from] GrammarError),
    #[error("it cannot be opened: {0}")]
    Open(std::io::Error),
    #[error("it is a folder, or gone")]
    NoFile,
    #[error(transparent)]
    Package(#[from] PackageFault),
    #[error("the registry does not load it: {0}")]
    Unloadable(String),
    #[error("its manifest names {0}")]
    OtherRevision(String),
    #[error(transparent)]
    Entry(#[from] EntryFault),
}

/// Writes the index of all archives in a place to `sink`; `names` are the file names of archives and signatures if the
/// place cannot be listed.
///
/// # Errors
/// [`Error::Unindexed`] names every archive without an entry; what `sink` has received by then is not an index.
/// [`Error::NoArchives`]; those of `place` and `sink`.
pub fn index(
    place: &dyn Place,
    name: &str,
    names: Vec<String>,
    jobs: usize,
    interrupt: &AtomicBool,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
) -> Result<Indexed, Error> {
    let files = Files::of(place.list()?.unwrap_or(names));
    if files.archives.is_empty() && files.faults.is_empty() {
        return Err(Error::NoArchives { path: name.into() });
    }
    let archive_count = files.archives.len() + files.faults.len();
    let mut faults = files.faults;
    let mut text = IndexText::begin(sink)?;
    let mut signed_count = 0;
    for batch in files.archives.chunks(BATCH_LEN) {
        let read = each(jobs, interrupt, batch, |archive| Ok(archive.line(place)))?;
        for (archive, line) in batch.iter().zip(read) {
            signed_count += u64::from(archive.is_signed);
            match line {
                Ok(line) => text.add(&line)?,
                Err(fault) => faults.push(named(&format!("{}.zip", archive.revision), &fault)),
            }
        }
    }
    if !faults.is_empty() {
        return Err(Error::Unindexed { faults, archive_count });
    }
    Ok(Indexed { entry_count: text.finish()?, signed_count, others: files.others })
}

fn named(file: &str, fault: &ArchiveFault) -> String {
    format!("{file}: {fault}")
}

/// The files of a place, classified by name.
struct Files {
    /// In the order of the index.
    archives: Vec<Archive>,
    /// Archives whose file names are not those of a revision.
    faults: Vec<String>,
    others: Vec<String>,
}

struct Archive {
    revision: RevisionId,
    is_signed: bool,
}

impl Files {
    fn of(mut names: Vec<String>) -> Self {
        names.sort();
        let (mut archives, mut faults, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for name in &names {
            let Some(stem) = name.strip_suffix(".zip") else {
                let archive = name.strip_suffix(".sig").map(str::to_owned);
                if archive.is_none_or(|archive| names.binary_search(&archive).is_err()) {
                    others.push(name.clone());
                }
                continue;
            };
            match revision(stem) {
                Ok(revision) => {
                    let is_signed = names.binary_search(&format!("{name}.sig")).is_ok();
                    archives.push(Archive { revision, is_signed });
                }
                Err(fault) => faults.push(named(name, &fault.into())),
            }
        }
        archives.sort_by(|one, other| one.revision.cmp(&other.revision));
        Files { archives, faults, others }
    }
}

/// Parses the revision in a file name; package names have no `-`.
fn revision(stem: &str) -> Result<RevisionId, GrammarError> {
    let (name, version) = stem.split_once('-').ok_or(GrammarError::Version)?;
    RevisionId::new(PackageName::from_str(name)?, PackageVersion::from_str(version)?)
}

impl Archive {
    fn line(&self, place: &dyn Place) -> Result<Vec<u8>, ArchiveFault> {
        let found = place.find(&self.revision.archive_key(), Wanted::Tail(0));
        let object = found.map_err(ArchiveFault::Open)?.ok_or(ArchiveFault::NoFile)?;
        let has_part = |path: &str| role(path).is_some();
        let package = read_package(&*object, has_part, yaml::MAX_LEN as u64)?;
        let manifest = manifest(&package, self.is_signed)?;
        let named = format!("{}-{}", manifest.name, manifest.version);
        if named != self.revision.to_string() {
            return Err(ArchiveFault::OtherRevision(named));
        }
        Ok(line(&manifest))
    }
}

/// The roles of files from which entries are derived.
fn role(path: &str) -> Option<Role> {
    Role::of(path).filter(|role| matches!(role, Role::Manifest | Role::DataStream))
}

fn manifest(package: &PackageArchive, is_signed: bool) -> Result<PackageManifest, ArchiveFault> {
    let PackageArchive { root, entries, files } = package;
    let known_items = KnownItems::default();
    let mut read: Vec<Option<Facts>> = entries.iter().map(|_| None).collect();
    for (index, bytes) in files {
        read[*index] = role(&entries[*index]).map(|role| Facts::read(role, bytes, &known_items));
    }
    let files = entries.iter().zip(&read).filter(|(path, _)| !path.ends_with('/'));
    let files: Vec<(&str, Option<&Facts>)> =
        files.map(|(path, facts)| (path.as_str(), facts.as_ref())).collect();
    let newest = RegistryRelease::newest();
    let verdict = check(files.iter().copied(), newest);
    let broken = verdict.broken.into_iter().find(|broken| broken.rule.is_always_on(newest));
    if let Some(broken) = broken {
        let place = broken.path.map(|path| format!("{path}: ")).unwrap_or_default();
        return Err(ArchiveFault::Unloadable(format!("{place}{}", broken.detail)));
    }
    let listed_depth = listed_depth(entries.iter().map(String::as_str));
    let manifest = entry(RevisionFiles { root, files: &files, listed_depth, is_signed })?;
    check_loadable(&manifest)?;
    Ok(manifest)
}
