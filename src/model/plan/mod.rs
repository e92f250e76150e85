//! The upload plan and its JSON form.
//!
//! A plan is a function of the v1 commits, the stages and the archive engine: no clock, no path of
//! the machine, no thread order. One upload takes one line, so that two plans diff well.
//! Signatures hold the time they were made at: a dry run plans them without size and digests.
//! Made by `migrate`, completed by `sign`, written by `cli`.

mod upload;

use serde::{Deserialize, Serialize};

use super::content::ObjectId;
use super::package::{ObjectKey, Stage};
use super::registry_release::RegistryRelease;
use super::scope::Scope;
use super::shard::Shard;
use super::validation::ValidationSettings;
use crate::digest::Sha256;

pub use upload::{ArchiveUpload, SignatureUpload, Upload};

/// The version of the plan's and the report's form; it rises when a reader must change.
pub const SCHEMA_VERSION: u32 = 3;

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

impl Source {
    /// The source that consists of these stages, in their precedence, each with its ref and commit.
    pub fn of<'a>(stages: impl Iterator<Item = (Stage, &'a String, ObjectId)>) -> Self {
        let stages = stages.map(|(stage, reference, commit)| SourceStage {
            stage,
            reference: reference.clone(),
            commit: commit.to_string(),
        });
        Source { stages: stages.collect() }
    }
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

/// How many archives a plan has signatures of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureCounts {
    /// Archives whose signature is there.
    pub made: u64,
    /// Archives whose signature is still to be made.
    pub pending: u64,
    /// Archives without a signature.
    pub missing: u64,
}

/// All uploads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What made the plan.
    pub tool: Tool,
    /// What was read.
    pub source: Source,
    /// Which packages; absent in the JSON form when it is all of them.
    pub shard: Shard,
    /// Which revisions; absent in the JSON form when it is all of them.
    pub scope: Scope,
    /// The SHA-256 of the file of decisions; absent in the JSON form without one.
    pub resolutions: Option<Sha256>,
    /// What packages were validated with; absent in the JSON form when they were not.
    pub validation: Option<ValidationSettings>,
    /// The release of the registry whose refusals were blockers; absent in the JSON form when it is the newest
    /// one that this tool knows.
    pub registry: RegistryRelease,
    /// What decided the archives' bytes.
    pub archive_engine: ArchiveEngine,
    /// In the order of [`Upload::cmp_order`].
    pub uploads: Vec<Upload>,
}

/// A plan's JSON form, as it is read back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadPlan {
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
    #[serde(default)]
    validation: Option<ValidationSettings>,
    #[serde(default = "RegistryRelease::newest")]
    registry: RegistryRelease,
    archive_engine: ArchiveEngine,
    signatures: SignatureCounts,
    uploads: Vec<Upload>,
}

impl Plan {
    /// The archives, in the plan's order.
    pub fn archives(&self) -> impl Iterator<Item = &ArchiveUpload> {
        self.uploads.iter().filter_map(|upload| match upload {
            Upload::Archive(archive) => Some(archive),
            Upload::Signature(_) => None,
        })
    }

    /// The signatures, in the plan's order.
    pub fn signatures(&self) -> impl Iterator<Item = &SignatureUpload> {
        self.uploads.iter().filter_map(|upload| match upload {
            Upload::Archive(_) => None,
            Upload::Signature(signature) => Some(signature),
        })
    }

    /// How many archives have a signature.
    pub fn signature_counts(&self) -> SignatureCounts {
        let archive_count = self.archives().count() as u64;
        let signature_count = self.signatures().count() as u64;
        let made = self.signatures().filter(|upload| upload.digests().is_some()).count() as u64;
        SignatureCounts {
            made,
            pending: signature_count - made,
            missing: archive_count.saturating_sub(signature_count),
        }
    }

    /// The same archives with these signatures instead of those the plan has.
    pub fn with_signatures(mut self, signatures: Vec<SignatureUpload>) -> Self {
        self.uploads.retain(|upload| matches!(upload, Upload::Archive(_)));
        self.uploads.extend(signatures.into_iter().map(Upload::Signature));
        self.uploads.sort_by(Upload::cmp_order);
        self
    }

