//! What a run has to tell: one model, and one pure renderer per format.
//!
//! The model speaks of v1 alone, and of signatures, so that a dry run and a run tell the same as far as
//! a dry run can know it. To add a format, add a file with a function from `&Report` to `String`, and
//! name it in `commands`.

pub mod json;
pub mod markdown;
pub mod skeleton;
pub mod verdict;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use crate::digest::Sha256;
use crate::model::balance::{Balance, Excluded};
use crate::model::finding::{Finding, Settlement, Severity};
use crate::model::plan::{Source, Tool};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::signature_status::Coverage;

use verdict::Verdict;

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
    /// Where every copy ended.
    pub balance: Balance,
    /// How far the archives are signed.
    pub signatures: Coverage,
    /// Everything a person should know, the worst first.
    pub findings: Vec<Finding>,
}

/// The findings of one code and severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeGroup<'a> {
    /// The severity.
    pub severity: Severity,
    /// The code.
    pub code: &'static str,
    /// The findings, in the report's order.
    pub findings: Vec<&'a Finding>,
}

impl<'a> CodeGroup<'a> {
    /// Groups findings, the worst first, then by code; some codes occur in two severities.
    pub(in crate::report) fn all_of(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Self> {
        let mut groups: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
        for finding in findings {
            let key = (Reverse(finding.kind.severity()), finding.kind.code());
            groups.entry(key).or_default().push(finding);
        }
        let group = |((Reverse(severity), code), findings)| CodeGroup { severity, code, findings };
        groups.into_iter().map(group).collect()
    }
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

    /// What it comes to.
    pub fn verdict(&self) -> Verdict {
        Verdict::of(self)
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

/// Where all findings stand, when a text shows only the first few of each code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllFindings {
    /// In the JSON report of this file name.
    File(String),
    /// In the JSON report on stdout.
    Stdout,
    /// In no output of this run.
    Nowhere,
}

impl fmt::Display for AllFindings {
    /// Completes the sentence "and 5 more: …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AllFindings::File(name) => write!(f, "all are in {name}"),
            AllFindings::Stdout => f.write_str("all are in the JSON report on stdout"),
            AllFindings::Nowhere => f.write_str("--report FILE.json writes all"),
        }
    }
}

/// Why copies are left out, each reason that occurs with its count; empty when none does.
pub(crate) fn reasons(excluded: &Excluded) -> String {
    let there = excluded.reasons().filter(|(_, count)| *count > 0);
    let texts: Vec<String> =
        there.map(|(reason, count)| format!("{} {reason}", grouped(count))).collect();
    texts.join(", ")
}

/// A number with a comma between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
