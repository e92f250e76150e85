//! The differences between two JSON values, by JSON path.
//!
//! Values are compared: the order of members and the spelling of texts and numbers do not matter.

use serde_json::Value;

use crate::rules::index::{is_same_number, shown};

/// The maximum length of a value that is shown, in characters.
const MAX_SHOWN: usize = 80;

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Its JSON path, such as `vars[0].default`.
    pub path: String,
    /// The expected value as JSON, shortened; `None` if there should be none.
    pub expected: Option<String>,
    /// The value found.
    pub found: Option<String>,
}

/// Returns the differences in the order of the paths' members; lists of different lengths differ as a whole, and by
/// their first different item.
pub fn differences(expected: &Value, found: &Value) -> Vec<Difference> {
    let mut all = Vec::new();
    compare((Some(expected), Some(found)), &mut String::new(), &mut all);
    all
}

fn compare(pair: (Option<&Value>, Option<&Value>), path: &mut String, all: &mut Vec<Difference>) {
    let len = path.len();
    match pair {
        (Some(Value::Object(expected)), Some(Value::Object(found))) => {
            let added = found.iter().filter(|(name, _)| !expected.contains_key(*name));
            let members = expected.iter().map(|(name, value)| (name, Some(value), found.get(name)));
            for (name, expected, found) in
                members.chain(added.map(|(name, value)| (name, None, Some(value))))
            {
                if len > 0 {
                    path.push('.');
                }
                path.push_str(name);
                compare((expected, found), path, all);
                path.truncate(len);
            }
        }
        (Some(Value::Array(expected)), Some(Value::Array(found))) => {
            let is_same_len = expected.len() == found.len();
            if !is_same_len {
                let count = |items: &[Value]| match items.len() {
                    1 => "1 item".to_owned(),
                    count => format!("{count} items"),
                };
                all.push(Difference {
                    path: path.clone(),
                    expected: Some(count(expected)),
                    found: Some(count(found)),
                });
            }
            let before = all.len();
            for index in 0..expected.len().max(found.len()) {
                path.push_str(&format!("[{index}]"));
                compare((expected.get(index), found.get(index)), path, all);
                path.truncate(len);
                // Behind an item too many, every item differs.
                if !is_same_len && all.len() > before {
                    break;
                }
            }
        }
        (Some(Value::Number(expected)), Some(Value::Number(found)))
            if is_same_number(expected, found) => {}
        (Some(expected), Some(found)) if expected == found => {}
        (expected, found) => all.push(Difference {
            path: path.clone(),
            expected: expected.map(|value| shown(value, MAX_SHOWN)),
            found: found.map(|value| shown(value, MAX_SHOWN)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::from_str;

    use super::*;

    #[test]
    fn values_are_compared_and_differences_have_paths() {
        let rows: [(&str, &str, &[&str]); 16] = [
            (r#"{"a":1,"b":[true,null]}"#, r#"{"b":[true,null],"a":1.0}"#, &[]),
            (
                r#"{"a":9007199254740993}"#,
                r#"{"a":9007199254740992}"#,
                &["a: 9007199254740993 9007199254740992"],
            ),
            (
                r#"{"a":9007199254740993}"#,
                r#"{"a":9007199254740993.0}"#,
                &["a: 9007199254740993 9007199254740992.0"],
            ),
            (r#"{"a":18446744073709551615}"#, r#"{"a":18446744073709551615}"#, &[]),
            (r#"{"a":1e30}"#, r#"{"a":1000000000000000000000000000000}"#, &[]),
            (r#"{"a":0.5}"#, r#"{"a":0.5}"#, &[]),
            (r#"{"a":0.5}"#, r#"{"a":0.25}"#, &["a: 0.5 0.25"]),
            (r#"{"a":"1"}"#, r#"{"a":1}"#, &["a: \"1\" 1"]),
            (r#"{"a":{"b":1}}"#, r#"{"a":{"c":1}}"#, &["a.b: 1 -", "a.c: - 1"]),
            (r#"{"a":[1,2,3]}"#, r#"{"a":[1,5,4]}"#, &["a[1]: 2 5", "a[2]: 3 4"]),
            (r#"{"a":[1,2,3]}"#, r#"{"a":[1,3]}"#, &["a: 3 items 2 items", "a[1]: 2 3"]),
            (r#"{"a":[1]}"#, r#"{"a":[1,2]}"#, &["a: 1 item 2 items", "a[1]: - 2"]),
            (r#"{"a":[{"b":1}]}"#, r#"{"a":[{"b":2}]}"#, &["a[0].b: 1 2"]),
            (r#"{"a":null}"#, "{}", &["a: null -"]),
            (r#"[1]"#, r#"{"a":1}"#, &[": [1] {\"a\":1}"]),
            (r#"{"a":""}"#, r#"{"a":"\u0000"}"#, &["a: \"\" \"\\u0000\""]),
        ];
        for (expected, found, lines) in rows {
            let (one, other): (Value, Value) =
                (from_str(expected).unwrap(), from_str(found).unwrap());
            let line = |Difference { path, expected, found }: &Difference| {
                let text = |value: &Option<String>| value.clone().unwrap_or("-".to_owned());
                format!("{path}: {} {}", text(expected), text(found))
            };
            let differences: Vec<String> = differences(&one, &other).iter().map(line).collect();
            assert_eq!(differences, lines, "{expected} {found}");
        }
    }
}
