//! Every finding code, with its severity and its evidence.
//!
//! Adding a code: a variant here, its code and severity below, its texts in `text`, a row in the
//! table in `docs/findings.md`. No `_` arms, so that the compiler names what is missing.

use serde::{Deserialize, Serialize};

use super::{Alike, Ambiguity, ConflictClass, EntryKind, KibanaRule, NoVerdict, ObjectKind};
use super::{ReadDifference, Recency, Severity, Stability};
use crate::model::content::ObjectId;
use crate::model::package::Stage;
use crate::model::registry_release::RegistryRelease;

/// A finding's code and evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "code", content = "evidence", rename_all = "kebab-case", deny_unknown_fields)]
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
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
        /// What the difference is about.
        class: ConflictClass,
        /// The first lines of the first small text files that differ, as unified diffs; what is
        /// left out is told in it.
        diff: String,
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
    /// A revision that a stage is pinned to, and that several refs have as their name.
    AmbiguousRevision {
        /// The revision, as it was given.
        revision: String,
        /// The ref that was read.
        read: String,
        /// The refs that were not read.
        others: Vec<String>,
    },
    /// Refs in `refs/replace/`, which Git honours and this tool does not.
    ReplacedObjects {
        /// Number of objects that they replace.
        object_count: u64,
    },
    /// Other parents for commits in `info/grafts`, which Git honours and this tool does not.
    GraftedCommits {
        /// Number of commits that are given other parents.
        commit_count: u64,
    },
    /// A stage's history ends where the clone was cut off, not where it began.
    ShallowHistory {
        /// The commit before, which the clone lacks on purpose.
        parent: ObjectId,
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
    /// A path that is safe, but that some system or reader cannot show or write as it is.
    UnportablePath {
        /// The rule it breaks.
        reason: String,
    },
    /// Two entries of one path, or a file and a folder of one path; or two paths that are one on
    /// some systems.
    PathCollision {
        /// How alike they are.
        alike: Alike,
        /// The other path, unless it is the same one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        other: Option<String>,
    },
    /// Revisions whose objects have one key where upper and lower case are one.
    KeyCollision {
        /// The key in lower case.
        key: String,
        /// The first of the package's other versions of that key, in their precedence.
        others: Vec<String>,
        /// How many others there are.
        other_count: usize,
    },
    /// Versions of one package of which none is newer than the others: only their build differs.
    EqualPrecedence {
        /// The first of the package's other versions that compare equal, in the order of their
        /// builds.
        others: Vec<String>,
        /// How many others there are.
        other_count: usize,
    },
    /// A stable version that production never had, and that v2 shows to everyone.
    ExposesUnpromoted {
        /// Where it stands among the package's versions without a prerelease tag.
        standing: Recency,
        /// The newest version without a prerelease tag that production has of the package.
        production_newest: Option<String>,
    },
    /// A file that Git LFS keeps elsewhere: v1 only has a pointer to it.
    LfsPointer {
        /// The file's length in bytes, as the pointer claims.
        size: u64,
    },
    /// Files that a checkout has with other bytes, for an attribute in `.gitattributes`.
    CheckoutDiffers {
        /// The attribute, as an attribute file has it.
        attribute: String,
        /// The first of the files.
        files: Vec<String>,
        /// How many files there are.
        file_count: usize,
    },
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
        /// The line, counted from 1, as far as it is about one.
        line: Option<u64>,
        /// The column, counted from 1 in characters, likewise.
        column: Option<u64>,
    },
    /// A field of the manifest that readers of YAML may take otherwise, or refuse.
    ManifestAmbiguous {
        /// The field, with those that it is in: `a.b[0].c`.
        field: String,
        /// Why.
        reason: Ambiguity,
        /// What it may be read as, shortened; as the registry reads it comes last.
        readings: Vec<String>,
        /// The line, counted from 1.
        line: u64,
        /// The column, counted from 1 in characters.
        column: u64,
    },
    /// The manifest names another package or version than the folders.
    ManifestMismatch {
        /// The name in the manifest.
        manifest_name: String,
        /// The version in the manifest, as text.
        manifest_version: String,
    },
    /// The registry refuses to load the package.
    NotLoadable {
        /// The number of the rule that is broken (`registry` lists them).
        rule: u8,
        /// Whether the rule holds with the registry's validation switched off as well.
        always_on: bool,
        /// The first release of the registry that refuses the package for it; 1.10.0 stands for older ones too.
        since: RegistryRelease,
        /// The last one; none when the newest known release refuses it.
        until: Option<RegistryRelease>,
        /// What breaks it.
        detail: String,
    },
    /// A category that the registry does not know: it loads the package without the category.
    CategoryDropped {
        /// The category.
        category: String,
        /// The first release that refuses the package for it.
        since: RegistryRelease,
        /// The last one.
        until: RegistryRelease,
    },
    /// The registry loads the package, and cannot serve its page: JSON has no infinity and no NaN.
    NotServable {
        /// The values.
        detail: String,
    },
    /// Kibana refuses to install the package.
    NotInstallable {
        /// The rule that is broken (`kibana` lists them).
        rule: KibanaRule,
        /// The key at fault; of several, the first.
        key: Option<String>,
        /// What breaks it.
        detail: String,
        /// Whether it is the highest version of its package.
        highest: bool,
    },
    /// Values of a manifest that the registry and Kibana read differently.
    ReadDifferently {
        /// The first of them.
        fields: Vec<ReadDifference>,
    },
    /// The manifest's `release` is not what the version says.
    ReleaseContradiction {
        /// `release`, as the manifest has it.
        release: String,
        /// The version.
        version: String,
        /// What the version says.
        version_says: Stability,
    },
    /// The validator of `--validate-command` does not pass the package.
    ValidationFailed {
        /// The validator's exit code, which is not 0.
        exit_code: i32,
        /// The first lines of what it wrote, without temporary paths.
        output: String,
        /// Whether `--validate-fail-on-error` was given.
        fail_on_error: bool,
    },
    /// The validator of `--validate-command` gave no verdict on the package.
    NotValidated {
        /// Why.
        cause: NoVerdict,
        /// The first lines of what it wrote, without temporary paths.
        output: String,
        /// Whether `--validate-fail-on-error` was given.
        fail_on_error: bool,
    },
}

