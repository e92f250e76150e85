//! Derives the index entry of an archive that has exactly v1's files, as a registry does that serves the archive.
//!
//! It may still differ from the one of v1's files: the registry lists assets folder by folder, and an archive need not
//! have entries for folders.

use crate::model::finding::FieldDifference;
use crate::read_at::ReadAt;
use crate::rules::index::{PackageManifest, RevisionFiles, entry, line, listed_depth};
use crate::rules::registry::{Facts, KnownItems, Role};
use crate::v2::package_archive::{PackageArchive, read_package};
use crate::yaml;

use super::json_value::differences;

/// Returns how the entry of an archive differs from the expected one.
pub(super) fn differences_from(
    object: &dyn ReadAt,
    expected: &PackageManifest,
) -> Vec<FieldDifference> {
    match derived(object) {
        Ok(found) => {
            let value =
                |manifest| serde_json::from_slice(&line(manifest)).expect("an entry is JSON");
            let [found, expected]: [serde_json::Value; 2] = [&found, expected].map(value);
            differences(&found["package_manifest"], &expected["package_manifest"])
        }
        Err(error) => vec![FieldDifference {
            field: "package_manifest".to_owned(),
            published: Some(error),
            derived: None,
        }],
    }
}

fn derived(object: &dyn ReadAt) -> Result<PackageManifest, String> {
    let has_part = |path: &str| role(path).is_some();
    let package = read_package(object, has_part, yaml::MAX_LEN as u64);
    let PackageArchive { root, entries, files } = package.map_err(|error| error.to_string())?;
    let known_items = KnownItems::default();
    let mut facts: Vec<Option<Facts>> = entries.iter().map(|_| None).collect();
    for (index, bytes) in &files {
        facts[*index] = role(&entries[*index]).map(|role| Facts::read(role, bytes, &known_items));
    }
    let paths = entries.iter().zip(&facts).filter(|(path, _)| !path.ends_with('/'));
    let paths: Vec<(&str, Option<&Facts>)> =
        paths.map(|(path, facts)| (path.as_str(), facts.as_ref())).collect();
    let listed_depth = listed_depth(entries.iter().map(String::as_str));
    let files = RevisionFiles { root: &root, files: &paths, listed_depth, is_signed: false };
    entry(files).map_err(|error| error.to_string())
}

/// Returns the role of a file from which an entry is derived.
fn role(path: &str) -> Option<Role> {
    Role::of(path).filter(|role| matches!(role, Role::Manifest | Role::DataStream))
}
