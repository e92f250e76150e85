//! Compares an archive and its signature with v1 and with the plan, at the requested depth; if there is a mismatch at a
//! lower depth, compares again with every byte.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::Ordering;

use super::archive_entry::differences_from;
use super::check::Check;
use super::digested::Digested;
use super::inspect::{self, Inspection};
use super::signatures::{self, Compared};
use super::stated::Subject;
use super::surplus::is_listed;
use super::truth::ExpectedCopy;
use crate::model::mismatch::{MismatchKind, PathMismatch};
use crate::model::package::{ObjectKey, RevisionId};
use crate::model::signature_status::SignatureState;
use crate::model::verification::Depth;
use crate::read_at::ReadAt;
use crate::rules::index::PackageManifest;
use crate::v1::workers::Worker;
use crate::v2::store::{Claims, StoredObject, Wanted};
use crate::v2::zip_reader::FileReader;

impl Check<'_> {
    /// Compares the archive of a revision, whose first copy is the expected one; with every byte, also the index entry
    /// that a registry derives from it with `manifest`, the one derived from v1.
    pub(super) fn archive(
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
