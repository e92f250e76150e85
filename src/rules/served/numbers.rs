//! Numbers as a registry in storage mode shows them.

use serde_json::{Number, Value};

/// Changes all numbers of an entry as a registry in storage mode does, which reads them as float64 where a field may
/// have any type: integers above 2^53 become the nearest number that a float64 can be.
pub fn through_float64(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().and_then(Number::from_f64);
            *number = float.expect("a number of an entry is a finite float64");
        }
        Value::Array(items) => items.iter_mut().for_each(through_float64),
        Value::Object(members) => members.values_mut().for_each(through_float64),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
