//! Findings: everything that a person should know before the move, with a stable code each.
//!
//! One enum holds every code, its severity, its evidence, its message and its advice. A finding is
//! data about v1, never a failure of the tool: what could not be found out is an error instead.
//! Made by `v1`, `resolve` and `migrate`; rendered by `report`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::content::{EntryPath, ObjectId};
use crate::package::{RevisionId, Stage};

/// How much a finding matters; ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know; nothing to decide.
    Info,
    /// Something is odd; the migration is whole without it.
    Warning,
    /// A rule decided what a person may want to decide otherwise.
    Conflict,
    /// Something of v1 is not migrated.
    Blocker,
}

impl Severity {
    /// All severities, the worst first.
    pub const WORST_FIRST: [Severity; 4] =
        [Severity::Blocker, Severity::Conflict, Severity::Warning, Severity::Info];

    /// The severity's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Conflict => "conflict",
            Severity::Blocker => "blocker",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The kind of a Git object that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// A file's bytes.
    Blob,
    /// A folder.
    Tree,
    /// What a stage's branch points to.
    Commit,
}

impl ObjectKind {
    /// Git's word for the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            ObjectKind::Blob => "blob",
            ObjectKind::Tree => "tree",
            ObjectKind::Commit => "commit",
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a tree entry is, where only folders or only files may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A commit of another repository.
    Submodule,
    /// A mode that Git does not define.
    Unknown,
}

impl EntryKind {
    /// The kind in words.
    pub fn as_str(self) -> &'static str {
        match self {
            EntryKind::File => "file",
            EntryKind::Symlink => "symlink",
            EntryKind::Submodule => "submodule",
            EntryKind::Unknown => "entry of unknown kind",
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A finding's code and evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "code", content = "evidence", rename_all = "kebab-case")]
pub enum FindingKind {
    /// The copy has the winner's files, in the winner's modes.
    IdenticalCopy {
        /// The stage whose copy is migrated.
        winner: Stage,
    },
    /// The copy has the winner's files; only file modes differ.
    ModeOnly {
        /// The stage whose copy is migrated.
        winner: Stage,
        /// Number of files whose modes differ.
        file_count: usize,
    },
    /// The copy's files are not the winner's.
    ContentConflict {
        /// The stage whose copy is migrated.
        winner: Stage,
        /// Files that only this copy has.
        added: Vec<String>,
        /// Files that only the winner has.
        removed: Vec<String>,
        /// Files whose bytes differ.
        changed: Vec<String>,
    },
    /// A package that only marks which distribution is served.
    MarkerPackage,
    /// Something lies where only folders of packages or versions may be.
    StrayEntry {
        /// What it is.
        entry_kind: EntryKind,
    },
    /// A stage without a single package.
    EmptyStage,
    /// A local branch that is not where its remote branch is.
    StaleBranch {
        /// The ref that was read.
        read: String,
        /// The commit that was read.
        read_commit: String,
        /// The ref that was not read.
        other: String,
        /// The other ref's commit.
        other_commit: String,
    },
    /// The package folder's name is outside the grammar.
    InvalidName {
        /// The rule it breaks.
        reason: String,
    },
    /// The version folder's name is outside the grammar.
    InvalidVersion {
        /// The rule it breaks.
        reason: String,
    },
    /// The repository lacks an object that the revision needs.
    MissingObject {
        /// What is missing.
        object_kind: ObjectKind,
        /// Its id.
        object_id: ObjectId,
        /// Whether the repository is a partial clone, which lacks objects on purpose.
        partial_clone: bool,
    },
    /// An object that the revision needs cannot be read, or its bytes do not hash to its id.
    CorruptObject {
        /// What is corrupt.
        object_kind: ObjectKind,
        /// Its id.
        object_id: ObjectId,
        /// What reading it said.
        detail: String,
    },
    /// A symlink, a submodule or an unknown mode inside a revision.
    UnsupportedEntry {
        /// What it is.
        entry_kind: EntryKind,
    },
    /// A path that no archive may hold.
    UnsafePath {
        /// The rule it breaks.
        reason: String,
    },
    /// Two entries of one path, or a file and a folder of one path.
    PathCollision,
    /// A revision with more tree entries than anyone could have meant.
    TooManyEntries {
        /// The number of entries at which reading stopped.
        limit: usize,
    },
    /// A more promoted copy may stand where the package could not be listed.
    Undecided {
        /// The stage whose folder of the package cannot be read.
        unreadable: Stage,
    },
    /// No `manifest.yml` at the revision's top.
    ManifestMissing,
    /// A `manifest.yml` that is no YAML mapping with a name and a version.
    ManifestUnreadable {
        /// What the parser said.
        detail: String,
    },
    /// The manifest names another package or version than the folders.
    ManifestMismatch {
        /// The name in the manifest.
        manifest_name: String,
        /// The version in the manifest, as text.
        manifest_version: String,
    },
}

impl FindingKind {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            FindingKind::IdenticalCopy { .. } => "identical-copy",
            FindingKind::ModeOnly { .. } => "mode-only",
            FindingKind::ContentConflict { .. } => "content-conflict",
            FindingKind::MarkerPackage => "marker-package",
            FindingKind::StrayEntry { .. } => "stray-entry",
            FindingKind::EmptyStage => "empty-stage",
            FindingKind::StaleBranch { .. } => "stale-branch",
            FindingKind::InvalidName { .. } => "invalid-name",
            FindingKind::InvalidVersion { .. } => "invalid-version",
            FindingKind::MissingObject { .. } => "missing-object",
            FindingKind::CorruptObject { .. } => "corrupt-object",
            FindingKind::UnsupportedEntry { .. } => "unsupported-entry",
            FindingKind::UnsafePath { .. } => "unsafe-path",
            FindingKind::PathCollision => "path-collision",
            FindingKind::TooManyEntries { .. } => "too-many-entries",
            FindingKind::Undecided { .. } => "undecided",
            FindingKind::ManifestMissing => "manifest-missing",
            FindingKind::ManifestUnreadable { .. } => "manifest-unreadable",
            FindingKind::ManifestMismatch { .. } => "manifest-mismatch",
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            FindingKind::IdenticalCopy { .. }
            | FindingKind::ModeOnly { .. }
            | FindingKind::MarkerPackage => Severity::Info,
            FindingKind::StrayEntry { .. }
            | FindingKind::EmptyStage
            | FindingKind::StaleBranch { .. } => Severity::Warning,
            FindingKind::ContentConflict { .. } => Severity::Conflict,
            FindingKind::InvalidName { .. }
            | FindingKind::InvalidVersion { .. }
            | FindingKind::MissingObject { .. }
            | FindingKind::CorruptObject { .. }
            | FindingKind::UnsupportedEntry { .. }
            | FindingKind::UnsafePath { .. }
            | FindingKind::PathCollision
            | FindingKind::TooManyEntries { .. }
            | FindingKind::Undecided { .. }
            | FindingKind::ManifestMissing
            | FindingKind::ManifestUnreadable { .. }
            | FindingKind::ManifestMismatch { .. } => Severity::Blocker,
        }
    }

