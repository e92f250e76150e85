//! The type of a scalar in YAML 1.1 according to go-yaml v2.4.0: null, bool, number, timestamp or text, by its text and tag.
//!
//! The only table of these rules. Whether a text, a number or a bool is expected is decided by the caller.

use std::borrow::Cow;

/// The prefix that `!!` abbreviates.
pub(super) const TAG_PREFIX: &str = "tag:yaml.org,2002:";

/// The value of a plain scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resolved {
    /// `~`, `null` or empty.
    Null,
    /// `true`, and in YAML 1.1 also `yes`, `on` and `y`.
    Bool(bool),
    /// A signed or unsigned 64-bit integer.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// A date, or a date and a time.
    Timestamp,
    /// Anything else.
    Text,
}

impl Resolved {
    /// Resolves a scalar without quotes and tag.
    pub fn of(text: &str) -> Self {
        match is_timestamp(text) {
            true => Resolved::Timestamp,
            false => Resolved::without_timestamp(text),
        }
    }

    /// Resolves a scalar, ignoring timestamps.
    fn without_timestamp(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
            "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
                return Resolved::Bool(true);
            }
            "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off"
            | "OFF" => return Resolved::Bool(false),
            ".nan" | ".NaN" | ".NAN" => return Resolved::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
                return Resolved::Float(f64::INFINITY);
            }
            "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
            _ => {}
        }
        let number = match text.as_bytes()[0] {
            // `_` is allowed only between digits, unlike below.
            b'.' if separates_digits(text) => float(&text.replace('_', "")),
            b'0'..=b'9' | b'+' | b'-' => {
                let digits: Cow<'_, str> = match text.contains('_') {
                    true => text.replace('_', "").into(),
                    false => text.into(),
                };
                integer(&digits).map(Resolved::Integer).or_else(|| float(&digits))
            }
            _ => None,
        };
        number.unwrap_or(Resolved::Text)
    }

    /// Returns the name of its tag.
    fn tag(self) -> &'static str {
        match self {
            Resolved::Null => "null",
            Resolved::Bool(_) => "bool",
            Resolved::Integer(_) => "int",
            Resolved::Float(_) => "float",
            Resolved::Timestamp => "timestamp",
            Resolved::Text => "str",
        }
    }
}

/// Applies a tag to a scalar: returns its text, and whether it may still have another type than text.
///
/// # Errors
/// The text does not match the tag.
pub(super) fn tagged<'s>(tag: &str, text: Cow<'s, str>) -> Result<(Cow<'s, str>, bool), String> {
    // A `<<` with this tag, or with `!`, is a merge key.
    if tag == "!" {
        let is_merge = text == "<<";
        return Ok((text, is_merge));
    }
    match tag.strip_prefix(TAG_PREFIX) {
        Some("merge") => {
            let is_merge = text == "<<";
            Ok((text, is_merge))
        }
        Some("binary") => match binary(&text) {
            Some(decoded) => Ok((Cow::Owned(decoded), false)),
            None => Err("!!binary with invalid base64".to_owned()),
        },
        Some(wanted @ ("bool" | "int" | "float" | "null" | "timestamp")) => {
            let resolved = match wanted {
                "timestamp" => Resolved::of(&text),
                _ => Resolved::without_timestamp(&text),
            };
            match (wanted, resolved) {
                // Only values within the range of a Go `int` are converted.
                ("float", Resolved::Integer(value)) if i64::try_from(value).is_ok() => {
                    Ok((Cow::Owned(format!("{:e}", value as f64)), true))
                }
                _ if wanted == resolved.tag() => Ok((text, true)),
                _ => Err(format!(
                    "!!{wanted} on a value that the registry reads as !!{}",
                    resolved.tag()
                )),
            }
        }
        _ => Ok((text, false)),
    }
}

