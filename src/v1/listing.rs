//! Finds every copy: lists `packages/<name>/<version>` of all stages.
//!
//! Counts each copy before anything is decided, so that the balance can be checked at the end. Entries that
//! are not packages are detected by name alone, and copies outside the scope are excluded. Attribute files
//! above the revisions are listed, not read.

use std::collections::{BTreeMap, BTreeSet};

use super::folder::{self, FolderEntry, list_folder};
use super::objects::{ObjectReader, UnreadableObject};
use super::selection::Selection;
use super::stages::StageCommit;
use super::tree::Kind;
use crate::error::Error;
use crate::model::balance::{Exclusion, StageBalances};
use crate::model::content::{ObjectId, escape};
use crate::model::finding::{Defect, Finding, FindingKind};
use crate::model::package::{GrammarError, PackageName, PackageVersion, RevisionId, Stage};
use crate::model::scope::{RevisionGlob, Scope};
use crate::model::shard::Shard;
use crate::model::timeline::CommitTime;

/// One copy, not yet read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCopy {
    /// The stage that has it.
    pub stage: Stage,
    /// The id of its folder, or the defect that makes it unavailable.
    pub tree: Result<ObjectId, Defect>,
}

/// All copies of one package.
#[derive(Debug, Default)]
pub struct ListedPackage {
    /// Its copies by revision; those of one revision in order of precedence.
    pub revisions: BTreeMap<RevisionId, Vec<ListedCopy>>,
    /// The first stage whose folder of the package is unreadable: from this stage on, it is
    /// unknown which copy is the most promoted one.
    pub unreadable_from: Option<Stage>,
    /// Versions in production that the scope excludes: they are not migrated, but users know them.
    pub excluded_in_production: Vec<PackageVersion>,
}

/// The contents of all stages.
#[derive(Debug, Default)]
pub struct Listing {
    /// The packages, by name.
    pub packages: BTreeMap<PackageName, ListedPackage>,
    /// The count of all copies, including those that end here: copies outside the scope are
    /// excluded, copies with an invalid name are blocked.
    pub balances: StageBalances,
    /// Revisions that the scope excludes because the first stage lacks them.
    pub unpromoted: BTreeSet<RevisionId>,
    /// Globs of the scope that match nothing, and were accepted.
    pub accepted: BTreeSet<RevisionGlob>,
    /// The findings made while listing.
    pub findings: Vec<Finding>,
    /// The attribute files above the revisions' folders, outer folders first within a stage.
    pub attribute_files: Vec<ListedAttributes>,
    /// The newest committer time of the stages' commits; `None` if none can be parsed.
    pub newest_time: Option<CommitTime>,
}

/// An attribute file above the revisions' folders, not yet read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAttributes {
    /// The stage that has it.
    pub stage: Stage,
    /// The package whose folder it is in; `None` when it applies to all packages.
    pub package: Option<PackageName>,
    /// The folder, as a path from the repository's root.
    pub folder: String,
    /// The file's blob.
    pub blob_id: ObjectId,
}

