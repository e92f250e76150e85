//! Opens the v1 repository, finds its stages and creates readers of checked objects.
//!
//! One libgit2 handle per worker, since handles cannot be shared between threads and a shared object
//! database is slower than one thread. The contents of objects are interpreted elsewhere.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};

use git2::ErrorCode;

use super::format;
use super::objects::ObjectReader;
use super::objects::store::ObjectStore;
use super::overrides::Overrides;
use super::stages::{self, StageCommit, StageRequest};
use crate::error::Error;
use crate::model::content::ObjectId;

/// The v1 repository; shared by all workers.
pub struct V1Repository {
    path: PathBuf,
    partial_clone: bool,
    store: Arc<ObjectStore>,
}

impl V1Repository {
    /// Opens a bare repository, a work tree, a linked work tree or a `.git` folder.
    ///
    /// # Errors
    /// [`Error::OpenRepository`], [`Error::Grafts`], [`Error::RefFormat`], [`Error::ObjectFormat`],
    /// [`Error::PackIndex`], [`Error::Alternate`], [`Error::File`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        static OPTIONS: Once = Once::new();
        OPTIONS.call_once(set_libgit2_options);
        let handle = open_handle(path)?;
        format::check_refs(&handle, path)?;
        let store = ObjectStore::open(&handle.commondir().join("objects"))?;
        Ok(V1Repository {
            path: path.to_owned(),
            partial_clone: is_partial_clone(&handle),
            store: Arc::new(store),
        })
    }

    /// Opens a handle for one worker.
    ///
    /// # Errors
    /// [`Error::OpenRepository`].
    pub fn reader(&self) -> Result<ObjectReader, Error> {
        Ok(ObjectReader::new(self.handle()?, self.partial_clone, Arc::clone(&self.store)))
    }

    /// Opens a handle that finds the objects of all alternates.
    fn handle(&self) -> Result<git2::Repository, Error> {
        let handle = open_handle(&self.path)?;
        let hidden = self.store.loose().hidden_from_libgit2();
        let added = handle
            .odb()
            .and_then(|odb| hidden.iter().try_for_each(|folder| odb.add_disk_alternate(folder)));
        added.map_err(cannot_open(&self.path))?;
        Ok(handle)
    }

    /// Finds the commit of each requested stage.
    ///
    /// A stage is `refs/heads/<stage>`, else `refs/remotes/<remote>/<stage>`, as in a plain clone;
    /// or the revision that it is pinned to.
    ///
    /// # Errors
    /// [`Error::StageMissing`], [`Error::PinnedRevision`].
    pub fn find_stages(
        &self,
        requests: &[StageRequest],
        remote: &str,
    ) -> Result<Vec<StageCommit>, Error> {
        let handle = self.handle()?;
        requests.iter().map(|request| stages::find_stage(&handle, request, remote)).collect()
    }

    /// Counts the replacements and grafts, which are ignored.
    ///
    /// # Errors
    /// [`Error::OpenRepository`], [`Error::File`].
    pub fn overrides(&self) -> Result<Overrides, Error> {
        Overrides::of(&open_handle(&self.path)?)
    }

    /// Returns the commits whose parents a shallow clone lacks on purpose; empty for any other repository.
    ///
    /// Git lists them in the file `shallow`, one id per line ("gitrepository-layout").
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn shallow_commits(&self) -> Result<BTreeSet<ObjectId>, Error> {
        let file = open_handle(&self.path)?.commondir().join("shallow");
        let text = match std::fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read.map_err(Error::file("read", &file))?,
        };
        let ids = text.lines().map(|line| line.parse().map_err(io::Error::other));
        ids.collect::<Result<_, _>>().map_err(Error::file("read", &file))
    }
}

/// Size of one mapped window of a pack, in bytes, and of all windows together. libgit2's default is a
/// gigabyte; reading in tree order is as fast through a small window.
const PACK_WINDOW_LEN: usize = 4 << 20;
const PACK_WINDOWS_LEN: usize = 16 << 20;

/// Sets libgit2's process-wide options.
fn set_libgit2_options() {
    // Every read is hashed in `ObjectReader::read`.
    git2::opts::strict_hash_verification(false);
    // Each tree and each blob is read about once, so a cache would only take memory.
    git2::opts::enable_caching(false);
    // SAFETY: libgit2 reads the options when a repository is opened and when a pack is mapped; this runs
    // once, before the first repository is opened here.
    #[allow(unsafe_code)]
    let set = unsafe {
        git2::opts::set_mwindow_size(PACK_WINDOW_LEN)
            .and_then(|()| git2::opts::set_mwindow_mapped_limit(PACK_WINDOWS_LEN))
            // A partial clone opens like any other, so that its missing objects become findings.
            // A repository with other ref storage opens, so that `format` can name the format.
            .and_then(|()| git2::opts::set_extensions(&["partialclone", "refstorage"]))
    };
    set.expect("libgit2 knows these options");
}

fn open_handle(path: &Path) -> Result<git2::Repository, Error> {
    git2::Repository::open(path).map_err(|error| {
        if let Some(error) = format::object_format_error(path) {
            return error;
        }
        // git2 has no class for libgit2's graft error.
        if error.message().contains("graft OID") || error.message().contains("parent OID") {
            return Error::Grafts { path: path.to_owned(), source: error.message().into() };
        }
        cannot_open(path)(error)
    })
}

fn cannot_open(path: &Path) -> impl FnOnce(git2::Error) -> Error {
    |source| Error::OpenRepository {
        path: path.to_owned(),
        foreign_owner: source.code() == ErrorCode::Owner,
        source: source.message().into(),
    }
}

/// Returns whether the clone lacks objects on purpose: Git marks its packs with `.promisor` files and its
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
