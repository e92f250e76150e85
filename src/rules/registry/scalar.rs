//! The values of scalars in the registry: YAML 1.1 as implemented by Go's yaml.v2.
//!
//! A plain `1.10` is the number 1.1 and `no` is false, and both are converted back if text is expected: "1.1" and
//! "false". Quoted scalars are always text. Pure; used by `config`.

use crate::yaml::{Resolved, Scalar};

/// The value that the registry reads from a scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading<'d> {
    /// `~`, `null` or an empty value.
    Null,
    /// `true`, and in YAML 1.1 also `yes`, `on` and `y`.
    Bool(bool),
    /// A number, as text in the registry's format.
    Number(String),
    /// A date or time for many readers; the registry keeps the text.
    Timestamp(&'d str),
    /// Text for all readers.
    Text(&'d str),
}

impl<'d> Reading<'d> {
    /// Reads a scalar.
    pub fn of(scalar: Scalar<'d>) -> Self {
        let text = scalar.text;
        if !scalar.is_plain {
            return Reading::Text(text);
        }
        match Resolved::of(text) {
            Resolved::Null => Reading::Null,
            Resolved::Bool(value) => Reading::Bool(value),
            Resolved::Integer(value) => Reading::Number(value.to_string()),
            Resolved::Float(value) => Reading::Number(float(value)),
            Resolved::Timestamp => Reading::Timestamp(text),
            Resolved::Text => Reading::Text(text),
        }
    }

    /// Returns the text that the registry converts it to if text is expected; `None` for null.
    pub fn text(&self) -> Option<&str> {
        match self {
            Reading::Null => None,
            Reading::Bool(true) => Some("true"),
            Reading::Bool(false) => Some("false"),
            Reading::Number(text) => Some(text),
            Reading::Timestamp(text) | Reading::Text(text) => Some(text),
        }
    }

    /// Returns whether JSON cannot represent it: infinities and NaN.
    pub(super) fn is_beyond_json(&self) -> bool {
        matches!(self, Reading::Number(text) if matches!(text.as_str(), "+Inf" | "-Inf" | "NaN"))
    }

    /// Returns whether the registry can convert it to a bool (Go's `strconv.ParseBool` for text).
    pub fn is_bool(&self) -> bool {
        match self {
            Reading::Bool(_) => true,
            Reading::Text(text) | Reading::Timestamp(text) => {
                ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"]
                    .contains(text)
            }
            Reading::Null | Reading::Number(_) => false,
        }
    }
}

/// Formats a number like Go's `%v`.
fn float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').expect("it is scientific");
    let exponent: i32 = exponent.parse().expect("it is a number");
    if (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_are_read_as_yaml_1_1() {
        let rows = [
            ("1.0.0", None),
            ("1.10", Some("1.1")),
            ("1.0", Some("1")),
            ("010", Some("8")),
            ("08", Some("8")),
            ("0o10", Some("8")),
            ("0x10", Some("16")),
            ("0b11", Some("3")),
            ("1_000", Some("1000")),
            ("1e3", Some("1000")),
            ("1e5", Some("100000")),
            ("1e6", Some("1e+06")),
            ("12345678.5", Some("1.23456785e+07")),
            ("1e-7", Some("1e-07")),
            ("-1", Some("-1")),
            ("+1", Some("1")),
            ("-0x10", Some("-16")),
            ("18446744073709551615", Some("18446744073709551615")),
            (".5", Some("0.5")),
            ("1.", Some("1")),
            (".inf", Some("+Inf")),
            (".nan", Some("NaN")),
            ("1e999", None),
            ("1:20", None),
            ("1.2.3", None),
            ("--1", None),
            ("0x", None),
            (".", None),
            ("-", None),
            ("1e", None),
            ("no", Some("false")),
            ("ON", Some("true")),
            ("y", Some("true")),
            ("oN", None),
            ("truely", None),
            ("<<", None),
        ];
        for (text, read) in rows {
            let reading = Reading::of(Scalar { text, is_plain: true });
            assert_eq!(reading.text(), Some(read.unwrap_or(text)), "{text}");
            assert_eq!(matches!(reading, Reading::Text(_)), read.is_none(), "{text}");
            let quoted = Reading::of(Scalar { text, is_plain: false });
            assert_eq!(quoted, Reading::Text(text));
        }
    }

    #[test]
    fn null_and_dates_are_known() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(Reading::of(Scalar { text, is_plain: true }), Reading::Null, "{text:?}");
        }
        let dates = ["2020-01-31", "2020-1-2", "2020-01-31T10:00:00Z", "2020-01-31 10:00:00"];
        for text in dates {
            assert_eq!(Reading::of(Scalar { text, is_plain: true }), Reading::Timestamp(text));
        }
        for text in ["2020-01", "2020-01-310", "20-01-01", "2020-01-31x", "2020-01-31-rc1"] {
            assert_eq!(Reading::of(Scalar { text, is_plain: true }), Reading::Text(text));
        }
    }

    #[test]
    fn bools_may_be_texts_but_not_numbers() {
        let is_bool = |text, is_plain| Reading::of(Scalar { text, is_plain }).is_bool();
        for (text, is_plain, expected) in [
            ("yes", true, true),
            ("yes", false, false),
            ("true", false, true),
            ("1", false, true),
            ("1", true, false),
            ("maybe", true, false),
            ("~", true, false),
        ] {
            assert_eq!(is_bool(text, is_plain), expected, "{text} {is_plain}");
        }
    }
}
