//! Finds files that differ between a checkout of v1 and the archive because of `.gitattributes`.
//!
//! Attribute files outside of revisions are read once, those inside a revision together with it; blobs are read
//! only if an attribute may change them. `v1::attributes` implements the attributes.

use std::collections::BTreeMap;

use crate::model::content::escape;
use crate::model::finding::{Defect, Finding, FindingKind, ObjectKind};
use crate::model::package::{PackageName, RevisionId, Stage};
use crate::rules::precedence::Winner;
use crate::v1::attributes::{self, AttributeFile};
use crate::v1::listing::ListedAttributes;
use crate::v1::objects::ObjectReader;

/// The maximum number of files in one finding.
const SHOWN_FILE_COUNT: usize = 5;

/// The attribute files above the revisions' own folders.
#[derive(Default)]
pub(super) struct Checkout {
    files: Vec<(Stage, Option<PackageName>, AttributeFile)>,
}

impl Checkout {
    /// Reads the listed attribute files; returns a finding for each file that cannot be read.
    pub(super) fn read(reader: &ObjectReader, listed: &[ListedAttributes]) -> (Self, Vec<Finding>) {
        let (mut checkout, mut findings) = (Checkout::default(), Vec::new());
        for ListedAttributes { stage, package, folder, blob_id } in listed {
            let read = reader
                .read(ObjectKind::Blob, *blob_id, |bytes| AttributeFile::parse(folder, bytes));
            match read {
                Ok(file) => checkout.files.push((*stage, package.clone(), file)),
                Err(error) => findings.push(Finding {
                    path: Some(path_in(folder, attributes::FILE_NAME)),
                    ..Finding::of_stage(*stage, error.into_finding_kind())
                }),
            }
        }
        (checkout, findings)
    }

    /// Returns the differences of a checkout of the winner's stage, one finding per attribute.
    ///
    /// Unreadable files are skipped because each has a separate finding.
    pub(super) fn findings(
        &self,
        reader: &ObjectReader,
        revision: &RevisionId,
        winner: &Winner,
    ) -> Vec<Finding> {
        let root = format!("packages/{}/{}", revision.name, revision.version);
        let outer = self.files.iter().filter(|(stage, package, _)| {
            *stage == winner.stage && package.as_ref().is_none_or(|name| *name == revision.name)
        });
        let inner = inner_files(reader, &root, winner);
        let files: Vec<&AttributeFile> = outer.map(|(.., file)| file).chain(&inner).collect();
        if files.is_empty() {
            return Vec::new();
        }
        let mut changed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for file in winner.content.files() {
            let path = file.path.as_str();
            let conversion = attributes::conversion(&files, &path_in(&root, path));
            if conversion.is_none() {
                continue;
            }
            let attributes =
                reader.read(ObjectKind::Blob, file.blob_id, |bytes| conversion.changes(bytes));
            for attribute in attributes.unwrap_or_default() {
                changed.entry(attribute).or_default().push(escape(path.as_bytes()));
            }
        }
        let about = |(attribute, mut files): (String, Vec<String>)| {
            let file_count = files.len();
            files.truncate(SHOWN_FILE_COUNT);
            let kind = FindingKind::CheckoutDiffers { attribute, files, file_count };
            Finding::of_revision(revision, vec![winner.stage], Defect { path: None, kind })
        };
        changed.into_iter().map(about).collect()
    }
}

/// Returns the attribute files inside a revision, outermost folders first.
fn inner_files(reader: &ObjectReader, root: &str, winner: &Winner) -> Vec<AttributeFile> {
    let mut found: Vec<(&str, _)> = winner
        .content
        .files()
        .iter()
        .filter_map(|file| {
            let folder = file.path.as_str().strip_suffix(attributes::FILE_NAME)?;
            (folder.is_empty() || folder.ends_with('/')).then_some((folder, file.blob_id))
        })
        .collect();
    found.sort_by_key(|(folder, _)| folder.matches('/').count());
    let read = |(folder, blob_id): (&str, _)| {
        let folder = path_in(root, folder.trim_end_matches('/'));
        reader.read(ObjectKind::Blob, blob_id, |bytes| AttributeFile::parse(&folder, bytes))
    };
    found.into_iter().flat_map(read).collect()
}

fn path_in(folder: &str, path: &str) -> String {
    match (folder.is_empty(), path.is_empty()) {
        (true, _) => path.to_owned(),
        (false, true) => folder.to_owned(),
        (false, false) => format!("{folder}/{path}"),
    }
}
