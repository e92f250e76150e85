//! The report as JSON, for programs: one finding a line; and back again, for `merge-plans`.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::Report;
use crate::digest::Sha256;
use crate::model::balance::Balance;
use crate::model::finding::{Finding, Settlement};
use crate::model::package::Stage;
use crate::model::plan::{
    Source, Tool, check_schema_version, head_fields, json_elements, json_lines, registry_field,
};
use crate::model::registry_release::RegistryRelease;
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::validation::Validation;
use crate::report::findings::Record;
use crate::report::signatures::{self, ReadCoverage, with_evidence};

/// Renders the report.
///
/// # Errors
/// None that these types can cause; passed on rather than hidden.
pub fn render(report: &Report) -> serde_json::Result<String> {
    let Report { tool, source, shard, scope, resolutions, registry, balance, .. } = report;
    let mut fields = head_fields(tool, source, *shard, scope, *resolutions)?;
    fields.extend(registry_field(*registry)?);
    fields.push(("balance", serde_json::to_string(balance)?));
    // `null` without validation: a reader sees that nothing was validated.
    fields.push(("validation", serde_json::to_string(&report.validation)?));
    fields.push(("signatures", signatures::to_json(&report.signatures)?));
    let findings = json_elements(report.findings.iter().map(Record::from))?;
    Ok(json_lines(&fields, ("findings", &findings)))
}

/// A report's JSON form, as it is read back; what follows from `kind` is not read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadReport {
    #[serde(rename = "schema_version")]
    _schema_version: u32,
    tool: Tool,
    source: Source,
    #[serde(default = "Shard::whole")]
    shard: Shard,
    #[serde(default)]
    scope: Scope,
    #[serde(default)]
    resolutions: Option<Sha256>,
    #[serde(default = "RegistryRelease::newest")]
    registry: RegistryRelease,
    balance: Balance,
    validation: Option<Validation>,
    signatures: ReadCoverage,
    findings: Vec<ReadRecord>,
}

/// A finding's JSON form, as it is read back. Written out, since serde cannot refuse unknown fields
/// beside flattened ones.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadRecord {
    #[serde(rename = "severity")]
    _severity: IgnoredAny,
    package: Option<String>,
    version: Option<String>,
    stages: Vec<Stage>,
    path: Option<String>,
    #[serde(rename = "message")]
    _message: IgnoredAny,
    #[serde(rename = "advice")]
    _advice: IgnoredAny,
    #[serde(default)]
    settled: Option<Settlement>,
    code: String,
    evidence: Option<Value>,
}

impl ReadRecord {
    fn into_finding(self) -> serde_json::Result<Finding> {
        let ReadRecord { package, version, stages, path, settled, code, evidence, .. } = self;
        let kind = with_evidence(code, evidence)?;
        Ok(Finding { package, version, stages, path, kind, settled })
    }
}

/// Reads what [`render`] wrote.
///
/// # Errors
/// Anything that is no report of this [`SCHEMA_VERSION`](crate::model::plan::SCHEMA_VERSION), or says more than this tool knows.
pub fn parse(text: &str) -> serde_json::Result<Report> {
    check_schema_version(text)?;
    let read: ReadReport = serde_json::from_str(text)?;
    let ReadReport { tool, source, shard, scope, resolutions, registry, .. } = read;
    let (balance, validation) = (read.balance, read.validation);
    let signatures = read.signatures.into_coverage()?;
    let findings = read.findings.into_iter().map(ReadRecord::into_finding);
    let findings = findings.collect::<Result<_, _>>()?;
    Ok(Report {
        tool,
        source,
        shard,
        scope,
        resolutions,
        registry,
        balance,
        validation,
        signatures,
        findings,
    })
}