impl Listing {
    /// Lists the packages of `shard` in all stages, in order of precedence; calls `on_stage` after
    /// each. A glob that matches nothing is an error unless it `is_accepted`.
    ///
    /// The scope is checked against all shards, so that each shard gives the same result.
    ///
    /// # Errors
    /// [`Error::ReadStage`] when a stage's commit or its folder `packages/` cannot be read;
    /// [`Error::NothingToMigrate`] when no stage has any package, in any shard;
    /// [`Error::UnmatchedGlobs`] and [`Error::NothingInScope`] when the scope must be a mistake; those of
    /// `is_accepted`.
    pub fn read(
        reader: &ObjectReader,
        stages: &[StageCommit],
        shard: Shard,
        scope: &Scope,
        is_accepted: impl Fn(&RevisionGlob) -> Result<bool, Error>,
        on_stage: impl Fn(),
    ) -> Result<Self, Error> {
        let Some(first) = stages.first() else { return Err(Error::NothingToMigrate) };
        let mut listing = Listing::default();
        // Other shards are listed only to check the scope.
        let mut elsewhere = (!scope.is_everything()).then(Listing::default);
        let mut selection = Selection::new(scope, first.stage);
        let mut is_empty = true;
        for at in stages {
            let (entries, attribute_files) = package_entries(reader, at)?;
            // A stage without copies is listed as well.
            listing.balances.of(at.stage);
            let time = folder::read_commit_time(reader, at.commit_id);
            let time = time.map_err(|error| unreadable_stage(at, error))?;
            listing.newest_time = listing.newest_time.max(time);
            listing.attribute_files.extend(attribute_files);
            for entry in &entries {
                let listing = match &mut elsewhere {
                    _ if shard.contains(&entry.name) => &mut listing,
                    Some(elsewhere) => elsewhere,
                    None => continue,
                };
                listing.list_package(reader, &mut selection, at.stage, entry);
            }
            let package_count = entries.iter().filter(|entry| entry.kind == Kind::Folder).count();
            is_empty &= package_count == 0;
            if shard.is_first() {
                listing.report_stage(at, package_count);
            }
            on_stage();
        }
        if is_empty {
            return Err(Error::NothingToMigrate);
        }
        listing.accepted = selection.check(is_accepted)?;
        Ok(listing)
    }

    fn report_stage(&mut self, at: &StageCommit, package_count: usize) {
        if let Some((other, other_commit)) = &at.diverged {
            let kind = FindingKind::StaleBranch {
                read: at.read_ref.clone(),
                read_commit: at.commit_id.to_string(),
                other: other.clone(),
                other_commit: other_commit.to_string(),
            };
            self.findings.push(Finding::of_stage(at.stage, kind));
        }
        self.findings.extend(at.ambiguity().map(|kind| Finding::of_stage(at.stage, kind)));
        if package_count == 0 {
            self.findings.push(Finding::of_stage(at.stage, FindingKind::EmptyStage));
        }
    }

    fn list_package(
        &mut self,
        reader: &ObjectReader,
        selection: &mut Selection<'_>,
        stage: Stage,
        entry: &FolderEntry,
    ) {
        let shown = escape(&entry.name);
        if let Some(entry_kind) = entry.kind.entry_kind() {
            self.findings.push(Finding {
                package: None,
                version: None,
                stages: vec![stage],
                path: Some(shown),
                kind: FindingKind::StrayEntry { entry_kind },
                settled: None,
            });
            return;
        }
        let name = package_name(&entry.name);
        let versions = match list_folder(reader, entry.id) {
            Ok(versions) => versions,
            Err(error) => {
                selection.add_unlisted(stage, &shown);
                // Its copies are out of scope, so the unreadable folder does not matter.
                if selection.excludes_package(&shown) {
                    return;
                }
                self.findings.push(Finding {
                    package: Some(shown),
                    version: None,
                    stages: vec![stage],
                    path: None,
                    kind: error.into_finding_kind(),
                    settled: None,
                });
                if let Some(name) = name {
                    self.package(name).unreadable_from.get_or_insert(stage);
                }
                return;
            }
        };
        if let (Some(blob_id), Some(package)) = (folder::attribute_file(&versions), name.clone()) {
            let folder = format!("{}/{package}", folder::PACKAGES);
            let package = Some(package);
            self.attribute_files.push(ListedAttributes { stage, package, folder, blob_id });
        }
        for version in &versions {
            let is_duplicate = entry.is_duplicate || version.is_duplicate;
            self.list_version(selection, stage, (&shown, name.as_ref()), version, is_duplicate);
        }
    }

