//! Walks a stage's first-parent history and reports which path was in which state after each commit.
//!
//! The first parent is the previous tip of the branch; changes from merged branches appear at the merge.
//! Fast because unchanged object ids are skipped: of each commit only the root is read, and of that only
//! folders with new ids. Of a revision only its folder's id is read.

use std::collections::{BTreeMap, BTreeSet};

use super::folder::{self, FolderEntry, list_folder};
use super::listing::{package_name, revision_at};
use super::objects::{ObjectReader, UnreadableObject};
use super::stages::StageCommit;
use crate::error::Error;
use crate::model::content::{ObjectId, escape};
use crate::model::finding::{Finding, FindingKind};
use crate::model::package::Stage;
use crate::model::timeline::{
    CommitStamp, HistoryFinding, OtherPlace, PathChange, PathState, Subject, Walk,
};

/// The first-parent chain of commits of a stage.
#[derive(Debug)]
pub struct Chain {
    stage: Stage,
    /// Oldest first, each with its tree; never empty.
    commits: Vec<(CommitStamp, ObjectId)>,
    /// Why the chain ends at its oldest commit, unless that commit is the root of the history.
    pub cut_off: Option<HistoryFinding>,
}

impl Chain {
    /// Follows first parents from a stage's tip, as far as they can be read. `shallow` are the
    /// commits whose parents are absent because the clone is shallow.
    ///
    /// # Errors
    /// [`Error::ReadStage`] when the tip itself cannot be read.
    pub fn read(
        reader: &ObjectReader,
        at: &StageCommit,
        shallow: &BTreeSet<ObjectId>,
    ) -> Result<Self, Error> {
        let mut commits: Vec<(CommitStamp, ObjectId)> = Vec::new();
        let mut cut_off = None;
        let mut next = Some(at.commit_id);
        while let Some(commit_id) = next {
            let commit = match (folder::read_commit(reader, commit_id), commits.last()) {
                (Ok(commit), _) => commit,
                (Err(error), None) => return Err(unreadable_stage(at, error)),
                (Err(error), Some((child, _))) => {
                    let kind = match error.into_finding_kind() {
                        FindingKind::MissingObject { .. } if shallow.contains(&child.commit_id) => {
                            FindingKind::ShallowHistory { parent: commit_id }
                        }
                        kind => kind,
                    };
                    let finding = Finding::of_stage(at.stage, kind);
                    cut_off = Some(HistoryFinding { commit: *child, finding });
                    break;
                }
            };
            commits.push((CommitStamp { commit_id, time: commit.time }, commit.tree_id));
            next = commit.first_parent;
        }
        commits.reverse();
        Ok(Chain { stage: at.stage, commits, cut_off })
    }

    /// Summarizes the chain to be walked.
    pub fn walk(&self) -> Walk {
        let ends = (self.commits.first(), self.commits.last());
        let (Some((oldest, _)), Some((newest, _))) = ends else {
            unreachable!("a chain has at least its tip");
        };
        Walk {
            stage: self.stage,
            commit_count: self.commits.len() as u64,
            oldest: *oldest,
            newest: *newest,
            reaches_the_beginning: self.cut_off.is_none(),
        }
    }
}

/// Walks a chain, oldest commit first; calls `on_change` whenever the state of a path changes,
/// and `on_commit` after each commit.
///
/// An unreadable folder is a finding at the first commit that has it; the paths known to have
/// been in it are [`PathState::Unreadable`] until it can be read again. A commit whose root or
/// `packages/` is unreadable is skipped with a finding; the next commit is then compared with the
/// last readable one.
///
/// # Errors
/// [`Error::ReadStage`] when the root or `packages/` of the stage's tip cannot be read.
pub fn walk(
    reader: &ObjectReader,
    at: &StageCommit,
    chain: &Chain,
    on_change: &mut dyn FnMut(PathChange),
    on_commit: &dyn Fn(),
) -> Result<Vec<HistoryFinding>, Error> {
    let mut walker = Walker {
        reader,
        stage: at.stage,
        on_change,
        findings: Vec::new(),
        root: None,
        packages: None,
        folders: BTreeMap::new(),
        previous: None,
    };
    for (index, (commit, root)) in chain.commits.iter().enumerate() {
        match walker.visit(*commit, *root) {
            Ok(()) => walker.previous = Some(*commit),
            Err(error) if index + 1 == chain.commits.len() => {
                return Err(unreadable_stage(at, error));
            }
            Err(error) => {
                walker.report(*commit, Finding::of_stage(at.stage, error.into_finding_kind()));
            }
        }
        on_commit();
    }
    Ok(walker.findings)
}

fn unreadable_stage(at: &StageCommit, error: UnreadableObject) -> Error {
    Error::ReadStage {
        stage: at.stage.into(),
        commit: at.commit_id.to_string(),
        what: error.into_finding_kind().message(),
    }
}

struct Walker<'a> {
    reader: &'a ObjectReader,
    stage: Stage,
    on_change: &'a mut dyn FnMut(PathChange),
    findings: Vec<HistoryFinding>,
    /// The root and `packages/` of the last readable commit.
    root: Option<ObjectId>,
    packages: Option<ObjectId>,
    /// The entries of `packages/`, by name.
    folders: BTreeMap<Vec<u8>, PackageFolder>,
    previous: Option<CommitStamp>,
}

