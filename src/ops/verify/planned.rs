//! Compares what a place has with what a plan says.
//!
//! A plan is no source of truth here: v1 is. It only tells sizes and digests, so that a listing can
//! be compared with them, and whether v2's bytes are the planned ones.

use std::collections::BTreeMap;

use crate::digest::{ObjectDigests, Sha256};
use crate::model::mismatch::MismatchKind;
use crate::model::plan::Plan;
use crate::v2::store::Claims;

/// What a plan says of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// That there is none.
    Nothing,
    /// That there will be one, whose bytes nobody knows yet.
    Pending,
    /// That it is this one.
    Exactly(ObjectDigests),
}

/// The uploads of a plan.
pub(super) struct Planned<'p> {
    uploads: BTreeMap<&'p str, Says>,
}

impl<'p> Planned<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let archives =
            plan.archives().map(|archive| (archive.key.as_str(), Says::Exactly(archive.digests())));
        let signatures = plan.signatures().map(|signature| {
            let says = signature.digests().map_or(Says::Pending, |digests| Says::Exactly(*digests));
            (signature.key().as_str(), says)
        });
        Planned { uploads: archives.chain(signatures).collect() }
    }

    /// What it says of the object of this key.
    pub(super) fn of(&self, key: &str) -> Says {
        self.uploads.get(key).copied().unwrap_or(Says::Nothing)
    }
}

impl Says {
    /// How an object that is there disagrees, as far as the place tells.
    pub(super) fn by_claims(self, key: &str, len: u64, claims: Claims) -> Vec<MismatchKind> {
        self.compare(key, |planned| {
            let md5 = claims.md5.map(|md5| disagreement("md5", &planned.md5, &md5));
            let crc32c =
                claims.crc32c.map(|crc32c| disagreement("crc32c", &planned.crc32c, &crc32c));
            vec![disagreement("size", &planned.size, &len), md5.flatten(), crc32c.flatten()]
        })
    }

    /// How an object whose every byte was read disagrees.
    pub(super) fn by_bytes(self, key: &str, len: u64, sha256: Sha256) -> Vec<MismatchKind> {
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
            Says::Nothing => vec![MismatchKind::PlanDisagreement {
                field: "key".to_owned(),
                planned: String::new(),
                found: key.to_owned(),
            }],
            Says::Pending => Vec::new(),
            Says::Exactly(planned) => compare(&planned).into_iter().flatten().collect(),
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
