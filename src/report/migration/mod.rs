//! What a run has to tell: one model, and one pure renderer per format.
//!
//! The model speaks of v1 alone, and of signatures, so that a dry run and a run tell the same as far as
//! a dry run can know it. To add a format, add a file with a function from `&Report` to `String`, and
//! name it in `cli/outputs.rs`.

pub mod installable;
pub mod json;
pub mod markdown;
pub mod skeleton;
pub mod verdict;

use crate::digest::Sha256;
use crate::model::balance::{Balance, Excluded};
use crate::model::finding::{Finding, Settlement, Severity};
use crate::model::plan::{Source, Tool};
use crate::model::registry_release::RegistryRelease;
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::signature_status::Coverage;
use crate::model::validation::Validation;

use super::findings::CodeGroup;
use super::text::grouped;

/// A run's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What made the report.
    pub tool: Tool,
    /// What was read.
    pub source: Source,
    /// Which packages.
    pub shard: Shard,
    /// Which revisions.
    pub scope: Scope,
    /// The SHA-256 of the file of decisions, if there was one.
    pub resolutions: Option<Sha256>,
    /// The release of the registry that packages have to load in.
    pub registry: RegistryRelease,
    /// Where every copy ended.
    pub balance: Balance,
    /// How packages were validated, if they were.
    pub validation: Option<Validation>,
    /// How far the archives are signed.
    pub signatures: Coverage,
    /// Everything a person should know, the worst first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Findings that nobody has decided on.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.settled.is_none())
    }

    /// Findings that a person has decided on, with what was decided.
    pub fn settled(&self) -> impl Iterator<Item = (&Finding, &Settlement)> {
        self.findings.iter().filter_map(|finding| Some((finding, finding.settled.as_ref()?)))
    }

    /// Open findings by code, the worst first, then by code.
    pub fn by_code(&self) -> Vec<CodeGroup<'_>> {
        CodeGroup::all_of(self.open())
    }

    /// Tells whether it is of a part of v1 only.
    pub fn is_partial(&self) -> bool {
        !self.shard.is_whole() || !self.scope.is_everything()
    }

    /// Tells whether an open finding is at or above `threshold`.
    pub fn reaches(&self, threshold: Severity) -> bool {
        self.open().any(|finding| finding.kind.severity() >= threshold)
    }
}

/// Why copies are left out, each reason that occurs with its count; empty when none does.
pub(crate) fn reasons(excluded: &Excluded) -> String {
    let there = excluded.reasons().filter(|(_, count)| *count > 0);
    let texts: Vec<String> =
        there.map(|(reason, count)| format!("{} {reason}", grouped(count))).collect();
    texts.join(", ")
}
