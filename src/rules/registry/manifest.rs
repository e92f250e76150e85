//! The manifest of a package.
//!
//! Rules that need only the manifest are checked here; the facts for the other rules are kept for `check`, which has the
//! list of files. Pure.

use std::str::FromStr;

use super::categories;
use super::config::Config;
use super::fault::{Faults, MAX_REPORTED, Rule, excerpt};
use super::shape::{PACKAGE, compare};
use super::value::{ConfigEntry, Value};
use crate::model::package::PackageVersion;
use crate::model::registry_release::Releases;
use crate::rules::constraint::Constraint;

/// The values of `release`.
pub(super) const RELEASES: [&str; 3] = ["experimental", "beta", "ga"];

/// The maximum length of a version in bytes (`MaxVersionLen` in Masterminds/semver 3.5.0).
const MAX_VERSION_LEN: usize = 256;

/// The facts about a package's manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestFacts {
    /// The faults of the manifest itself.
    pub(super) faults: Faults,
    /// `name` as read by the registry.
    pub(super) name: String,
    /// `version` as read by the registry.
    pub(super) version: String,
    /// Categories that some releases do not know, with these releases; limited to the first few for each range.
    pub(super) unknown_categories: Vec<(String, Releases)>,
    /// The names of the policy templates.
    pub(super) templates: Vec<String>,
    /// `src` of the package's icons and screenshots.
    pub(super) images: Vec<String>,
}

impl ManifestFacts {
    /// Checks a manifest and collects the facts for the other rules.
    pub fn of(config: &Config<'_>) -> Self {
        let Config { root, faults, .. } = config;
        let mut faults = faults.clone();
        compare(root, &PACKAGE, Rule::MANIFEST_REQUIRED, &mut faults);
        versions(root, &mut faults);
        texts(root, &mut faults);
        inputs(root, &mut faults);
        set_by_the_registry(root, &mut faults);
        let unknown_categories = unknown_categories(root, &mut faults);
        let images = [root.list("icons"), root.list("screenshots")];
        ManifestFacts {
            faults,
            name: root.text("name"),
            version: root.text("version"),
            unknown_categories,
            templates: texts_of(root.list("policy_templates"), "name"),
            images: images.into_iter().flat_map(|images| texts_of(images, "src")).collect(),
        }
    }
}

