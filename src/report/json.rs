//! The report as JSON, for programs: one finding a line; and back again, for `merge-plans`.

use serde::{Deserialize, Serialize};

use super::Report;
use crate::finding::{Finding, FindingKind, Severity};
use crate::package::Stage;
use crate::plan::{SCHEMA_VERSION, Source, Tool, check_schema_version, head_fields, json_lines};
use crate::resolve::Balance;
use crate::shard::Shard;

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
    let Report { tool, source, shard, balance, .. } = report;
    let mut fields = head_fields(SCHEMA_VERSION, tool, source, *shard)?;
    fields.push(("balance", serde_json::to_string(balance)?));
    Ok(json_lines(&fields, ("findings", &records)))
}

/// A report's JSON form, as it is read back; what follows from `kind` is not read.
#[derive(Deserialize)]
struct ReadReport {
    schema_version: u32,
    tool: Tool,
    source: Source,
    #[serde(default = "Shard::whole")]
    shard: Shard,
    balance: Balance,
    findings: Vec<ReadRecord>,
}

#[derive(Deserialize)]
struct ReadRecord {
    package: Option<String>,
    version: Option<String>,
    stages: Vec<Stage>,
    path: Option<String>,
    #[serde(flatten)]
    kind: FindingKind,
}

/// Reads what [`render`] wrote.
///
/// # Errors
/// Anything that is no report of this [`SCHEMA_VERSION`].
pub fn parse(text: &str) -> serde_json::Result<Report> {
    let read: ReadReport = serde_json::from_str(text)?;
    check_schema_version(read.schema_version)?;
    let findings = read.findings.into_iter().map(|record| {
        let ReadRecord { package, version, stages, path, kind } = record;
        Finding { package, version, stages, path, kind }
    });
    Ok(Report {
        tool: read.tool,
        source: read.source,
        shard: read.shard,
        balance: read.balance,
        findings: findings.collect(),
    })
}
