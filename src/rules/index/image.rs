//! Icons and screenshots.

use serde::{Deserialize, Serialize};

use super::assets::joined;
use super::is_empty;

/// An icon or a screenshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    /// Its path in the package, as in the manifest.
    pub src: String,
    /// Its path on the registry.
    pub path: String,
    /// Its title.
    #[serde(skip_serializing_if = "is_empty")]
    pub title: String,
    /// Its width and height, as in the manifest.
    #[serde(skip_serializing_if = "is_empty")]
    pub size: String,
    /// Its content type, as in the manifest.
    #[serde(rename = "type", skip_serializing_if = "is_empty")]
    pub kind: String,
}

impl Image {
    /// Sets the path on the registry; `package` is that of the revision.
    pub(super) fn locate(&mut self, package: &str) {
        self.path = joined(&[package, &self.src]);
    }
}
