//! Creates v1 repositories for tests: a bare Git repository whose branches are the stages.
//!
//! Independent of the clock, the user's Git configuration and the `git` command: the same
//! calls create the same ids. The content of a stage is drafted in `draft`; this file creates commits
//! from it, clones, packs and damages repositories. Not a general Git writer, and never used by `src/`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use git2::build::RepoBuilder;
use git2::{ErrorCode, ObjectType, Odb, Oid, Repository, Tree};

mod draft;

use draft::Folder;
pub(crate) use draft::{EXECUTABLE, FILE, FOLDER, RevisionDraft, SUBMODULE, SYMLINK, StageDraft};

/// Author and committer of every commit.
const IDENTITY: &str = "Fixture <fixture@example.org>";
/// 2020-01-01T00:00:00Z.
const FIRST_DAY: i64 = 1_577_836_800;

/// A v1 repository on disk.
pub(crate) struct V1Repo {
    path: PathBuf,
    git: Repository,
}

impl V1Repo {
    /// Creates a bare repository without branches in `path`, which may exist already.
    pub(crate) fn create(path: &Path) -> Self {
        for folder in ["objects", "refs/heads"] {
            fs::create_dir_all(path.join(folder)).expect("create the repository's folders");
        }
        let config = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n";
        fs::write(path.join("config"), config).expect("write config");
        fs::write(path.join("HEAD"), "ref: refs/heads/production\n").expect("write HEAD");
        Self::open(path)
    }

    /// Opens a bare repository.
    pub(crate) fn open(path: &Path) -> Self {
        let git = Repository::open_bare(path).expect("open the bare repository");
        Self { path: path.to_owned(), git }
    }

    /// Adds a commit of 2020-01-01 to a stage. The draft starts with the stage's current content.
    pub(crate) fn stage(self, stage: &str, build: impl FnOnce(StageDraft) -> StageDraft) -> Self {
        self.stage_at(stage, 0, &[], build)
    }

    /// Adds a commit of a later day to a stage; `merged` are its parents besides the stage's tip.
    pub(crate) fn stage_at(
        self,
        stage: &str,
        day: i64,
        merged: &[Oid],
        build: impl FnOnce(StageDraft) -> StageDraft,
    ) -> Self {
        let parent_id = self.branch_tip(stage);
        let root = match parent_id {
            Some(id) => Folder::read(&self.git, &self.tree_of(id)),
            None => Folder::default(),
        };
        let odb = self.odb();
        let tree_id = build(StageDraft::from(root)).write(&odb);
        let parents = parent_id.iter().chain(merged).map(|id| format!("parent {id}\n"));
        let parents: String = parents.collect();
        let by = format!("{IDENTITY} {} +0000", FIRST_DAY + day * 24 * 60 * 60);
        let commit =
            format!("tree {tree_id}\n{parents}author {by}\ncommitter {by}\n\nUpdate {stage}\n");
        let commit_id = odb.write(ObjectType::Commit, commit.as_bytes()).expect("write a commit");
        drop(odb);
        self.set_ref(&format!("refs/heads/{stage}"), commit_id)
    }

    /// Points a ref, given by its full name, to a commit.
    pub(crate) fn set_ref(self, name: &str, commit_id: Oid) -> Self {
        let file = self.path.join(name);
        fs::create_dir_all(file.parent().expect("a reference has a folder"))
            .and_then(|()| fs::write(&file, format!("{commit_id}\n")))
            .expect("write a reference");
        self
    }

    /// Returns the repository's folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the newest commit of a stage.
    pub(crate) fn commit_id(&self, stage: &str) -> Oid {
        self.branch_tip(stage).expect("the stage has a commit")
    }

    /// Returns the id of the file or folder at `path` in the newest commit of a stage.
    pub(crate) fn object_id(&self, stage: &str, path: &str) -> Oid {
        let tree = self.tree_of(self.commit_id(stage));
        tree.get_path(Path::new(path)).expect("the stage contains the path").id()
    }

    /// Returns all ids in the repository, including unreachable ones.
    pub(crate) fn object_ids(&self) -> BTreeSet<Oid> {
        let mut ids = BTreeSet::new();
        self.odb()
            .foreach(|id| {
                ids.insert(*id);
                true
            })
            .expect("list the objects");
        ids
    }

    /// Removes a loose object, as a filtered mirror would.
    pub(crate) fn remove_object(&self, id: Oid) {
        fs::remove_file(self.loose_file(id)).expect("remove a loose object");
    }

    /// Makes a loose object unreadable: it keeps its length, but no longer inflates.
    pub(crate) fn garble_object(&self, id: Oid) {
        self.change_loose_file(id, |bytes| bytes[2..].fill(0xff));
    }

    /// Cuts a loose object in half. Do not read it through libgit2 1.9, which never returns
    /// (libgit2 issue 7342).
    pub(crate) fn truncate_object(&self, id: Oid) {
        self.change_loose_file(id, |bytes| bytes.truncate(bytes.len() / 2));
    }

    /// Keeps a loose object's id, but replaces its content by a blob of other bytes.
    pub(crate) fn replace_object(&self, id: Oid, bytes: &[u8]) {
        let other_id = self.odb().write(ObjectType::Blob, bytes).expect("write a blob");
        let other = fs::read(self.loose_file(other_id)).expect("read the other blob");
        self.change_loose_file(id, |bytes| *bytes = other);
    }

    /// Moves all objects into one pack.
    pub(crate) fn repack(&self) {
        let ids = self.object_ids();
        let mut packer = self.git.packbuilder().expect("start a pack");
        packer.set_threads(1);
        for id in &ids {
            packer.insert_object(*id, None).expect("add an object to the pack");
        }
        let folder = self.path.join("objects/pack");
        fs::create_dir_all(&folder).expect("create the pack folder");
        packer.write(&folder, 0).expect("write the pack");
        for id in ids {
            self.remove_object(id);
        }
        self.odb().refresh().expect("find the pack");
    }

    fn odb(&self) -> Odb<'_> {
        self.git.odb().expect("open the object database")
    }

    fn loose_file(&self, id: Oid) -> PathBuf {
        let id = id.to_string();
        self.path.join("objects").join(&id[..2]).join(&id[2..])
    }

    /// Replaces the file of a loose object, which is read-only.
    fn change_loose_file(&self, id: Oid, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = fs::read(self.loose_file(id)).expect("read a loose object");
        change(&mut bytes);
        self.remove_object(id);
        fs::write(self.loose_file(id), bytes).expect("change a loose object");
    }

    fn branch_tip(&self, stage: &str) -> Option<Oid> {
        match self.git.refname_to_id(&format!("refs/heads/{stage}")) {
            Ok(id) => Some(id),
            Err(error) if error.code() == ErrorCode::NotFound => None,
            Err(error) => panic!("cannot read the branch {stage}: {error}"),
        }
    }

    fn tree_of(&self, commit_id: Oid) -> Tree<'_> {
        self.git.find_commit(commit_id).and_then(|commit| commit.tree()).expect("read a commit")
    }
}

/// Clones like a user: with a work tree of production, the other stages only as remote branches.
pub(crate) fn clone_plain(from: &Path, to: &Path) -> Repository {
    let from = from.to_str().expect("a path in UTF-8");
    RepoBuilder::new().branch("production").clone(from, to).expect("clone the repository")
}
