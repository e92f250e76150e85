//! Checks the manifest of a package against Kibana's rules.

use super::faults::Faults;
use super::items::{items, require, variables};
use crate::model::finding::{KibanaRule, ReadDifference};
use crate::yaml::YamlError;
use crate::yaml::js_yaml::Value;

/// Keys that must exist, even if they are null. Older versions of Kibana required `release` as well.
const REQUIRED: [&str; 6] = ["name", "version", "description", "title", "format_version", "owner"];

/// The facts about a package's manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestFacts {
    /// The faults of the manifest itself.
    pub(super) faults: Faults,
    /// The required name of the package's folder; `None` if the manifest has no name or version.
    pub(super) folder: Option<String>,
    /// Whether the file is empty.
    pub(super) is_empty: bool,
    /// Values that the registry reads differently.
    pub(super) differences: Vec<ReadDifference>,
}

impl ManifestFacts {
    pub(super) fn of(manifest: &Result<Value<'_>, YamlError>) -> Self {
        let manifest = match manifest {
            Ok(manifest) => manifest,
            Err(error) => {
                let faults = Faults::unparseable(KibanaRule::K3, error);
                return ManifestFacts { faults, ..ManifestFacts::default() };
            }
        };
        let mut faults = Faults::default();
        for key in REQUIRED.into_iter().filter(|key| manifest.get(key).is_none()) {
            faults.add(KibanaRule::K4, Some(key), || format!("{key} is missing"));
        }
        templates(manifest, &mut faults);
        variables(manifest.get("vars"), "vars", &mut faults);
        let text = |key| manifest.get(key).map(Value::to_text);
        let folder = text("name").zip(text("version"));
        let folder = folder.map(|(name, version)| format!("{name}-{version}"));
        ManifestFacts { faults, folder, ..ManifestFacts::default() }
    }
}

fn templates(manifest: &Value<'_>, faults: &mut Faults) {
    let templates = manifest.get("policy_templates");
    for (place, template) in items(templates, "policy_templates", KibanaRule::K12, faults) {
        let keys = ["name", "title", "description"];
        require(template, &place, &keys, KibanaRule::K10, faults);
        let inputs_place = format!("{place}.inputs");
        let inputs = template.get("inputs");
        for (place, input) in items(inputs, &inputs_place, KibanaRule::K12, faults) {
            require(input, &place, &["type", "title"], KibanaRule::K11, faults);
            variables(input.get("vars"), &format!("{place}.vars"), faults);
        }
    }
}
