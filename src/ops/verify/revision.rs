//! Checks one revision: its archive, and what else v2 should have of it, its static resources and its entry in the index.

use serde_json::Value;

use super::check::Check;
use super::entries::{Derived, NoEntry, expected_entry};
use super::entry_check::EntryTruth;
use super::inspect::Inspection;
use super::json_value::digest;
use super::static_listing::ExpectedStatic;
use super::truth::{ExpectedCopy, Listed, expected_copies};
use crate::error::Error;
use crate::model::mismatch::{Mismatch, MismatchKind, PathMismatch};
use crate::model::package::{RevisionId, Stage};
use crate::model::resources::Resource;
use crate::model::verification::RevisionResult;
use crate::rules::index::{PackageManifest, line};
use crate::v1::workers::Worker;
use crate::v2::zip_reader::FileReader;

/// The result for one revision, and its other objects.
pub(super) struct Checked {
    pub(super) result: RevisionResult,
    /// The static resources that v2 should have; `None` if they are unknown.
    pub(super) statics: Option<Vec<ExpectedStatic>>,
    /// What v1 says about its entry in the index.
    pub(super) entry: EntryTruth,
}

impl Check<'_> {
    /// Checks one revision, the one with this position.
    ///
    /// # Errors
    /// [`Error::OpenRepository`].
    pub(super) fn revision(
        &self,
        index: usize,
        (revision, listed): &(&RevisionId, Listed<'_>),
    ) -> Result<Checked, Error> {
        let (inspection, statics, entry) = self.workers.with(|worker| {
            match expected_copies(listed, self.precedence, &worker.reader, &self.blobs) {
                Ok(expected) => {
                    let entry = self.entry(worker, revision, &expected[0]);
                    let unreadable =
                        entry.as_ref().and_then(|entry| unreadable(expected[0].stage, entry));
                    let manifest = entry.as_ref().and_then(|entry| entry.as_ref().ok());
                    let mut inspection = match self.kinds.contains(&Resource::Archives) {
                        true => self.archive(worker, revision, &expected, manifest),
                        false => Inspection::default(),
                    };
                    inspection.mismatches.extend(unreadable);
                    let statics = self.expected_statics(index, revision, &expected[0]);
                    (inspection, Some(statics), truth(entry))
                }
                Err(mismatches) => (mismatches.into_iter().collect(), None, EntryTruth::Unknown),
            }
        })?;
        let Inspection { mismatches, of_signature, file_count } = inspection;
        let (archive, signature) = (revision.archive_key(), revision.archive_key().signature_key());
        let of_archive = mismatches.into_iter().map(|found| found.of(archive.file_name()));
        let of_signature =
            of_signature.into_iter().map(|kind| PathMismatch::from(kind).of(signature.file_name()));
        let result = RevisionResult {
            revision: (*revision).clone(),
            file_count,
            mismatches: of_archive.chain(of_signature).collect(),
            of_resources: Vec::new(),
        };
        Ok(Checked { result, statics, entry })
    }

    /// Derives the entry of a revision; `None` if that is not wanted.
    fn entry(
        &self,
        worker: &Worker<FileReader>,
        revision: &RevisionId,
        copy: &ExpectedCopy,
    ) -> Option<Derived> {
        self.derives_entries.then(|| expected_entry(revision, copy, &worker.reader))
    }

    /// Returns what v1 says about the entry of a revision, and why its manifest cannot be read, if that is so.
    ///
    /// # Errors
    /// [`Error::OpenRepository`].
    pub(super) fn entry_truth(
        &self,
        (revision, listed): &(&RevisionId, Listed<'_>),
    ) -> Result<(EntryTruth, Option<Mismatch>), Error> {
        self.workers.with(|worker| {
            match expected_copies(listed, self.precedence, &worker.reader, &self.blobs) {
                Ok(copies) => {
                    let entry = expected_entry(revision, &copies[0], &worker.reader);
                    let unreadable = unreadable(copies[0].stage, &entry);
                    let of_archive =
                        unreadable.map(|found| found.of(revision.archive_key().file_name()));
                    (truth(Some(entry)), of_archive)
                }
                // Reported with the archive.
                Err(_) => (EntryTruth::Unknown, None),
            }
        })
    }

    /// Derives the entry of a revision again, without `package_manifest`; `None` if it has none.
    ///
    /// # Errors
    /// [`Error::OpenRepository`].
    pub(super) fn entry_again(
        &self,
        (revision, listed): &(&RevisionId, Listed<'_>),
    ) -> Result<Option<Value>, Error> {
        self.workers.with(|worker| {
            let copies =
                expected_copies(listed, self.precedence, &worker.reader, &self.blobs).ok()?;
            let manifest = expected_entry(revision, &copies[0], &worker.reader).ok()?;
            Some(value(&manifest))
        })
    }

    /// Returns the static resources that v2 should have of a revision.
    fn expected_statics(
        &self,
        index: usize,
        revision: &RevisionId,
        copy: &ExpectedCopy,
    ) -> Vec<ExpectedStatic> {
        if !self.kinds.contains(&Resource::Static) {
            return Vec::new();
        }
        let files = copy.files().filter(|(file, _)| self.statics.contains(file.path.as_str()));
        let expected = files.map(|(file, facts)| ExpectedStatic {
            revision: index,
            key: revision.static_key(&file.path),
            blob_id: file.blob_id,
            len: facts.len,
        });
        expected.collect()
    }
}

/// Returns what v1 says about an entry.
fn truth(entry: Option<Derived>) -> EntryTruth {
    match entry {
        Some(Ok(manifest)) => EntryTruth::Digest(digest(&value(&manifest))),
        Some(Err(NoEntry::NotCheckable(_) | NoEntry::Unreadable { .. })) | None => {
            EntryTruth::Unknown
        }
        Some(Err(reason)) => EntryTruth::Without(reason.to_string()),
    }
}

/// Returns the value of an entry, without `package_manifest` around it.
fn value(manifest: &PackageManifest) -> Value {
    let mut item: Value = serde_json::from_slice(&line(manifest)).expect("an entry is JSON");
    item["package_manifest"].take()
}

/// Returns the mismatch for a manifest that cannot be read.
fn unreadable(stage: Stage, entry: &Derived) -> Option<PathMismatch> {
    let Err(NoEntry::Unreadable { path, detail }) = entry else { return None };
    let kind = MismatchKind::NotCheckable { stage, detail: detail.clone() };
    Some(PathMismatch { path: Some(path.clone()), kind })
}
