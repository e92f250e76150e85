//! Opens the v1 repository, finds its stages and reads objects whose bytes are checked.
//!
//! The only user of libgit2. One handle per worker, since handles cannot be shared between threads
//! and a shared object database is slower than one thread. Every object that is read is hashed
//! here and compared with its id, which is faster than libgit2's own check (it is switched off);
//! a blob whose bytes do not hash to its id never gets further than this file. Loose objects are
//! read by `loose`, packed ones by `pack`, and by libgit2 whatever `pack` leaves to it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};

use git2::ErrorCode;

use super::loose::LooseObjects;
use super::pack::{PackReader, Packs, check_all};
use crate::content::ObjectId;
use crate::digest::git_object_id;
use crate::error::Error;
use crate::finding::{FindingKind, ObjectKind};
use crate::package::Stage;

/// A stage to be read, and the revision it is pinned to, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRequest {
    /// The stage.
    pub stage: Stage,
    /// Any revision that Git understands, instead of the stage's branch.
    pub pinned: Option<String>,
}

/// A stage's commit, and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageCommit {
    /// The stage.
    pub stage: Stage,
    /// The ref that was read in this clone, or the pinned revision.
    pub read_ref: String,
    /// The ref as the v1 repository itself calls it: the same in every clone.
    pub home_ref: String,
    /// The commit's id.
    pub commit_id: ObjectId,
    /// The remote branch, when a local branch was read and the remote one is elsewhere.
    pub diverged: Option<(String, ObjectId)>,
}

/// The v1 repository; shared by all workers.
pub struct V1Repository {
    path: PathBuf,
    partial_clone: bool,
    loose: Arc<LooseObjects>,
    packs: Arc<Packs>,
}

impl V1Repository {
    /// Opens a bare repository, a work tree, a linked work tree or a `.git` folder.
    ///
    /// # Errors
    /// [`Error::OpenRepository`], [`Error::PackIndex`], [`Error::File`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        static OPTIONS: Once = Once::new();
        OPTIONS.call_once(set_libgit2_options);
        let handle = open_handle(path)?;
        let objects = handle.commondir().join("objects");
        let loose =
            LooseObjects::list(&objects).map_err(Error::file("list the objects in", &objects))?;
        let mut packs = Vec::new();
        for folder in loose.folders() {
            packs.extend(check_all(&folder.join("pack"))?);
        }
        Ok(V1Repository {
            path: path.to_owned(),
            partial_clone: is_partial_clone(&handle),
            loose: Arc::new(loose),
            packs: Arc::new(Packs::open(packs)),
        })
    }

    /// Opens a handle for one worker.
    ///
    /// # Errors
    /// [`Error::OpenRepository`].
    pub fn reader(&self) -> Result<ObjectReader, Error> {
        let handle = open_handle(&self.path)?;
        Ok(ObjectReader {
            handle,
            partial_clone: self.partial_clone,
            loose: Arc::clone(&self.loose),
            packed: RefCell::new(PackReader::new(Arc::clone(&self.packs))),
        })
    }

    /// Finds the commit of every stage.
    ///
    /// A stage is `refs/heads/<stage>`, else `refs/remotes/<remote>/<stage>`, as a plain clone has
    /// it; or the revision it is pinned to.
    ///
    /// # Errors
    /// [`Error::StageMissing`], [`Error::PinnedRevision`].
    pub fn find_stages(
        &self,
        requests: &[StageRequest],
        remote: &str,
    ) -> Result<Vec<StageCommit>, Error> {
        let reader = self.reader()?;
        requests.iter().map(|request| find_stage(&reader.handle, request, remote)).collect()
    }

    /// The commits whose parents a shallow clone lacks on purpose; none in any other repository.
    ///
    /// Git keeps them in the file `shallow`, an id a line ("gitrepository-layout").
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn shallow_commits(&self) -> Result<BTreeSet<ObjectId>, Error> {
        let file = self.reader()?.handle.commondir().join("shallow");
        let text = match std::fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read.map_err(Error::file("read", &file))?,
        };
        let ids = text.lines().map(|line| line.parse().map_err(io::Error::other));
        ids.collect::<Result<_, _>>().map_err(Error::file("read", &file))
    }
}

