//! C-style quotes around a path, as Git writes and reads them (`unquote_c_style` in its `quote.c`).
//!
//! Used by alternates and attribute files.

/// Reads a quoted text at the start of `bytes`: the unquoted text, and its length including quotes.
/// Returns `None` without an opening or a closing quote, or with an escape that Git does not know.
pub(super) fn unquote(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut rest = bytes.strip_prefix(b"\"")?;
    let mut text = Vec::new();
    loop {
        let (byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((text, bytes.len() - rest.len())),
            b'\\' => {
                let (escaped, len) = escape(rest)?;
                text.push(escaped);
                rest = &rest[len..];
            }
            byte => text.push(*byte),
        }
    }
}

/// Decodes what follows a backslash: the byte, and the escape's length.
fn escape(rest: &[u8]) -> Option<(u8, usize)> {
    let byte = match rest.first()? {
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        verbatim @ (b'\\' | b'"') => *verbatim,
        first @ b'0'..=b'3' => {
            let digits = [*first, *rest.get(1)?, *rest.get(2)?];
            if !digits.iter().all(|digit| matches!(digit, b'0'..=b'7')) {
                return None;
            }
            return Some((digits.iter().fold(0, |byte, digit| byte << 3 | (digit - b'0')), 3));
        }
        _ => return None,
    };
    Some((byte, 1))
}

#[cfg(test)]
mod tests {
    use super::unquote;

    /// Expected values from git 2.39.5: `git check-attr` with the quoted text as a pattern.
    #[test]
    fn quotes_are_read_as_git_reads_them() {
        type Row = (&'static [u8], Option<(&'static [u8], usize)>);
        let rows: [Row; 18] = [
            (br#""a b" x"#, Some((b"a b", 5))),
            (br#""""#, Some((b"", 2))),
            (br#""a"b"#, Some((b"a", 3))),
            (br#""\a\b\t\n\v\f\r""#, Some((b"\x07\x08\t\n\x0b\x0c\r", 16))),
            (br#""\\\"""#, Some((b"\\\"", 6))),
            (br#""\303\251""#, Some((b"\xc3\xa9", 10))),
            (br#""\377\000""#, Some((b"\xff\0", 10))),
            (b"\"a\nb\"", Some((b"a\nb", 5))),
            (b"\"\xff\"", Some((b"\xff", 3))),
            (b"a", None),
            (b"", None),
            (br#"""#, None),
            (br#""a"#, None),
            (br#""\""#, None),
            (br#""\400""#, None),
            (br#""\38 ""#, None),
            (br#""\x41""#, None),
            (br#""\/""#, None),
        ];
        for (quoted, expected) in rows {
            let expected = expected.map(|(text, len)| (text.to_vec(), len));
            assert_eq!(unquote(quoted), expected, "{}", quoted.escape_ascii());
        }
    }
}
