//! Reads a file for the registry and for Kibana, and parses it only once if they agree on its syntax.

use super::manifest::ManifestFacts;
use super::{Facts, Faults, Role, data_stream, differences};
use crate::model::finding::{KibanaRule, ReadDifference};
use crate::rules::registry::{self, KnownItems, Parsed};
use crate::yaml::js_yaml::{self, Value};
use crate::yaml::{Document, YamlError};

/// Returns the facts about a file for the registry and for Kibana, by its roles.
pub fn read(
    registry_role: Option<registry::Role>,
    role: Option<Role>,
    bytes: &[u8],
    known_items: &KnownItems,
) -> (Option<registry::Facts>, Option<Facts>) {
    let Some(registry_role) = registry_role else {
        return (None, role.map(|role| facts(role, bytes, Parsed::Not)));
    };
    let mut kibana = None;
    let facts = registry::Facts::read_with(registry_role, bytes, known_items, |parsed| {
        kibana = role.map(|role| facts(role, bytes, parsed));
    });
    (Some(facts), kibana)
}

fn facts(role: Role, bytes: &[u8], parsed: Parsed<'_>) -> Facts {
    let document = match parsed {
        Parsed::Whole(document) => Some(document),
        Parsed::Parts { are_ordinary: true } if role == Role::Asset => {
            return Facts::Other(Faults::default());
        }
        Parsed::Parts { .. } | Parsed::Not => None,
    };
    match role {
        Role::Asset => Facts::Other(match document.map(js_yaml::has_duplicates) {
            Some(Some(false)) => Faults::default(),
            _ => unless_read(bytes, KibanaRule::K14),
        }),
        Role::Settings => Facts::Other(unless_read(bytes, KibanaRule::K3)),
        Role::Tags => Facts::Other(tags(bytes)),
        // The registry cannot read it: that is a blocker, so nothing else is reported.
        Role::Manifest | Role::DataStream if document.is_none() && !bytes.is_empty() => {
            Facts::Other(Faults::default())
        }
        Role::Manifest => {
            let value = js_yaml::load(bytes, document);
            // An empty file breaks only K2.
            let mut facts = match bytes.is_empty() {
                true => ManifestFacts { is_empty: true, ..ManifestFacts::default() },
                false => ManifestFacts::of(&value),
            };
            facts.differences = differences_of(document, &value);
            Facts::Manifest(Box::new(facts))
        }
        Role::DataStream => {
            let value = js_yaml::load(bytes, document);
            let differences = differences_of(document, &value);
            Facts::DataStream(Box::new((data_stream::faults_of(&value), differences)))
        }
    }
}

fn differences_of(
    document: Option<&Document<'_>>,
    value: &Result<Value<'_>, YamlError>,
) -> Vec<ReadDifference> {
    match (document, value) {
        (Some(document), Ok(value)) => differences::differences(document.root(), value),
        _ => Vec::new(),
    }
}

fn unless_read(bytes: &[u8], rule: KibanaRule) -> Faults {
    match js_yaml::holds_value(bytes) {
        Ok(_) => Faults::default(),
        Err(error) => Faults::unparseable(rule, &error),
    }
}

/// Kibana reads the `length` of the tags, so null is an error.
fn tags(bytes: &[u8]) -> Faults {
    match js_yaml::holds_value(bytes) {
        Ok(true) => Faults::default(),
        Ok(false) => {
            let mut faults = Faults::default();
            faults.add(KibanaRule::K3, None, || "it is empty".to_owned());
            faults
        }
        Err(error) => Faults::unparseable(KibanaRule::K3, &error),
    }
}
