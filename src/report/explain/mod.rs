//! The story of a package or a revision: the model that `explain` fills, and its JSON form.
//!
//! Contains only facts about v1, the plan and v2; the text for people, with its colours, is in `cli/summary`.

pub mod json;

use serde::Serialize;
use serde_json::Value;

use crate::digest::Sha256;
use crate::model::content::ObjectId;
use crate::model::finding::{Finding, Severity};
use crate::model::mismatch::Mismatch;
use crate::model::package::{PackageName, PackageVersion, RevisionId, Stage, as_text};
use crate::model::plan::{ArchiveUpload, Source, Tool};
use crate::model::registry_release::RegistryRelease;
use crate::model::timeline::{ChangedFiles, HistoryFinding};
use crate::model::verification::PlaceName;
use crate::rules::history::{LastPresence, Step};

/// What to explain: a package, or one revision of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StorySubject {
    /// The package.
    #[serde(rename = "package")]
    pub name: PackageName,
    /// The version; `None` for all versions.
    #[serde(serialize_with = "optional_text")]
    pub version: Option<PackageVersion>,
}

fn optional_text<S: serde::Serializer>(
    version: &Option<PackageVersion>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match version {
        Some(version) => as_text(version, to),
        None => to.serialize_none(),
    }
}

impl std::fmt::Display for StorySubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{}-{version}", self.name),
            None => self.name.fmt(f),
        }
    }
}

/// The story of a package or a revision.
#[derive(Clone, Debug)]
pub struct Story {
    /// The tool that made it.
    pub tool: Tool,
    /// The stages that were read.
    pub source: Source,
    /// The SHA-256 of the decisions file, if there was one.
    pub resolutions: Option<Sha256>,
    /// The release of the registry that must be able to load the packages.
    pub registry: RegistryRelease,
    /// Where v2 is, if it was looked at.
    pub places: Option<StoryPlaces>,
    /// What is explained.
    pub subject: StorySubject,
    /// Findings that limit what is known of the history, the worst first.
    pub history_findings: Vec<HistoryFinding>,
    /// The findings of a migration on the subject, on the package as a whole, and on whole stages.
    pub findings: Vec<Finding>,
    /// The revisions that a stage has ever had, by version; never empty.
    pub revisions: Vec<RevisionStory>,
}

/// Where the objects of v2 are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryPlaces {
    /// The place of archives and static resources.
    pub objects: PlaceName,
    /// The place of the index; `None` if none was compared.
    pub index: Option<PlaceName>,
}

/// The story of a revision.
#[derive(Clone, Debug)]
pub struct RevisionStory {
    /// The revision.
    pub revision: RevisionId,
    /// What a migration does with it.
    pub outcome: StoryOutcome,
    /// Its copies at the tips, in order of precedence.
    pub copies: Vec<StoryCopy>,
    /// What happened to it, oldest first.
    pub events: Vec<StoryEvent>,
    /// Its archive, if it is migrated.
    pub archive: Option<ArchiveUpload>,
    /// Its entry in the search index; only if a single revision is explained, and it has one.
    pub entry: Option<Value>,
    /// What v2 has of it; `None` if v2 was not looked at.
    pub v2: Option<V2Story>,
}

/// What a migration does with a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum StoryOutcome {
    /// It is archived.
    Archived {
        /// The stage whose copy is migrated.
        stage: Stage,
        /// Why this one.
        why: WinnerReason,
    },
    /// It is not migrated, because of blockers.
    Blocked {
        /// Their codes, sorted.
        codes: Vec<&'static str>,
    },
    /// It is not migrated, because of a decision.
    Skipped {
        /// The reason that the decision states.
        reason: String,
    },
    /// It is not at any tip.
    Gone {
        /// When and where it was last present.
        #[serde(flatten)]
        last: LastPresence,
    },
    /// A tip that may have it cannot be read.
    Unknown,
}

/// Why a copy is migrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WinnerReason {
    /// No other stage has it.
    OnlyCopy,
    /// It is the first in the order of precedence.
    Precedence,
    /// A decision selects it.
    Decision,
}

/// A copy at the tip of a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoryCopy {
    /// The stage.
    pub stage: Stage,
    /// The id of its folder.
    pub tree: ObjectId,
    /// The digest of its files; `None` if they cannot be read or are not allowed.
    pub content_digest: Option<Sha256>,
    /// The number of its files; likewise.
    pub file_count: Option<usize>,
    /// What becomes of it.
    pub role: CopyRole,
}

/// What becomes of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CopyRole {
    /// It is migrated.
    Migrated,
    /// It has the same files as the one that is migrated.
    Duplicate,
    /// It has other files than the one that is migrated.
    Shadowed,
    /// It cannot be compared with the one that is migrated.
    NotCompared,
    /// The revision is not migrated.
    NotMigrated,
}

/// Something that happened to a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoryEvent {
    /// The stages in which it happened, with the same commit, in order of precedence.
    pub stages: Vec<Stage>,
    /// The commit, its date, and what happened.
    #[serde(flatten)]
    pub step: Step,
    /// The files, where content changed.
    pub files: Option<ChangedFiles>,
    /// The other stages that had the revision then, and if it came, also those that had it earlier; only of an
    /// event by which it came or went.
    pub elsewhere: Vec<Elsewhere>,
}

/// Another stage that had the revision at the time of an event, or earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    /// The stage.
    pub stage: Stage,
    /// When it had the revision.
    pub when: Presence,
    /// Whether its files were the same, when it had the revision last.
    pub files: Likeness,
}

/// When another stage had a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// At the time of the event.
    Then,
    /// Only before: it had removed it.
    Earlier,
}

/// Whether two copies have the same files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likeness {
    /// The same paths with the same content.
    Same,
    /// Not the same.
    Other,
    /// They cannot be compared.
    Unknown,
}

/// What v2 has of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct V2Story {
    /// The state of its archive.
    pub archive: V2State,
    /// The state of its static resources; `None` if v2 cannot have them or they cannot be looked up.
    pub statics: Option<V2State>,
    /// The state of its entry in the index; `None` if no index was compared.
    pub entry: Option<V2State>,
    /// What differs or is unknown.
    pub mismatches: Vec<Mismatch>,
}

/// The state of a revision's objects of one kind in v2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum V2State {
    /// v2 has it, equal to v1.
    Equal,
    /// v2 has it, and it differs from v1.
    Different,
    /// v2 does not have it, and should.
    Missing,
    /// v2 has it, and v1 has nothing that should be there.
    Extra,
    /// v2 does not have it, as it should be.
    Absent,
    /// It cannot be determined.
    Unknown,
}

impl Story {
    /// Returns whether the history is complete.
    pub fn is_whole(&self) -> bool {
        self.history_findings.iter().all(|found| found.finding.kind.severity() < Severity::Blocker)
    }

    /// Returns the findings on a revision, without those on the package as a whole.
    pub fn findings_on<'s>(
        &'s self,
        version: &'s PackageVersion,
    ) -> impl Iterator<Item = &'s Finding> {
        let text = version.to_string();
        self.findings.iter().filter(move |finding| finding.version.as_ref() == Some(&text))
    }
}
