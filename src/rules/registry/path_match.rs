//! Go's `path.Match`: `*` and `?`, which fit no slash, `[a-z]`, `[^a-z]` and `\`.
//!
//! The registry puts the name of a data stream's folder into such a pattern as it is, so that `l*g` fits other
//! folders too, `l[o]g` does not fit itself, and `l[` is no pattern. Pure; used by `files`.

/// Tells whether a text has letters that mean something in a pattern.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '\\'])
}

/// Tells whether a pattern is one at all; Go says so whatever it is compared with.
pub(super) fn is_sound(pattern: &str) -> bool {
    let mut rest = pattern;
    while let Some((_, behind)) = split_token(rest) {
        rest = behind;
    }
    rest.is_empty()
}

/// Tells whether a sound pattern fits the whole of a text.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let Some((token, rest)) = split_token(pattern) else { return text.is_empty() };
    if let Token::Star = token {
        let ends = text.char_indices().map(|(at, letter)| (at, Some(letter)));
        return ends
            .chain([(text.len(), None)])
            .scan(true, |goes_on, (at, letter)| {
                let is_open = *goes_on;
                *goes_on = letter != Some('/');
                is_open.then_some(at)
            })
            .any(|at| fits(rest, &text[at..]));
    }
    let mut letters = text.chars();
    let Some(letter) = letters.next() else { return false };
    let fits_one = match token {
        Token::Letter(wanted) => wanted == letter,
        Token::Any => letter != '/',
        Token::Class { is_negated, ranges } => {
            let is_in = ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter));
            is_in != is_negated
        }
        Token::Star => false,
    };
    fits_one && fits(rest, letters.as_str())
}

enum Token {
    Letter(char),
    Any,
    Star,
    Class { is_negated: bool, ranges: Vec<(char, char)> },
}

/// Splits off the first token; none at the end, and where the pattern is unsound.
fn split_token(pattern: &str) -> Option<(Token, &str)> {
    let mut letters = pattern.chars();
    let token = match letters.next()? {
        '*' => Token::Star,
        '?' => Token::Any,
        '\\' => Token::Letter(letters.next()?),
        '[' => {
            let inner = letters.as_str();
            let is_negated = inner.starts_with('^');
            let mut rest = inner.strip_prefix('^').unwrap_or(inner);
            let mut ranges = Vec::new();
            while ranges.is_empty() || !rest.starts_with(']') {
                let (low, behind) = split_bound(rest)?;
                let (high, behind) = match behind.strip_prefix('-') {
                    Some(behind) => split_bound(behind)?,
                    None => (low, behind),
                };
                ranges.push((low, high));
                rest = behind;
            }
            letters = rest[1..].chars();
            Token::Class { is_negated, ranges }
        }
        letter => Token::Letter(letter),
    };
    Some((token, letters.as_str()))
}

/// A letter of a class; something has to follow it.
fn split_bound(text: &str) -> Option<(char, &str)> {
    let mut letters = text.chars();
    let letter = match letters.next()? {
        '-' | ']' => return None,
        '\\' => letters.next()?,
        letter => letter,
    };
    let rest = letters.as_str();
    (!rest.is_empty()).then_some((letter, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `path.Match` of Go 1.26.8: whether it fits; none where the pattern is bad.
    #[test]
    fn patterns_are_those_of_go() {
        let rows = [
            ("abc", "abc", Some(true)),
            ("abc", "abd", Some(false)),
            ("*", "abc", Some(true)),
            ("*c", "abc", Some(true)),
            ("a*", "a", Some(true)),
            ("a*", "ab/c", Some(false)),
            ("a*/b", "abc/b", Some(true)),
            ("a*/b", "a/c/b", Some(false)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Some(true)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", Some(false)),
            ("ab[c]", "abc", Some(true)),
            ("ab[b-d]", "abc", Some(true)),
            ("ab[e-g]", "abc", Some(false)),
            ("ab[^c]", "abc", Some(false)),
            ("ab[^e-g]", "abc", Some(true)),
            ("a\\*b", "a*b", Some(true)),
            ("a\\*b", "ab", Some(false)),
            ("a?b", "a☺b", Some(true)),
            ("a???b", "a☺b", Some(false)),
            ("[a-ζ]*", "α", Some(true)),
            ("a?b", "a/b", Some(false)),
            ("a[^x]b", "a/b", Some(true)),
            ("[\\]a]", "]", Some(true)),
            ("[x\\-]", "-", Some(true)),
            ("[!a]", "!", Some(true)),
            ("[!a]", "b", Some(false)),
            ("[]a]", "]", None),
            ("[-]", "-", None),
            ("[x-]", "x", None),
            ("[-x]", "x", None),
            ("[a-b-c]", "a", None),
            ("[", "a", None),
            ("[^", "a", None),
            ("[^bc", "a", None),
            ("a[", "ab", None),
            ("a[", "x", None),
            ("a\\", "a", None),
            ("*x", "xxx", Some(true)),
            ("a]", "a]", Some(true)),
        ];
        for (pattern, text, expected) in rows {
            let found = is_sound(pattern).then(|| fits(pattern, text));
            assert_eq!(found, expected, "{pattern} {text}");
        }
    }
}
