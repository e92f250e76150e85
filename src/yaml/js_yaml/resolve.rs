//! The value of a plain scalar in js-yaml: null, a bool, a number, a date or a text.

use std::borrow::Cow;

use super::Value;

/// Resolves a scalar without quotes and tag.
pub fn resolve(text: &str) -> Value<'_> {
    // Fast path: most scalars are words.
    if text.len() > 5 && text.as_bytes()[0].is_ascii_alphabetic() {
        return Value::Text(Cow::Borrowed(text));
    }
    null(text)
        .or_else(|| bool(text))
        .or_else(|| integer(text))
        .or_else(|| float(text))
        .or_else(|| date(text))
        .unwrap_or(Value::Text(Cow::Borrowed(text)))
}

pub(super) fn null<'t>(text: &str) -> Option<Value<'t>> {
    matches!(text, "~" | "null" | "Null" | "NULL").then_some(Value::Null)
}

pub(super) fn bool<'t>(text: &str) -> Option<Value<'t>> {
    match text {
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// Removes the sign; returns whether it is a minus.
fn unsigned(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn signed<'t>(is_negative: bool, value: f64) -> Option<Value<'t>> {
    Some(Value::Number(if is_negative { -value } else { value }))
}

/// Parses digits of a radix, with `_` anywhere except at the end.
fn digits(text: &str, radix: u32) -> Option<f64> {
    let is_digit = |digit: char| digit == '_' || digit.is_digit(radix);
    let has_digits = text.chars().any(|digit| digit != '_');
    if !has_digits || text.ends_with('_') || !text.chars().all(is_digit) {
        return None;
    }
    let plain: String = text.chars().filter(|digit| *digit != '_').collect();
    if radix == 10 {
        return plain.parse().ok();
    }
    let add = |value: f64, digit: char| {
        value * f64::from(radix) + f64::from(digit.to_digit(radix).unwrap_or_default())
    };
    Some(plain.chars().fold(0.0, add))
}

pub(super) fn integer<'t>(text: &str) -> Option<Value<'t>> {
    let (is_negative, rest) = unsigned(text);
    let value = match rest.as_bytes() {
        // js-yaml drops the sign of a single zero.
        [b'0'] => return Some(Value::Number(0.0)),
        [b'0', b'b', ..] => digits(&rest[2..], 2)?,
        [b'0', b'x', ..] => digits(&rest[2..], 16)?,
        [b'0', ..] => digits(&rest[1..], 8)?,
        [b'1'..=b'9', ..] => match rest.split_once(':') {
            None => digits(rest, 10)?,
            Some((first, others)) => sexagesimal(digits_before_colon(first)?, others)?,
        },
        _ => return None,
    };
    signed(is_negative, value)
}

/// Parses the digits before a colon, which may end with `_`.
fn digits_before_colon(text: &str) -> Option<f64> {
    digits(text.trim_end_matches('_'), 10)
}

/// Adds the base-60 digits after the first; each is `[0-5]?[0-9]`.
fn sexagesimal(first: f64, others: &str) -> Option<f64> {
    others.split(':').try_fold(first, |value, part| {
        let is_part = matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
        is_part.then(|| part.parse::<f64>().ok()).flatten().map(|part| value * 60.0 + part)
    })
}

pub(super) fn float<'t>(text: &str) -> Option<Value<'t>> {
    let (is_negative, rest) = unsigned(text);
    match rest {
        ".inf" | ".Inf" | ".INF" => return signed(is_negative, f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if rest.len() == text.len() => {
            return Some(Value::Number(f64::NAN));
        }
        _ => {}
    }
    if text.ends_with('_') {
        return None;
    }
    if rest.contains(':') {
        return signed(is_negative, sexagesimal_float(rest)?);
    }
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let is_whole = match whole.as_bytes() {
        // js-yaml's pattern does not allow a sign before the dot.
        [] => rest.len() == text.len() && fraction.is_some_and(|fraction| !fraction.is_empty()),
        [b'0'] => true,
        [b'1'..=b'9', ..] => is_number(whole),
        _ => false,
    };
    let is_exponent = exponent.is_none_or(|exponent| {
        let (_, digits) = unsigned(exponent);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    if !is_whole || !fraction.is_none_or(is_number) || !is_exponent {
        return None;
    }
    let plain = rest.replace('_', "");
    // `parseFloat` returns NaN for `._`.
    let value = match plain.as_bytes() {
        [b'.'] | [b'.', b'e' | b'E', ..] => f64::NAN,
        _ => plain.parse().unwrap_or(f64::NAN),
    };
    signed(is_negative, value)
}

/// Parses `[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*`.
fn sexagesimal_float(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let (first, others) = whole.split_once(':')?;
    if !is_number(fraction) || !is_number(first) || !first.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let first: f64 = first.replace('_', "").parse().ok()?;
    let value = sexagesimal(first, others)?;
    let fraction = format!("0.{}", fraction.replace('_', ""));
    Some(value + fraction.trim_end_matches('.').parse::<f64>().ok()?)
}

/// Parses a date, or a date with a time, in milliseconds since 1970.
pub(super) fn date<'t>(text: &str) -> Option<Value<'t>> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let year: i64 = text[..4].parse().ok()?;
    let (month, rest) = number(&text[5..], 1)?;
    let (day, rest) = number(rest.strip_prefix('-')?, 1)?;
    if rest.is_empty() {
        // Without a time, month and day must have two digits.
        return (bytes.len() == 10).then(|| Value::Date(days(year, month, day) * DAY));
    }
    let blanks = rest.trim_start_matches([' ', '\t']);
    let rest = match rest.as_bytes()[0] {
        b'T' | b't' => &rest[1..],
        _ if blanks.len() < rest.len() => blanks,
        _ => return None,
    };
    let (hour, rest) = number(rest, 1)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => {
            let len = rest.bytes().take_while(u8::is_ascii_digit).count();
            let thousandths = format!("{:0<3}", &rest[..len.min(3)]);
            (thousandths.parse::<f64>().ok()?, &rest[len..])
        }
        None => (0.0, rest),
    };
    let offset = offset(rest)?;
    let time = (hour * 60 + minute) * 60 + second;
    Some(Value::Date(days(year, month, day) * DAY + time as f64 * 1000.0 + fraction - offset))
}

const DAY: f64 = 86_400_000.0;

/// Splits off a number of `least` to two digits.
fn number(text: &str, least: usize) -> Option<(i64, &str)> {
    let len = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    (len >= least).then_some(())?;
    Some((text[..len].parse().ok()?, &text[len..]))
}

/// Parses an offset from UTC in milliseconds.
fn offset(text: &str) -> Option<f64> {
    let rest = text.trim_start_matches([' ', '\t']);
    if text.is_empty() || rest == "Z" {
        return Some(0.0);
    }
    let (is_negative, rest) = match rest.as_bytes().first()? {
        b'-' => (true, &rest[1..]),
        b'+' => (false, &rest[1..]),
        _ => return None,
    };
    let (hours, rest) = number(rest, 1)?;
    let minutes = match rest.strip_prefix(':') {
        Some(rest) => number(rest, 2).filter(|(_, rest)| rest.is_empty())?.0,
        None if rest.is_empty() => 0,
        None => return None,
    };
    let millis = ((hours * 60 + minutes) * 60_000) as f64;
    Some(if is_negative { -millis } else { millis })
}

/// Returns the days since 1970. As in `Date.UTC`, excess months and days overflow, and years 0 to 99 mean 1900 to 1999.
fn days(year: i64, month: i64, day: i64) -> f64 {
    let year = if year < 100 { year + 1900 } else { year };
    let months = year * 12 + month - 1;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
    // Years start in March, so that the leap day comes last.
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let era_day = (153 * month + 2) / 5;
    let whole = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (whole + era_day + day - 1 - 719_468) as f64
}