/// Memory that maps a pack at once, in bytes, and all packs together. libgit2 would map a whole
/// gigabyte; reading in tree order is as fast through a small window.
const PACK_WINDOW_LEN: usize = 4 << 20;
const PACK_WINDOWS_LEN: usize = 16 << 20;

/// Sets libgit2's process-wide options.
fn set_libgit2_options() {
    // Every read is hashed in `ObjectReader::read`, so that libgit2 need not do it again.
    git2::opts::strict_hash_verification(false);
    // Each tree and each blob is read about once, so that kept ones would only take memory.
    git2::opts::enable_caching(false);
    // SAFETY: the options are read when a repository is opened and when a pack is mapped; this runs
    // once, before the first repository is opened here.
    #[allow(unsafe_code)]
    let set = unsafe {
        git2::opts::set_mwindow_size(PACK_WINDOW_LEN)
            .and_then(|()| git2::opts::set_mwindow_mapped_limit(PACK_WINDOWS_LEN))
            // What a partial clone lacks becomes findings, so that it can be opened like any other.
            .and_then(|()| git2::opts::set_extensions(&["partialclone"]))
    };
    set.expect("libgit2 knows these options");
}

fn open_handle(path: &Path) -> Result<git2::Repository, Error> {
    git2::Repository::open(path).map_err(|source| Error::OpenRepository {
        path: path.to_owned(),
        foreign_owner: source.code() == ErrorCode::Owner,
        source: source.into(),
    })
}

fn find_stage(
    handle: &git2::Repository,
    request: &StageRequest,
    remote: &str,
) -> Result<StageCommit, Error> {
    let stage = request.stage;
    if let Some(revision) = &request.pinned {
        let commit = handle
            .revparse_single(revision)
            .and_then(|object| object.peel_to_commit())
            .map_err(|source| Error::PinnedRevision {
                stage,
                revision: revision.clone(),
                source: source.into(),
            })?;
        return Ok(StageCommit {
            stage,
            read_ref: revision.clone(),
            home_ref: revision.clone(),
            commit_id: object_id(commit.id()),
            diverged: None,
        });
    }
    let local = format!("refs/heads/{stage}");
    let remote = format!("refs/remotes/{remote}/{stage}");
    let commit_of = |name: &str| handle.refname_to_id(name).map(object_id);
    let (read_ref, commit_id, diverged) = match (commit_of(&local), commit_of(&remote)) {
        (Ok(at), Ok(remote_at)) => {
            (local.clone(), at, (at != remote_at).then_some((remote, remote_at)))
        }
        (Ok(at), Err(_)) => (local.clone(), at, None),
        (Err(absent), Ok(at)) if absent.code() == ErrorCode::NotFound => (remote, at, None),
        (Err(absent), _) if absent.code() == ErrorCode::NotFound => {
            let available = branch_names(handle);
            return Err(Error::StageMissing { stage, local, remote, available });
        }
        (Err(source), _) => {
            return Err(Error::ReadRef { stage, reference: local, source: source.into() });
        }
    };
    Ok(StageCommit { stage, read_ref, home_ref: local, commit_id, diverged })
}

fn branch_names(handle: &git2::Repository) -> Vec<String> {
    // Only for a message: a name that cannot be read is shown as it can be.
    let mut names: Vec<String> = ["refs/heads/*", "refs/remotes/*"]
        .into_iter()
        .filter_map(|glob| handle.references_glob(glob).ok())
        .flatten()
        .flatten()
        .map(|reference| String::from_utf8_lossy(reference.name_bytes()).into_owned())
        .collect();
    names.sort();
    names
}

/// A partial clone lacks objects on purpose: Git marks its packs with `.promisor` files and its
/// configuration with `extensions.partialClone` or `remote.<name>.promisor`.
fn is_partial_clone(handle: &git2::Repository) -> bool {
    let configured = handle.config().is_ok_and(|config| {
        config.get_string("extensions.partialclone").is_ok()
            || config
                .entries(Some("remote\\..*\\.promisor"))
                .is_ok_and(|mut entries| entries.next().is_some_and(|entry| entry.is_ok()))
    });
    let packs = handle.commondir().join("objects/pack");
    configured
        || std::fs::read_dir(packs).is_ok_and(|entries| {
            entries.flatten().any(|entry| entry.path().extension().is_some_and(|e| e == "promisor"))
        })
}

