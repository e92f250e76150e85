//! The report as JSON, for programs: one finding a line.

use serde::Serialize;

use super::Report;
use crate::finding::{Finding, FindingKind, Severity};
use crate::package::Stage;
use crate::plan::SCHEMA_VERSION;

/// A finding's JSON form. Code and evidence come from `kind`.
#[derive(Serialize)]
struct Record<'a> {
    severity: Severity,
    package: Option<&'a str>,
    version: Option<&'a str>,
    stages: &'a [Stage],
    path: Option<&'a str>,
    message: String,
    advice: &'static str,
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
            kind: &finding.kind,
        }
    }
}

/// Renders the report.
///
/// # Errors
/// None that these types can cause; passed on rather than hidden.
pub fn render(report: &Report) -> serde_json::Result<String> {
    let records: Vec<String> = report
        .findings
        .iter()
        .map(|finding| serde_json::to_string(&Record::from(finding)))
        .collect::<Result<_, _>>()?;
    Ok(crate::plan::json_lines(
        &[
            ("schema_version", serde_json::to_string(&SCHEMA_VERSION)?),
            ("tool", serde_json::to_string(&report.tool)?),
            ("source", serde_json::to_string(&report.source)?),
            ("balance", serde_json::to_string(&report.balance)?),
        ],
        ("findings", &records),
    ))
}
