//! Compares the objects in v2 with a plan.
//!
//! The source of truth is v1, not the plan. The plan only provides sizes and digests: to compare with a
//! listing, and to check whether v2 has the planned bytes.

use std::collections::BTreeMap;

use crate::digest::{ObjectDigests, Sha256};
use crate::model::cursor::Cursor;
use crate::model::mismatch::MismatchKind;
use crate::model::package::ObjectKey;
use crate::model::plan::{Plan, Upload};
use crate::model::resources::{Resource, Resources};
use crate::model::shard::Shard;
use crate::v2::index::index_key;
use crate::v2::store::Claims;

/// An object according to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlannedObject {
    /// It is not in the plan.
    Unplanned,
    /// It will be created later; its bytes are unknown.
    Pending,
    /// It has these digests.
    Exactly(ObjectDigests),
}

/// The index in a plan: the one that it makes or, if nothing changes, the published one.
#[derive(Debug)]
pub(super) struct PlannedIndex {
    pub(super) cursor: PlannedCursor,
    pub(super) index: (ObjectKey, ObjectDigests),
    pub(super) delta: Option<(ObjectKey, ObjectDigests)>,
}

/// What a plan says about the cursor.
#[derive(Debug)]
pub(super) enum PlannedCursor {
    /// It has these digests.
    Bytes(ObjectDigests),
    /// It has this name; its bytes are unknown.
    Name(Cursor),
}

impl PlannedIndex {
    /// Returns the index in a plan, if there is one.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let (mut index, mut delta, mut cursor) = (None, None, None);
        for upload in &plan.uploads {
            let (object, place) = match upload {
                Upload::Index(object) => (object, &mut index),
                Upload::Delta(object) => (object, &mut delta),
                Upload::Cursor(object) => (object, &mut cursor),
                Upload::Archive(_) | Upload::Signature(_) | Upload::Static(_) => continue,
            };
            *place = Some((object.key.clone(), object.digests()));
        }
        if let (Some(index), Some((_, cursor))) = (index, cursor) {
            return Some(PlannedIndex { cursor: PlannedCursor::Bytes(cursor), index, delta });
        }
        let base =
            plan.index.as_ref().filter(|index| index.counts.is_unchanged())?.base.as_ref()?;
        let index = (index_key(&base.cursor, Shard::WHOLE), base.digests());
        Some(PlannedIndex { cursor: PlannedCursor::Name(base.cursor.clone()), index, delta: None })
    }
}

/// The uploads of a plan.
pub(super) struct Planned<'p> {
    resources: &'p Resources,
    uploads: BTreeMap<&'p str, PlannedObject>,
    /// The content types of static resources.
    types: BTreeMap<&'p str, &'p str>,
    /// The digests of the index.
    index: Option<ObjectDigests>,
}

impl<'p> Planned<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let archives = plan
            .archives()
            .map(|archive| (archive.key.as_str(), PlannedObject::Exactly(archive.digests())));
        let signatures = plan.signatures().map(|signature| {
            let planned = match signature.digests() {
                Some(digests) => PlannedObject::Exactly(*digests),
                None => PlannedObject::Pending,
            };
            (signature.key().as_str(), planned)
        });
        let statics = plan
            .statics()
            .map(|found| (found.key().as_str(), PlannedObject::Exactly(*found.digests())));
        let of_index = plan.uploads.iter().filter_map(|upload| match upload {
            Upload::Index(object) | Upload::Delta(object) | Upload::Cursor(object) => {
                Some((object.key.as_str(), PlannedObject::Exactly(object.digests())))
            }
            Upload::Archive(_) | Upload::Signature(_) | Upload::Static(_) => None,
        });
        let types =
            plan.statics().map(|found| (found.key().as_str(), found.content_type().as_str()));
        let index = plan.uploads.iter().find_map(|upload| match upload {
            Upload::Index(object) => Some(object.digests()),
            _ => None,
        });
        Planned {
            index,
            resources: &plan.resources,
            types: types.collect(),
            uploads: archives.chain(signatures).chain(statics).chain(of_index).collect(),
        }
    }

    /// Returns whether the plan was made for a kind of object.
    pub(super) fn has(&self, kind: Resource) -> bool {
        self.resources.has(kind)
    }

    /// Returns the planned content type of a static resource.
    pub(super) fn content_type(&self, key: &str) -> Option<&'p str> {
        self.types.get(key).copied()
    }

    /// Returns the planned index, wherever it is.
    pub(super) fn index(&self) -> PlannedObject {
        self.index.map_or(PlannedObject::Unplanned, PlannedObject::Exactly)
    }

    /// Returns the planned object with this key.
    pub(super) fn object(&self, key: &str) -> PlannedObject {
        self.uploads.get(key).copied().unwrap_or(PlannedObject::Unplanned)
    }
}

impl PlannedObject {
    /// Compares with an existing object by its size and the digests that v2 provides.
    pub(super) fn compare_claims(self, key: &str, len: u64, claims: Claims) -> Vec<MismatchKind> {
        self.compare(key, |planned| {
            let md5 = claims.md5.map(|md5| disagreement("md5", &planned.md5, &md5));
            let crc32c =
                claims.crc32c.map(|crc32c| disagreement("crc32c", &planned.crc32c, &crc32c));
            let sha256 =
                claims.sha256.map(|sha256| disagreement("sha256", &planned.sha256, &sha256));
            let size = disagreement("size", &planned.size, &len);
            vec![size, md5.flatten(), crc32c.flatten(), sha256.flatten()]
        })
    }

    /// Returns whether the plan has it.
    pub(super) fn is_planned(self) -> bool {
        self != PlannedObject::Unplanned
    }

    /// Compares with an object that was read completely.
    pub(super) fn compare_bytes(self, key: &str, len: u64, sha256: Sha256) -> Vec<MismatchKind> {
        self.compare(key, |planned| {
            vec![
                disagreement("size", &planned.size, &len),
                disagreement("sha256", &planned.sha256, &sha256),
            ]
        })
    }

    fn compare(
        self,
        key: &str,
        compare: impl FnOnce(&ObjectDigests) -> Vec<Option<MismatchKind>>,
    ) -> Vec<MismatchKind> {
        match self {
            PlannedObject::Unplanned => vec![MismatchKind::PlanDisagreement {
                field: "key".to_owned(),
                planned: String::new(),
                found: key.to_owned(),
            }],
            PlannedObject::Pending => Vec::new(),
            PlannedObject::Exactly(planned) => compare(&planned).into_iter().flatten().collect(),
        }
    }
}

fn disagreement<T: PartialEq + ToString>(
    field: &str,
    planned: &T,
    found: &T,
) -> Option<MismatchKind> {
    (planned != found).then(|| MismatchKind::PlanDisagreement {
        field: field.to_owned(),
        planned: planned.to_string(),
        found: found.to_string(),
    })
}
