//! The content of a stage or a revision, drafted before it becomes Git objects.
//!
//! Each tree is written as raw object bytes, so that a test can contain what Git's own tools reject:
//! names such as `..` or `.git`, names that are not UTF-8, duplicate names, any mode. Only the order of
//! the entries is always Git's. Used through `V1Repo::stage`.

use std::mem;

use git2::{ObjectType, Odb, Oid, Repository, Tree};

/// A regular file; the default mode of a draft's files.
pub(crate) const FILE: u32 = 0o100_644;
/// A regular file with the executable bit, as the promotion tool of v1 left most files.
pub(crate) const EXECUTABLE: u32 = 0o100_755;
/// A folder.
pub(crate) const FOLDER: u32 = 0o040_000;
/// A symbolic link; the blob contains its target.
pub(crate) const SYMLINK: u32 = 0o120_000;
/// A submodule; the id names a commit of another repository.
pub(crate) const SUBMODULE: u32 = 0o160_000;

/// Files and folders of a stage or revision `P`. Paths are relative to that, have `/` between their
/// components and may contain any other byte.
pub(crate) struct Draft<P> {
    folder: Folder,
    place: P,
}

/// The content of a stage.
pub(crate) type StageDraft = Draft<Stage>;
/// The content of one copy.
pub(crate) type RevisionDraft = Draft<Revision>;

/// The root of a stage.
pub(crate) struct Stage;

/// The folder `packages/<name>/<version>`.
pub(crate) struct Revision {
    name: String,
    version: String,
}

impl<P> Draft<P> {
    /// Adds a file, or replaces the one of that path.
    pub(crate) fn file(self, path: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> Self {
        self.file_with_mode(path, FILE, bytes)
    }

    /// Adds a file with a mode, or replaces the one of that path.
    pub(crate) fn file_with_mode(
        mut self,
        path: impl AsRef<[u8]>,
        mode: u32,
        bytes: impl AsRef<[u8]>,
    ) -> Self {
        let (parent, name) = split_last(path.as_ref());
        let folder = self.folder.subfolder(parent);
        folder.0.retain(|entry| entry.name != name || entry.is_folder());
        folder.push(name, mode, Target::Bytes(bytes.as_ref().to_vec()));
        self
    }

    /// Adds a symbolic link.
    pub(crate) fn symlink(self, path: impl AsRef<[u8]>, target: &str) -> Self {
        self.file_with_mode(path, SYMLINK, target)
    }

    /// Adds a submodule; its commit does not exist.
    pub(crate) fn submodule(self, path: impl AsRef<[u8]>) -> Self {
        let (parent, name) = split_last(path.as_ref());
        let commit_id = Oid::from_bytes(&[0x5b; 20]).expect("20 bytes");
        self.raw_entry_to(parent, name, SUBMODULE, commit_id)
    }

    /// Adds a folder that stays empty unless files follow; Git's own tools never record one.
    pub(crate) fn empty_folder(mut self, path: impl AsRef<[u8]>) -> Self {
        self.folder.subfolder(path.as_ref());
        self
    }

    /// Adds one raw tree entry for a blob: the name is not split at `/`, may be empty, and may
    /// already exist. `folder` is a path; `""` is the draft's own folder.
    pub(crate) fn raw_entry(
        mut self,
        folder: impl AsRef<[u8]>,
        name: impl AsRef<[u8]>,
        mode: u32,
        bytes: impl AsRef<[u8]>,
    ) -> Self {
        let target = Target::Bytes(bytes.as_ref().to_vec());
        self.folder.subfolder(folder.as_ref()).push(name.as_ref(), mode, target);
        self
    }

    /// Adds one raw tree entry like [`Draft::raw_entry`], for an existing or missing object of any kind.
    pub(crate) fn raw_entry_to(
        mut self,
        folder: impl AsRef<[u8]>,
        name: impl AsRef<[u8]>,
        mode: u32,
        id: Oid,
    ) -> Self {
        self.folder.subfolder(folder.as_ref()).push(name.as_ref(), mode, Target::Object(id));
        self
    }

    /// Sets the mode of all regular files so far.
    pub(crate) fn set_file_modes(mut self, mode: u32) -> Self {
        self.folder.set_file_modes(mode);
        self
    }

    /// Removes a file or a folder, and folders that become empty.
    pub(crate) fn remove(mut self, path: &str) -> Self {
        assert!(self.folder.remove(path.as_bytes()), "nothing to remove at {path}");
        self
    }
}

impl From<Folder> for StageDraft {
    fn from(folder: Folder) -> Self {
        Self { folder, place: Stage }
    }
}

impl StageDraft {
    /// Writes all files and folders, and returns the id of the stage's tree.
    pub(super) fn write(self, odb: &Odb<'_>) -> Oid {
        self.folder.write(odb)
    }

