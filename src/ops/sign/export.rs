//! Exports the archives that have no signature into a flat folder for a signing service, with a manifest
//! and digests for `sha256sum --check`.
//!
//! All archives are compared with the plan before anything is exported, because signed archives get
//! published.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::workers::{Workers, planned_bytes};
use crate::digest::Sha256;
use crate::error::Error;
use crate::model::package::ObjectKey;
use crate::model::plan::{ArchiveUpload, Plan, Tool, json_lines};
use crate::openpgp::SignatureFile;
use crate::v2::folder::{Handover, escaped, hand_over, list_names, make_folder, replace_file};

/// The file name of the manifest.
pub const MANIFEST_NAME: &str = "manifest.json";

/// The file name of the list of digests.
pub const SUMS_NAME: &str = "SHA256SUMS";

/// The version of the manifest's schema; incremented for changes that break readers.
const SCHEMA_VERSION: u32 = 1;

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The archives, the manifest and the digests.
    Archives,
    /// The manifest and the digests.
    Digests,
}

/// The result of an export.
#[derive(Debug, Default)]
pub struct Exported {
    /// Number of archives to be signed.
    pub unsigned_count: u64,
    /// Number of archives that have a signature, good or not.
    pub signed_count: u64,
    /// Total size of the archives to be signed, in bytes.
    pub total_len: u64,
    /// Number of archives that were exported as hard links.
    pub linked_count: u64,
    /// Number of archives that were copied.
    pub copied_count: u64,
    /// Number of archives that already existed in the folder.
    pub kept_count: u64,
    /// Names of files that already existed with different content.
    pub refused: Vec<String>,
    /// Names of archives in the folder that are not to be signed.
    pub left_over: Vec<String>,
}

/// The manifest's entry for an archive to be signed.
#[derive(Serialize)]
struct Record<'a> {
    file: &'a str,
    key: &'a ObjectKey,
    size: u64,
    sha256: Sha256,
    /// The expected file name of the signature.
    signature: String,
}

/// Exports the archives of `plan` in `folder` that have no signature into `to`.
///
/// # Errors
/// [`Error::NoArchives`] if the plan has none; [`Error::UnplannedBytes`] if one does not match the plan,
/// in which case nothing is exported. [`Error::File`]; [`Error::Workers`].
pub fn export(
    plan: &Plan,
    folder: &Path,
    to: &Path,
    layout: Layout,
    workers: Workers<'_>,
) -> Result<Exported, Error> {
    let archives: Vec<&ArchiveUpload> = plan.archives().collect();
    if archives.is_empty() {
        return Err(Error::NoArchives { path: folder.to_owned() });
    }
    let found = workers.each(&archives, |archive| {
        let signature = folder.join(archive.file.signature_key().as_str());
        Ok(match SignatureFile::read(&signature)? {
            SignatureFile::Nothing => match planned_bytes(folder, archive)? {
                Some(_) => ExportState::Unsigned,
                None => ExportState::OtherBytes,
            },
            SignatureFile::Bytes(_) | SignatureFile::NoFile => ExportState::Signed,
        })
    })?;
    let (mut unsigned, mut unplanned) = (Vec::new(), Vec::new());
    let mut exported = Exported::default();
    for (archive, state) in archives.into_iter().zip(found) {
        match state {
            ExportState::Unsigned => unsigned.push(archive),
            ExportState::Signed => exported.signed_count += 1,
            ExportState::OtherBytes => unplanned.push(archive.file.to_string()),
        }
    }
    if !unplanned.is_empty() {
        return Err(Error::UnplannedBytes { files: unplanned });
    }
    exported.unsigned_count = unsigned.len() as u64;
    exported.total_len = unsigned.iter().map(|archive| archive.size).sum();

    make_folder(to)?;
    let names: BTreeSet<&str> = unsigned.iter().map(|archive| archive.key.file_name()).collect();
    exported.left_over = list_names(to)?
        .iter()
        .map(|name| escaped(name))
        .filter(|name| name.ends_with(".zip") && !names.contains(name.as_str()))
        .collect();
    if layout == Layout::Archives {
        for archive in &unsigned {
            let name = archive.key.file_name();
            let from = folder.join(archive.file.as_str());
            match hand_over(&from, &to.join(name), &archive.digests())? {
                Handover::Linked => exported.linked_count += 1,
                Handover::Copied => exported.copied_count += 1,
                Handover::Kept => exported.kept_count += 1,
                Handover::Refused => exported.refused.push(name.to_owned()),
            }
        }
    }
    let sums: String = unsigned
        .iter()
        .map(|archive| format!("{}  {}\n", archive.sha256, archive.key.file_name()))
        .collect();
    replace_file(&to.join(SUMS_NAME), &sums)?;
    // Written last: if the manifest exists, so does everything that it lists.
    let manifest =
        manifest(&unsigned).map_err(|source| Error::Json { what: "the manifest", source })?;
    replace_file(&to.join(MANIFEST_NAME), &manifest)?;
    Ok(exported)
}

enum ExportState {
    Unsigned,
    Signed,
    OtherBytes,
}

fn manifest(archives: &[&ArchiveUpload]) -> serde_json::Result<String> {
    let records = archives.iter().map(|archive| {
        serde_json::to_string(&Record {
            file: archive.key.file_name(),
            key: &archive.key,
            size: archive.size,
            sha256: archive.sha256,
            signature: format!("{}.asc", archive.key.file_name()),
        })
    });
    let records: Vec<String> = records.collect::<Result<_, _>>()?;
    let fields = [
        ("schema_version", SCHEMA_VERSION.to_string()),
        ("tool", serde_json::to_string(&Tool::this())?),
    ];
    Ok(json_lines(&fields, ("archives", &records)))
}
