//! All finding codes, with severity and evidence.
//!
//! To add a code: add a variant and its severity here, its message and advice in `text`, and a row to the
//! table in `docs/findings.md`. There are no `_` arms, so that the compiler reports what is missing.

use serde::{Deserialize, Serialize};

use super::{
    Alike, Ambiguity, ChangedInteger, ConflictClass, DanglingCause, EntryKind, FieldDifference,
    KibanaRule, NamedBy, NoVerdict,
};
use super::{ObjectKind, ReadDifference, Recency, ResourceUse, Severity, Stability};
use crate::model::content::ObjectId;
use crate::model::package::Stage;
use crate::model::registry_release::RegistryRelease;

/// A finding's code and evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "code", content = "evidence", rename_all = "kebab-case", deny_unknown_fields)]
#[derive(strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum FindingKind {
    /// The copy has the same files and modes as the winner.
    IdenticalCopy {
        /// The stage whose copy is migrated.
        winner: Stage,
    },
    /// The copy has the same files as the winner; only file modes differ.
    ModeOnly {
        /// The stage whose copy is migrated.
        winner: Stage,
        /// Number of files whose modes differ.
        file_count: usize,
    },
    /// The copy has other files than the winner.
    ContentConflict {
        /// The stage whose copy is migrated.
        winner: Stage,
        /// Files that only this copy has.
        added: Vec<String>,
        /// Files that only the winner has.
        removed: Vec<String>,
        /// Files whose bytes differ.
        changed: Vec<String>,
        /// The class of the difference.
        class: ConflictClass,
        /// Unified diffs of the first small text files that differ, shortened; the text mentions what was
        /// omitted.
        diff: String,
    },
    /// A package that only marks the distribution of a stage.
    MarkerPackage,
    /// An entry where only folders of packages or versions are allowed.
    StrayEntry {
        /// The kind of the entry.
        entry_kind: EntryKind,
    },
    /// A stage without packages.
    EmptyStage,
    /// A local branch that points to another commit than its remote branch.
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
    /// A stage is pinned to a Git revision that is the name of several refs.
    AmbiguousRevision {
        /// The revision as given.
        revision: String,
        /// The ref that was read.
        read: String,
        /// The refs that were not read.
        others: Vec<String>,
    },
    /// Refs in `refs/replace/`, which Git applies and this tool ignores.
    ReplacedObjects {
        /// Number of objects that are replaced.
        object_count: u64,
    },
    /// Grafted parents in `info/grafts`, which Git applies and this tool ignores.
    GraftedCommits {
        /// Number of commits with grafted parents.
        commit_count: u64,
    },
    /// The history of a stage is truncated because the clone is shallow.
    ShallowHistory {
        /// The first parent commit that is missing from the clone.
        parent: ObjectId,
    },
    /// The name of the package folder is invalid.
    InvalidName {
        /// The rule that is broken.
        reason: String,
    },
    /// The name of the version folder is invalid.
    InvalidVersion {
        /// The rule that is broken.
        reason: String,
    },
    /// An object of the revision is missing from the repository.
    MissingObject {
        /// The kind of the object.
        object_kind: ObjectKind,
        /// The id of the object.
        object_id: ObjectId,
        /// Whether the repository is a partial clone, where objects are missing on purpose.
        partial_clone: bool,
    },
    /// An object of the revision cannot be read, or its hash is not its id.
    CorruptObject {
        /// The kind of the object.
        object_kind: ObjectKind,
        /// The id of the object.
        object_id: ObjectId,
        /// The error from reading it.
        detail: String,
    },
    /// A symlink, a submodule or an entry of unknown mode inside a revision.
    UnsupportedEntry {
        /// The kind of the entry.
        entry_kind: EntryKind,
    },
    /// A path that must not be in an archive.
    UnsafePath {
        /// The rule that is broken.
        reason: String,
    },
    /// A path that is safe, but that some systems or readers cannot write or display unchanged.
    UnportablePath {
        /// The rule that is broken.
        reason: String,
    },
    /// Two entries have the same path, or paths that are equal on some systems.
    PathCollision {
        /// The kind of the collision.
        alike: Alike,
        /// The other path, unless it is the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        other: Option<String>,
    },
    /// Revisions whose object keys are equal if case is ignored.
    KeyCollision {
        /// The key in lower case.
        key: String,
        /// The first of the package's other versions with that key, in version order.
        others: Vec<String>,
        /// The number of other versions.
        other_count: usize,
    },
    /// Versions of one package with equal precedence: they differ only in build metadata.
    EqualPrecedence {
        /// The first of the package's other versions that compare equal, in the order of their build
        /// metadata.
        others: Vec<String>,
        /// The number of other versions.
        other_count: usize,
    },
    /// A version without a prerelease tag that was never in production and that v2 serves to everyone.
    ExposesUnpromoted {
        /// Its position among the package's versions without a prerelease tag.
        standing: Recency,
        /// The newest version of the package in production without a prerelease tag.
        production_newest: Option<String>,
    },
    /// A file in Git LFS: v1 only contains the pointer to it.
    LfsPointer {
        /// The length of the file in bytes, as stated by the pointer.
        size: u64,
    },
    /// Files whose bytes differ in a checkout because of an attribute in `.gitattributes`.
    CheckoutDiffers {
        /// The attribute, in the syntax of `.gitattributes`.
        attribute: String,
        /// The first of the files.
        files: Vec<String>,
        /// The number of files.
        file_count: usize,
    },
    /// A revision with more tree entries than the limit.
    TooManyEntries {
        /// The number of entries at which reading stopped.
        limit: usize,
    },
    /// A stage of higher precedence may have a copy, but the package could not be listed there.
    Undecided {
        /// The stage in which the package folder cannot be read.
        unreadable: Stage,
    },
    /// The key of a static resource would be longer than stores or file systems accept.
    KeyTooLong {
        /// The key's length in bytes.
        key_len: usize,
        /// The length of its longest component, in bytes.
        name_len: usize,
    },
    /// The registry refers to a file that it cannot serve.
    DanglingResource {
        /// What Kibana uses the file for, sorted.
        used_as: Vec<ResourceUse>,
        /// The reason.
        cause: DanglingCause,
    },
    /// Relative links of a document refer to files that the package does not have.
    BrokenLinks {
        /// The destinations as written, in the order of appearance.
        links: Vec<String>,
    },
    /// The revision has no `manifest.yml` at its top level.
    ManifestMissing,
    /// The `manifest.yml` is not a YAML mapping with a name and a version.
    ManifestUnreadable {
        /// The error of the parser.
        detail: String,
        /// The line of the error, counted from 1, if known.
        line: Option<u64>,
        /// The column of the error in characters, counted from 1, if known.
        column: Option<u64>,
    },
    /// A field of the manifest that YAML readers may interpret differently or refuse.
    ManifestAmbiguous {
        /// The path of the field: `a.b[0].c`.
        field: String,
        /// The reason.
        reason: Ambiguity,
        /// The possible readings, shortened; the registry's reading comes last.
        readings: Vec<String>,
        /// The line, counted from 1.
        line: u64,
        /// The column in characters, counted from 1.
        column: u64,
    },
    /// The package or version in the manifest differs from the folder names.
    ManifestMismatch {
        /// The name in the manifest.
        manifest_name: String,
        /// The version in the manifest, as text.
        manifest_version: String,
    },
    /// The registry refuses to load the package.
    NotLoadable {
        /// The number of the rule that is broken (listed in `rules/registry`).
        rule: u8,
        /// Whether the rule also applies when the registry's validation is switched off.
        always_on: bool,
        /// The first release of the registry that refuses the package for it; 1.10.0 includes older ones.
        since: RegistryRelease,
        /// The last such release; `None` if the newest known release refuses the package.
        until: Option<RegistryRelease>,
        /// How the rule is broken.
        detail: String,
    },
    /// A category that the registry does not know: it loads the package without it.
    CategoryDropped {
        /// The category.
        category: String,
        /// The first release that refuses the package for it.
        since: RegistryRelease,
        /// The last such release.
        until: RegistryRelease,
    },
    /// The registry loads the package, but no index can have its entry: JSON has no infinity and no NaN.
    NotServable {
        /// The reason.
        detail: String,
    },
    /// A registry in storage mode changes integers of the revision's entry: it reads numbers as float64.
    InexactIntegers {
        /// The integers, in the order of the entry.
        integers: Vec<ChangedInteger>,
    },
    /// The published entry in the search index differs from the one derived from v1.
    IndexConflict {
        /// The fields that differ.
        fields: Vec<FieldDifference>,
    },
    /// The published entry in the search index is what another release of the registry derives from v1.
    IndexOtherRelease {
        /// The first such release; 1.10.0 includes older ones.
        since: RegistryRelease,
        /// The last such release; `None` if the newest known release does too.
        until: Option<RegistryRelease>,
        /// The fields that differ.
        fields: Vec<FieldDifference>,
    },
    /// The published search index has the revision, and v1 does not.
    IndexOnly,
    /// A flag or a decision names what v1 does not have any more.
    NoLongerInV1 {
        /// What names it.
        named_by: NamedBy,
        /// The glob, or the revision that a decision is about.
        name: String,
        /// The revision that it names; of several, the one that was removed last.
        revision: String,
        /// The stage that had it last; `None` if only the published index shows that v1 had it.
        stage: Option<Stage>,
        /// The last commit of the stage that has it; likewise.
        commit: Option<ObjectId>,
    },
    /// Kibana refuses to install the package.
    NotInstallable {
        /// The rule that is broken.
        rule: KibanaRule,
        /// The first key at fault.
        key: Option<String>,
        /// How the rule is broken.
        detail: String,
        /// Whether it is the highest version of its package.
        highest: bool,
    },
    /// Values of a manifest that the registry and Kibana read differently.
    ReadDifferently {
        /// The first such values.
        fields: Vec<ReadDifference>,
    },
    /// The `release` of the manifest contradicts the version.
    ReleaseContradiction {
        /// The value of `release` in the manifest.
        release: String,
        /// The version.
        version: String,
        /// The stability according to the version.
        version_says: Stability,
    },
    /// The validator of `--validate-command` rejected the package.
    ValidationFailed {
        /// The validator's exit code, which is not 0.
        exit_code: i32,
        /// The first lines of its output, without temporary paths.
        output: String,
        /// Whether `--validate-fail-on-error` was given.
        fail_on_error: bool,
    },
    /// The validator of `--validate-command` gave no verdict on the package.
    NotValidated {
        /// The reason.
        cause: NoVerdict,
        /// The first lines of its output, without temporary paths.
        output: String,
        /// Whether `--validate-fail-on-error` was given.
        fail_on_error: bool,
    },
}

