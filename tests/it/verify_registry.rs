//! Tests of `verify --registry-url`: it reports every difference between a registry's answers and v1, and nothing else.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use package_storage_migrate::error::Error;
use package_storage_migrate::model::event::Silent;
use package_storage_migrate::model::mismatch::Extras;
use package_storage_migrate::model::package::Stage;
use package_storage_migrate::model::resources::{Resource, StaticSet};
use package_storage_migrate::model::scope::Scope;
use package_storage_migrate::model::shard::Shard;
use package_storage_migrate::model::verification::{Depth, PlaceName, VerifyOutcome};
use package_storage_migrate::ops::verify::{Options, RegistryOptions, verify_registry};
use package_storage_migrate::rules::decisions::Resolutions;
use package_storage_migrate::v1::stages::StageRequest;
use package_storage_migrate::v2::registry::Registry;

use crate::http::LIMITS;
use crate::index;
use crate::support::fault_server::FaultServer;
use crate::support::registry_server::{Answers, From, Package, packages};
use crate::support::tool::Tool;
use crate::support::v1_repo::V1Repo;
use crate::support::v2;

mod command;
pub(crate) mod sabotage;

/// The v1 repository of the stand-in's packages, and what `migrate` makes of it.
pub(crate) struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    /// Returns the one for all tests of this process, which must not change it.
    pub(crate) fn shared() -> &'static Self {
        static MADE: OnceLock<Made> = OnceLock::new();
        MADE.get_or_init(|| Made::new(|_| {}))
    }

    /// Creates one; `change` may change the packages.
    pub(crate) fn new(change: impl Fn(&mut Package)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut packages = packages();
        packages.iter_mut().for_each(change);
        let mut repo = V1Repo::create(&folder.path().join("v1.git"));
        for name in ["production", "staging", "snapshot"] {
            repo = repo.stage(name, |mut stage| {
                for package in packages.iter().filter(|package| package.stage == name) {
                    stage = stage.revision(package.name, package.version, |mut draft| {
                        for (path, text) in &package.files {
                            draft = draft.file(path, text);
                        }
                        draft
                    });
                }
                stage
            });
        }
        let key = crate::support::keys::secret("ed25519");
        let migrate = Tool::migrate(repo.path()).output(folder.path().join("v2"));
        migrate.args("--fail-on never --sign-key").arg(key).run().expect_code(0, "migrate");
        Made { folder }
    }

    pub(crate) fn v1(&self) -> PathBuf {
        self.folder.path().join("v1.git")
    }

    pub(crate) fn plan(&self) -> PathBuf {
        self.folder.path().join("v2/plan.json")
    }

    /// The answers of the real registry; archives are those of `migrate`, or made of a folder.
    pub(crate) fn answers(&self, from: From) -> Answers {
        let archives = v2::archives(&self.folder.path().join("v2"));
        Answers::recorded(from, |package| {
            let revision = format!("{}-{}", package.name, package.version);
            match from {
                From::Storage => archives[&format!("{revision}.zip")].clone(),
                From::Folders => {
                    let files = package.files.iter();
                    let files: Vec<(&str, &[u8])> =
                        files.map(|(path, text)| (*path, text.as_bytes())).collect();
                    index::archive(&revision, &files)
                }
            }
        })
    }
}

/// Verifies with all static files; `change` may change the options.
pub(crate) fn verify(
    v1: &Path,
    server: &FaultServer,
    change: impl FnOnce(&mut Options, &mut RegistryOptions),
) -> Result<VerifyOutcome, Error> {
    let mut options = Options {
        stages: Stage::ALL.map(|stage| StageRequest { stage, pinned: None }).to_vec(),
        remote: "origin".to_owned(),
        scope: Scope::default(),
        resolutions: Resolutions::default(),
        kinds: [Resource::Archives, Resource::Static].into(),
        statics: StaticSet::default(),
        static_sample: None,
        index: None,
        base_index: None,
        endpoint: None,
        cache_control: None,
        extras: Extras::Allowed,
        depth: Depth::Listing,
        sample: Shard::WHOLE,
        plan: None,
        public_keys: None,
        place_name: PlaceName::new("http://registry"),
        jobs: 2,
    };
    let mut asked = RegistryOptions {
        known_extras: Default::default(),
        served_from: None,
        wait: Duration::ZERO,
        pause: Duration::from_millis(20),
    };
    change(&mut options, &mut asked);
    let registry = Registry::open(server.url().parse().unwrap(), LIMITS).unwrap();
    verify_registry(v1, (&options, &asked), &registry, &Silent, &AtomicBool::new(false))
}