fn texts_of(values: &[Value<'_>], field: &str) -> Vec<String> {
    values.iter().map(|value| value.text(field)).filter(|text| !text.is_empty()).collect()
}

fn versions(root: &Value<'_>, faults: &mut Faults) {
    let is_version =
        |text: &str| text.len() <= MAX_VERSION_LEN && PackageVersion::from_str(text).is_ok();
    let version = root.text("version");
    if !is_version(&version) {
        faults.add(Rule::VERSION, || format!("version is read as `{}`", excerpt(&version)));
    }
    let format_version = root.text("format_version");
    if format_version.is_empty() {
        faults.add(Rule::NO_FORMAT_VERSION, || "format_version is missing".to_owned());
    } else if !is_version(&format_version) {
        faults.add(Rule::FORMAT_VERSION, || {
            format!("format_version is read as `{}`", excerpt(&format_version))
        });
    }
    let conditions = root.field("conditions");
    let rules = [("kibana", Rule::KIBANA_VERSION), ("agent", Rule::AGENT_VERSION)];
    for (product, rule) in rules {
        let Some(condition) = conditions.and_then(|conditions| conditions.field(product)) else {
            continue;
        };
        if matches!(condition.data, ConfigEntry::Scalar(_)) {
            continue;
        }
        let constraint = condition.text("version");
        if Constraint::parse(&constraint).is_none() {
            faults.add(rule, || {
                format!("conditions.{product}.version is `{}`", excerpt(&constraint))
            });
        }
    }
}

fn texts(root: &Value<'_>, faults: &mut Faults) {
    one_of(root, "release", &RELEASES, Rule::RELEASE, faults);
    for (field, rule) in [("title", Rule::TITLE), ("description", Rule::DESCRIPTION)] {
        let exists = root
            .field(field)
            .is_some_and(|value| value.reading().is_none_or(|reading| reading.text() != Some("")));
        if !exists {
            faults.add(rule, || format!("{field} is missing"));
        }
    }
}

/// Returns the categories that some releases do not know; releases up to 1.28.0 refuse the package for them.
fn unknown_categories(root: &Value<'_>, faults: &mut Faults) -> Vec<(String, Releases)> {
    let mut unknown: Vec<(String, Releases)> = Vec::new();
    for category in root.list("categories").iter().filter_map(Value::reading) {
        let category = category.text().unwrap_or_default();
        let known = match categories::releases(category) {
            None => "not known to any release".to_owned(),
            Some(Releases { since, until: None }) => format!("known since {since}"),
            Some(releases) => format!("known only from {releases}"),
        };
        for releases in categories::unknown_to(category) {
            let refused = Rule::CATEGORY.releases();
            if refused.contains(releases.since) {
                faults.add_in(Rule::CATEGORY, releases, || {
                    format!("the category `{}`, {known}", excerpt(category))
                });
            }
            let reported = unknown.iter().filter(|(_, other)| *other == releases).count();
            if releases.until.is_none_or(|until| !refused.contains(until))
                && reported < MAX_REPORTED
            {
                unknown.push((excerpt(category), releases));
            }
        }
    }
    unknown
}

/// Checks fields that only the registry should set, but that a manifest can set by their names in Go.
fn set_by_the_registry(root: &Value<'_>, faults: &mut Faults) {
    if let Some(path) = root.field("basepath").and_then(Value::reading) {
        let path = path.text().unwrap_or_default().to_owned();
        faults.add(Rule::BASE_PATH, || format!("basepath is `{}`", excerpt(&path)));
    }
    let count = root.list("data_streams").len();
    if count > 0 {
        faults.add(Rule::LISTED_DATA_STREAM, || match count {
            1 => "data_streams has an item".to_owned(),
            _ => format!("data_streams has {count} items"),
        });
    }
}

fn inputs(root: &Value<'_>, faults: &mut Faults) {
    for (index, template) in root.list("policy_templates").iter().enumerate() {
        let modes = template.field("deployment_modes");
        let release = modes.and_then(|modes| modes.field("agentless"));
        let release = release.map(|agentless| agentless.text("release")).unwrap_or_default();
        if !matches!(release.as_str(), "" | "beta" | "ga") {
            faults.add(Rule::AGENTLESS_RELEASE, || {
                format!(
                    "policy_templates[{index}] is released agentless as `{}`",
                    excerpt(&release)
                )
            });
        }
        for (input_index, input) in template.list("inputs").iter().enumerate() {
            one_of_two(input, "type", Rule::INPUT, faults, || {
                format!("policy_templates[{index}].inputs[{input_index}]")
            });
        }
    }
}

/// Requires that a text is one of `known`, if it is set.
pub(super) fn one_of(
    value: &Value<'_>,
    field: &str,
    known: &[&str],
    rule: Rule,
    faults: &mut Faults,
) {
    let text = value.text(field);
    if !text.is_empty() && !known.contains(&text.as_str()) {
        faults.add(rule, || format!("{field} is `{}`", excerpt(&text)));
    }
}

/// Requires either `field` or `package`.
pub(super) fn one_of_two(
    value: &Value<'_>,
    field: &str,
    rule: Rule,
    faults: &mut Faults,
    label: impl Fn() -> String,
) {
    match (value.text(field).is_empty(), value.text("package").is_empty()) {
        (true, true) => faults.add(rule, || format!("{} has neither {field} nor package", label())),
        (false, false) => faults.add(rule, || format!("{} has {field} and package", label())),
        (true, false) | (false, true) => {}
    }
}
