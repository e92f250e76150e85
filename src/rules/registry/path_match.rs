//! Go's `path.Match`: `*` and `?`, which do not match a slash, `[a-z]`, `[^a-z]` and `\`.
//!
//! The registry inserts the name of a data stream's folder into a pattern without escaping it, so `l*g` matches other
//! folders too, `l[o]g` does not match itself, and `l[` is malformed. The `glob` crate has other syntax (`[!a-z]`, `**`, no `\`). Pure.

/// Returns whether a text contains special characters of patterns.
pub(in crate::rules) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '\\'])
}

/// Returns whether a pattern is well-formed; Go reports malformed patterns regardless of the compared text.
pub(in crate::rules) fn is_valid(pattern: &str) -> bool {
    let mut rest = pattern;
    while let Some((_, after)) = split_token(rest) {
        rest = after;
    }
    rest.is_empty()
}

/// Returns whether a well-formed pattern matches the whole text.
pub(in crate::rules) fn matches(pattern: &str, text: &str) -> bool {
    let Some((token, rest)) = split_token(pattern) else { return text.is_empty() };
    if let Token::Star = token {
        let ends = text.char_indices().map(|(at, character)| (at, Some(character)));
        return ends
            .chain([(text.len(), None)])
            .scan(true, |goes_on, (at, character)| {
                let is_open = *goes_on;
                *goes_on = character != Some('/');
                is_open.then_some(at)
            })
            .any(|at| matches(rest, &text[at..]));
    }
    let mut characters = text.chars();
    let Some(character) = characters.next() else { return false };
    let matches_one = match token {
        Token::Literal(wanted) => wanted == character,
        Token::Any => character != '/',
        Token::Class { is_negated, ranges } => {
            let is_in = ranges.iter().any(|(low, high)| (*low..=*high).contains(&character));
            is_in != is_negated
        }
        Token::Star => false,
    };
    matches_one && matches(rest, characters.as_str())
}

enum Token {
    Literal(char),
    Any,
    Star,
    Class { is_negated: bool, ranges: Vec<(char, char)> },
}

/// Splits off the first token; `None` at the end, or if the pattern is malformed.
fn split_token(pattern: &str) -> Option<(Token, &str)> {
    let mut characters = pattern.chars();
    let token = match characters.next()? {
        '*' => Token::Star,
        '?' => Token::Any,
        '\\' => Token::Literal(characters.next()?),
        '[' => {
            let inner = characters.as_str();
            let is_negated = inner.starts_with('^');
            let mut rest = inner.strip_prefix('^').unwrap_or(inner);
            let mut ranges = Vec::new();
            while ranges.is_empty() || !rest.starts_with(']') {
                let (low, after) = split_bound(rest)?;
                let (high, after) = match after.strip_prefix('-') {
                    Some(after) => split_bound(after)?,
                    None => (low, after),
                };
                ranges.push((low, high));
                rest = after;
            }
            characters = rest[1..].chars();
            Token::Class { is_negated, ranges }
        }
        character => Token::Literal(character),
    };
    Some((token, characters.as_str()))
}

/// Splits off a character of a class; it must not be the last one.
fn split_bound(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    let character = match characters.next()? {
        '-' | ']' => return None,
        '\\' => characters.next()?,
        character => character,
    };
    let rest = characters.as_str();
    (!rest.is_empty()).then_some((character, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The results of `path.Match` in Go 1.26.8; `None` if the pattern is malformed.
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
            let found = is_valid(pattern).then(|| matches(pattern, text));
            assert_eq!(found, expected, "{pattern} {text}");
        }
    }
}