    /// The plan as JSON, one upload a line.
    ///
    /// # Errors
    /// None that these types can cause; passed on rather than hidden.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let Plan { tool, source, shard, scope, resolutions, .. } = self;
        let Plan { registry, validation, archive_engine, uploads, .. } = self;
        let mut fields = head_fields(tool, source, *shard, scope, *resolutions)?;
        fields.extend(registry_field(*registry)?);
        if let Some(settings) = validation {
            fields.push(("validation", serde_json::to_string(settings)?));
        }
        fields.push(("archive_engine", serde_json::to_string(archive_engine)?));
        fields.push(("signatures", serde_json::to_string(&self.signature_counts())?));
        Ok(json_lines(&fields, ("uploads", &json_elements(uploads)?)))
    }

    /// Reads what [`Plan::to_json`] wrote.
    ///
    /// # Errors
    /// Anything that is no plan of this [`SCHEMA_VERSION`], says more than this tool knows, or has
    /// its uploads in an order in which they must not be published.
    pub fn from_json(text: &str) -> serde_json::Result<Self> {
        check_schema_version(text)?;
        let read: ReadPlan = serde_json::from_str(text)?;
        let ReadPlan { tool, source, shard, scope, resolutions, registry, .. } = read;
        let ReadPlan { validation, archive_engine, signatures, uploads, .. } = read;
        let plan = Plan {
            tool,
            source,
            shard,
            scope,
            resolutions,
            registry,
            validation,
            archive_engine,
            uploads,
        };
        if let Some(key) = plan.misplaced() {
            let message = format!("{key} is not in the order of uploads");
            return Err(serde::de::Error::custom(message));
        }
        if plan.signature_counts() != signatures {
            let message = "the counts of signatures are not those of the uploads";
            return Err(serde::de::Error::custom(message));
        }
        Ok(plan)
    }

    /// The first upload that is in the wrong place: not after the one before it, or a signature that
    /// does not follow its archive.
    fn misplaced(&self) -> Option<&ObjectKey> {
        let before = std::iter::once(None).chain(self.uploads.iter().map(Some));
        let misplaced = before.zip(&self.uploads).find(|(before, upload)| match (before, upload) {
            (Some(before), Upload::Archive(_)) => before.cmp_order(upload).is_ge(),
            (None, Upload::Archive(_)) => false,
            (Some(Upload::Archive(archive)), Upload::Signature(signature)) => {
                archive.key != *signature.signs()
            }
            (_, Upload::Signature(_)) => true,
        });
        misplaced.map(|(_, upload)| upload.key())
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
    tool: &Tool,
    source: &Source,
    shard: Shard,
    scope: &Scope,
    resolutions: Option<Sha256>,
) -> serde_json::Result<Vec<(&'static str, String)>> {
    let mut fields = vec![
        ("schema_version", SCHEMA_VERSION.to_string()),
        ("tool", serde_json::to_string(tool)?),
        ("source", serde_json::to_string(source)?),
    ];
    if !shard.is_whole() {
        fields.push(("shard", serde_json::to_string(&shard)?));
    }
    if !scope.is_everything() {
        fields.push(("scope", serde_json::to_string(scope)?));
    }
    if let Some(digest) = resolutions {
        fields.push(("resolutions", serde_json::to_string(&digest)?));
    }
    Ok(fields)
}

/// The ready field that names the registry's release in plan and report, unless it is the newest.
pub(crate) fn registry_field(
    registry: RegistryRelease,
) -> serde_json::Result<Option<(&'static str, String)>> {
    let is_named = registry != RegistryRelease::NEWEST;
    is_named.then(|| Ok(("registry", serde_json::to_string(&registry)?))).transpose()
}

/// Values as ready elements of a list.
pub(crate) fn json_elements(
    values: impl IntoIterator<Item = impl Serialize>,
) -> serde_json::Result<Vec<String>> {
    values.into_iter().map(|value| serde_json::to_string(&value)).collect()
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
