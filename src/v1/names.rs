//! The names of a stage's packages, and the versions of one: what can be listed without reading any package.
//!
//! For suggestions and completions. Entries whose names are not valid are no names; `listing` reports them.

use super::folder::{list_folder, read_top, root_tree_id};
use super::objects::{ObjectReader, UnreadableObject};
use super::stages::StageCommit;
use super::tree::Kind;
use crate::model::content::ObjectId;
use crate::model::package::{PackageName, PackageVersion};

/// Returns the names of a stage's packages, in the order of its folder.
///
/// # Errors
/// An object that cannot be read.
pub fn package_names(
    reader: &ObjectReader,
    at: &StageCommit,
) -> Result<Vec<PackageName>, UnreadableObject> {
    names_in(reader, packages(reader, at)?)
}

/// Returns the versions of a package in a stage, in the order of its folder; none if the stage lacks the package.
///
/// # Errors
/// An object that cannot be read.
pub fn versions_of(
    reader: &ObjectReader,
    at: &StageCommit,
    package: &PackageName,
) -> Result<Vec<PackageVersion>, UnreadableObject> {
    let Some(packages) = packages(reader, at)? else { return Ok(Vec::new()) };
    let entries = list_folder(reader, packages)?;
    let found = entries.iter().find(|entry| entry.name == package.as_str().as_bytes());
    names_in(reader, found.filter(|entry| entry.kind == Kind::Folder).map(|entry| entry.id))
}

fn packages(reader: &ObjectReader, at: &StageCommit) -> Result<Option<ObjectId>, UnreadableObject> {
    Ok(read_top(reader, root_tree_id(reader, at.commit_id)?)?.packages)
}

/// Returns the folders in a folder whose names can be parsed.
fn names_in<T: std::str::FromStr>(
    reader: &ObjectReader,
    folder: Option<ObjectId>,
) -> Result<Vec<T>, UnreadableObject> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let entries = list_folder(reader, folder)?;
    let folders = entries.iter().filter(|entry| entry.kind == Kind::Folder);
    let names = folders.flat_map(|entry| std::str::from_utf8(&entry.name));
    Ok(names.flat_map(str::parse).collect())
}
