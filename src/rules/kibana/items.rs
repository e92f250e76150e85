//! Lists of variables, streams and inputs, and the keys that each item must have a value for.

use super::faults::{Faults, excerpt};
use crate::model::finding::KibanaRule;
use crate::yaml::js_yaml::Value;

/// Demands that keys have values which JavaScript takes for true; `place` is the item's, empty for the outermost.
pub(super) fn require(
    item: &Value<'_>,
    place: &str,
    keys: &[&str],
    rule: KibanaRule,
    faults: &mut Faults,
) {
    for key in keys {
        let value = item.get(key);
        if value.is_some_and(Value::is_truthy) {
            continue;
        }
        let key = if place.is_empty() { (*key).to_owned() } else { format!("{place}.{key}") };
        faults.add(rule, Some(&key), || match value {
            None | Some(Value::Null) => format!("{key} is missing"),
            Some(Value::Text(_)) => format!("{key} is empty"),
            Some(value) => {
                format!("{key} is `{}`, which counts as missing", excerpt(&value.to_text()))
            }
        });
    }
}

/// The items of a list; none, and a fault, where something else stands for it, and a fault for each item that is null.
pub(super) fn items<'v, 't>(
    value: Option<&'v Value<'t>>,
    place: &str,
    rule: KibanaRule,
    faults: &mut Faults,
) -> Vec<(String, &'v Value<'t>)> {
    let value = match value {
        Some(value) if value.is_truthy() => value,
        _ => return Vec::new(),
    };
    let Value::List(list) = value else {
        faults.add(rule, Some(place), || format!("{place} is not a list"));
        return Vec::new();
    };
    let mut items = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        let place = format!("{place}[{index}]");
        match item {
            Value::Null => faults.add(rule, Some(&place), || format!("{place} is null")),
            item => items.push((place, item)),
        }
    }
    items
}

/// K9: variables have a name and a type. A mapping without a length is no list to Kibana, and no fault.
pub(super) fn variables(value: Option<&Value<'_>>, place: &str, faults: &mut Faults) {
    let rule = KibanaRule::K9;
    if let Some(Value::Map(map)) = value
        && !map.get("length").is_some_and(is_positive)
    {
        return;
    }
    for (place, variable) in items(value, place, rule, faults) {
        require(variable, &place, &["name", "type"], rule, faults);
    }
}

/// What `value > 0` makes of it.
fn is_positive(value: &Value<'_>) -> bool {
    match value {
        Value::Number(number) | Value::Date(number) => *number > 0.0,
        Value::Bool(value) => *value,
        Value::Text(text) => text.trim().parse::<f64>().is_ok_and(|number| number > 0.0),
        _ => false,
    }
}

/// A value as it is told.
pub(super) fn told(value: &Value<'_>) -> String {
    match value {
        Value::Null | Value::Undefined => "null".to_owned(),
        Value::Text(text) => format!("the text `{}`", excerpt(text)),
        Value::Number(_) => format!("the number {}", value.to_text()),
        Value::Bool(value) => value.to_string(),
        Value::Date(_) => "a date".to_owned(),
        Value::Bytes(_) => "bytes".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a mapping".to_owned(),
    }
}
