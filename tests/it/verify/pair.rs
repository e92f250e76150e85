//! A v1 repository and the v2 that the tool makes from it, for tests to modify.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use package_storage_migrate::error::Error;
use package_storage_migrate::model::event::Silent;
use package_storage_migrate::model::mismatch::Extras;
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::model::resources::{Resource, StaticSet};
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::model::verification::{Depth, PlaceName, VerifyOutcome};
use package_storage_migrate::ops::verify::{Options, verify};
use package_storage_migrate::rules::decisions::Resolutions;
use package_storage_migrate::v1::stages::StageRequest;
use package_storage_migrate::v2::store::folder::Folder;

use crate::support::tool::Tool;
use crate::support::v1_repo::V1Repo;
use crate::support::v2;

/// Files by their paths in `artifacts/packages`.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// A repository and its archives.
pub(super) struct Pair {
    folder: tempfile::TempDir,
    pub(super) repo: V1Repo,
    pub(super) archives: Files,
}

impl Pair {
    /// Fills a repository, and migrates it; `code` is the expected exit code.
    pub(super) fn migrated(code: i32, fill: impl FnOnce(V1Repo) -> V1Repo) -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let repo = fill(V1Repo::create(&folder.path().join("v1.git")));
        let out = folder.path().join("v2");
        Tool::migrate(repo.path()).output(&out).run().expect_code(code, "migrate");
        Pair { archives: v2::archives(&out), folder, repo }
    }

    /// Returns the output folder of the migration, with plan and report.
    pub(super) fn v2(&self) -> PathBuf {
        self.folder.path().join("v2")
    }

    /// Compares the repository with a folder of these files.
    pub(super) fn verify(
        &self,
        files: &Files,
        change: impl FnOnce(&mut Options),
    ) -> Result<VerifyOutcome, Error> {
        let folder = tempfile::tempdir().expect("make a folder");
        write(&folder.path().join(v2::ARCHIVES), files);
        let mut options = options(Depth::Content);
        change(&mut options);
        let place = Folder::open(folder.path())?;
        verify(self.repo.path(), &options, &place, &Silent, &AtomicBool::new(false))
    }
}

/// Creates a folder, and writes files into it.
pub(super) fn write(folder: &Path, files: &Files) {
    fs::create_dir_all(folder).expect("make a folder");
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("write a file");
    }
}

/// Returns default options.
pub(super) fn options(depth: Depth) -> Options {
    let stages = Stage::ALL.map(|stage| StageRequest { stage, pinned: None });
    Options {
        stages: stages.to_vec(),
        remote: "origin".to_owned(),
        scope: Scope::default(),
        kinds: [Resource::Archives].into(),
        statics: StaticSet::default(),
        static_sample: None,
        index: None,
        base_index: None,
        endpoint: None,
        cache_control: None,
        resolutions: Resolutions::default(),
        extras: Extras::Allowed,
        depth,
        sample: Shard::WHOLE,
        plan: None,
        public_keys: None,
        place_name: PlaceName::new("v2"),
        jobs: 2,
    }
}
