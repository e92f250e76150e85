//! The report of a migration: one model, and one pure renderer per format.
//!
//! The model contains only facts about v1 and signatures, so that a dry run has the same report as a real run,
//! except for what only signing can find out, and for the comparison with a store that a dry run may make. To add a format, add a file with a function from `&Report` to
//! `String`, and register it in `cli/outputs.rs`.

pub mod against;
mod compared;
mod flow;
pub mod html;
pub mod installable;
pub mod json;
pub mod markdown;
mod objects;
mod packages;
mod seen;
pub mod skeleton;
pub mod verdict;
pub mod visibility;

use crate::digest::Sha256;
use crate::model::balance::{Balance, Excluded, StageBalances};
use crate::model::finding::{Finding, Settlement, Severity};
use crate::model::plan::{PlannedIndex, Source, Tool};
use crate::model::registry_release::RegistryRelease;
use crate::model::resources::{Resources, StaticCounts};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::signature_status::Coverage;
use crate::model::upload::Comparison;
use crate::model::validation::Validation;
use crate::rules::visibility::Visibility;

use super::findings::CodeGroup;
use super::text::grouped;

/// The report of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The tool that created the report.
    pub tool: Tool,
    /// The source that was read.
    pub source: Source,
    /// The selected packages.
    pub shard: Shard,
    /// The selected revisions.
    pub scope: Scope,
    /// The objects made of each revision.
    pub resources: Resources,
    /// The SHA-256 of the decisions file, if there was one.
    pub resolutions: Option<Sha256>,
    /// The release of the registry that must be able to load the packages.
    pub registry: RegistryRelease,
    /// The number of copies by outcome.
    pub balance: Balance,
    /// The same for each stage.
    pub balance_by_stage: StageBalances,
    /// The number of static resources.
    pub statics: StaticCounts,
    /// The search index, if one is made.
    pub index: Option<PlannedIndex>,
    /// What users see before and after the move.
    pub visibility: Visibility,
    /// The validation of packages, if there was one.
    pub validation: Option<Validation>,
    /// The state of the archives' signatures.
    pub signatures: Coverage,
    /// What uploading the plan would do, if it was compared with a store.
    pub against: Option<Comparison>,
    /// All findings, most severe first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Returns the findings without a decision.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.settled.is_none())
    }

    /// Returns the findings with a decision, and the decision.
    pub fn settled(&self) -> impl Iterator<Item = (&Finding, &Settlement)> {
        self.findings.iter().filter_map(|finding| Some((finding, finding.settled.as_ref()?)))
    }

    /// Returns the open findings grouped by code, most severe first, then by code.
    pub fn by_code(&self) -> Vec<CodeGroup<'_>> {
        CodeGroup::all_of(self.open())
    }

    /// Returns whether the report covers only a part of v1.
    pub fn is_partial(&self) -> bool {
        !self.shard.is_whole() || !self.scope.is_everything()
    }

    /// Returns whether an open finding is at or above `threshold`.
    pub fn reaches(&self, threshold: Severity) -> bool {
        self.open().any(|finding| finding.kind.severity() >= threshold)
    }
}

/// Renders the reasons for excluded copies with their counts, without those that do not occur.
pub(crate) fn reasons(excluded: &Excluded) -> String {
    let there = excluded.reasons().filter(|(_, count)| *count > 0);
    let texts: Vec<String> =
        there.map(|(reason, count)| format!("{} {reason}", grouped(count))).collect();
    texts.join(", ")
}
