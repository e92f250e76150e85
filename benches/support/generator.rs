//! Generates v1 repositories of any size, whose packages cost as much work as real ones.
//!
//! The same shape results in the same objects: bytes come from a random number generator with a seed, and
//! timestamps are fixed. Lengths are known in advance. All objects are in one pack, with deltas, as
//! in a fresh clone. Used by `engine.rs` and `examples/generate-v1.rs`; the tests, whose cases are
//! small and unusual, have their own builder.

use std::path::Path;

use git2::{
    Error, FileMode, Index, IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions,
    Signature, Time,
};

pub(crate) mod bytes;

use bytes::Numbers;

/// How large a repository is, and how much its revisions share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    /// Number of packages.
    pub(crate) package_count: u32,
    /// Number of revisions of each package.
    pub(crate) revision_count: u32,
    /// How many of 100 files are unchanged in the next revision of a package.
    pub(crate) sharing_percent: u32,
    /// Length of a typical text file in bytes; other files have a fraction or a multiple of it.
    pub(crate) file_len: usize,
    /// Another seed results in other bytes in the same shape.
    pub(crate) seed: u64,
}

/// A small repository: 100 revisions, which share about as much as those of real packages.
pub(crate) const BASE: Shape =
    Shape { package_count: 5, revision_count: 20, sharing_percent: 90, file_len: 4096, seed: 1 };

impl Shape {
    /// Returns the number of revisions of all packages.
    pub(crate) fn total_count(&self) -> u64 {
        u64::from(self.package_count) * u64::from(self.revision_count)
    }

    /// Returns the length of all files of all revisions, in bytes.
    pub(crate) fn content_len(&self) -> u64 {
        self.total_count() * slots(self.file_len).iter().map(|slot| slot.len as u64).sum::<u64>()
    }

    /// Returns the length of all blobs, in bytes.
    pub(crate) fn distinct_len(&self) -> u64 {
        let slots = slots(self.file_len);
        let mut sum = 0;
        for package in 0..self.package_count {
            for (revision, editions) in (0..).zip(self.editions(package, slots.len())) {
                let files = slots.iter().zip(editions);
                let new = files.filter(|(_, edition)| *edition == revision);
                sum += new.map(|(slot, _)| slot.len as u64).sum::<u64>();
            }
        }
        sum
    }

    /// Creates the repository, bare, in a new folder. Production has every revision; staging and
    /// snapshot have a copy of each package's newest one.
    pub(crate) fn generate(&self, path: &Path) -> Result<(), Error> {
        let mut options = RepositoryInitOptions::new();
        options.bare(true).external_template(false).initial_head("production").no_reinit(true);
        let git = Repository::init_opts(path, &options)?;
        // Keeps objects in memory until they go into the pack.
        git.odb()?.add_new_mempack_backend(1000)?;

        let (mut all, mut newest) = (Vec::new(), Vec::new());
        for package in 0..self.package_count {
            let name = format!("sensor_{package:05}");
            let versions = self.write_package(&git, package, &name)?;
            let last = &versions[versions.len().saturating_sub(1)..];
            newest.push((name.clone(), write_folder(&git, last)?));
            all.push((name, write_folder(&git, &versions)?));
        }
        let (all, newest) = (write_folder(&git, &all)?, write_folder(&git, &newest)?);

        // A text's previous edition is next to it, and images have no deltas: a small window suffices.
        let mut config = git.config()?;
        config.set_i32("pack.window", 3)?;
        config.set_i64("core.bigFileThreshold", 8 * self.file_len as i64)?;
        let mut packer = git.packbuilder()?;
        packer.set_threads(1); // With more, the deltas would vary.
        let time = Time::new(1_577_836_800, 0); // 2020-01-01T00:00:00Z
        let author = Signature::new("Generator", "generator@example.org", &time)?;
        for (stage, tree_id) in [("production", all), ("staging", newest), ("snapshot", newest)] {
            let root = git.find_tree(write_folder(&git, &[("packages".to_owned(), tree_id)])?)?;
            let branch = format!("refs/heads/{stage}");
            let id = git.commit(Some(&branch), &author, &author, "Generate\n", &root, &[])?;
            packer.insert_commit(id)?;
        }
        packer.write(&path.join("objects/pack"), 0)
    }

