//! The search index: what each entry says, and the command that makes it from archives.
//!
//! Expected entries are literals: the answers of package-registry 1.40.1, taken once from its own loader
//! (`packages.NewPackage` over the archive, then `json.Marshal`).

#![allow(clippy::unwrap_used)]

mod command;
mod continued;
mod cursor;
pub(crate) mod entries;
mod inexact;
mod migrated;
mod properties;
mod published;
mod reader;

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::support::v2::ARCHIVES;

/// A package: the paths of its files, with their bytes.
pub(crate) type Package<'a> = &'a [(&'a str, &'a [u8])];

/// An archive of a package as `migrate` lays it out: an entry for each folder, before what is in it.
pub(crate) fn archive(root: &str, package: Package<'_>) -> Vec<u8> {
    let mut folders: Vec<String> = Vec::new();
    let mut entries = vec![(format!("{root}/"), None)];
    for (path, bytes) in package {
        for (end, _) in path.match_indices('/') {
            if !folders.iter().any(|folder| folder == &path[..end]) {
                folders.push(path[..end].to_owned());
                entries.push((format!("{root}/{}/", &path[..end]), None));
            }
        }
        entries.push((format!("{root}/{path}"), Some(*bytes)));
    }
    archive_of(&entries)
}

/// An archive of entries; a folder has no bytes.
fn archive_of(entries: &[(String, Option<&[u8]>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in entries {
        match bytes {
            None => writer.add_directory(name.as_str(), options).unwrap(),
            Some(bytes) => {
                writer.start_file(name.as_str(), options).unwrap();
                writer.write_all(bytes).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

/// Puts an archive into a folder that mirrors the bucket.
fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let archives = folder.join(ARCHIVES);
    fs::create_dir_all(&archives).unwrap();
    fs::write(archives.join(name), bytes).unwrap();
}

/// The text of a small manifest.
fn manifest(name: &str, version: &str, more: &str) -> String {
    format!(
        "format_version: 1.0.0\nname: {name}\ntitle: Buoy\nversion: {version}\ndescription: Sways.\n{more}"
    )
}

/// The entry of [`manifest`] without anything else but its README; `signed` as in the entry.
fn small_entry(name: &str, version: &str, release: &str, signed: &str) -> String {
    format!(
        "{{\"package_manifest\":{{\"name\":\"{name}\",\"title\":\"Buoy\",\"version\":\"{version}\",\
         \"release\":\"{release}\",\"description\":\"Sways.\",\"type\":\"integration\",\
         \"download\":\"/epr/{name}/{name}-{version}.zip\",\"path\":\"/package/{name}/{version}\",{signed}\
         \"format_version\":\"1.0.0\",\"readme\":\"/package/{name}/{version}/docs/README.md\",\
         \"license\":\"basic\",\"assets\":[\"/package/{name}/{version}/manifest.yml\",\
         \"/package/{name}/{version}/docs/README.md\"]}}}}"
    )
}
