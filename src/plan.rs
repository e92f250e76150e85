//! The upload plan and its JSON form.
//!
//! A plan is a function of the v1 commits, the stages and the archive engine: no clock, no path of
//! the machine, no thread order. One upload takes one line, so that two plans diff well.
//! Made by `migrate`, written by `commands`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::digest::{Crc32c, Md5, Sha256};
use crate::package::{ObjectKey, Stage};
use crate::scope::Scope;
use crate::shard::Shard;

/// The version of the plan's and the report's form; it rises when a reader must change.
pub const SCHEMA_VERSION: u32 = 2;

/// The tool that made a plan or a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// The crate's name.
    pub name: String,
    /// The crate's version.
    pub version: String,
}

impl Tool {
    /// This tool.
    pub fn this() -> Self {
        Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The stages in their precedence.
    pub stages: Vec<SourceStage>,
}

/// One stage that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceStage {
    /// The stage.
    pub stage: Stage,
    /// The ref, or the revision that the stage was pinned to.
    ///
    /// A plan names the branch as the v1 repository calls it (`refs/heads/production`), so that
    /// every clone gives the same plan; a report names the ref that was read in this clone.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The commit's id.
    pub commit: String,
}

/// What decided the archives' bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveEngine {
    /// Name, version and level of the compressor, and the version of the archive layout. Plans of
    /// one fingerprint and the same content hold the same digests.
    pub fingerprint: String,
}

/// One object to be put into v2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// The object's key in the bucket.
    pub key: ObjectKey,
    /// The file below the output folder, `/` between components.
    pub file: ObjectKey,
    /// The object's media type.
    pub content_type: Cow<'static, str>,
    /// The object's length in bytes.
    pub size: u64,
    /// The object's SHA-256, hex.
    pub sha256: Sha256,
    /// The object's MD5, base64.
    pub md5: Md5,
    /// The object's CRC-32C, base64, big-endian.
    pub crc32c: Crc32c,
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The stage whose copy is migrated.
    pub stage: Stage,
    /// The digest of the revision's files: [`crate::content::Content::digest`].
    pub content_digest: Sha256,
    /// Number of files in the archive.
    pub file_count: u64,
}

/// All uploads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What made the plan.
    pub tool: Tool,
    /// What was read.
    pub source: Source,
    /// Which packages; absent in the JSON form when it is all of them.
    #[serde(default = "Shard::whole", skip_serializing_if = "Shard::is_whole")]
    pub shard: Shard,
    /// Which revisions; absent in the JSON form when it is all of them.
    #[serde(default, skip_serializing_if = "Scope::is_everything")]
    pub scope: Scope,
    /// The SHA-256 of the file of decisions; absent in the JSON form without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolutions: Option<Sha256>,
    /// What decided the archives' bytes.
    pub archive_engine: ArchiveEngine,
    /// Sorted by key, in byte order.
    pub uploads: Vec<Upload>,
}

impl Plan {
    /// The plan as JSON, one upload a line.
    ///
    /// # Errors
    /// None that these types can cause; passed on rather than hidden.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let uploads: Vec<String> =
            self.uploads.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        let Plan { tool, source, shard, scope, .. } = self;
        let mut fields = head_fields(self.schema_version, tool, source, *shard, scope)?;
        if let Some(digest) = self.resolutions {
            fields.push(("resolutions", serde_json::to_string(&digest)?));
        }
        fields.push(("archive_engine", serde_json::to_string(&self.archive_engine)?));
        Ok(json_lines(&fields, ("uploads", &uploads)))
    }

    /// Reads what [`Plan::to_json`] wrote.
    ///
    /// # Errors
    /// Anything that is no plan of this [`SCHEMA_VERSION`], or says more than this tool knows.
    pub fn from_json(text: &str) -> serde_json::Result<Self> {
        check_schema_version(text)?;
        serde_json::from_str(text)
    }
}

/// Refuses a form that this tool does not know, before anything else in it is looked at.
pub(crate) fn check_schema_version(text: &str) -> serde_json::Result<()> {
    #[derive(Deserialize)]
    struct Versioned {
        schema_version: u32,
    }
    let Versioned { schema_version } = serde_json::from_str(text)?;
    if schema_version == SCHEMA_VERSION {
        return Ok(());
    }
    let message = format!("schema version {schema_version}, this tool knows {SCHEMA_VERSION}");
    Err(serde::de::Error::custom(message))
}

/// The ready fields that plan and report begin with.
pub(crate) fn head_fields(
    schema_version: u32,
    tool: &Tool,
    source: &Source,
    shard: Shard,
    scope: &Scope,
) -> serde_json::Result<Vec<(&'static str, String)>> {
    let mut fields = vec![
        ("schema_version", serde_json::to_string(&schema_version)?),
        ("tool", serde_json::to_string(tool)?),
        ("source", serde_json::to_string(source)?),
    ];
    if !shard.is_whole() {
        fields.push(("shard", serde_json::to_string(&shard)?));
    }
    if !scope.is_everything() {
        fields.push(("scope", serde_json::to_string(scope)?));
    }
    Ok(fields)
}

/// A JSON object of ready values, a field a line, that ends in a list, an element a line.
pub(crate) fn json_lines(fields: &[(&str, String)], list: (&str, &[String])) -> String {
    let fields: String =
        fields.iter().map(|(name, value)| format!("  \"{name}\": {value},\n")).collect();
    let (name, elements) = list;
    format!("{{\n{fields}  \"{name}\": {}\n}}\n", json_list(elements))
}

/// A JSON list of ready values in a field of [`json_lines`], an element a line.
pub(crate) fn json_list(elements: &[String]) -> String {
    match elements {
        [] => "[]".to_owned(),
        _ => format!("[\n    {}\n  ]", elements.join(",\n    ")),
    }
}
