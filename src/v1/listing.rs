//! Finds every copy: lists `packages/<name>/<version>` of all stages.
//!
//! Cheap, and complete: each copy is counted here, before anything is decided, so that the
//! balance can be checked against it at the end. What is no package is sorted out here by name
//! alone. Called by `migrate`.

use std::collections::{BTreeMap, HashMap};

use super::git::{ObjectReader, StageCommit, UnreadableObject};
use super::tree::{self, Kind};
use crate::content::{ObjectId, escape};
use crate::error::Error;
use crate::finding::{Defect, Finding, FindingKind, ObjectKind};
use crate::package::{GrammarError, PackageName, RevisionId, Stage};
use crate::shard::Shard;

/// The folder of a stage that holds its packages.
const PACKAGES: &str = "packages";

/// One copy, not yet read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCopy {
    /// The stage it stands in.
    pub stage: Stage,
    /// The id of its folder, or why there is none.
    pub tree: Result<ObjectId, Defect>,
}

/// All copies of one package.
#[derive(Debug)]
pub struct ListedPackage {
    /// Its copies by revision; those of one revision in the stages' precedence.
    pub revisions: BTreeMap<RevisionId, Vec<ListedCopy>>,
    /// The first stage whose folder of the package cannot be read: from here on in the
    /// precedence, nobody can say which copy is the most promoted one.
    pub unreadable_from: Option<Stage>,
}

/// Everything that the stages hold.
#[derive(Debug, Default)]
pub struct Listing {
    /// The packages, by name.
    pub packages: BTreeMap<PackageName, ListedPackage>,
    /// Number of copies, all of them.
    pub copy_count: u64,
    /// Number of copies that are no package's.
    pub excluded_count: u64,
    /// Number of copies whose names are outside the grammar.
    pub blocked_count: u64,
    /// What was found on the way.
    pub findings: Vec<Finding>,
}

impl Listing {
    /// Lists the packages of `shard` in all stages, in their precedence; tells `on_stage` after
    /// each.
    ///
    /// # Errors
    /// [`Error::ReadStage`] when a stage's commit or its folder `packages/` cannot be read;
    /// [`Error::NothingToMigrate`] when no stage holds any package, of whichever shard.
    pub fn read(
        reader: &ObjectReader,
        stages: &[StageCommit],
        shard: Shard,
        on_stage: impl Fn(),
    ) -> Result<Self, Error> {
        let mut listing = Listing::default();
        let mut is_empty = true;
        for at in stages {
            let package_count = listing.read_stage(reader, at, shard)?;
            is_empty &= package_count == 0;
            if shard.is_first() {
                listing.tell_of_stage(at, package_count);
            }
            on_stage();
        }
        if is_empty { Err(Error::NothingToMigrate) } else { Ok(listing) }
    }

    fn tell_of_stage(&mut self, at: &StageCommit, package_count: usize) {
        if let Some((other, other_commit)) = &at.diverged {
            let kind = FindingKind::StaleBranch {
                read: at.read_ref.clone(),
                read_commit: at.commit_id.to_string(),
                other: other.clone(),
                other_commit: other_commit.to_string(),
            };
            self.findings.push(Finding::of_stage(at.stage, kind));
        }
        if package_count == 0 {
            self.findings.push(Finding::of_stage(at.stage, FindingKind::EmptyStage));
        }
    }

    /// Lists a stage's packages, and tells how many there are in all shards.
    fn read_stage(
        &mut self,
        reader: &ObjectReader,
        at: &StageCommit,
        shard: Shard,
    ) -> Result<usize, Error> {
        let stage = at.stage;
        let unreadable = |error: UnreadableObject| Error::ReadStage {
            stage,
            commit: at.commit_id.to_string(),
            what: error.into_finding_kind().message(),
        };
        let root = root_tree_id(reader, at.commit_id).map_err(unreadable)?;
        let top = list_folder(reader, root).map_err(unreadable)?;
        let packages = top.iter().find(|entry| entry.name == PACKAGES.as_bytes());
        let Some(OwnedEntry { kind: Kind::Folder, id, is_double, .. }) = packages else {
            return Ok(0);
        };
        if *is_double {
            return Err(unreadable(UnreadableObject::malformed(ObjectKind::Tree, root)));
        }
        let entries = list_folder(reader, *id).map_err(unreadable)?;
        for entry in entries.iter().filter(|entry| shard.holds(&entry.name)) {
            self.take_package(reader, stage, entry);
        }
        Ok(entries.iter().filter(|entry| entry.kind == Kind::Folder).count())
    }

