//! Compares what a place has with what a plan says.
//!
//! A plan is no source of truth here: v1 is. It only tells sizes and digests, so that a listing can
//! be compared with them, and whether v2's bytes are the planned ones. Called by `verify`.

use std::collections::BTreeMap;

use super::compare::Told;
use crate::digest::Sha256;
use crate::mismatch::MismatchKind;
use crate::place::Claims;
use crate::plan::{Plan, Upload};

/// The uploads of a plan, by key.
pub(super) struct Planned<'p> {
    uploads: BTreeMap<&'p str, &'p Upload>,
}

impl<'p> Planned<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let uploads = plan.uploads.iter().map(|upload| (upload.key.as_str(), upload));
        Planned { uploads: uploads.collect() }
    }

    /// How an object that is there disagrees with the plan, as far as the place tells.
    pub(super) fn by_claims(&self, key: &str, len: u64, claims: Claims) -> Vec<Told> {
        let Some(upload) = self.uploads.get(key) else { return not_planned(key) };
        let mut told = disagreement("size", &upload.size, Some(&len));
        told.extend(disagreement("md5", &upload.md5, claims.md5.as_ref()));
        told.extend(disagreement("crc32c", &upload.crc32c, claims.crc32c.as_ref()));
        told
    }

    /// How an object whose every byte was read disagrees with the plan.
    pub(super) fn by_bytes(&self, key: &str, len: u64, sha256: Sha256) -> Vec<Told> {
        let Some(upload) = self.uploads.get(key) else { return not_planned(key) };
        let mut told = disagreement("size", &upload.size, Some(&len));
        told.extend(disagreement("sha256", &upload.sha256, Some(&sha256)));
        told
    }
}

fn disagreement<T: PartialEq + ToString>(field: &str, planned: &T, found: Option<&T>) -> Vec<Told> {
    let other = found.filter(|found| *found != planned);
    let kind = other.map(|found| MismatchKind::PlanDisagreement {
        field: field.to_owned(),
        planned: planned.to_string(),
        found: found.to_string(),
    });
    kind.map(|kind| (None, kind)).into_iter().collect()
}

fn not_planned(key: &str) -> Vec<Told> {
    let (planned, found) = (String::new(), key.to_owned());
    vec![(None, MismatchKind::PlanDisagreement { field: "key".to_owned(), planned, found })]
}
