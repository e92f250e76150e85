//! One entry of an index, as far as the registry needs it to load the index, and digests to compare it.
//!
//! The registry re-derives the version, the constraints and the format version of each entry, and loads no index in which
//! one of them is wrong (package-registry 1.40.1, `packages/package.go`, `setRuntimeFields`).

use serde_json::{Map, Value};

use super::json_value::digest;
use crate::digest::Sha256;
use crate::model::package::PackageVersion;
use crate::rules::constraint::Constraint;
use crate::rules::index::EntryId;

/// The member that has the path of the signature.
const SIGNATURE: &str = "signature_path";

/// An entry.
pub(super) struct IndexEntry {
    pub(super) id: EntryId,
    /// `package_manifest` without `signature_path`.
    pub(super) manifest: Value,
    pub(super) stated: Stated,
}

/// What an entry states, as digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    /// Of the entry without its signature.
    pub(super) manifest: Sha256,
    /// The path of the signature.
    pub(super) signature: Option<String>,
}

impl Stated {
    /// Returns whether this is a published entry, to which a signature may have been added.
    pub(super) fn continues(&self, published: &Stated) -> bool {
        let has_signature = published.signature.is_none() || self.signature == published.signature;
        self.manifest == published.manifest && has_signature
    }
}

impl IndexEntry {
    /// Parses an entry, `{"package_manifest":{…}}`.
    ///
    /// # Errors
    /// Why the registry does not load it.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let item: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        Self::of_item(item)
    }

    /// Reads an entry from a value, like [`IndexEntry::parse`].
    ///
    /// # Errors
    /// Why the registry does not load it.
    pub(super) fn of_item(mut item: Value) -> Result<Self, String> {
        let Some(Value::Object(mut manifest)) = item.get_mut("package_manifest").map(Value::take)
        else {
            return Err("expected an object with the object `package_manifest`".to_owned());
        };
        let signature = match manifest.remove(SIGNATURE) {
            None => None,
            Some(Value::String(path)) => Some(path),
            Some(_) => return Err(format!("{SIGNATURE} is not a text")),
        };
        let name = text(&manifest, "name")?;
        let version = text(&manifest, "version")?;
        let version: PackageVersion = version
            .parse()
            .map_err(|_| format!("the version `{version}` of {name} is not a semantic version"))?;
        // Only the SQL indexer needs one.
        if manifest.contains_key("format_version") {
            let format_version = text(&manifest, "format_version")?;
            if format_version.parse::<PackageVersion>().is_err() {
                return Err(format!("format_version `{format_version}` is not a semantic version"));
            }
        }
        for product in ["kibana", "agent"] {
            let constraint = manifest
                .get("conditions")
                .and_then(|conditions| conditions.get(product)?.get("version")?.as_str());
            if let Some(constraint) =
                constraint.filter(|constraint| Constraint::parse(constraint).is_none())
            {
                return Err(format!("`{constraint}` is not a constraint on versions of {product}"));
            }
        }
        let id = EntryId { name: name.to_owned(), version };
        let manifest = Value::Object(manifest);
        let stated = Stated { manifest: digest(&manifest), signature };
        Ok(IndexEntry { id, manifest, stated })
    }
}

fn text<'m>(manifest: &'m Map<String, Value>, name: &str) -> Result<&'m str, String> {
    match manifest.get(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) | None => Err(format!("`{name}` is missing, or not a text")),
    }
}

/// Returns the name of an entry's revision, `<name>-<version>`.
pub(super) fn stem(id: &EntryId) -> String {
    format!("{}-{}", id.name, id.version)
}