    /// What was found, as a sentence without its subject's name.
    pub fn message(&self) -> String {
        match self {
            FindingKind::IdenticalCopy { winner } => {
                format!("the same files as the copy in {winner}")
            }
            FindingKind::ModeOnly { winner, file_count } => format!(
                "the same files as the copy in {winner}; {} in mode only",
                count(*file_count, "file differs", "files differ"),
            ),
            FindingKind::ContentConflict { winner, added, removed, changed } => format!(
                "not the files of the copy in {winner}, which wins: {} added, {} removed, {} changed",
                added.len(),
                removed.len(),
                changed.len(),
            ),
            FindingKind::MarkerPackage => {
                "marks which distribution is served and is no package: not migrated".to_owned()
            }
            FindingKind::StrayEntry { entry_kind } => {
                format!("a {entry_kind} lies where only folders may be: not migrated")
            }
            FindingKind::EmptyStage => "the stage holds no package".to_owned(),
            FindingKind::StaleBranch { read, read_commit, other, other_commit } => {
                format!("{read} at {read_commit} was read, but {other} is at {other_commit}")
            }
            FindingKind::InvalidName { reason } | FindingKind::InvalidVersion { reason } => {
                reason.clone()
            }
            FindingKind::MissingObject { object_kind, object_id, partial_clone } => format!(
                "{object_kind} {object_id} is missing from the repository{}",
                if *partial_clone { ", which is a partial clone" } else { "" },
            ),
            FindingKind::CorruptObject { object_kind, object_id, detail } => {
                format!("{object_kind} {object_id} is corrupt: {detail}")
            }
            FindingKind::UnsupportedEntry { entry_kind } => {
                format!("a {entry_kind}, which an archive cannot hold faithfully")
            }
            FindingKind::UnsafePath { reason } => format!("the path is unsafe: {reason}"),
            FindingKind::PathCollision => {
                "the path is there twice, or as a file and as a folder".to_owned()
            }
            FindingKind::TooManyEntries { limit } => {
                format!("more than {limit} files and folders")
            }
            FindingKind::Undecided { unreadable } => {
                format!("nobody can say whether {unreadable} has a copy, which would win")
            }
            FindingKind::ManifestMissing => "there is no manifest.yml".to_owned(),
            FindingKind::ManifestUnreadable { detail } => {
                format!("manifest.yml cannot be read: {detail}")
            }
            FindingKind::ManifestMismatch { manifest_name, manifest_version } => {
                format!(
                    "manifest.yml says {manifest_name} {manifest_version}, the folders say otherwise"
                )
            }
        }
    }

