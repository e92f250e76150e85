//! Compares one revision with its archive at the requested depth; if there is a mismatch at a lower depth,
//! compares again with every byte. Collects what else v2 should have of the revision.
//!
//! Called from several threads.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::archive_entry::differences_from;
use super::blobs::Blobs;
use super::digested::Digested;
use super::entries::{Derived, NoEntry, expected_entry};
use super::entry_check::EntryTruth;
use super::inspect::{self, Inspection};
use super::json_value::digest;
use super::planned::Planned;
use super::signatures::{self, Compared};
use super::stated::{Statements, Subject};
use super::static_listing::ExpectedStatic;
use super::surplus::is_listed;
use super::truth::{ExpectedCopy, Listed, expected_copies};
use crate::error::Error;
use crate::model::mismatch::{Mismatch, MismatchKind, PathMismatch};
use crate::model::package::{ObjectKey, RevisionId, Stage};
use crate::model::resources::{Resource, StaticSet};
use crate::model::signature_status::SignatureState;
use crate::model::verification::{Depth, Notice, RevisionResult};
use crate::openpgp::PublicKeys;
use crate::read_at::ReadAt;
use crate::rules::index::{PackageManifest, line};
use crate::v1::workers::{Worker, Workers};
use crate::v2::store::{Claims, Place, StoredObject, Wanted};
use crate::v2::zip_reader::FileReader;

/// The parameters and counters shared by all revisions of a run.
pub(super) struct Check<'c> {
    pub(super) place: &'c dyn Place,
    /// The sorted names of all files among the archives, if the place can be listed.
    pub(super) names: Option<&'c [String]>,
    /// How what the place states about archives and signatures is compared.
    pub(super) statements: Statements<'c>,
    pub(super) kinds: &'c BTreeSet<Resource>,
    pub(super) statics: &'c StaticSet,
    pub(super) depth: Depth,
    pub(super) precedence: &'c [Stage],
    pub(super) workers: Workers<'c, FileReader>,
    pub(super) blobs: Blobs,
    pub(super) planned: Option<Planned<'c>>,
    /// Whether to derive the entry of each revision in the index.
    pub(super) derives_entries: bool,
    pub(super) keys: Option<&'c PublicKeys>,
    pub(super) counts: Counts,
}

/// The result for one revision, and its other objects.
pub(super) struct Checked {
    pub(super) result: RevisionResult,
    /// The static resources that v2 should have; `None` if they are unknown.
    pub(super) statics: Option<Vec<ExpectedStatic>>,
    /// What v1 says about its entry in the index.
    pub(super) entry: EntryTruth,
}

/// Counters.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Archives that were opened.
    archives: AtomicU64,
    /// Archives of which only the size could be compared with the plan.
    lengths_only: AtomicU64,
}