impl FindingKind {
    /// All codes.
    pub const CODES: &'static [&'static str] = <FindingKind as strum::VariantNames>::VARIANTS;

    /// Returns the finding of a path that appears twice, or both as a file and as a folder.
    pub fn same_path() -> Self {
        FindingKind::PathCollision { alike: Alike::Same, other: None }
    }

    /// Returns the stable code.
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// Returns the severity.
    pub fn severity(&self) -> Severity {
        match self {
            FindingKind::IdenticalCopy { .. }
            | FindingKind::ModeOnly { .. }
            | FindingKind::MarkerPackage
            | FindingKind::IndexOtherRelease { .. }
            | FindingKind::IndexOnly
            | FindingKind::ReadDifferently { .. }
            | FindingKind::BrokenLinks { .. } => Severity::Info,
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
            | FindingKind::NotInstallable { .. }
            | FindingKind::NoLongerInV1 { .. }
            | FindingKind::ReleaseContradiction { .. }
            | FindingKind::ValidationFailed { fail_on_error: false, .. }
            | FindingKind::NotValidated { fail_on_error: false, .. }
            | FindingKind::UnportablePath { .. }
            | FindingKind::PathCollision { alike: Alike::Case | Alike::Normalization, .. }
            | FindingKind::KeyTooLong { .. }
            | FindingKind::DanglingResource { .. }
            | FindingKind::InexactIntegers { .. }
            | FindingKind::EqualPrecedence { .. }
            | FindingKind::ExposesUnpromoted { .. } => Severity::Warning,
            // A published archive whose name the registry reads differently cannot be withdrawn.
            FindingKind::ManifestAmbiguous { field, readings, .. } => {
                let names_it = field == "name" || field == "version";
                let is_same = readings.windows(2).all(|pair| pair[0] == pair[1]);
                if names_it && !is_same { Severity::Blocker } else { Severity::Warning }
            }
            FindingKind::ContentConflict { .. }
            | FindingKind::KeyCollision { .. }
            | FindingKind::IndexConflict { .. } => Severity::Conflict,
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
            | FindingKind::NotServable { .. }
            | FindingKind::ValidationFailed { fail_on_error: true, .. }
            | FindingKind::NotValidated { fail_on_error: true, .. } => Severity::Blocker,
        }
    }
}
