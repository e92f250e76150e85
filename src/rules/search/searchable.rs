//! The fields of an entry that decide whether a query shows it: a fraction of the entry, to be kept for all revisions.

use std::collections::BTreeMap;

use super::categories::{count, has_category};
use crate::model::package::PackageVersion;
use crate::model::registry_release::RegistryRelease;
use crate::rules::constraint::{Constraint, Version};
use crate::rules::index::{PackageManifest, VersionCondition};

/// The searchable fields of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searchable {
    /// The package's name.
    pub name: String,
    /// Its version, as in the manifest.
    pub version: Version,
    /// The constraint on the version of Kibana; all match if there is none.
    pub(super) kibana: Option<Constraint>,
    /// The constraint on the version of the agent, likewise.
    pub(super) agent: Option<Constraint>,
    /// Whether its release is experimental.
    pub(super) is_experimental: bool,
    /// Its type.
    pub(super) kind: String,
    /// The capabilities that it requires.
    pub(super) capabilities: Vec<String>,
    /// The major and the minor number of `format_version`.
    pub(super) spec: (u64, u64),
    /// Its categories.
    pub(super) categories: Vec<String>,
    /// The categories of each policy template.
    pub(super) template_categories: Vec<Vec<String>>,
}

/// Why a registry in storage mode cannot read an entry, and therefore not the whole index.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsearchable {
    /// The version is not a strict semantic version.
    #[error("version is `{0}`")]
    Version(String),
    /// `format_version` is not one.
    #[error("format_version is `{0}`")]
    FormatVersion(String),
    /// A condition is not a constraint.
    #[error("conditions.{product}.version is `{version}`")]
    Condition {
        /// kibana or agent.
        product: &'static str,
        /// The condition.
        version: String,
    },
}

impl Searchable {
    /// Takes the searchable fields of a complete entry.
    ///
    /// # Errors
    /// No registry can serve the entry.
    pub fn of(entry: &PackageManifest) -> Result<Self, Unsearchable> {
        let PackageManifest { name, version, release, kind, conditions, .. } = entry;
        let PackageManifest { format_version, categories, policy_templates, .. } = entry;
        let conditions = conditions.clone().unwrap_or_default();
        let strict =
            |text: &str| text.parse::<PackageVersion>().is_ok().then(|| text.parse().ok())?;
        let spec: Version = strict(format_version)
            .ok_or_else(|| Unsearchable::FormatVersion(format_version.clone()))?;
        Ok(Searchable {
            name: name.clone(),
            version: strict(version).ok_or_else(|| Unsearchable::Version(version.clone()))?,
            kibana: constraint("kibana", conditions.kibana)?,
            agent: constraint("agent", conditions.agent)?,
            is_experimental: release == "experimental",
            kind: kind.clone(),
            capabilities: conditions.elastic.unwrap_or_default().capabilities,
            spec: spec.major_minor(),
            categories: categories.clone(),
            template_categories: policy_templates
                .iter()
                .map(|template| template.categories.clone())
                .collect(),
        })
    }

    /// Returns whether its version is below 1.0.0.
    pub(super) fn is_preview(&self) -> bool {
        self.version.major() < 1
    }

    /// Returns whether it or one of its policy templates has a category.
    pub(super) fn has_category_or_template(&self, category: &str, in_: RegistryRelease) -> bool {
        let mut all = self.template_categories.iter().chain([&self.categories]);
        all.any(|categories| has_category(categories, category, in_))
    }

    /// Adds its categories to the counts.
    pub(super) fn count_categories(
        &self,
        counts: &mut BTreeMap<String, u64>,
        in_: RegistryRelease,
        include_policy_templates: bool,
    ) {
        count(counts, &self.categories);
        // A single policy template without categories does not count.
        let counted: &[Vec<String>] = match self.template_categories.as_slice() {
            _ if !include_policy_templates => &[],
            [single] if single.is_empty() => &[],
            templates => templates,
        };
        let mut extra: Vec<&String> = Vec::new();
        for categories in counted {
            count(counts, &self.categories);
            for category in categories {
                // The package counts as well, once per category that it does not have itself.
                if !has_category(&self.categories, category, in_) && !extra.contains(&category) {
                    extra.push(category);
                    count(counts, [category]);
                }
            }
            count(counts, categories);
        }
    }
}

fn constraint(
    product: &'static str,
    condition: Option<VersionCondition>,
) -> Result<Option<Constraint>, Unsearchable> {
    let Some(VersionCondition { version }) = condition else { return Ok(None) };
    match Constraint::parse(&version) {
        Some(constraint) => Ok(Some(constraint)),
        None => Err(Unsearchable::Condition { product, version }),
    }
}
