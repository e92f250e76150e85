//! Whether a text is a version constraint to the registry (Masterminds/semver v3).
//!
//! `^7.16.0 || ^8.0.0`, `>=1.2, <2`, `~8.1`, `1.x`, `1.0 - 2.0`: alternatives joined by `||`, each a
//! series of comparisons joined by blanks or commas. Only the form is judged, nothing is matched.

const OPERATORS: [&str; 11] = ["!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"];

/// Tells whether the registry accepts the constraint.
pub(super) fn is_constraint(text: &str) -> bool {
    text.split("||").all(is_alternative)
}

fn is_alternative(text: &str) -> bool {
    let mut rest = skip_blanks(text);
    let mut is_first = true;
    while is_first || !rest.is_empty() {
        let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(*operator));
        rest = skip_blanks(&rest[operator.map_or(0, str::len)..]);
        let Some(after) = skip_version(rest) else { return false };
        rest = after;
        // `1.0 - 2.0`, a range of its own.
        let range_end = skip_blanks(rest).strip_prefix('-').filter(|end| {
            operator.is_none() && rest.starts_with(is_blank) && end.starts_with(is_blank)
        });
        if let Some(end) = range_end {
            let Some(after) = skip_version(skip_blanks(end)) else { return false };
            rest = after;
        }
        let next = skip_blanks(rest);
        let next = match next.strip_prefix(',') {
            Some(after) if skip_blanks(after).is_empty() => return false,
            Some(after) => skip_blanks(after),
            None if next.len() == rest.len() && !next.is_empty() => return false,
            None => next,
        };
        rest = next;
        is_first = false;
    }
    true
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

/// What follows a version whose numbers may be `x` or missing.
fn skip_version(text: &str) -> Option<&str> {
    let (major, mut rest) = number(text.strip_prefix('v').unwrap_or(text))?;
    let mut numbers = vec![major];
    while numbers.len() < 3 {
        let Some((next, after)) = rest.strip_prefix('.').and_then(number) else { break };
        numbers.push(next);
        rest = after;
    }
    // What follows a wildcard counts for nothing.
    let wildcard = numbers.iter().position(|number| matches!(*number, "x" | "X" | "*"));
    let counted = &numbers[..wildcard.unwrap_or(numbers.len())];
    if !counted.iter().all(|number| number.parse::<u64>().is_ok()) {
        return None;
    }
    if let Some((prerelease, after)) = rest.strip_prefix('-').and_then(identifiers) {
        let is_padded = |part: &str| {
            part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit())
        };
        if prerelease.split('.').any(is_padded) {
            return None;
        }
        rest = after;
    }
    if let Some((_, after)) = rest.strip_prefix('+').and_then(identifiers) {
        rest = after;
    }
    Some(rest)
}

fn number(text: &str) -> Option<(&str, &str)> {
    let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, '|' | 'x' | 'X' | '*');
    split_run(text, is_part)
}

/// Dot-separated identifiers of a prerelease or a build.
fn identifiers(text: &str) -> Option<(&str, &str)> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let (first, mut rest) = split_run(text, is_part)?;
    let mut len = first.len();
    while let Some((part, after)) = rest.strip_prefix('.').and_then(|text| split_run(text, is_part))
    {
        len += 1 + part.len();
        rest = after;
    }
    Some(text.split_at(len))
}

/// Splits off the letters at the front that `is_part` accepts, at least one.
fn split_run(text: &str, is_part: impl Fn(char) -> bool) -> Option<(&str, &str)> {
    let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "*",
            "x",
            "1",
            "v1.2.3",
            "!=1.2.3-rc.1+build.7",
            "1.0.0 - 2.0.0",
            "1.0 - 2.0 || ^3",
            "^8.0.0-SNAPSHOT",
            "01.2",
            "1.x.oops".trim_end_matches(".oops"),
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
            "^1 - 2",
            "1|2",
            "1x",
            "^8.0.0-01",
            "1.0.0-a_b",
            "1;2",
            "99999999999999999999",
            ">=1<2",
            "ü",
        ];
        for text in refused {
            assert!(!is_constraint(text), "{text}");
        }
    }
}
