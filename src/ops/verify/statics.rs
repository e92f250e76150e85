//! Compares the static resources of v2 with the files of v1: existence, size, content type, bytes.
//!
//! Bytes are hashed as Git hashes a blob, so no blob of v1 is read. Objects are grouped by blob, and names of one file
//! on disk (hard links) are read once. Which objects are missing or extra follows from the listing
//! (`static_listing`).

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::sync::atomic::AtomicBool;

use super::content_types::expected_type;
use super::planned::{Planned, PlannedObject};
use super::stated::{Statements, Subject};
use super::static_listing::{ExpectedStatic, StaticListing};
use crate::digest::{BlobHasher, Sha256, Sha256Hasher};
use crate::error::Error;
use crate::model::content::ObjectId;
use crate::model::event::{Event, Observer};
use crate::model::mismatch::{Extras, Mismatch, MismatchKind};
use crate::model::package::ObjectKey;
use crate::model::verification::{Depth, RevisionStatus};
use crate::parallel;
use crate::v2::store::{Claims, Description, FileId, Place, StoredObject, Wanted};

/// The size of a read, in bytes.
const STEP_LEN: u64 = 256 << 10;

/// How static resources are compared.
pub(super) struct StaticCheck<'c> {
    pub(super) place: &'c dyn Place,
    pub(super) depth: Depth,
    pub(super) statements: Statements<'c>,
    /// The plan, if it has static resources.
    pub(super) planned: Option<&'c Planned<'c>>,
    pub(super) jobs: usize,
}

/// The result for one static resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ComparedStatic {
    pub(super) revision: usize,
    pub(super) key: ObjectKey,
    pub(super) mismatches: Vec<Mismatch>,
    /// Whether nothing is at its key.
    pub(super) is_missing: bool,
    /// Whether only its size could be compared with the plan.
    pub(super) is_len_only: bool,
}

impl ComparedStatic {
    /// Returns the status of the object.
    pub(super) fn status(&self, extras: Extras) -> RevisionStatus {
        RevisionStatus::of(self.mismatches.iter().map(|mismatch| mismatch.kind.class(extras)))
    }
}

/// Selects the objects to compare: all, or those with the smallest digests of their keys, so that other runs and
/// later states of v1 select the same ones.
pub(super) fn sampled(mut all: Vec<ExpectedStatic>, max: Option<usize>) -> Vec<ExpectedStatic> {
    if let Some(max) = max.filter(|max| *max < all.len()) {
        all.sort_by_cached_key(|expected| Sha256::of(expected.key.as_str().as_bytes()).0);
        all.truncate(max);
    }
    all
}

impl StaticCheck<'_> {
    /// Compares the objects, by blob.
    ///
    /// # Errors
    /// [`Error::Interrupted`]; [`Error::Workers`].
    pub(super) fn compare(
        &self,
        expected: &[ExpectedStatic],
        listing: Option<&StaticListing>,
        observer: &dyn Observer,
        interrupt: &AtomicBool,
    ) -> Result<Vec<ComparedStatic>, Error> {
        let mut groups: BTreeMap<ObjectId, Vec<&ExpectedStatic>> = BTreeMap::new();
        for one in expected {
            groups.entry(one.blob_id).or_default().push(one);
        }
        let groups: Vec<Vec<&ExpectedStatic>> = groups.into_values().collect();
        let compared = parallel::each(self.jobs, interrupt, &groups, |group| {
            let mut seen = Seen::default();
            let compare = |expected: &&ExpectedStatic| {
                let compared = self.one(expected, listing, &mut seen);
                observer.observe(Event::Advanced(0));
                compared
            };
            Ok(group.iter().map(compare).collect::<Vec<_>>())
        })?;
        Ok(compared.into_iter().flatten().collect())
    }

    fn one(
        &self,
        expected: &ExpectedStatic,
        listing: Option<&StaticListing>,
        seen: &mut Seen,
    ) -> ComparedStatic {
        let key = &expected.key;
        let mut compared = ComparedStatic {
            revision: expected.revision,
            key: key.clone(),
            mismatches: Vec::new(),
            is_missing: false,
            is_len_only: false,
        };
        let found = match listing {
            Some(listing) => match listing.len_of(key) {
                Ok(len) => self.listed(expected, len, seen),
                Err(mismatch) => Ok(Found::Not(*mismatch)),
            },
            None => self.requested(expected, seen),
        };
        let facts = match found {
            Ok(Found::Object(facts)) => facts,
            Ok(Found::Not(mismatch)) => {
                compared.is_missing = matches!(mismatch.kind, MismatchKind::StaticMissing { .. });
                compared.mismatches.push(mismatch);
                return compared;
            }
            Err(error) => {
                let kind = MismatchKind::StaticUnreachable { detail: error.to_string() };
                compared.mismatches.push(Mismatch::of_object(key, kind));
                return compared;
            }
        };
        let mut kinds = self.differences(expected, &facts);
        if let Some(planned) = self.planned {
            kinds.extend(self.planned_differences(expected, &facts, planned));
            compared.is_len_only = facts.sha256.is_none() && facts.claims == Claims::default();
        }
        if facts.is_described {
            let (subject, stated) = (Subject::Static(key.as_str()), facts.description.as_ref());
            kinds.extend(self.statements.differences(subject, stated, self.depth));
        }
        compared.mismatches.extend(kinds.into_iter().map(|kind| Mismatch::of_object(key, kind)));
        compared
    }

    /// Inspects an object that the listing contains.
    fn listed(&self, expected: &ExpectedStatic, len: u64, seen: &mut Seen) -> io::Result<Found> {
        // A list of a bucket has more than the sizes, and a folder does not.
        let has_facts = self.depth == Depth::Content || self.place.has_content_types();
        if !has_facts || (len != expected.len && self.planned.is_none()) {
            return Ok(Found::Object(Facts { len, ..Facts::default() }));
        }
        self.requested(expected, seen)
    }

    /// Requests an object.
    fn requested(&self, expected: &ExpectedStatic, seen: &mut Seen) -> io::Result<Found> {
        let wanted = match self.depth {
            Depth::Listing => Wanted::Claims,
            Depth::Entries => Wanted::Description,
            Depth::Content => Wanted::Whole,
        };
        let Some(object) = self.place.find(&expected.key, wanted)? else {
            let missing = MismatchKind::StaticMissing { object_count: 1 };
            return Ok(Found::Not(Mismatch::of_object(&expected.key, missing)));
        };
        let mut facts = Facts {
            len: object.len(),
            claims: object.claims(),
            description: object.description().cloned(),
            is_described: true,
            ..Facts::default()
        };
        if self.depth == Depth::Content {
            let bytes = seen.bytes_of(&*object, self.planned.is_some())?;
            (facts.blob_id, facts.sha256) = (Some(bytes.blob_id), bytes.sha256);
        }
        Ok(Found::Object(facts))
    }

    fn differences(&self, expected: &ExpectedStatic, facts: &Facts) -> Vec<MismatchKind> {
        let mut kinds = Vec::new();
        match facts.blob_id {
            _ if facts.len != expected.len => kinds.push(MismatchKind::StaticSize {
                expected_len: expected.len,
                found_len: facts.len,
            }),
            Some(found) if found != expected.blob_id => {
                kinds.push(MismatchKind::StaticDiffers { expected: expected.blob_id, found });
            }
            _ => {}
        }
        kinds
    }

    fn planned_differences(
        &self,
        expected: &ExpectedStatic,
        facts: &Facts,
        planned: &Planned<'_>,
    ) -> Vec<MismatchKind> {
        let key = expected.key.as_str();
        let object = planned.object(key);
        let mut kinds = match facts.sha256 {
            Some(sha256) => object.compare_bytes(key, facts.len, sha256),
            None => object.compare_claims(key, facts.len, facts.claims),
        };
        // Uploads take the type from the plan, so it must be right even if v2 does not state one yet.
        let expected_type = expected_type(key);
        let planned_type = planned.content_type(key).filter(|_| object != PlannedObject::Unplanned);
        if let Some(planned_type) = planned_type.filter(|found| *found != expected_type) {
            kinds.push(MismatchKind::PlanDisagreement {
                field: "content_type".to_owned(),
                planned: planned_type.to_owned(),
                found: expected_type.to_owned(),
            });
        }
        kinds
    }
}