    /// Adds to the copy of a revision in `packages/<name>/<version>`.
    pub(crate) fn revision(
        mut self,
        name: &str,
        version: &str,
        build: impl FnOnce(RevisionDraft) -> RevisionDraft,
    ) -> Self {
        let folder = self.folder.subfolder(format!("packages/{name}/{version}").as_bytes());
        let place = Revision { name: name.to_owned(), version: version.to_owned() };
        *folder = build(Draft { folder: mem::take(folder), place }).folder;
        self
    }
}

impl RevisionDraft {
    /// Adds the files that every package must have: a manifest with name and version, and a readme.
    pub(crate) fn manifest(self) -> Self {
        self.manifest_with("")
    }

    /// Adds the files of [`RevisionDraft::manifest`], with more lines at the manifest's end.
    pub(crate) fn manifest_with(self, lines: &str) -> Self {
        let Revision { name, version } = &self.place;
        let title = name.replace('_', " ");
        let owner = if lines.contains("owner:") { "" } else { "owner: {github: example/harbor}\n" };
        let manifest = format!(
            "format_version: 1.0.0\nname: {name}\ntitle: {title}\nversion: {version}\n\
             description: Collects what the {title} reports.\ntype: integration\n{lines}{owner}"
        );
        let readme = format!("# {title}\n\nThis is {name} {version}.\n");
        self.file("manifest.yml", manifest).file("docs/README.md", readme)
    }
}

/// A tree to be written: any entries, in any order, even with duplicate names.
#[derive(Default)]
pub(crate) struct Folder(Vec<Entry>);

struct Entry {
    name: Vec<u8>,
    mode: u32,
    target: Target,
}

enum Target {
    Bytes(Vec<u8>),
    Object(Oid),
    Folder(Folder),
}

impl Entry {
    fn is_folder(&self) -> bool {
        matches!(self.target, Target::Folder(_))
    }

    /// Git sorts a folder as if its name ended in a slash.
    fn sort_key(&self) -> Vec<u8> {
        let slash: &[u8] = if self.mode == FOLDER { b"/" } else { b"" };
        [&self.name, slash].concat()
    }
}

impl Folder {
    fn push(&mut self, name: &[u8], mode: u32, target: Target) {
        self.0.push(Entry { name: name.to_vec(), mode, target });
    }

    /// Returns the folder at `path`, created if missing.
    fn subfolder(&mut self, path: &[u8]) -> &mut Folder {
        if path.is_empty() {
            return self;
        }
        let (name, rest) = split_first(path);
        let found = self.0.iter().position(|entry| entry.is_folder() && entry.name == name);
        let index = found.unwrap_or(self.0.len());
        if found.is_none() {
            self.push(name, FOLDER, Target::Folder(Folder::default()));
        }
        let Target::Folder(folder) = &mut self.0[index].target else { unreachable!() };
        folder.subfolder(rest)
    }

    fn remove(&mut self, path: &[u8]) -> bool {
        let (name, rest) = split_first(path);
        let count = self.0.len();
        let mut removed_below = false;
        self.0.retain_mut(|entry| match &mut entry.target {
            _ if entry.name != name => true,
            Target::Folder(folder) if !rest.is_empty() => {
                removed_below |= folder.remove(rest);
                !(removed_below && folder.0.is_empty())
            }
            _ => !rest.is_empty(),
        });
        removed_below || self.0.len() < count
    }

    fn set_file_modes(&mut self, mode: u32) {
        for entry in &mut self.0 {
            match &mut entry.target {
                Target::Folder(folder) => folder.set_file_modes(mode),
                _ if [FILE, EXECUTABLE].contains(&entry.mode) => entry.mode = mode,
                _ => {}
            }
        }
    }

    /// Reads the entries of an existing tree.
    pub(super) fn read(git: &Repository, tree: &Tree<'_>) -> Self {
        let mut folder = Self::default();
        for entry in tree {
            let mode = u32::try_from(entry.filemode_raw()).expect("a mode is positive");
            let target = match entry.kind() {
                Some(ObjectType::Tree) => {
                    let tree = git.find_tree(entry.id()).expect("read a tree");
                    Target::Folder(Self::read(git, &tree))
                }
                _ => Target::Object(entry.id()),
            };
            folder.push(entry.name_bytes(), mode, target);
        }
        folder
    }

    fn write(mut self, odb: &Odb<'_>) -> Oid {
        self.0.sort_by_key(Entry::sort_key);
        let mut bytes = Vec::new();
        for entry in self.0 {
            let id = match entry.target {
                Target::Bytes(bytes) => odb.write(ObjectType::Blob, &bytes).expect("write a blob"),
                Target::Object(id) => id,
                Target::Folder(folder) => folder.write(odb),
            };
            bytes.extend_from_slice(format!("{:o} ", entry.mode).as_bytes());
            bytes.extend_from_slice(&entry.name);
            bytes.push(0);
            bytes.extend_from_slice(id.as_bytes());
        }
        odb.write(ObjectType::Tree, &bytes).expect("write a tree")
    }
}

fn split_first(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().position(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (path, b""),
    }
}

fn split_last(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (b"", path),
    }
}
