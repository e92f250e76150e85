//! Checks lists of variables, streams and inputs, and the required keys of their items.

use super::faults::Faults;
use crate::model::finding::KibanaRule;
use crate::rules::registry::excerpt;
use crate::yaml::js_yaml::Value;

/// Requires keys to have values that are truthy in JavaScript; `place` is the path of the item, empty at the top level.
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

/// Returns the items of a list. Anything else is a fault and has no items; each null item is a fault.
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

/// Checks rule K9: variables have a name and a type. Kibana ignores a mapping without a `length`.
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

/// Returns the result of `value > 0` in JavaScript.
fn is_positive(value: &Value<'_>) -> bool {
    match value {
        Value::Number(number) | Value::Date(number) => *number > 0.0,
        Value::Bool(value) => *value,
        Value::Text(text) => text.trim().parse::<f64>().is_ok_and(|number| number > 0.0),
        _ => false,
    }
}

/// Describes a value for a report.
pub(super) fn described(value: &Value<'_>) -> String {
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
