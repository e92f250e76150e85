//! Checks the manifest of a data stream against Kibana's rules.

use std::rc::Rc;

use super::faults::Faults;
use super::items::{items, require, variables};
use crate::model::finding::KibanaRule;
use crate::yaml::YamlError;
use crate::yaml::js_yaml::{Map, Value};

/// Returns the faults of a data stream's manifest.
pub(super) fn faults_of(manifest: &Result<Value<'_>, YamlError>) -> Faults {
    let manifest = match manifest {
        Ok(manifest) => expanded(manifest),
        Err(error) => return Faults::unparseable(KibanaRule::K3, error),
    };
    let mut faults = Faults::default();
    require(&manifest, "", &["title", "type"], KibanaRule::K7, &mut faults);
    for (place, stream) in items(manifest.get("streams"), "streams", KibanaRule::K12, &mut faults) {
        require(stream, &place, &["input", "title"], KibanaRule::K8, &mut faults);
        variables(stream.get("vars"), &format!("{place}.vars"), &mut faults);
    }
    faults
}

/// Expands keys with dots to mappings. No rule reads their content, so they are left empty.
fn expanded<'t>(manifest: &Value<'t>) -> Value<'t> {
    let Value::Map(map) = manifest else { return manifest.clone() };
    let mut expanded = Map::clone(map);
    for (first, _) in map.keys().filter_map(|key| key.split_once('.')) {
        expanded.insert(first.to_owned().into(), Value::Map(Rc::default()));
    }
    Value::Map(Rc::new(expanded))
}
