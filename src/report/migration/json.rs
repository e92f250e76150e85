//! The JSON form of the report, one finding per line; `merge-plans` reads it back.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{Report, against, visibility};
use crate::digest::Sha256;
use crate::model::balance::{Balance, StageBalances};
use crate::model::finding::{Finding, Settlement};
use crate::model::package::Stage;
use crate::model::plan::{
    PlannedIndex, Source, Tool, check_schema_version, head_fields, json_elements, json_lines,
    registry_field, resources_field,
};
use crate::model::registry_release::RegistryRelease;
use crate::model::resources::{Resources, StaticCounts};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::validation::Validation;
use crate::report::findings::Record;
use crate::report::signatures::{self, ReadCoverage, with_evidence};
use crate::rules::visibility::Visibility;

/// Renders the report as JSON.
///
/// # Errors
/// Serialization errors, which these types do not cause.
pub fn render(report: &Report) -> serde_json::Result<String> {
    let Report { tool, source, shard, scope, resources, resolutions, .. } = report;
    let Report { registry, balance, balance_by_stage, statics, index, .. } = report;
    let mut fields = head_fields(tool, source, *shard, scope, *resolutions)?;
    fields.extend(resources_field(resources)?);
    fields.extend(registry_field(*registry)?);
    fields.push(("balance", serde_json::to_string(balance)?));
    fields.push(("balance_by_stage", serde_json::to_string(balance_by_stage)?));
    fields.push(("statics", serde_json::to_string(statics)?));
    if let Some(index) = index {
        fields.push(("index", serde_json::to_string(index)?));
    }
    fields.push(("visibility", visibility::to_json(&report.visibility)?));
    // `null` without validation, to make it explicit that nothing was validated.
    fields.push(("validation", serde_json::to_string(&report.validation)?));
    fields.push(("signatures", signatures::to_json(&report.signatures)?));
    if let Some(comparison) = &report.against {
        fields.push(("against", against::to_json(comparison)?));
    }
    let findings = json_elements(report.findings.iter().map(Record::from))?;
    Ok(json_lines(&fields, ("findings", &findings)))
}

/// The JSON form of a report, for reading.
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
    resources: Resources,
    #[serde(default)]
    resolutions: Option<Sha256>,
    #[serde(default = "RegistryRelease::newest")]
    registry: RegistryRelease,
    balance: Balance,
    balance_by_stage: StageBalances,
    statics: StaticCounts,
    #[serde(default)]
    index: Option<PlannedIndex>,
    visibility: Visibility,
    validation: Option<Validation>,
    signatures: ReadCoverage,
    /// What a store had at the time is of no use later.
    #[serde(default, rename = "against")]
    _against: IgnoredAny,
    findings: Vec<ReadRecord>,
}

/// The JSON form of a finding, for reading; fields that follow from code and evidence are ignored. The fields
/// are listed explicitly because serde cannot refuse unknown fields next to flattened ones.
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
/// The text is not a report of this [`SCHEMA_VERSION`](crate::model::plan::SCHEMA_VERSION), or has unknown fields.
pub fn parse(text: &str) -> serde_json::Result<Report> {
    check_schema_version(text)?;
    let read: ReadReport = serde_json::from_str(text)?;
    let ReadReport { tool, source, shard, scope, resources, resolutions, .. } = read;
    let ReadReport { registry, balance, balance_by_stage, statics, index, visibility, .. } = read;
    let validation = read.validation;
    let signatures = read.signatures.into_coverage()?;
    let findings = read.findings.into_iter().map(ReadRecord::into_finding);
    let findings = findings.collect::<Result<_, _>>()?;
    Ok(Report {
        tool,
        source,
        shard,
        scope,
        resources,
        resolutions,
        registry,
        balance,
        balance_by_stage,
        statics,
        index,
        visibility,
        validation,
        signatures,
        against: None,
        findings,
    })
}
