//! Collects the inputs of `rules`: the versions of a listed package, and the bytes of a conflict.
//!
//! Contains no rules.

use std::collections::BTreeMap;

use crate::model::content::ObjectId;
use crate::model::finding::{Defect, Finding, FindingKind, ObjectKind};
use crate::model::package::{RevisionId, Stage};
use crate::rules::differences::{BlobBytes, MAX_COMPARED_LEN};
use crate::rules::versions::{self, Production};
use crate::v1::listing::{ListedCopy, ListedPackage};
use crate::v1::objects::ObjectReader;

/// Reads a blob for the comparison of a conflict.
pub(super) fn read_small(reader: &ObjectReader, blob_id: ObjectId) -> BlobBytes {
    let small = |bytes: &[u8]| match bytes.len() {
        0..=MAX_COMPARED_LEN => BlobBytes::Small(bytes.to_vec()),
        _ => BlobBytes::Large,
    };
    reader.read(ObjectKind::Blob, blob_id, small).unwrap_or(BlobBytes::Unreadable)
}

/// Returns the findings about a package's versions, by revision.
pub(super) fn remarks(
    package: &ListedPackage,
    precedence: &[Stage],
) -> BTreeMap<RevisionId, Vec<Finding>> {
    let stages = |copies: &Vec<ListedCopy>| copies.iter().map(|copy| copy.stage).collect();
    let revisions: BTreeMap<RevisionId, Vec<Stage>> = package
        .revisions
        .iter()
        .map(|(revision, copies)| (revision.clone(), stages(copies)))
        .collect();
    let production =
        Production::within(precedence, package.unreadable_from, &package.excluded_in_production);
    let about = |(revision, kinds): (RevisionId, Vec<FindingKind>)| {
        let stages = &revisions[&revision];
        let about =
            |kind| Finding::of_revision(&revision, stages.clone(), Defect { path: None, kind });
        let findings = kinds.into_iter().map(about).collect();
        (revision.clone(), findings)
    };
    versions::check(&revisions, production).into_iter().map(about).collect()
}
