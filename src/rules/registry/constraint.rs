//! The grammar of version constraints in the registry (Masterminds/semver 3.5.0).
//!
//! `^7.16.0 || ^8.0.0`, `>=1.2, <2`, `~8.1`, `1.x`, `1.0 - 2.0`: alternatives separated by `||`, each a series of
//! comparisons separated by blanks or commas. Only the syntax is checked, nothing is matched. The steps follow the
//! library, because they affect the result: ranges are rewritten first, together with the blanks around them, and `|`
//! counts as a digit in a version.

use std::borrow::Cow;

const OPERATORS: [&str; 11] = ["!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"];

/// The maximum length of a constraint in bytes, the maximum number of alternatives, and the maximum length of a version
/// in bytes.
const MAX_LEN: usize = 512;
const MAX_ALTERNATIVES: usize = 32;
const MAX_VERSION_LEN: usize = 256;

/// Returns whether the registry accepts the constraint.
pub(super) fn is_constraint(text: &str) -> bool {
    if text.len() > MAX_LEN {
        return false;
    }
    let rewritten = without_ranges(text);
    let alternatives: Vec<&str> = rewritten.split("||").collect();
    alternatives.len() <= MAX_ALTERNATIVES && alternatives.into_iter().all(is_alternative)
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

fn is_alternative(text: &str) -> bool {
    let mut rest = skip_blanks(text);
    let mut is_first = true;
    while is_first || !rest.is_empty() {
        let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(*operator));
        rest = skip_blanks(&rest[operator.map_or(0, str::len)..]);
        let Some((version, remaining)) = version(rest) else { return false };
        if !version.is_valid() {
            return false;
        }
        let next = skip_blanks(remaining);
        rest = match next.strip_prefix(',') {
            Some(after) if skip_blanks(after).is_empty() => return false,
            Some(after) => skip_blanks(after),
            None if next.len() == remaining.len() && !next.is_empty() => return false,
            None => next,
        };
        is_first = false;
    }
    true
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

/// A text with the syntax of a version whose numbers may be `x` or missing.
struct Version<'t> {
    text: &'t str,
    numbers: Vec<&'t str>,
    prerelease: Option<&'t str>,
}

/// Splits off the version at the start of a text.
fn version(text: &str) -> Option<(Version<'_>, &str)> {
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
    Some((Version { text, numbers, prerelease }, rest))
}

impl Version<'_> {
    /// Returns whether it is a valid version, ignoring a wildcard and the numbers after it.
    fn is_valid(&self) -> bool {
        let wildcard = self.numbers.iter().position(|number| matches!(*number, "x" | "X" | "*"));
        let counted = &self.numbers[..wildcard.unwrap_or(self.numbers.len())];
        let is_number = |number: &&str| number.parse::<u64>().is_ok();
        let is_padded = |part: &str| {
            part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit())
        };
        let has_padded = self.prerelease.is_some_and(|all| all.split('.').any(is_padded));
        counted.iter().all(is_number) && !has_padded && self.len(counted) <= MAX_VERSION_LEN
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The results of Masterminds/semver 3.5.0.
    #[test]
    fn the_form_of_constraints() {
        let accepted = [
            "^7.16.0 || ^8.0.0",
            "^7.14||^8",
            ">=1.2, <2",
            ">=1.2 <2",
            ">=1.2 , <2",
            "  >= 1.2  ",
            "~7.x.x",
            "~>1.0",
            "=>1",
            "=<1",
            "*",
            "x",
            "1",
            "v1.2.3",
            "!=1.2.3-rc.1+build.7",
            "1.0.0 - 2.0.0",
            "1.0 - 2.0 || ^3",
            "^8.0.0-SNAPSHOT",
            "01.2",
            "1.x",
            "\t1\n",
            "1.x.01-a",
            "x.99999999999999999999",
            "18446744073709551615",
            "^1, 1.2.3 - 4.5.6",
            "^1 || 1.2.3 - 4.5.6",
            "1.2.3 - 4.5.6 ^5",
            "1.2.3 - 4.5.6, ^5",
            "1.2.3 - 4.5.6^5",
            "1  -\t2",
            "v1 - v2",
            "1 - 2 || 3 - 4",
            "x - *",
            "1-2 - 3-4",
            "1 - 2 || 1 - 2",
            "1.2.3+a",
            "1 - 2<3",
            "1 - 2 3 - 4",
        ];
        for text in accepted {
            assert!(is_constraint(text), "{text}");
        }
        let refused = [
            "",
            " ",
            "||",
            "^8 ||",
            "^",
            "eight",
            ">=1.2,,<2",
            ">=1.2,",
            "1.2.3.4",
            "1.2-",
            "1..2",
            "> = 1",
            ">>1",
            "1 -2",
            "1- 2",
            "^1 - 2",
            "> 1 - 2",
            "1|2",
            "1x",
            "^8.0.0-01",
            "x-01",
            "1.0.0-a_b",
            "1;2",
            "99999999999999999999",
            "18446744073709551616",
            ">=1<2",
            "ü",
            "\u{a0}1",
            "1\u{b}2",
            "^1 1.2.3 - 4.5.6",
            "<2 1 - 3",
            "1 1 - 2",
            "1 - 2 - 3",
            "1.2.3.4 - 5",
            "1 - ^2",
            "1 - ",
            "- 2",
            "1 - 2||3 - 4",
            "1 - 2 ||3 - 4",
            "^1||1 - 2",
            "|1 - 2",
            "1 - 2 |",
            "vv1 - 2",
            "1 - 99999999999999999999",
        ];
        for text in refused {
            assert!(!is_constraint(text), "{text}");
        }
    }

    /// The same for the limits: 512 bytes, 32 alternatives, and 256 bytes per version, including missing numbers.
    #[test]
    fn constraints_are_bounded() {
        let a = |count| "a".repeat(count);
        let rows = [
            (" ".repeat(511) + "1", true),
            (" ".repeat(512) + "1", false),
            (["1"; 32].join("||"), true),
            (["1"; 33].join("||"), false),
            (format!("0.0.0-{}", a(250)), true),
            (format!("0.0.0-{}", a(251)), false),
            (format!("v1.2.3-{}", a(249)), true),
            (format!("v1.2.3-{}", a(250)), false),
            (format!("1.2-{}", a(250)), true),
            (format!("1.2-{}", a(251)), false),
            (format!("x-{}", a(250)), true),
            (format!("x-{}", a(251)), false),
            (format!("1.2.3+{}", a(250)), true),
            (format!("1.2.3+{}", a(251)), false),
            (format!("1.2+{}", a(400)), true),
        ];
        for (text, expected) in rows {
            assert_eq!(is_constraint(&text), expected, "{text}");
        }
    }
}