/// Decodes base64 with padding, ignoring line breaks. Invalid UTF-8 is replaced.
fn binary(text: &str) -> Option<String> {
    use base64::Engine as _;
    let base64: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    // Go ignores the trailing bits after the last byte.
    let engine = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    let bytes = engine.decode(base64).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Parses an integer like Go's `strconv.ParseInt` or `ParseUint` with base 0, or like go-yaml after `0b`.
fn integer(text: &str) -> Option<i128> {
    let (is_negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.starts_with(['+', '-']) {
        let rest = text.strip_prefix("0b")?;
        let value = i128::from(u64::from_str_radix(&rest[1..], 2).ok()?);
        let is_negative = rest.starts_with('-');
        let value = if is_negative { -value } else { value };
        let is_one_signed = !rest[1..].starts_with(['+', '-']);
        return (is_one_signed && i64::try_from(value).is_ok()).then_some(value);
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    match text.as_bytes()[0] {
        _ if is_negative && value <= 1 << 63 => Some(-i128::from(value)),
        b'-' => None,
        b'+' if value >= 1 << 63 => None,
        _ => Some(i128::from(value)),
    }
}

/// Parses a decimal number, `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn float(text: &str) -> Option<Resolved> {
    let mantissa = text.strip_prefix(['+', '-']).unwrap_or(text);
    let allowed = |c: char| c.is_ascii_digit() || ".eE+-".contains(c);
    let starts = mantissa.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !starts || !mantissa.chars().all(allowed) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    (!value.is_infinite()).then_some(Resolved::Float(value))
}

/// Returns whether each `_` is between two digits.
fn separates_digits(text: &str) -> bool {
    let is_digit = |part: Option<&u8>| part.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let is_separator = |at: usize| is_digit(bytes[..at].last()) && is_digit(bytes.get(at + 1));
    text.match_indices('_').all(|(at, _)| is_separator(at))
}

/// Returns whether the text is a date, or a date and a time, in the layouts of Go's `time.Parse` that go-yaml tries.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let read = || {
        let year: u32 = text[..4].parse().ok()?;
        let (month, rest) = number(&text[5..])?;
        let (day, rest) = number(rest.strip_prefix('-')?)?;
        let is_date = (1..=12).contains(&month) && day >= 1 && day <= days(year, month);
        let is_time = match rest.as_bytes().first() {
            None => true,
            Some(b'T' | b't') => zone(time(&rest[1..])?)?.is_empty(),
            Some(b' ') => time(rest.trim_start_matches(' '))?.is_empty(),
            Some(_) => false,
        };
        Some(is_date && is_time)
    };
    read().unwrap_or(false)
}

/// Parses one or two digits; returns the number and the rest.
fn number(text: &str) -> Option<(u32, &str)> {
    let len = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    Some((text[..len].parse().ok()?, &text[len..]))
}

fn days(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Parses hours, minutes, seconds and an optional fraction; returns the rest.
fn time(text: &str) -> Option<&str> {
    // Go's layout for two-digit hours, `15`, also accepts one digit.
    let (hour, rest) = number(text)?;
    let (minute, rest) = number(rest.strip_prefix(':')?)?;
    let (second, rest) = number(rest.strip_prefix(':')?)?;
    let rest = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => {
            let len = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if len == 0 {
                return None;
            }
            &fraction[len..]
        }
        None => rest,
    };
    (hour < 24 && minute < 60 && second < 60).then_some(rest)
}

/// Parses `Z`, or an offset in hours and minutes; returns the rest.
fn zone(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('Z') {
        return Some(rest);
    }
    let rest = text.strip_prefix(['+', '-'])?;
    let two = |from: usize| {
        let digits = rest.get(from..from + 2)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u32>().ok())?
    };
    let (hours, minutes) = (two(0)?, two(3)?);
    let is_zone = rest.as_bytes()[2] == b':' && hours <= 24 && minutes <= 60;
    is_zone.then(|| &rest[5..])
}