/// What was found at a key.
enum Found {
    Object(Facts),
    Not(Mismatch),
}

/// What is known of an object.
#[derive(Default)]
struct Facts {
    len: u64,
    claims: Claims,
    description: Option<Description>,
    /// Whether the place was asked for a description.
    is_described: bool,
    /// `None` if the bytes were not read.
    blob_id: Option<ObjectId>,
    sha256: Option<Sha256>,
}

/// The digests of an object's bytes.
#[derive(Clone, Copy)]
struct Bytes {
    blob_id: ObjectId,
    sha256: Option<Sha256>,
}

/// The files on disk whose bytes have been read; hard links are not read again.
#[derive(Default)]
struct Seen(Vec<(FileId, Bytes)>);

impl Seen {
    fn bytes_of(&mut self, object: &dyn StoredObject, with_sha256: bool) -> io::Result<Bytes> {
        let id = object.file_id();
        let known = self.0.iter().find(|(seen, _)| Some(*seen) == id);
        if let Some((_, bytes)) = known {
            return Ok(*bytes);
        }
        let mut blob = BlobHasher::new(object.len());
        let mut sha256 = with_sha256.then(Sha256Hasher::default);
        let mut buffer = vec![0; STEP_LEN.min(object.len()) as usize];
        let mut offset = 0;
        while offset < object.len() {
            let len = STEP_LEN.min(object.len() - offset) as usize;
            object.read_exact_at(&mut buffer[..len], offset)?;
            blob.update(&buffer[..len]);
            if let Some(sha256) = &mut sha256 {
                sha256.update(&buffer[..len]);
            }
            offset += len as u64;
        }
        let bytes =
            Bytes { blob_id: ObjectId(blob.finish()), sha256: sha256.map(Sha256Hasher::finish) };
        self.0.extend(id.map(|id| (id, bytes)));
        Ok(bytes)
    }
}

/// Merges what is known of many objects of one revision: if none of several exists, they are reported together, and not
/// at all if the archive does not exist either.
pub(super) fn of_revision(
    compared: Vec<ComparedStatic>,
    (folder, is_archive_missing): (&str, bool),
    is_sample: bool,
) -> Vec<Mismatch> {
    let object_count = compared.len() as u64;
    if !is_sample && compared.iter().all(|one| one.is_missing) {
        if is_archive_missing {
            return Vec::new();
        }
        if object_count > 1 {
            let kind = MismatchKind::StaticMissing { object_count };
            return vec![Mismatch { object: folder.to_owned(), path: None, kind }];
        }
    }
    let mut reported = HashSet::new();
    let mismatches = compared.into_iter().flat_map(|one| one.mismatches);
    // An obstacle above several keys is reported once.
    mismatches
        .filter(|found| reported.insert((found.object.clone(), found.kind.message())))
        .collect()
}
