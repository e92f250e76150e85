//! Reads the JSON report of `verify`, as far as coverage needs it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::Error as _;

use super::Run;
use crate::model::package::RevisionId;
use crate::model::plan::{Source, Tool, check_schema_version};
use crate::model::scope::Scope;
use crate::model::shard::Shard;
use crate::model::verification::{Conclusion, Depth, RevisionStatus};

/// The fields that are needed; `verify` writes more.
#[derive(Deserialize)]
struct ReadRun {
    tool: Tool,
    source: Source,
    #[serde(default)]
    scope: Scope,
    place: String,
    depth: Depth,
    sample: Shard,
    verdict: ReadVerdict,
    revisions: Vec<ReadRevision>,
}

#[derive(Deserialize)]
struct ReadVerdict {
    conclusion: Conclusion,
}

#[derive(Deserialize)]
struct ReadRevision {
    package: String,
    version: String,
    result: RevisionStatus,
}

/// Reads a report; `name` is shown for it.
///
/// # Errors
/// The text is not a report of `verify` of this [`SCHEMA_VERSION`](crate::model::plan::SCHEMA_VERSION), or it has a
/// revision twice.
pub fn parse(name: &str, text: &str) -> serde_json::Result<Run> {
    check_schema_version(text)?;
    let ReadRun { tool, source, scope, place, depth, sample, verdict, revisions } =
        serde_json::from_str(text)?;
    let mut results = BTreeMap::new();
    for ReadRevision { package, version, result } in revisions {
        let (package, version) = (package.parse(), version.parse());
        let (package, version) = (
            package.map_err(serde_json::Error::custom)?,
            version.map_err(serde_json::Error::custom)?,
        );
        let revision = RevisionId::new(package, version).map_err(serde_json::Error::custom)?;
        if results.contains_key(&revision) {
            return Err(serde_json::Error::custom(format_args!("{revision} appears twice")));
        }
        results.insert(revision, result);
    }
    let (name, conclusion) = (name.to_owned(), verdict.conclusion);
    Ok(Run { name, tool, source, scope, place, depth, sample, conclusion, results })
}