    /// Writes a package's revisions: returns the version of each, and the id of its folder.
    fn write_package(
        &self,
        git: &Repository,
        package: u32,
        name: &str,
    ) -> Result<Vec<(String, Oid)>, Error> {
        let slots = slots(self.file_len);
        let mut blob_ids = vec![Oid::ZERO_SHA1; slots.len()];
        let mut folders = Vec::new();
        for (revision, editions) in (0..).zip(self.editions(package, slots.len())) {
            let version = format!("1.{revision}.0");
            let mut files = Index::new()?;
            for (place, edition) in editions.into_iter().enumerate() {
                let Slot { path, kind, len } = &slots[place];
                if edition == revision {
                    let seeds = [self.seed, package.into(), place as u64];
                    let bytes = match kind {
                        Kind::Manifest => bytes::manifest(name, &version, *len, seeds, edition),
                        Kind::Text => bytes::text(String::new(), *len, seeds, edition),
                        Kind::Headed(head) => bytes::text((*head).to_owned(), *len, seeds, edition),
                        Kind::Image => bytes::image(*len, seeds, edition),
                    };
                    blob_ids[place] = git.blob(&bytes)?;
                }
                files.add(&index_entry(path, blob_ids[place]))?;
            }
            folders.push((version, files.write_tree_to(git)?));
        }
        Ok(folders)
    }

    /// Returns for each revision of a package, and each of its files, the revision that last changed it.
    fn editions(&self, package: u32, slot_count: usize) -> impl Iterator<Item = Vec<u32>> {
        let Shape { revision_count, sharing_percent, seed, .. } = *self;
        let mut editions = vec![0; slot_count];
        (0..revision_count).map(move |revision| {
            for (place, edition) in (0..).zip(&mut editions) {
                let mut chance = Numbers::of(&[seed, package.into(), place, revision.into()]);
                // The manifest, which is the first file, contains the version.
                if place == 0 || chance.below(100) >= u64::from(sharing_percent) {
                    *edition = revision;
                }
            }
            editions.clone()
        })
    }
}

/// A file that every revision has.
struct Slot {
    path: String,
    kind: Kind,
    /// In bytes.
    len: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Manifest,
    Text,
    /// A text with this start.
    Headed(&'static str),
    Image,
}

/// The fields that the registry requires in a data stream's manifest.
const DATA_STREAM: &str = "title: Made up\ntype: logs\n";

/// The fields that the registry requires in a data stream.
const BASE_FIELDS: &str = "\
- {name: data_stream.type, type: constant_keyword}
- {name: data_stream.dataset, type: constant_keyword}
- {name: data_stream.namespace, type: constant_keyword}
- {name: '@timestamp', type: date}
";

/// Returns the files of a revision: as many, and with as large a share of images, as in a typical package.
fn slots(file_len: usize) -> Vec<Slot> {
    use Kind::{Headed, Image, Manifest, Text};
    let slot = |path: &str, kind, len| Slot { path: path.to_owned(), kind, len };
    let mut slots = vec![
        slot("manifest.yml", Manifest, file_len.max(256)),
        slot("changelog.yml", Text, file_len),
        slot("docs/README.md", Text, 4 * file_len),
        slot("img/icon.png", Image, 2 * file_len),
        slot("img/screenshot.png", Image, 24 * file_len),
    ];
    for number in 0..8 {
        let path = format!("kibana/dashboard/dashboard-{number}.json");
        slots.push(slot(&path, Text, file_len));
    }
    for stream in ["events", "metrics", "status"] {
        for (file, kind, len) in [
            ("manifest.yml", Headed(DATA_STREAM), file_len / 4),
            ("agent/stream/stream.yml.hbs", Text, 2 * file_len),
            ("elasticsearch/ingest_pipeline/default.yml", Text, file_len),
            ("fields/base-fields.yml", Headed(BASE_FIELDS), (file_len / 4).max(256)),
            ("fields/ecs.yml", Text, file_len / 2),
            ("fields/fields.yml", Text, file_len),
        ] {
            slots.push(slot(&format!("data_stream/{stream}/{file}"), kind, len));
        }
    }
    slots
}

fn write_folder(git: &Repository, folders: &[(String, Oid)]) -> Result<Oid, Error> {
    let mut builder = git.treebuilder(None)?;
    for (name, tree_id) in folders {
        builder.insert(name, *tree_id, FileMode::Tree.into())?;
    }
    builder.write()
}

fn index_entry(path: &str, id: Oid) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: u32::from(FileMode::Blob),
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.into(),
    }
}
