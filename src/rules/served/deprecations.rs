//! The deprecation of a package, which the registry copies over all its versions.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::package::{PackageName, PackageVersion, RevisionId};
use crate::model::registry_release::RegistryRelease;

/// The first release that has deprecations.
const SINCE: (u8, u8) = (36, 0);
/// The field of an entry.
const FIELD: &str = "deprecated";

/// The deprecation of each package that has one: that of its newest version with one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deprecations(BTreeMap<PackageName, (PackageVersion, Value)>);

impl Deprecations {
    /// Adds the deprecation of an entry, if it has one.
    pub fn add(&mut self, revision: &RevisionId, entry: &Value) {
        let Some(deprecated) = entry.get(FIELD) else { return };
        let version = &revision.version;
        let is_newest =
            |(known, _): &(PackageVersion, Value)| version.cmp_precedence(known).is_gt();
        if self.0.get(&revision.name).is_none_or(is_newest) {
            self.0.insert(revision.name.clone(), (version.clone(), deprecated.clone()));
        }
    }

    /// Sets the deprecation of an entry as a release shows it.
    pub fn apply(&self, release: RegistryRelease, package: &PackageName, entry: &mut Value) {
        let Value::Object(fields) = entry else { return };
        if release < RegistryRelease::new(SINCE.0, SINCE.1) {
            fields.remove(FIELD);
        } else if let Some((_, deprecated)) = self.0.get(package) {
            fields.insert(FIELD.to_owned(), deprecated.clone());
        }
    }
}