impl Check<'_> {
    /// Returns the number of archives that were opened.
    pub(super) fn archive_count(&self) -> u64 {
        self.counts.archives.load(Ordering::Relaxed)
    }

    /// Returns remarks on how v2 was read; `len_only_count` is the number of other objects of which only the size could
    /// be compared with the plan.
    pub(super) fn notices(&self, len_only_count: u64) -> Vec<Notice> {
        let lengths_only = match self.counts.lengths_only.load(Ordering::Relaxed) + len_only_count {
            0 => None,
            object_count => Some(Notice::LengthsOnly { object_count }),
        };
        let no_ranges = self.place.lacks_range_support().then_some(Notice::NoRanges);
        lengths_only.into_iter().chain(no_ranges).collect()
    }

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

    /// Returns the plan, if it was made for archives.
    fn planned_archives(&self) -> Option<&Planned<'_>> {
        self.planned.as_ref().filter(|planned| planned.has(Resource::Archives))
    }

    fn archive(
        &self,
        worker: &mut Worker<FileReader>,
        revision: &RevisionId,
        expected: &[ExpectedCopy],
        manifest: Option<&PackageManifest>,
    ) -> Inspection {
        let (key, root) = (revision.archive_key(), revision.to_string());
        let advice = match self.depth {
            Depth::Listing => Wanted::Claims,
            Depth::Entries => Wanted::Tail(expected_tail_len(&root, &expected[0])),
            Depth::Content => Wanted::Whole,
        };
        let object = match self.place.find(&key, advice) {
            Ok(Some(object)) => object,
            Ok(None) => return only(MismatchKind::ArchiveMissing),
            Err(error) => return only(unreachable(&error)),
        };
        self.counts.archives.fetch_add(1, Ordering::Relaxed);
        let mut inspection = self.object(worker, (&key, &*object), &root, expected);
        // If its files differ, its entry may differ as well, which adds nothing.
        if self.depth == Depth::Content
            && inspection.mismatches.is_empty()
            && let Some(manifest) = manifest
        {
            let fields = differences_from(&*object, manifest);
            let kind = (!fields.is_empty()).then_some(MismatchKind::ArchiveEntry { fields });
            inspection.mismatches.extend(kind.map(PathMismatch::from));
        }
        let stated =
            self.statements.differences(Subject::Archive, object.description(), self.depth);
        inspection.mismatches.extend(stated.into_iter().map(PathMismatch::from));
        self.with_signature(inspection, &key)
    }

    fn object(
        &self,
        worker: &mut Worker<FileReader>,
        archive: (&ObjectKey, &dyn StoredObject),
        root: &str,
        expected: &[ExpectedCopy],
    ) -> Inspection {
        let (key, object) = archive;
        let shallow = match self.depth {
            Depth::Listing => self.listed(key, object),
            Depth::Entries => {
                self.listed(key, object).and(or_unreachable(inspect::list(object, root, expected)))
            }
            Depth::Content => return self.whole(worker, archive, root, expected),
        };
        if shallow.mismatches.is_empty() {
            return shallow;
        }
        // Confirm the mismatch by reading every byte.
        match self.place.find(key, Wanted::Whole) {
            Ok(Some(object)) => self.whole(worker, (key, &*object), root, expected),
            Ok(None) => only(MismatchKind::ArchiveMissing),
            Err(error) => only(unreachable(&error)),
        }
    }

    /// Compares with the plan without reading the object.
    fn listed(&self, key: &ObjectKey, object: &dyn StoredObject) -> Inspection {
        let Some(planned) = self.planned_archives() else { return Inspection::default() };
        let claims = object.claims();
        if claims == Claims::default() {
            self.counts.lengths_only.fetch_add(1, Ordering::Relaxed);
        }
        let planned = planned.object(key.as_str());
        planned.compare_claims(key.as_str(), object.len(), claims).into_iter().collect()
    }

    /// Compares every byte.
    fn whole(
        &self,
        worker: &mut Worker<FileReader>,
        archive: (&ObjectKey, &dyn StoredObject),
        root: &str,
        expected: &[ExpectedCopy],
    ) -> Inspection {
        let (key, object) = archive;
        let mut inspect = |source: &dyn ReadAt| {
            or_unreachable(inspect::read(source, root, expected, &mut worker.own))
        };
        if self.planned_archives().is_none() && self.keys.is_none() {
            return inspect(object);
        }
        let digested = Digested::new(object);
        let mut inspection = inspect(&digested);
        let sha256 = match digested.finish() {
            Ok(sha256) => sha256,
            Err(error) => return inspection.and(only(unreachable(&error))),
        };
        if let Some(planned) = self.planned_archives() {
            let (key, digest) = (key.as_str(), sha256.clone().finish());
            let kinds = planned.object(key).compare_bytes(key, object.len(), digest);
            inspection = inspection.and(kinds.into_iter().collect());
        }
        if let Some(keys) = self.keys {
            inspection.of_signature.extend(
                match signatures::check(self.place, archive, &sha256, keys) {
                    Ok(SignatureState::Good { among: None, .. }) => None,
                    Ok(state) => Some(MismatchKind::Signature(state)),
                    Err(error) => Some(unreachable(&error)),
                },
            );
        }
        inspection
    }

    /// Adds the comparison of the signature with the plan, and of what is stated about it; a missing signature is
    /// reported only once.
    fn with_signature(&self, mut inspection: Inspection, key: &ObjectKey) -> Inspection {
        let planned = self.planned_archives().map(|plan| plan.object(key.signature_key().as_str()));
        let compared =
            planned.map(|planned| signatures::compare(self.place, key, planned, self.depth));
        let compared = compared.unwrap_or_else(|| Ok(Compared::default()));
        let stated = compared.and_then(|compared| {
            let Compared { mut kinds, found } = compared;
            let found = match found {
                None => self.listed_signature(&key.signature_key())?,
                found => found,
            };
            if let Some(found) = found {
                let stated = found.description();
                kinds.extend(self.statements.differences(Subject::Signature, stated, self.depth));
            }
            Ok(kinds)
        });
        for kind in stated.unwrap_or_else(|error| vec![unreachable(&error)]) {
            if !inspection.of_signature.contains(&kind) {
                inspection.of_signature.push(kind);
            }
        }
        inspection
    }

    /// Finds a signature of which the list is the only sign, if the place states something about it.
    fn listed_signature(&self, key: &ObjectKey) -> io::Result<Option<Box<dyn StoredObject + '_>>> {
        let is_there = self.names.is_some_and(|names| is_listed(names, key.file_name()));
        match is_there && self.statements.is_stating {
            true => self.place.find(key, signatures::wanted(self.depth)),
            false => Ok(None),
        }
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

fn only(kind: MismatchKind) -> Inspection {
    [kind].into_iter().collect()
}

fn or_unreachable(inspected: io::Result<Inspection>) -> Inspection {
    inspected.unwrap_or_else(|error| only(unreachable(&error)))
}

fn unreachable(error: &io::Error) -> MismatchKind {
    MismatchKind::ArchiveUnreachable { detail: error.to_string() }
}

/// Returns the minimum size of an archive's central directory and end record in bytes, with entries for
/// folders and without extra fields (APPNOTE 4.3.12, 4.3.16).
fn expected_tail_len(root: &str, expected: &ExpectedCopy) -> u64 {
    const ENTRY_LEN: usize = 46;
    const END_LEN: usize = 22;
    let paths = expected.content.files().iter().map(|file| &file.path);
    let folders: BTreeSet<&str> = paths.clone().flat_map(|path| path.folders()).collect();
    let of_files = paths.map(|path| ENTRY_LEN + root.len() + 1 + path.as_str().len());
    let of_folders = folders.iter().map(|folder| ENTRY_LEN + root.len() + 2 + folder.len());
    let len = END_LEN + ENTRY_LEN + root.len() + 1;
    (len + of_files.sum::<usize>() + of_folders.sum::<usize>()) as u64
}