    fn list_version(
        &mut self,
        selection: &mut Selection<'_>,
        stage: Stage,
        (package, name): (&str, Option<&PackageName>),
        entry: &FolderEntry,
        is_duplicate: bool,
    ) {
        let shown = escape(&entry.name);
        let finding = |path: Option<String>, kind| Finding {
            package: Some(package.to_owned()),
            version: path.is_none().then(|| shown.clone()),
            stages: vec![stage],
            path,
            kind,
            settled: None,
        };
        if let Some(entry_kind) = entry.kind.entry_kind() {
            if !selection.excludes_package(package) {
                let path = format!("{package}/{shown}");
                self.findings.push(finding(Some(path), FindingKind::StrayEntry { entry_kind }));
            }
            return;
        }
        let balance = self.balances.of(stage);
        balance.copies += 1;
        if let Some(exclusion) = selection.exclusion(stage, package, &shown) {
            balance.excluded.count(exclusion);
            match (exclusion, revision_at(name, &entry.name)) {
                (Exclusion::Marker, _) => {
                    self.findings.push(finding(None, FindingKind::MarkerPackage));
                }
                (Exclusion::Scope | Exclusion::Unpromoted, Ok(revision)) => {
                    if exclusion == Exclusion::Unpromoted {
                        self.unpromoted.insert(revision.clone());
                    }
                    if stage == Stage::Production {
                        let package = self.package(revision.name);
                        package.excluded_in_production.push(revision.version);
                    }
                }
                (Exclusion::Scope | Exclusion::Unpromoted, Err(_)) => {}
            }
            return;
        }
        match revision_at(name, &entry.name) {
            Ok(revision) => {
                let collision = || Defect { path: None, kind: FindingKind::same_path() };
                let tree = if is_duplicate { Err(collision()) } else { Ok(entry.id) };
                let package = self.package(revision.name.clone());
                // Most revisions have one copy; `push` would allocate four.
                let copies =
                    package.revisions.entry(revision).or_insert_with(|| Vec::with_capacity(1));
                copies.push(ListedCopy { stage, tree });
            }
            Err(kind) => {
                self.balances.of(stage).blocked += 1;
                self.findings.push(finding(None, kind));
            }
        }
    }

    fn package(&mut self, name: PackageName) -> &mut ListedPackage {
        self.packages.entry(name).or_default()
    }
}

/// Returns the package that a folder in `packages/` is named after, if the name is valid.
pub(super) fn package_name(name: &[u8]) -> Option<PackageName> {
    std::str::from_utf8(name).ok()?.parse().ok()
}

/// Returns the revision of the folder `version` in the folder of `package`, or why it is not one.
pub(super) fn revision_at(
    package: Option<&PackageName>,
    version: &[u8],
) -> Result<RevisionId, FindingKind> {
    let Some(package) = package else {
        return Err(FindingKind::InvalidName { reason: GrammarError::Name.to_string() });
    };
    if package.is_marker() {
        return Err(FindingKind::MarkerPackage);
    }
    std::str::from_utf8(version)
        .map_err(|_| GrammarError::Version)
        .and_then(|text| RevisionId::new(package.clone(), text.parse()?))
        .map_err(|error| FindingKind::InvalidVersion { reason: error.to_string() })
}

/// Returns the entries of a stage's folder `packages/`, empty when it is absent, and the attribute
/// files that apply to all packages.
fn package_entries(
    reader: &ObjectReader,
    at: &StageCommit,
) -> Result<(Vec<FolderEntry>, Vec<ListedAttributes>), Error> {
    let unreadable = |error| unreadable_stage(at, error);
    let root = folder::root_tree_id(reader, at.commit_id).map_err(unreadable)?;
    let top = folder::read_top(reader, root).map_err(unreadable)?;
    let entries = match top.packages {
        Some(packages) => list_folder(reader, packages).map_err(unreadable)?,
        None => Vec::new(),
    };
    let found = [("", top.attributes), (folder::PACKAGES, folder::attribute_file(&entries))];
    let attribute_files = found.into_iter().filter_map(|(folder, blob_id)| {
        let (stage, folder) = (at.stage, folder.to_owned());
        Some(ListedAttributes { stage, package: None, folder, blob_id: blob_id? })
    });
    let attribute_files = attribute_files.collect();
    Ok((entries, attribute_files))
}

fn unreadable_stage(at: &StageCommit, error: UnreadableObject) -> Error {
    Error::ReadStage {
        stage: at.stage.into(),
        commit: at.commit_id.to_string(),
        what: error.into_finding_kind().message(),
    }
}
