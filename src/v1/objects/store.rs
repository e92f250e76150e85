//! Where a repository's objects are, even after Git has moved them during a run.
//!
//! `git gc`, which `git fetch` may start, packs loose objects and replaces packs at any time. Git lists the
//! packs again before it reports an object as missing (`reprepare_packed_git` in its `packfile.c`), and so do
//! the readers here. Does not read objects.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::loose::LooseObjects;
use super::pack::{Packs, check_all};
use crate::error::Error;

/// Maximum number of consecutive listings of the packs. Each listing but the first follows a change of
/// the packs.
pub(super) const MAX_LISTINGS: usize = 20;

/// The objects of a repository and its alternates; shared by all workers.
pub(in crate::v1) struct ObjectStore {
    loose: LooseObjects,
    packs: Mutex<Arc<ListedPacks>>,
}

/// The packs of one listing. They stay readable after Git removes them, as far as [`Packs`] keeps them open.
pub(super) struct ListedPacks {
    pub(super) packs: Arc<Packs>,
    /// Packs and indexes. Since Git 1.9 a name contains the pack's checksum, so a changed pack has a new name.
    files: BTreeSet<PathBuf>,
}

impl ObjectStore {
    /// Lists the objects below the folder `objects`.
    ///
    /// # Errors
    /// [`Error::PackIndex`], [`Error::Alternate`], [`Error::File`].
    pub(in crate::v1) fn open(objects: &Path) -> Result<Self, Error> {
        // Packs last: an object that Git packs meanwhile is in one of the two lists.
        let loose = LooseObjects::list(objects)?;
        let packs = Mutex::new(Arc::new(list_packs(&loose)?));
        Ok(ObjectStore { loose, packs })
    }

    pub(in crate::v1) fn loose(&self) -> &LooseObjects {
        &self.loose
    }

    /// Returns the packs of the latest listing.
    pub(super) fn packs(&self) -> Arc<ListedPacks> {
        Arc::clone(&self.packs.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the packs if they differ from `known`.
    ///
    /// # Errors
    /// [`Error::PackIndex`], [`Error::File`].
    pub(super) fn packs_if_changed(
        &self,
        known: &Arc<ListedPacks>,
    ) -> Result<Option<Arc<ListedPacks>>, Error> {
        let mut last = self.packs.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&last, known) {
            if pack_files(&self.loose)? == last.files {
                return Ok(None);
            }
            *last = Arc::new(list_packs(&self.loose)?);
        }
        Ok(Some(Arc::clone(&last)))
    }
}

/// Lists and opens the packs; starts over when one of them disappears before it is read.
fn list_packs(loose: &LooseObjects) -> Result<ListedPacks, Error> {
    let mut listing_count = 0;
    loop {
        listing_count += 1;
        match try_list_packs(loose) {
            Err(Error::File { source, .. })
                if source.kind() == io::ErrorKind::NotFound && listing_count < MAX_LISTINGS => {}
            listed => return listed,
        }
    }
}

fn try_list_packs(loose: &LooseObjects) -> Result<ListedPacks, Error> {
    let files = pack_files(loose)?;
    let mut checked = Vec::new();
    for folder in loose.folders() {
        checked.extend(check_all(&folder.join("pack"))?);
    }
    Ok(ListedPacks { packs: Arc::new(Packs::open(checked)), files })
}

fn pack_files(loose: &LooseObjects) -> Result<BTreeSet<PathBuf>, Error> {
    let mut files = BTreeSet::new();
    for folder in loose.folders().iter().map(|folder| folder.join("pack")) {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(Error::file("list the packs in", &folder))?,
        };
        for entry in entries {
            let path = entry.map_err(Error::file("list the packs in", &folder))?.path();
            if path.extension().is_some_and(|extension| extension == "pack" || extension == "idx") {
                files.insert(path);
            }
        }
    }
    Ok(files)
}
