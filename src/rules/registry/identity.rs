//! What a package manifest says of itself: its name and version, as text, and its release.
//!
//! Name and version are the text that stands there, so that they can be compared with the folders'
//! names; where the registry would read another text, or other readers might, that is a finding.
//! What the registry's rules demand of the rest is in `manifest`.

use super::config::{Config, Duplicate};
use super::fault::excerpt;
use super::manifest::ManifestFacts;
use super::scalar::Reading;
use super::value::{ConfigEntry, Value};
use crate::model::finding::{Ambiguity, FindingKind};
use crate::rules::index::{PackageManifest, UnpackError, unpack};
use crate::yaml::{Document, Mark, YamlError};

/// The fields that the migration needs, and what is odd about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// `name`, the text as it stands there; empty when it is missing.
    pub name: String,
    /// `version`, likewise.
    pub version: String,
    /// `release`, as the registry reads it; none when it is missing or null.
    pub release: Option<String>,
    /// What readers of YAML may take otherwise.
    pub ambiguities: Vec<FindingKind>,
    /// What the registry's rules need.
    pub facts: ManifestFacts,
    /// What the index's entry is made of; or why there is none.
    pub entry: Result<PackageManifest, UnpackError>,
}

impl Manifest {
    /// Parses the first YAML document, as the registry does.
    ///
    /// # Errors
    /// Whatever is no YAML mapping, and a name or a version that is no scalar.
    pub fn parse(bytes: &[u8]) -> Result<Self, YamlError> {
        Manifest::of(&Document::parse(bytes)?)
    }

    pub(super) fn of(document: &Document<'_>) -> Result<Self, YamlError> {
        let config = Config::of(document)?;
        let Config { root, duplicates, more_duplicates, .. } = &config;
        let mut ambiguities: Vec<FindingKind> = duplicates.iter().map(duplicate).collect();
        if let (Some(last), 1..) = (duplicates.last(), *more_duplicates) {
            let field = format!("another {more_duplicates} keys");
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

/// The text of a field; empty when it is missing.
fn identity(root: &Value<'_>, field: &str) -> Result<String, YamlError> {
    let ConfigEntry::Object(object) = &root.data else {
        return Err(YamlError::at(root.place, "it is no mapping"));
    };
    let Some(value) = object.names.get(field) else { return Ok(String::new()) };
    match &value.data {
        ConfigEntry::Scalar(scalar) => Ok(scalar.text.to_owned()),
        _ => Err(YamlError::at(value.place, format!("{field} is no text"))),
    }
}

/// A field whose text the registry does not take for text.
fn unquoted(root: &Value<'_>, field: &str) -> Option<FindingKind> {
    let ConfigEntry::Object(object) = &root.data else { return None };
    let value = object.names.get(field)?;
    let ConfigEntry::Scalar(scalar) = value.data else { return None };
    let reading = Reading::of(scalar);
    let reason = match reading {
        Reading::Text(_) => return None,
        // As good as missing, to every reader.
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