    /// What to do about it, in one imperative line.
    pub fn advice(&self) -> &'static str {
        match self {
            FindingKind::IdenticalCopy { .. } | FindingKind::ModeOnly { .. } => {
                "Nothing: v2 has no stages, and archives do not carry file modes."
            }
            FindingKind::ContentConflict { .. } => {
                "Look at the files named. If the other copy is the right one, mend v1 and run again, or name the stages in another order."
            }
            FindingKind::MarkerPackage => "Nothing: v2 has no distributions.",
            FindingKind::StrayEntry { .. } => "Remove it from v1, or move it into a package.",
            FindingKind::EmptyStage => "Leave the stage out with --stages if it should be empty.",
            FindingKind::StaleBranch { .. } => {
                "Update the local branch, or pin the stage: --stages <stage>=<ref>."
            }
            FindingKind::InvalidName { .. } | FindingKind::InvalidVersion { .. } => {
                "The registry could never serve it: rename the folder and its manifest, or remove it."
            }
            FindingKind::MissingObject { partial_clone: true, .. } => {
                "Complete the partial clone with `git fetch --refetch --no-filter origin '+refs/heads/*:refs/remotes/origin/*'`, or clone v1 again without --filter; then run again."
            }
            FindingKind::MissingObject { partial_clone: false, .. } => {
                "Fetch the object from a complete clone of v1 (`git fsck` lists all that are missing), then run again."
            }
            FindingKind::CorruptObject { .. } => {
                "Clone v1 again from a good source (`git fsck` lists all that are corrupt), then run again."
            }
            FindingKind::UnsupportedEntry { .. } => {
                "Replace it in v1 with the files that it stands for."
            }
            FindingKind::UnsafePath { .. } => "Rename the file in v1.",
            FindingKind::PathCollision => "Rename or remove one of the two in v1.",
            FindingKind::TooManyEntries { .. } => "Split the package, or remove it from v1.",
            FindingKind::Undecided { .. } => {
                "Mend what keeps the package from being listed in that stage; it is a finding of its own."
            }
            FindingKind::ManifestMissing => "Add the manifest, or remove the folder from v1.",
            FindingKind::ManifestUnreadable { .. } => "Mend the manifest in v1.",
            FindingKind::ManifestMismatch { .. } => {
                "Make the folder names and the manifest agree in v1."
            }
        }
    }
}

/// Something that keeps a copy from being migrated faithfully.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Where, relative to the copy's folder; odd bytes are escaped. None for the copy itself.
    pub path: Option<String>,
    /// What.
    pub kind: FindingKind,
}

/// Something a person should know, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Finding {
    /// The package folder's name, as far as it is about one; odd bytes are escaped.
    pub package: Option<String>,
    /// The version folder's name, likewise.
    pub version: Option<String>,
    /// The stages it was found in, in their precedence.
    pub stages: Vec<Stage>,
    /// The path inside the revision, or inside `packages/` when it is about no revision.
    pub path: Option<String>,
    /// Code and evidence.
    pub kind: FindingKind,
}

impl Finding {
    /// A finding about a whole stage.
    pub fn of_stage(stage: Stage, kind: FindingKind) -> Self {
        Finding { package: None, version: None, stages: vec![stage], path: None, kind }
    }

    /// A finding about a revision, or a file of it.
    pub fn of_revision(revision: &RevisionId, stages: Vec<Stage>, defect: Defect) -> Self {
        Finding {
            package: Some(revision.name.to_string()),
            version: Some(revision.version.to_string()),
            stages,
            path: defect.path,
            kind: defect.kind,
        }
    }

    /// Sorts findings the worst first, then by code, package, version (by precedence), path, stages.
    pub fn sort(findings: &mut [Finding]) {
        findings.sort_by(|a, b| {
            let key = |finding: &Finding| {
                let parsed =
                    finding.version.as_deref().map(|text| semver::Version::parse(text).ok());
                (
                    std::cmp::Reverse(finding.kind.severity()),
                    finding.kind.code(),
                    finding.package.clone(),
                    parsed,
                )
            };
            key(a)
                .cmp(&key(b))
                .then_with(|| a.version.cmp(&b.version))
                .then_with(|| a.path.cmp(&b.path))
                .then_with(|| a.stages.cmp(&b.stages))
                .then_with(|| a.kind.cmp(&b.kind))
        });
    }
}

/// Turns checked paths into evidence.
pub(crate) fn path_texts(paths: &[EntryPath]) -> Vec<String> {
    paths.iter().map(EntryPath::to_string).collect()
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
