//! The upload plan and its JSON form.
//!
//! A plan is a function of the v1 commits, the options and the archive engine: it contains no timestamps and
//! no local paths, and does not depend on thread scheduling. Each upload is on one line, so that plans can be
//! compared with `diff`. Signatures contain their creation time: a dry run plans them without size and digests.
//! Created by `migrate`, completed by `sign`, written by `cli`.

mod index;
mod static_upload;
mod upload;

use serde::{Deserialize, Serialize};

use super::content::ObjectId;
use super::package::{ObjectKey, Stage};
use super::registry_release::RegistryRelease;
use super::resources::{Resources, StaticCounts};
use super::scope::Scope;
use super::shard::Shard;
use super::validation::ValidationSettings;
use crate::digest::Sha256;

pub use index::{
    BaseIndex, IndexCounts, IndexPart, IndexType, IndexUpload, PartFile, PlannedIndex,
};
pub use static_upload::{ContentType, StaticOrigin, StaticUpload};
pub use upload::{ArchiveType, ArchiveUpload, SignatureUpload, Upload};

/// The schema version of plan and report; it is incremented for incompatible changes.
pub const SCHEMA_VERSION: u32 = 4;

/// The tool that created a plan or a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// The crate's name.
    pub name: String,
    /// The crate's version.
    pub version: String,
}

impl Tool {
    /// Returns the name and version of this tool.
    pub fn this() -> Self {
        Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// The source that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The stages in order of precedence.
    pub stages: Vec<SourceStage>,
}

impl Source {
    /// Creates the source from the stages, in order of precedence, each with its ref and commit.
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
    /// A plan has the name of the branch in the v1 repository (`refs/heads/production`), so that all clones
    /// produce the same plan; a report has the ref that was read in this clone.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The commit's id.
    pub commit: String,
}

/// The archive engine, which determines the bytes of the archives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveEngine {
    /// Name, version and level of the compressor, and the version of the archive layout. Plans with the same
    /// fingerprint and the same content have the same digests.
    pub fingerprint: String,
}

/// The number of archives by the state of their signatures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureCounts {
    /// Archives with a signature.
    pub made: u64,
    /// Archives whose signature will be created later.
    pub pending: u64,
    /// Archives without a signature.
    pub missing: u64,
}

/// All uploads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The tool that created the plan.
    pub tool: Tool,
    /// The source that was read.
    pub source: Source,
    /// The selected packages; omitted from the JSON form if all are selected.
    pub shard: Shard,
    /// The selected revisions; omitted from the JSON form if all are selected.
    pub scope: Scope,
    /// The objects made of each revision; omitted from the JSON form if it is the default.
    pub resources: Resources,
    /// The SHA-256 of the decisions file; omitted from the JSON form if there is none.
    pub resolutions: Option<Sha256>,
    /// The settings of the validation; omitted from the JSON form without validation.
    pub validation: Option<ValidationSettings>,
    /// The release of the registry whose rules were applied; omitted from the JSON form if it is the newest
    /// release that this tool knows.
    pub registry: RegistryRelease,
    /// The archive engine, which determines the bytes of the archives.
    pub archive_engine: ArchiveEngine,
    /// The search index; omitted from the JSON form if none is made.
    pub index: Option<PlannedIndex>,
    /// In the order of [`Upload::cmp_order`].
    pub uploads: Vec<Upload>,
}

/// The JSON form of a plan, for reading.
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
    resources: Resources,
    #[serde(default)]
    resolutions: Option<Sha256>,
    #[serde(default)]
    validation: Option<ValidationSettings>,
    #[serde(default = "RegistryRelease::newest")]
    registry: RegistryRelease,
    archive_engine: ArchiveEngine,
    #[serde(default)]
    index: Option<PlannedIndex>,
    signatures: SignatureCounts,
    uploads: Vec<Upload>,
}

impl Plan {
    /// Returns the archives in the order of the plan.
    pub fn archives(&self) -> impl Iterator<Item = &ArchiveUpload> {
        self.uploads.iter().filter_map(|upload| match upload {
            Upload::Archive(archive) => Some(archive),
            _ => None,
        })
    }

    /// Returns the signatures in the order of the plan.
    pub fn signatures(&self) -> impl Iterator<Item = &SignatureUpload> {
        self.uploads.iter().filter_map(|upload| match upload {
            Upload::Signature(signature) => Some(signature),
            _ => None,
        })
    }

    /// Returns the static resources in the order of the plan.
    pub fn statics(&self) -> impl Iterator<Item = &StaticUpload> {
        self.uploads.iter().filter_map(|upload| match upload {
            Upload::Static(resource) => Some(resource),
            _ => None,
        })
    }

    /// Counts the static resources.
    pub fn static_counts(&self) -> StaticCounts {
        let mut counts = StaticCounts::default();
        for resource in self.statics() {
            counts.add(StaticCounts { objects: 1, bytes: resource.digests().size });
        }
        counts
    }

    /// Counts the archives by the state of their signatures.
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

    /// Replaces the signatures of the plan.
    pub fn with_signatures(mut self, signatures: Vec<SignatureUpload>) -> Self {
        self.uploads.retain(|upload| !matches!(upload, Upload::Signature(_)));
        self.uploads.extend(signatures.into_iter().map(Upload::Signature));
        self.uploads.sort_by(Upload::cmp_order);
        self
    }

