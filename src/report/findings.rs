//! Findings as several reports show them: grouped by code, and as JSON.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::finding::{Finding, FindingKind, Settlement, Severity};
use crate::model::package::Stage;
use crate::model::plan::{json_elements, json_list};
use crate::model::timeline::{CommitStamp, HistoryFinding};

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
    /// Groups findings by severity, the worst first, then by code; some codes have two severities.
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

/// The JSON form of a finding. `kind` provides code and evidence.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    severity: Severity,
    package: Option<&'a str>,
    version: Option<&'a str>,
    stages: &'a [Stage],
    path: Option<&'a str>,
    message: String,
    advice: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<&'a Settlement>,
    #[serde(flatten)]
    kind: &'a FindingKind,
}

impl<'a> From<&'a Finding> for Record<'a> {
    fn from(finding: &'a Finding) -> Self {
        Record {
            severity: finding.kind.severity(),
            package: finding.package.as_deref(),
            version: finding.version.as_deref(),
            stages: &finding.stages,
            path: finding.path.as_deref(),
            message: finding.kind.message(),
            advice: finding.kind.advice(),
            settled: finding.settled.as_ref(),
            kind: &finding.kind,
        }
    }
}

/// The JSON form of a finding of the history, preceded by the commit where it was found.
#[derive(Serialize)]
pub(super) struct Found<'a> {
    #[serde(flatten)]
    commit: CommitStamp,
    #[serde(flatten)]
    finding: Record<'a>,
}

impl<'a> From<&'a HistoryFinding> for Found<'a> {
    fn from(HistoryFinding { commit, finding }: &'a HistoryFinding) -> Self {
        Found { commit: *commit, finding: finding.into() }
    }
}

/// Returns the value of a field: a JSON list with one element per line.
pub(super) fn lines(
    values: impl IntoIterator<Item = impl Serialize>,
) -> serde_json::Result<String> {
    Ok(json_list(&json_elements(values)?))
}
