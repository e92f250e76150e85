//! Where a repository's objects are, also after Git has moved them during a run.
//!
//! `git gc`, which `git fetch` starts by itself, packs loose objects and replaces packs at any time. Git
//! looks once more among packs listed anew before it calls an object missing (`reprepare_packed_git` in
//! its `packfile.c`), and so do the readers here. Reads no object itself.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::loose::LooseObjects;
use super::pack::{Packs, check_all};
use crate::error::Error;

/// How often the packs are listed anew in a row. Each time but the first, Git has replaced a pack since
/// the last one.
pub(super) const MAX_LISTINGS: usize = 20;

/// The objects of a repository and of those that it borrows from; shared by all workers.
pub(in crate::v1) struct ObjectStore {
    loose: LooseObjects,
    packs: Mutex<Arc<ListedPacks>>,
}

/// The packs as they were listed once. They stay readable after Git removes them, as far as
/// [`Packs`] holds them open.
pub(super) struct ListedPacks {
    pub(super) packs: Arc<Packs>,
    /// Packs and indexes. Since Git 1.9 a name holds the pack's checksum: others have other names.
    files: BTreeSet<PathBuf>,
}

impl ObjectStore {
    /// Lists the objects below the folder `objects`.
    ///
    /// # Errors
    /// [`Error::PackIndex`], [`Error::Alternate`], [`Error::File`].
    pub(in crate::v1) fn open(objects: &Path) -> Result<Self, Error> {
        // Packs last: what is packed meanwhile is loose in the one list, or packed in the other.
        let loose = LooseObjects::list(objects)?;
        let packs = Mutex::new(Arc::new(list_packs(&loose)?));
        Ok(ObjectStore { loose, packs })
    }

    pub(in crate::v1) fn loose(&self) -> &LooseObjects {
        &self.loose
    }

    /// The packs as they were listed last.
    pub(super) fn packs(&self) -> Arc<ListedPacks> {
        Arc::clone(&self.packs.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The packs, if they are no longer those that are `known`.
    ///
    /// # Errors
    /// [`Error::PackIndex`], [`Error::File`].
    pub(super) fn packs_after(
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

/// Lists and opens the packs; begins again when one of them is gone before it is read.
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