    /// Replaces the objects of the search index.
    pub fn with_index(mut self, index: Option<PlannedIndex>, uploads: Vec<Upload>) -> Self {
        self.index = index;
        self.uploads.retain(|upload| !upload.is_of_index());
        self.uploads.extend(uploads);
        self.uploads.sort_by(Upload::cmp_order);
        self
    }

    /// Renders the plan as JSON, one upload per line.
    ///
    /// # Errors
    /// Serialization errors, which these types do not cause.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let Plan { tool, source, shard, scope, resources, resolutions, .. } = self;
        let Plan { registry, validation, archive_engine, index, uploads, .. } = self;
        let mut fields = head_fields(tool, source, *shard, scope, *resolutions)?;
        fields.extend(resources_field(resources)?);
        fields.extend(registry_field(*registry)?);
        if let Some(settings) = validation {
            fields.push(("validation", serde_json::to_string(settings)?));
        }
        fields.push(("archive_engine", serde_json::to_string(archive_engine)?));
        if let Some(index) = index {
            fields.push(("index", serde_json::to_string(index)?));
        }
        fields.push(("signatures", serde_json::to_string(&self.signature_counts())?));
        Ok(json_lines(&fields, ("uploads", &json_elements(uploads)?)))
    }

    /// Reads what [`Plan::to_json`] wrote.
    ///
    /// # Errors
    /// The text is not a plan of this [`SCHEMA_VERSION`], has unknown fields, or has uploads in an order in which
    /// they must not be published.
    pub fn from_json(text: &str) -> serde_json::Result<Self> {
        check_schema_version(text)?;
        let read: ReadPlan = serde_json::from_str(text)?;
        let ReadPlan { tool, source, shard, scope, resources, resolutions, registry, .. } = read;
        let ReadPlan { validation, archive_engine, index, signatures, uploads, .. } = read;
        let plan = Plan {
            tool,
            source,
            shard,
            scope,
            resources,
            resolutions,
            registry,
            validation,
            archive_engine,
            index,
            uploads,
        };
        if let Some(key) = plan.misplaced() {
            let message = format!("{key} is out of order in the uploads");
            return Err(serde::de::Error::custom(message));
        }
        if plan.signature_counts() != signatures {
            let message = "the counts of signatures do not match the uploads";
            return Err(serde::de::Error::custom(message));
        }
        Ok(plan)
    }

    /// Returns the first upload that is out of order, or a signature that does not directly follow its archive.
    fn misplaced(&self) -> Option<&ObjectKey> {
        let before = std::iter::once(None).chain(self.uploads.iter().map(Some));
        let misplaced = before.zip(&self.uploads).find(|(before, upload)| match (before, upload) {
            (Some(Upload::Archive(archive)), Upload::Signature(signature)) => {
                archive.key != *signature.signs()
            }
            (_, Upload::Signature(_)) => true,
            (Some(before), _) => before.cmp_order(upload).is_ge(),
            (None, _) => false,
        });
        misplaced.map(|(_, upload)| upload.key())
    }
}

/// Checks the schema version before anything else is parsed.
pub(crate) fn check_schema_version(text: &str) -> serde_json::Result<()> {
    #[derive(Deserialize)]
    struct Versioned {
        schema_version: u32,
    }
    let Versioned { schema_version } = serde_json::from_str(text)?;
    if schema_version == SCHEMA_VERSION {
        return Ok(());
    }
    let message = format!("unsupported schema version {schema_version}, expected {SCHEMA_VERSION}");
    Err(serde::de::Error::custom(message))
}

/// Returns the first serialized fields of plan and report.
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

/// Returns the serialized field with the objects made of each revision; `None` for the default.
pub(crate) fn resources_field(
    resources: &Resources,
) -> serde_json::Result<Option<(&'static str, String)>> {
    let is_named = !resources.is_default();
    is_named.then(|| Ok(("resources", serde_json::to_string(resources)?))).transpose()
}

/// Returns the serialized field with the registry's release in plan and report; `None` for the newest release.
pub(crate) fn registry_field(
    registry: RegistryRelease,
) -> serde_json::Result<Option<(&'static str, String)>> {
    let is_named = registry != RegistryRelease::NEWEST;
    is_named.then(|| Ok(("registry", serde_json::to_string(&registry)?))).transpose()
}

/// Serializes values as elements of a list.
pub(crate) fn json_elements(
    values: impl IntoIterator<Item = impl Serialize>,
) -> serde_json::Result<Vec<String>> {
    values.into_iter().map(|value| serde_json::to_string(&value)).collect()
}

/// Renders a JSON object from serialized values, with one field per line; the last field is a list with one
/// element per line.
pub(crate) fn json_lines(fields: &[(&str, String)], list: (&str, &[String])) -> String {
    let fields: String =
        fields.iter().map(|(name, value)| format!("  \"{name}\": {value},\n")).collect();
    let (name, elements) = list;
    format!("{{\n{fields}  \"{name}\": {}\n}}\n", json_list(elements))
}

/// Renders a JSON list as a field of [`json_lines`], with one serialized value per line.
pub(crate) fn json_list(elements: &[String]) -> String {
    match elements {
        [] => "[]".to_owned(),
        _ => format!("[\n    {}\n  ]", elements.join(",\n    ")),
    }
}