/// One worker's access to the repository's objects.
pub struct ObjectReader {
    handle: git2::Repository,
    partial_clone: bool,
    loose: Arc<LooseObjects>,
    packed: RefCell<PackReader>,
}

/// Why an object's bytes cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableObject(FindingKind);

impl UnreadableObject {
    /// The finding that says so.
    pub fn into_finding_kind(self) -> FindingKind {
        self.0
    }

    pub(super) fn malformed(object_kind: ObjectKind, object_id: ObjectId) -> Self {
        let detail = "its bytes are malformed".to_owned();
        UnreadableObject(FindingKind::CorruptObject { object_kind, object_id, detail })
    }
}

impl ObjectReader {
    /// Reads an object, checks that its bytes hash to its id, and hands them to `use_bytes`.
    ///
    /// # Errors
    /// The object is missing, cannot be read, is of another kind, or hashes to another id.
    pub fn read<T>(
        &self,
        object_kind: ObjectKind,
        object_id: ObjectId,
        use_bytes: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, UnreadableObject> {
        let corrupt = |detail: String| {
            UnreadableObject(FindingKind::CorruptObject { object_kind, object_id, detail })
        };
        let check = |kind: &str, bytes: &[u8]| {
            if kind != object_kind.as_str() {
                return Err(corrupt(format!("it is a {kind}")));
            }
            let hashed = ObjectId(git_object_id(kind, bytes));
            if hashed != object_id {
                return Err(corrupt(format!("its bytes hash to {hashed}")));
            }
            Ok(())
        };
        if let Some(read) = self.loose.read(object_id) {
            let (kind, bytes) = read.map_err(|error| corrupt(error.to_string()))?;
            check(&kind, &bytes)?;
            return Ok(use_bytes(&bytes));
        }
        let packed = self.packed.borrow_mut().read(object_id);
        if let Some(object) = packed
            && check(object.kind, &object.bytes).is_ok()
        {
            return Ok(use_bytes(&object.bytes));
        }
        let odb = self.handle.odb().map_err(|error| corrupt(error.message().to_owned()))?;
        let object = odb
            .read(git_oid(object_id))
            .map_err(|error| self.unreadable(object_kind, object_id, &error))?;
        check(object.kind().str(), object.data())?;
        Ok(use_bytes(object.data()))
    }

    /// Tells a blob's length in bytes. What is packed is only looked up: the bytes are not checked.
    ///
    /// # Errors
    /// The blob is missing, cannot be found out about, or is of another kind.
    pub fn blob_len(&self, blob_id: ObjectId) -> Result<u64, UnreadableObject> {
        let object_kind = ObjectKind::Blob;
        if self.loose.holds(blob_id) {
            return self.read(object_kind, blob_id, |bytes| bytes.len() as u64);
        }
        let unreadable = |error: git2::Error| self.unreadable(object_kind, blob_id, &error);
        let odb = self.handle.odb().map_err(unreadable)?;
        let (len, kind) = odb.read_header(git_oid(blob_id)).map_err(unreadable)?;
        if kind.str() != object_kind.as_str() {
            let detail = format!("it is a {}", kind.str());
            let object_id = blob_id;
            let kind = FindingKind::CorruptObject { object_kind, object_id, detail };
            return Err(UnreadableObject(kind));
        }
        Ok(len as u64)
    }

    fn unreadable(
        &self,
        object_kind: ObjectKind,
        object_id: ObjectId,
        error: &git2::Error,
    ) -> UnreadableObject {
        let partial_clone = self.partial_clone;
        UnreadableObject(match error.code() {
            ErrorCode::NotFound => {
                FindingKind::MissingObject { object_kind, object_id, partial_clone }
            }
            _ => {
                let detail = error.message().to_owned();
                FindingKind::CorruptObject { object_kind, object_id, detail }
            }
        })
    }
}

fn object_id(oid: git2::Oid) -> ObjectId {
    let mut bytes = [0; 20];
    bytes.copy_from_slice(oid.as_bytes());
    ObjectId(bytes)
}

fn git_oid(id: ObjectId) -> git2::Oid {
    git2::Oid::from_bytes(&id.0).expect("an id of 20 bytes is an object id")
}
