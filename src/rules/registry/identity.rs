//! The identity of a package in its manifest: name, version and release.
//!
//! Name and version are the literal text of the manifest, so that they can be compared with the folder names; if the
//! registry or another reader may read a different value, that is a finding. The rules of the registry are checked in
//! `manifest`.

use super::config::{Config, Duplicate};
use super::fault::excerpt;
use super::manifest::ManifestFacts;
use super::scalar::Reading;
use super::value::{ConfigEntry, Value};
use crate::model::finding::{Ambiguity, FindingKind};
use crate::rules::index::{PackageManifest, UnpackError, unpack};
use crate::yaml::{Document, Mark, YamlError};

/// The fields that the migration needs, and their ambiguities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The literal text of `name`; empty if it is missing.
    pub name: String,
    /// The literal text of `version`; empty if it is missing.
    pub version: String,
    /// `release` as read by the registry; `None` if it is missing or null.
    pub release: Option<String>,
    /// Values that YAML readers may read differently.
    pub ambiguities: Vec<FindingKind>,
    /// The facts for the rules of the registry.
    pub facts: ManifestFacts,
    /// The fields of the index entry, or why there is none.
    pub entry: Result<PackageManifest, UnpackError>,
}

impl Manifest {
    /// Parses the first YAML document, as the registry does.
    ///
    /// # Errors
    /// It is not a YAML mapping, or the name or the version is not a scalar.
    pub fn parse(bytes: &[u8]) -> Result<Self, YamlError> {
        Manifest::of(&Document::parse(bytes)?)
    }

    pub(super) fn of(document: &Document<'_>) -> Result<Self, YamlError> {
        let config = Config::of(document)?;
        let Config { root, duplicates, more_duplicates, .. } = &config;
        let mut ambiguities: Vec<FindingKind> = duplicates.iter().map(duplicate).collect();
        if let (Some(last), 1..) = (duplicates.last(), *more_duplicates) {
            let field = format!("{more_duplicates} other keys");
            ambiguities.push(ambiguous(field, Ambiguity::DuplicateKey, Vec::new(), last.place));
        }
        for field in ["name", "version", "format_version"] {
            ambiguities.extend(unquoted(root, field));
        }
        Ok(Manifest {
            name: identity(root, "name")?,
            version: identity(root, "version")?,
            release: Some(root.text("release")).filter(|release| !release.is_empty()),
            ambiguities,
            facts: ManifestFacts::of(&config),
            entry: unpack(root),
        })
    }
}

/// Returns the literal text of a field; empty if it is missing.
fn identity(root: &Value<'_>, field: &str) -> Result<String, YamlError> {
    let ConfigEntry::Object(object) = &root.data else {
        return Err(YamlError::at(root.place, "expected a mapping"));
    };
    let Some(value) = object.names.get(field) else { return Ok(String::new()) };
    match &value.data {
        ConfigEntry::Scalar(scalar) => Ok(scalar.text.to_owned()),
        _ => Err(YamlError::at(value.place, format!("expected text for {field}"))),
    }
}

/// Returns a finding if the registry does not read the value of a field as text.
fn unquoted(root: &Value<'_>, field: &str) -> Option<FindingKind> {
    let ConfigEntry::Object(object) = &root.data else { return None };
    let value = object.names.get(field)?;
    let ConfigEntry::Scalar(scalar) = value.data else { return None };
    let reading = Reading::of(scalar);
    let reason = match reading {
        Reading::Text(_) => return None,
        // Equivalent to a missing field for all readers.
        Reading::Null if scalar.text.is_empty() => return None,
        Reading::Number(_) => Ambiguity::Number,
        Reading::Bool(_) => Ambiguity::Bool,
        Reading::Null => Ambiguity::Null,
        Reading::Timestamp(_) => Ambiguity::Date,
    };
    let readings = [scalar.text, reading.text().unwrap_or_default()];
    let readings = readings.map(excerpt).to_vec();
    Some(ambiguous(field.to_owned(), reason, readings, value.place))
}

fn duplicate(duplicate: &Duplicate) -> FindingKind {
    let Duplicate { field, readings, is_same, place } = duplicate;
    let readings = &readings[..if *is_same { 1 } else { 2 }];
    ambiguous(field.clone(), Ambiguity::DuplicateKey, readings.to_vec(), *place)
}

fn ambiguous(field: String, reason: Ambiguity, readings: Vec<String>, place: Mark) -> FindingKind {
    let Mark { line, column } = place;
    FindingKind::ManifestAmbiguous { field, reason, readings, line, column }
}