    fn take_package(&mut self, reader: &ObjectReader, stage: Stage, entry: &OwnedEntry) {
        let shown = escape(&entry.name);
        if let Some(entry_kind) = entry.kind.entry_kind() {
            self.findings.push(Finding {
                package: None,
                version: None,
                stages: vec![stage],
                path: Some(shown),
                kind: FindingKind::StrayEntry { entry_kind },
            });
            return;
        }
        let name = std::str::from_utf8(&entry.name).ok().and_then(|text| text.parse().ok());
        let versions = match list_folder(reader, entry.id) {
            Ok(versions) => versions,
            Err(error) => {
                self.findings.push(Finding {
                    package: Some(shown),
                    version: None,
                    stages: vec![stage],
                    path: None,
                    kind: error.into_finding_kind(),
                });
                if let Some(name) = name {
                    self.package(name).unreadable_from.get_or_insert(stage);
                }
                return;
            }
        };
        for version in &versions {
            let is_double = entry.is_double || version.is_double;
            self.take_version(stage, &shown, name.as_ref(), version, is_double);
        }
    }

    fn take_version(
        &mut self,
        stage: Stage,
        package: &str,
        name: Option<&PackageName>,
        entry: &OwnedEntry,
        is_double: bool,
    ) {
        let shown = escape(&entry.name);
        let finding = |path: Option<String>, kind| Finding {
            package: Some(package.to_owned()),
            version: path.is_none().then(|| shown.clone()),
            stages: vec![stage],
            path,
            kind,
        };
        if let Some(entry_kind) = entry.kind.entry_kind() {
            let path = format!("{package}/{shown}");
            self.findings.push(finding(Some(path), FindingKind::StrayEntry { entry_kind }));
            return;
        }
        self.copy_count += 1;
        let Some(name) = name else {
            let reason = GrammarError::Name.to_string();
            self.blocked_count += 1;
            self.findings.push(finding(None, FindingKind::InvalidName { reason }));
            return;
        };
        if name.is_marker() {
            self.excluded_count += 1;
            self.findings.push(finding(None, FindingKind::MarkerPackage));
            return;
        }
        let revision = std::str::from_utf8(&entry.name)
            .map_err(|_| GrammarError::Version)
            .and_then(|text| RevisionId::new(name.clone(), text.parse()?));
        match revision {
            Ok(revision) => {
                let collision = || Defect { path: None, kind: FindingKind::same_path() };
                let tree = if is_double { Err(collision()) } else { Ok(entry.id) };
                let package = self.package(name.clone());
                // Most revisions have one copy; a vector would begin with room for four.
                let copies =
                    package.revisions.entry(revision).or_insert_with(|| Vec::with_capacity(1));
                copies.push(ListedCopy { stage, tree });
            }
            Err(error) => {
                self.blocked_count += 1;
                let reason = error.to_string();
                self.findings.push(finding(None, FindingKind::InvalidVersion { reason }));
            }
        }
    }

    fn package(&mut self, name: PackageName) -> &mut ListedPackage {
        self.packages
            .entry(name)
            .or_insert_with(|| ListedPackage { revisions: BTreeMap::new(), unreadable_from: None })
    }
}

/// An entry of one folder that outlives the folder's bytes.
struct OwnedEntry {
    name: Vec<u8>,
    kind: Kind,
    id: ObjectId,
    /// Whether the folder has another entry of this name, as only a forged tree can.
    is_double: bool,
}

/// The id of a commit's tree: the commit's first line is `tree SP <40 hex digits> LF`.
fn root_tree_id(reader: &ObjectReader, commit_id: ObjectId) -> Result<ObjectId, UnreadableObject> {
    reader.read(ObjectKind::Commit, commit_id, |bytes| {
        let line = bytes.split(|byte| *byte == b'\n').next();
        let hex = line.and_then(|line| line.strip_prefix(b"tree "));
        hex.and_then(|hex| std::str::from_utf8(hex).ok()?.parse().ok())
            .ok_or_else(|| UnreadableObject::malformed(ObjectKind::Commit, commit_id))
    })?
}

fn list_folder(
    reader: &ObjectReader,
    tree_id: ObjectId,
) -> Result<Vec<OwnedEntry>, UnreadableObject> {
    reader.read(ObjectKind::Tree, tree_id, |bytes| {
        let entries = tree::parse(bytes)
            .map_err(|_| UnreadableObject::malformed(ObjectKind::Tree, tree_id))?;
        let mut counts: HashMap<&[u8], usize> = HashMap::new();
        for entry in &entries {
            *counts.entry(entry.name).or_default() += 1;
        }
        let owned = entries.iter().map(|entry| OwnedEntry {
            name: entry.name.to_vec(),
            kind: entry.kind,
            id: entry.id,
            is_double: counts[entry.name] > 1,
        });
        Ok(owned.collect())
    })?
}