impl FindingKind {
    /// A path that is there twice, or as a file and as a folder.
    pub fn same_path() -> Self {
        FindingKind::PathCollision { alike: Alike::Same, other: None }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            FindingKind::IdenticalCopy { .. }
            | FindingKind::ModeOnly { .. }
            | FindingKind::MarkerPackage
            | FindingKind::ReadDifferently { .. } => Severity::Info,
            FindingKind::StrayEntry { .. }
            | FindingKind::EmptyStage
            | FindingKind::StaleBranch { .. }
            | FindingKind::AmbiguousRevision { .. }
            | FindingKind::ReplacedObjects { .. }
            | FindingKind::GraftedCommits { .. }
            | FindingKind::LfsPointer { .. }
            | FindingKind::CheckoutDiffers { .. }
            | FindingKind::NotLoadable { always_on: false, .. }
            | FindingKind::CategoryDropped { .. }
            | FindingKind::NotServable { .. }
            | FindingKind::NotInstallable { .. }
            | FindingKind::ReleaseContradiction { .. }
            | FindingKind::ValidationFailed { fail_on_error: false, .. }
            | FindingKind::NotValidated { fail_on_error: false, .. }
            | FindingKind::UnportablePath { .. }
            | FindingKind::PathCollision { alike: Alike::Case | Alike::Normalization, .. }
            | FindingKind::EqualPrecedence { .. }
            | FindingKind::ExposesUnpromoted { .. } => Severity::Warning,
            // An archive under a name that the registry reads otherwise could never be taken back.
            FindingKind::ManifestAmbiguous { field, readings, .. } => {
                let names_it = field == "name" || field == "version";
                let is_same = readings.windows(2).all(|pair| pair[0] == pair[1]);
                if names_it && !is_same { Severity::Blocker } else { Severity::Warning }
            }
            FindingKind::ContentConflict { .. } | FindingKind::KeyCollision { .. } => {
                Severity::Conflict
            }
            FindingKind::ShallowHistory { .. }
            | FindingKind::InvalidName { .. }
            | FindingKind::InvalidVersion { .. }
            | FindingKind::MissingObject { .. }
            | FindingKind::CorruptObject { .. }
            | FindingKind::UnsupportedEntry { .. }
            | FindingKind::UnsafePath { .. }
            | FindingKind::PathCollision { alike: Alike::Same, .. }
            | FindingKind::TooManyEntries { .. }
            | FindingKind::Undecided { .. }
            | FindingKind::ManifestMissing
            | FindingKind::ManifestUnreadable { .. }
            | FindingKind::ManifestMismatch { .. }
            | FindingKind::NotLoadable { always_on: true, .. }
            | FindingKind::ValidationFailed { fail_on_error: true, .. }
            | FindingKind::NotValidated { fail_on_error: true, .. } => Severity::Blocker,
        }
    }
}
