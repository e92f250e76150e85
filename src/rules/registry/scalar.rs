//! What the registry takes a scalar for: the YAML 1.1 readings of Go's yaml.v2.
//!
//! A plain `1.10` is the number 1.1 there and `no` is false, and both become text again where a
//! text is wanted: "1.1" and "false". Quoted scalars are text always. Pure; used by `config`.

use std::borrow::Cow;

use crate::yaml::Scalar;

/// What a scalar is to the registry.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading<'d> {
    /// `~`, `null` or nothing.
    Null,
    /// `true`, and in YAML 1.1 also `yes`, `on` and `y`.
    Bool(bool),
    /// A number; its text as the registry writes it.
    Number(String),
    /// A date or a time to many readers; the registry keeps the text.
    Timestamp(&'d str),
    /// Text to every reader.
    Text(&'d str),
}

impl<'d> Reading<'d> {
    /// Reads a scalar.
    pub fn of(scalar: Scalar<'d>) -> Self {
        let text = scalar.text;
        if !scalar.is_plain {
            return Reading::Text(text);
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Reading::Null,
            "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
                return Reading::Bool(true);
            }
            "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off"
            | "OFF" => return Reading::Bool(false),
            ".nan" | ".NaN" | ".NAN" => return Reading::Number("NaN".to_owned()),
            ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
                return Reading::Number("+Inf".to_owned());
            }
            "-.inf" | "-.Inf" | "-.INF" => return Reading::Number("-Inf".to_owned()),
            _ => {}
        }
        if !text.starts_with(|letter: char| letter.is_ascii_digit() || "+-.".contains(letter)) {
            return Reading::Text(text);
        }
        if is_timestamp(text) {
            return Reading::Timestamp(text);
        }
        let digits: Cow<'_, str> =
            if text.contains('_') { text.replace('_', "").into() } else { text.into() };
        match integer(&digits).or_else(|| float(&digits)) {
            Some(number) => Reading::Number(number),
            None => Reading::Text(text),
        }
    }

    /// The text that the registry makes of it where a text is wanted; none for null.
    pub fn text(&self) -> Option<&str> {
        match self {
            Reading::Null => None,
            Reading::Bool(true) => Some("true"),
            Reading::Bool(false) => Some("false"),
            Reading::Number(text) => Some(text),
            Reading::Timestamp(text) | Reading::Text(text) => Some(text),
        }
    }

    /// Tells whether the registry can make a bool of it (Go's `strconv.ParseBool` for texts).
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

/// An integer in any base that Go's `strconv.ParseInt` takes with base 0, in decimal.
fn integer(text: &str) -> Option<String> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("+", &text[1..]),
        _ => ("", text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    match sign {
        "-" if value <= 1 << 63 => Some((-i128::from(value)).to_string()),
        "-" => None,
        "+" if value >= 1 << 63 => None,
        _ => Some(value.to_string()),
    }
}

/// A decimal number, as Go's `%v` writes it.
fn float(text: &str) -> Option<String> {
    let mantissa = text.strip_prefix(['+', '-']).unwrap_or(text);
    let allowed = |letter: char| letter.is_ascii_digit() || ".eE+-".contains(letter);
    let starts = mantissa.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.');
    if !starts || !mantissa.chars().all(allowed) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    if value.is_infinite() {
        return None;
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    if (-4..6).contains(&exponent) {
        return Some(value.to_string());
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{digits}e{sign}{:02}", exponent.abs()))
}

/// A date, or a date and a time, in the forms that Go's yaml.v2 knows; month and day unchecked.
fn is_timestamp(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let number = |part: Option<&str>, lens: std::ops::RangeInclusive<usize>| {
        part.is_some_and(|part| {
            lens.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    if !number(parts.next(), 4..=4) || !number(parts.next(), 1..=2) {
        return false;
    }
    let rest = parts.next().unwrap_or_default();
    let day_len = rest.bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&day_len)
        && (rest.len() == day_len
            || (rest[day_len..].starts_with(['T', 't', ' ']) && rest.contains(':')))
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
