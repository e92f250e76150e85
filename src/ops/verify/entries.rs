//! Derives the expected index entry of each revision from v1 alone.
//!
//! Uses the files of the expected copy (`truth`), read from Git, and the rules of `rules/index`; neither archives nor
//! what `migrate` decided. A revision that the registry would not load has no entry, for the reason given. Entries have
//! no `signature_path`: v1 has no signatures.

use std::cmp::Ordering;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::blobs::{Blobs, Needed};
use super::truth::{ExpectedCopy, expected_copies};
use super::{decisions, expected};
use crate::error::Error;
use crate::model::content::FileEntry;
use crate::model::finding::ObjectKind;
use crate::model::mismatch::PathMismatch;
use crate::model::package::{RevisionId, Stage};
use crate::model::registry_release::RegistryRelease;
use crate::model::scope::Scope;
use crate::ops::past::Past;
use crate::parallel;
use crate::rules::decisions::Resolutions;
use crate::rules::index::{EntryFault, PackageManifest, RevisionFiles, entry};
use crate::rules::registry::{Facts, KnownItems, Role, check};
use crate::v1::objects::ObjectReader;
use crate::v1::repository::V1Repository;
use crate::v1::stages::StageRequest;
use crate::v1::workers::Workers;
use crate::v2::zip_reader::FileReader;

/// Why a revision of v1 has no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEntry {
    /// The expected copy is unknown, or cannot be read.
    #[error("{}", not_checkable(.0))]
    NotCheckable(Vec<PathMismatch>),
    /// A manifest cannot be read.
    #[error("{path}: {detail}")]
    Unreadable {
        /// Its path.
        path: String,
        /// Why.
        detail: String,
    },
    /// The registry does not load the package.
    #[error("the registry does not load it: {0}")]
    Unloadable(String),
    /// The manifest has the name and version of another revision.
    #[error("its manifest names {0}")]
    OtherRevision(String),
    /// The entry cannot be derived.
    #[error(transparent)]
    Entry(#[from] EntryFault),
}

fn not_checkable(mismatches: &[PathMismatch]) -> String {
    let messages: Vec<String> = mismatches.iter().map(|found| found.kind.message()).collect();
    messages.join("; ")
}

/// A revision's entry, or why it has none.
pub type Derived = Result<PackageManifest, NoEntry>;

/// Derives the entries of all revisions of the v1 repository at `path` that v2 should have, by name and version.
///
/// # Errors
/// Those of opening and listing v1; a revision without an entry is not an error.
pub fn expected_entries(
    path: &Path,
    (stages, remote): (&[StageRequest], &str),
    (scope, resolutions): (&Scope, &Resolutions),
    jobs: usize,
    interrupt: &AtomicBool,
) -> Result<Vec<(RevisionId, Derived)>, Error> {
    let repository = V1Repository::open(path)?;
    let stages = repository.find_stages(stages, remote)?;
    let past = Past::new(&repository, &stages);
    let listing = past.list(&repository.reader()?, scope, || {})?;
    let workers: Workers<'_, FileReader> = Workers::new(&repository);
    let (rulings, _) = decisions::rulings(resolutions, (&listing, &past), scope, &workers)?;
    let precedence: Vec<Stage> = stages.iter().map(|stage| stage.stage).collect();
    let blobs = Blobs::new(Needed::Len);
    let mut revisions = expected(&listing, &rulings);
    revisions.sort_by_key(|(revision, _)| *revision);
    parallel::each(jobs, interrupt, &revisions, |(revision, listed)| {
        let derived = workers.with(|worker| {
            expected_copies(listed, &precedence, &worker.reader, &blobs)
                .map_err(NoEntry::NotCheckable)
                .and_then(|copies| expected_entry(revision, &copies[0], &worker.reader))
        })?;
        Ok(((*revision).clone(), derived))
    })
}

/// Derives the entry of a revision from the expected copy of its files.
///
/// # Errors
/// Why it has none.
pub(super) fn expected_entry(
    revision: &RevisionId,
    copy: &ExpectedCopy,
    reader: &ObjectReader,
) -> Derived {
    let mut files: Vec<&FileEntry> = copy.files().map(|(file, _)| file).collect();
    // The registry walks a folder name by name, and archives have the same order.
    files.sort_by(|one, other| compare_by_component(one.path.as_str(), other.path.as_str()));
    let facts = read_manifests(&files, reader)?;
    let files: Vec<(&str, Option<&Facts>)> = files
        .iter()
        .zip(&facts)
        .map(|(file, facts)| (file.path.as_str(), facts.as_ref()))
        .collect();
    let newest = RegistryRelease::NEWEST;
    let broken = check(files.iter().copied(), newest).broken;
    if let Some(broken) = broken.into_iter().find(|broken| broken.rule.is_always_on(newest)) {
        let place = broken.path.map(|path| format!("{path}: ")).unwrap_or_default();
        return Err(NoEntry::Unloadable(format!("{place}{}", broken.detail)));
    }
    let root = revision.to_string();
    // In a folder, and in an archive with entries for folders, the registry finds files at any depth.
    let files =
        RevisionFiles { root: &root, files: &files, listed_depth: usize::MAX, is_signed: false };
    let manifest = entry(files)?;
    let named = format!("{}-{}", manifest.name, manifest.version);
    match named == root {
        true => Ok(manifest),
        false => Err(NoEntry::OtherRevision(named)),
    }
}

/// Reads the files from which an entry is derived; the others only contribute their paths.
fn read_manifests(
    files: &[&FileEntry],
    reader: &ObjectReader,
) -> Result<Vec<Option<Facts>>, NoEntry> {
    let known_items = KnownItems::default();
    let read = |file: &&FileEntry| {
        let role = match Role::of(file.path.as_str()) {
            Some(role @ (Role::Manifest | Role::DataStream)) => role,
            Some(Role::Fields | Role::JsonPipeline | Role::YamlPipeline) | None => return Ok(None),
        };
        let facts = reader
            .read(ObjectKind::Blob, file.blob_id, |bytes| Facts::read(role, bytes, &known_items));
        facts.map(Some).map_err(|error| NoEntry::Unreadable {
            path: file.path.to_string(),
            detail: error.into_finding_kind().message(),
        })
    };
    files.iter().map(read).collect()
}

fn compare_by_component(one: &str, other: &str) -> Ordering {
    one.split('/').cmp(other.split('/'))
}
