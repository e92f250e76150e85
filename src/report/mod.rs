//! What a run has to tell: one model, and one pure renderer per format.
//!
//! The model speaks of v1 alone, so that a dry run and a run tell the same. To add a format, add a
//! file with a function from `&Report` to `String`, and name it in `commands`.

pub mod history;
pub mod json;
pub mod markdown;

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::plan::{Source, Tool};
use crate::resolve::Balance;
use crate::shard::Shard;

/// A run's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What made the report.
    pub tool: Tool,
    /// What was read.
    pub source: Source,
    /// Which packages.
    pub shard: Shard,
    /// Where every copy ended.
    pub balance: Balance,
    /// Everything a person should know, the worst first.
    pub findings: Vec<Finding>,
}

/// The findings of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeCount {
    /// The code's severity.
    pub severity: Severity,
    /// The code.
    pub code: &'static str,
    /// How many there are.
    pub count: usize,
}

impl Report {
    /// Findings by code, the worst first, then by code.
    pub fn counts_by_code(&self) -> Vec<CodeCount> {
        let mut counts: BTreeMap<_, usize> = BTreeMap::new();
        for finding in &self.findings {
            let key = (std::cmp::Reverse(finding.kind.severity()), finding.kind.code());
            *counts.entry(key).or_default() += 1;
        }
        counts
            .into_iter()
            .map(|((severity, code), count)| CodeCount { severity: severity.0, code, count })
            .collect()
    }

    /// Tells whether a finding is at or above `threshold`.
    pub fn reaches(&self, threshold: Severity) -> bool {
        self.findings.iter().any(|finding| finding.kind.severity() >= threshold)
    }
}
