//! The grammar of constraints: splits one into its alternatives, and those into comparisons.
//!
//! The steps follow the library, because they affect the result: ranges are rewritten first, together with the blanks
//! around them, and `|` counts as a digit in a version.

use std::borrow::Cow;
use std::str::FromStr;

use super::comparison::{Comparison, Operator};
use super::version::{NoVersion, Version};

/// The operators, the longer ones first.
const OPERATORS: [(&str, Operator); 11] = [
    ("!=", Operator::Unequal),
    (">=", Operator::AtLeast),
    ("=>", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("=<", Operator::AtMost),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Above),
    ("<", Operator::Below),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
];

/// The maximum length of a constraint in bytes, the maximum number of alternatives, and the maximum length of a version
/// in bytes.
const MAX_LEN: usize = 512;
const MAX_ALTERNATIVES: usize = 32;
const MAX_VERSION_LEN: usize = 256;

/// Splits a constraint into its alternatives, each with its comparisons; `None` if the library refuses it.
pub(super) fn alternatives(text: &str) -> Option<Vec<Vec<Comparison>>> {
    if text.len() > MAX_LEN {
        return None;
    }
    let rewritten = without_ranges(text);
    let alternatives: Vec<&str> = rewritten.split("||").collect();
    if alternatives.len() > MAX_ALTERNATIVES {
        return None;
    }
    alternatives.into_iter().map(comparisons).collect()
}

/// Rewrites each range `a - b` to `>= a, <= b `. The blanks around it are removed, so that `^1 1.2.3 - 4.5.6` is invalid
/// and `^1, 1.2.3 - 4.5.6` is valid.
fn without_ranges(text: &str) -> Cow<'_, str> {
    let mut rewritten = Cow::Borrowed(text);
    let mut rest = text;
    while !rest.is_empty() {
        match Range::at(rest) {
            Some(Range { whole, from, to }) => {
                let comparisons = format!(">= {from}, <= {to} ");
                // Replaces the first equal text, which may be another one than the range that was found.
                rewritten = Cow::Owned(rewritten.replacen(whole, &comparisons, 1));
                rest = &rest[whole.len()..];
            }
            None => rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..],
        }
    }
    rewritten
}

/// A range, including the blanks around it.
struct Range<'t> {
    whole: &'t str,
    from: &'t str,
    to: &'t str,
}

impl<'t> Range<'t> {
    /// Returns the range at the start of a text.
    fn at(text: &'t str) -> Option<Self> {
        let (from, after) = version(skip_blanks(text))?;
        let end = skip_blanks(after).strip_prefix('-')?;
        if !after.starts_with(is_blank) || !end.starts_with(is_blank) {
            return None;
        }
        let (to, after) = version(skip_blanks(end))?;
        let whole_len = text.len() - skip_blanks(after).len();
        Some(Range { whole: &text[..whole_len], from: from.text, to: to.text })
    }
}

fn comparisons(text: &str) -> Option<Vec<Comparison>> {
    let mut rest = skip_blanks(text);
    let mut found = Vec::new();
    while found.is_empty() || !rest.is_empty() {
        let operator = OPERATORS.into_iter().find(|(operator, _)| rest.starts_with(*operator));
        rest = skip_blanks(&rest[operator.map_or(0, |(operator, _)| operator.len())..]);
        let operator = operator.map_or(Operator::Equal, |(_, operator)| operator);
        let (version, remaining) = version(rest)?;
        found.push(version.comparison(operator)?);
        let next = skip_blanks(remaining);
        rest = match next.strip_prefix(',') {
            Some(after) if skip_blanks(after).is_empty() => return None,
            Some(after) => skip_blanks(after),
            None if next.len() == remaining.len() && !next.is_empty() => return None,
            None => next,
        };
    }
    Some(found)
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

/// A text with the syntax of a version whose numbers may be `x` or missing.
struct Pattern<'t> {
    text: &'t str,
    numbers: Vec<&'t str>,
    prerelease: Option<&'t str>,
}

/// Splits off the version at the start of a text.
fn version(text: &str) -> Option<(Pattern<'_>, &str)> {
    let (major, mut rest) = number(text.strip_prefix('v').unwrap_or(text))?;
    let mut numbers = vec![major];
    while numbers.len() < 3 {
        let Some((next, after)) = rest.strip_prefix('.').and_then(number) else { break };
        numbers.push(next);
        rest = after;
    }
    let mut prerelease = None;
    if let Some((identifiers, after)) = rest.strip_prefix('-').and_then(identifiers) {
        prerelease = Some(identifiers);
        rest = after;
    }
    if let Some((_, after)) = rest.strip_prefix('+').and_then(identifiers) {
        rest = after;
    }
    let text = &text[..text.len() - rest.len()];
    Some((Pattern { text, numbers, prerelease }, rest))
}

impl Pattern<'_> {
    /// Returns the comparison with it; `None` if it is not a valid version, ignoring a wildcard and the numbers after it.
    fn comparison(&self, operator: Operator) -> Option<Comparison> {
        let wildcard = self.numbers.iter().position(|number| matches!(*number, "x" | "X" | "*"));
        let counted = &self.numbers[..wildcard.unwrap_or(self.numbers.len())];
        if self.len(counted) > MAX_VERSION_LEN {
            return None;
        }
        Some(Comparison { operator, version: self.version(counted)?, given: counted.len() })
    }

    /// Returns the version with these leading numbers; `None` if it is not valid.
    fn version(&self, counted: &[&str]) -> Option<Version> {
        let is_padded = |part: &str| {
            part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit())
        };
        let prerelease = self.prerelease.unwrap_or_default();
        if prerelease.split('.').any(is_padded) {
            return None;
        }
        let mut numbers = [0; 3];
        for (number, text) in numbers.iter_mut().zip(counted) {
            *number = text.parse().ok()?;
        }
        Some(Version::new(self.text, numbers, prerelease))
    }

    /// Returns its length after the library filled in zeros for missing numbers, which drops the build metadata.
    fn len(&self, counted: &[&str]) -> usize {
        if counted.len() == 3 {
            return self.text.len();
        }
        let numbers: usize = counted.iter().map(|number| number.len()).sum();
        let prerelease = self.prerelease.map_or(0, |identifiers| 1 + identifiers.len());
        numbers + (3 - counted.len()) + 2 + prerelease
    }
}

impl FromStr for Version {
    type Err = NoVersion;

    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let (pattern, rest) = version(text).ok_or(NoVersion)?;
        if !rest.is_empty() || text.len() > MAX_VERSION_LEN {
            return Err(NoVersion);
        }
        pattern.version(&pattern.numbers).ok_or(NoVersion)
    }
}

fn number(text: &str) -> Option<(&str, &str)> {
    let is_part =
        |character: char| character.is_ascii_digit() || matches!(character, '|' | 'x' | 'X' | '*');
    split_run(text, is_part)
}

/// Splits off the dot-separated identifiers of a prerelease or of build metadata.
fn identifiers(text: &str) -> Option<(&str, &str)> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let (first, mut rest) = split_run(text, is_part)?;
    let mut len = first.len();
    while let Some((part, after)) = rest.strip_prefix('.').and_then(|text| split_run(text, is_part))
    {
        len += 1 + part.len();
        rest = after;
    }
    Some(text.split_at(len))
}

/// Splits off the leading characters that `is_part` accepts, at least one.
fn split_run(text: &str, is_part: impl Fn(char) -> bool) -> Option<(&str, &str)> {
    let end = text.find(|character| !is_part(character)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}
