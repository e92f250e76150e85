//! JSON values of entries: whether two numbers are the same, and how a value is shown.
//!
//! Pure. Shared by everything that compares entries, so that no two comparisons disagree on a number.

use serde_json::{Number, Value};

/// Returns whether two numbers have the same value: 1.0 is 1, but an integer is never equal to a float64 that is only
/// near.
pub fn is_same_number(one: &Number, other: &Number) -> bool {
    let integer = |number: &Number| {
        let integer = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
        integer.or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
            // Beyond this, casts are not exact; such numbers are no integers of an entry.
            (float.abs() < 1e30).then_some(float as i128)
        })
    };
    match (integer(one), integer(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.as_f64() == other.as_f64(),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Renders a value as JSON, shortened to `max_len` characters.
pub fn shown(value: &Value, max_len: usize) -> String {
    let text = value.to_string();
    match text.char_indices().nth(max_len) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
