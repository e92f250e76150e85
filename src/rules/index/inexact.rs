//! Integers that a registry in storage mode changes.
//!
//! It reads the numbers of the index as Go's float64, and returns those in a package's page; over folders and archives
//! it returns the integers themselves. Only defaults, settings and mappings contain numbers.

use serde_json::Value;

use super::PackageManifest;

/// An integer that is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InexactInteger {
    /// Its path, such as `vars[0].default`.
    pub path: String,
    /// Its digits.
    pub value: String,
    /// The number that the registry returns.
    pub shown: String,
}

/// Lists the integers of an entry that are changed.
///
/// # Panics
/// Never: every entry can be written as JSON.
pub fn inexact_integers(manifest: &PackageManifest) -> Vec<InexactInteger> {
    let entry = serde_json::to_value(manifest).expect("an entry holds finite numbers only");
    let mut found = Vec::new();
    collect(&entry, &mut String::new(), &mut found);
    found
}

fn collect(value: &Value, path: &mut String, found: &mut Vec<InexactInteger>) {
    let len = path.len();
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            let float = number.as_f64().expect("an integer is near a float");
            // Below 2^64, Go writes all floats without an exponent, as Rust does.
            let (value, shown) = (number.to_string(), float.to_string());
            if value != shown {
                found.push(InexactInteger { path: path.clone(), value, shown });
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("[{index}]"));
                collect(item, path, found);
                path.truncate(len);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                if len > 0 {
                    path.push('.');
                }
                path.push_str(name);
                collect(member, path, found);
                path.truncate(len);
            }
        }
    }
}
