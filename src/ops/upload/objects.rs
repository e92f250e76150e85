//! The objects of a plan, and what the stores' lists say about them. Pure.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use super::Allowed;
use super::refusal::Refusal;
use crate::digest::ObjectDigests;
use crate::model::package::{ARCHIVE_PREFIX, ObjectKey, STATIC_PREFIX};
use crate::model::plan::{Plan, Upload};
use crate::model::upload::{Conflict, Failure, Layout, ObjectKind, Outcome};
use crate::v2::store::bucket::{Entry, agrees};

/// An object to upload.
#[derive(Debug)]
pub(super) struct Object<'p> {
    pub(super) kind: ObjectKind,
    /// The key in the store.
    pub(super) key: String,
    pub(super) file: &'p ObjectKey,
    /// The file on disk, once it was found.
    pub(super) path: PathBuf,
    /// `None` for a signature that is pending.
    pub(super) digests: Option<ObjectDigests>,
    pub(super) content_type: &'p str,
}

impl Object<'_> {
    /// Returns the revision that an object belongs to, `<name>-<version>`; `None` if it belongs to all.
    pub(super) fn revision(&self) -> Option<&str> {
        let file = self.file.as_str();
        match self.kind {
            ObjectKind::Archive => file.strip_prefix(ARCHIVE_PREFIX)?.strip_suffix(".zip"),
            ObjectKind::Signature => file.strip_prefix(ARCHIVE_PREFIX)?.strip_suffix(".zip.sig"),
            ObjectKind::Static => Some(file.strip_prefix(STATIC_PREFIX)?.split_once('/')?.0),
            ObjectKind::Index | ObjectKind::Delta | ObjectKind::Cursor => None,
        }
    }
}

/// What is known about an object before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// It does not exist.
    Absent,
    /// It exists with the same digests.
    There,
    /// Something exists, and the list does not answer whether it is the same.
    Unclear,
    /// Something else exists.
    Conflict(Conflict),
    /// The store does not answer.
    Failed(Failure),
}

impl Before {
    /// Returns the outcome that needs no request; `None` if the object must be sent.
    pub(super) fn settled(&self) -> Option<Outcome> {
        match self {
            Before::Absent | Before::Unclear => None,
            Before::There => Some(Outcome::AlreadyThere),
            Before::Conflict(conflict) => Some(Outcome::Conflict(conflict.clone())),
            Before::Failed(failure) => Some(Outcome::Failed(failure.clone())),
        }
    }
}

/// Checks that a plan may be uploaded.
///
/// # Errors
/// Why it must not be uploaded like this.
pub(super) fn check_plan(plan: &Plan, layout: Layout, allowed: Allowed) -> Result<(), Refusal> {
    let signatures = plan.signature_counts();
    if !plan.shard.is_whole() && !allowed.shard {
        return Err(Refusal::Shard(plan.shard));
    }
    if layout == Layout::Queue && signatures.made < plan.archives().count() as u64 {
        return Err(Refusal::Unsigned(signatures.missing + signatures.pending));
    }
    if signatures.pending > 0 && !allowed.pending {
        return Err(Refusal::Pending(signatures.pending));
    }
    Ok(())
}

/// Returns the objects of a plan in its order, and the number of those that the layout leaves out.
pub(super) fn of_plan(plan: &Plan, layout: Layout) -> (Vec<Object<'_>>, u64) {
    let is_left_out = |upload: &&Upload| {
        let is_of_queue = matches!(upload, Upload::Archive(_) | Upload::Signature(_));
        layout == Layout::Queue && !is_of_queue
    };
    let left_out = plan.uploads.iter().filter(is_left_out).count() as u64;
    let objects = plan.uploads.iter().filter(|upload| !is_left_out(upload)).map(|upload| Object {
        kind: ObjectKind::of(upload),
        key: match layout {
            Layout::Bucket => upload.key().as_str().to_owned(),
            Layout::Queue => upload.key().file_name().to_owned(),
        },
        file: upload.file(),
        path: PathBuf::new(),
        digests: upload.digests(),
        content_type: upload.content_type(),
    });
    (objects.collect(), left_out)
}

/// Returns what a list says about an object.
pub(super) fn compare(object: &Object<'_>, listed: &BTreeMap<String, Entry>) -> Before {
    match &object.digests {
        Some(digests) => compare_at(&object.key, digests, listed),
        None => Before::Absent,
    }
}

/// Returns what a list says about a key, where an object with these digests is expected.
pub(super) fn compare_at(
    key: &str,
    digests: &ObjectDigests,
    listed: &BTreeMap<String, Entry>,
) -> Before {
    let Some(entry) = listed.get(key) else { return Before::Absent };
    match agrees(entry.claims, digests) {
        _ if entry.len != digests.size => {
            Before::Conflict(Conflict::OtherBytes { found_len: entry.len })
        }
        Some(true) => Before::There,
        // An entity tag of S3 is not always an MD5.
        Some(false) | None => Before::Unclear,
    }
}

/// Returns the archives of entries that are neither in the plan nor in the store.
pub(super) fn without_archives(
    entries: &[(String, String)],
    objects: &[Object<'_>],
    listed: &BTreeMap<String, Entry>,
    prefix: &str,
) -> Vec<String> {
    let planned: HashSet<&str> = objects.iter().map(|object| object.key.as_str()).collect();
    let keys = entries.iter().map(|(name, version)| format!("{prefix}{name}-{version}.zip"));
    keys.filter(|key| !planned.contains(key.as_str()) && !listed.contains_key(key)).collect()
}