/// One entry of `packages/`, usually a package's folder.
struct PackageFolder {
    entry: FolderEntry,
    places: BTreeMap<Subject, PathState>,
}

impl Walker<'_> {
    fn visit(&mut self, commit: CommitStamp, root: ObjectId) -> Result<(), UnreadableObject> {
        if self.root == Some(root) {
            return Ok(());
        }
        let packages = folder::read_top(self.reader, root)?.packages;
        if packages != self.packages {
            let entries = match packages {
                Some(packages) => list_folder(self.reader, packages)?,
                None => Vec::new(),
            };
            self.update_packages(commit, entries);
        }
        (self.root, self.packages) = (Some(root), packages);
        Ok(())
    }

    fn update_packages(&mut self, commit: CommitStamp, entries: Vec<FolderEntry>) {
        let mut before = std::mem::take(&mut self.folders);
        for entry in entries {
            // Only a malformed tree has two entries of one name; the first one represents both.
            if self.folders.contains_key(&entry.name) {
                continue;
            }
            let folder = match before.remove(&entry.name) {
                Some(known) if known.entry == entry => known,
                known => {
                    let known = known.map(|known| known.places).unwrap_or_default();
                    let places = self.places(commit, &entry, &known);
                    self.compare_places(commit, &known, &places);
                    PackageFolder { entry, places }
                }
            };
            self.folders.insert(folder.entry.name.clone(), folder);
        }
        for folder in before.values() {
            self.compare_places(commit, &folder.places, &BTreeMap::new());
        }
    }

    /// Reports which places in an entry of `packages/` have changed.
    fn compare_places(
        &mut self,
        commit: CommitStamp,
        before: &BTreeMap<Subject, PathState>,
        now: &BTreeMap<Subject, PathState>,
    ) {
        let mut emit = |subject: &Subject, state| {
            let (subject, previous) = (subject.clone(), self.previous);
            (self.on_change)(PathChange { subject, commit, previous, state });
        };
        for place in before.keys().filter(|place| !now.contains_key(place)) {
            emit(place, PathState::Absent);
        }
        for (place, state) in now.iter().filter(|(place, state)| before.get(place) != Some(state)) {
            emit(place, *state);
        }
    }

    /// Returns the places in an entry of `packages/`; `known` are those of the last readable state.
    fn places(
        &mut self,
        commit: CommitStamp,
        entry: &FolderEntry,
        known: &BTreeMap<Subject, PathState>,
    ) -> BTreeMap<Subject, PathState> {
        let package = escape(&entry.name);
        let versions = match (entry.is_duplicate, entry.kind.entry_kind()) {
            (true, _) => Err(FindingKind::same_path()),
            (false, Some(entry_kind)) => {
                let kind = FindingKind::StrayEntry { entry_kind };
                let place = Subject::Other(OtherPlace { path: package, kind });
                return BTreeMap::from([(place, PathState::Present(entry.id))]);
            }
            (false, None) => {
                list_folder(self.reader, entry.id).map_err(UnreadableObject::into_finding_kind)
            }
        };
        let versions = match versions {
            Ok(versions) => versions,
            Err(kind) => {
                // A file that was here before cannot be in the folder that replaced it.
                let is_file = |place: &&Subject| matches!(place, Subject::Other(other) if !entry.is_duplicate && other.path == package);
                let unreadable = known.keys().filter(|place| !is_file(place));
                let places =
                    unreadable.map(|place| (place.clone(), PathState::Unreadable)).collect();
                let finding = self.finding(&package, None, kind);
                self.report(commit, finding);
                return places;
            }
        };
        let name = package_name(&entry.name);
        let mut places = BTreeMap::new();
        for version in versions {
            let shown = escape(&version.name);
            let path = format!("{package}/{shown}");
            let place = match version.kind.entry_kind() {
                Some(entry_kind) => Err(FindingKind::StrayEntry { entry_kind }),
                None => revision_at(name.as_ref(), &version.name),
            };
            let place = place
                .map_or_else(|kind| Subject::Other(OtherPlace { path, kind }), Subject::Revision);
            let state = match version.is_duplicate {
                true => {
                    let finding = self.finding(&package, Some(shown), FindingKind::same_path());
                    self.report(commit, finding);
                    PathState::Unreadable
                }
                false => PathState::Present(version.id),
            };
            places.insert(place, state);
        }
        places
    }

    fn finding(&self, package: &str, version: Option<String>, kind: FindingKind) -> Finding {
        Finding {
            package: Some(package.to_owned()),
            version,
            stages: vec![self.stage],
            path: None,
            kind,
            settled: None,
        }
    }

    /// Adds a finding, unless an earlier commit already has it.
    fn report(&mut self, commit: CommitStamp, finding: Finding) {
        if self.findings.iter().all(|known| known.finding != finding) {
            self.findings.push(HistoryFinding { commit, finding });
        }
    }
}
