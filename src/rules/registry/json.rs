//! Checks whether bytes are a JSON object for Go: `json.Unmarshal` into a `map[string]interface{}`, as of Go 1.26.
//!
//! Go accepts any bytes of 0x20 and above in strings, escapes of unpaired surrogates, duplicate keys, and `null` instead
//! of an object; it refuses numbers that exceed a float64 and nesting deeper than 10,000. `serde_json` reads JSON otherwise:
//! it judged 79 of 4,072 random texts (`tests/it/judges/files`) differently from Go, this scanner none. No values are kept.
//! Pure; used by `pipeline`.

/// The maximum nesting depth (`maxNestingDepth` in `encoding/json`).
const MAX_DEPTH: usize = 10_000;

/// Checks that bytes are a JSON object or `null`.
///
/// # Errors
/// The first fault, with the offset of the byte.
pub(super) fn check_object(bytes: &[u8]) -> Result<(), String> {
    let mut scanner = Scanner { bytes, at: 0, has_huge_number: None };
    scanner.skip_blanks();
    let first = scanner.peek();
    scanner.value()?;
    scanner.skip_blanks();
    if scanner.at < bytes.len() {
        return Err(scanner.unexpected("the end"));
    }
    if !matches!(first, Some(b'{' | b'n')) {
        return Err("expected a JSON object".to_owned());
    }
    match scanner.has_huge_number {
        Some(at) => Err(format!("a number exceeds a 64-bit float (offset {at})")),
        None => Ok(()),
    }
}

struct Scanner<'b> {
    bytes: &'b [u8],
    at: usize,
    /// The offset of the first number that is too large.
    has_huge_number: Option<usize>,
}

impl Scanner<'_> {
    /// Scans a value without recursion: `open` is a stack of the expected closing brackets.
    fn value(&mut self) -> Result<(), String> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    self.at += 1;
                    open.push(if bracket == b'{' { b'}' } else { b']' });
                    if open.len() > MAX_DEPTH {
                        return Err(format!("nested deeper than {MAX_DEPTH} levels"));
                    }
                    self.skip_blanks();
                    if self.peek() != open.last().copied() {
                        if bracket == b'{' {
                            self.key()?;
                        }
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            // After a value, or before the closing bracket of an empty one.
            loop {
                let Some(&bracket) = open.last() else { return Ok(()) };
                self.skip_blanks();
                match self.peek() {
                    Some(byte) if byte == bracket => {
                        self.at += 1;
                        open.pop();
                    }
                    Some(b',') => {
                        self.at += 1;
                        self.skip_blanks();
                        if bracket == b'}' {
                            self.key()?;
                        }
                        break;
                    }
                    _ => return Err(self.unexpected("a comma or a closing bracket")),
                }
            }
        }
    }

    /// Scans a key and its colon.
    fn key(&mut self) -> Result<(), String> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        self.text()?;
        self.skip_blanks();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("a colon"));
        }
        self.at += 1;
        self.skip_blanks();
        Ok(())
    }

    fn scalar(&mut self) -> Result<(), String> {
        match self.peek() {
            Some(b'"') => self.text(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                let word = ["true", "false", "null"]
                    .into_iter()
                    .find(|word| self.bytes[self.at..].starts_with(word.as_bytes()))
                    .ok_or_else(|| self.unexpected("a value"))?;
                self.at += word.len();
                Ok(())
            }
        }
    }

    fn text(&mut self) -> Result<(), String> {
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    let len = match self.peek() {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 1,
                        Some(b'u') => 5,
                        _ => return Err(self.unexpected("a JSON escape")),
                    };
                    for _ in 1..len {
                        self.at += 1;
                        if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                            return Err(self.unexpected("a hexadecimal digit"));
                        }
                    }
                    self.at += 1;
                }
                Some(0x20..) => self.at += 1,
                _ => return Err(self.unexpected("a closing quote")),
            }
        }
    }

    fn number(&mut self) -> Result<(), String> {
        let start = self.at;
        self.skip(b'-');
        if !self.skip(b'0') {
            self.digits()?;
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            if !self.skip(b'+') {
                self.skip(b'-');
            }
            self.digits()?;
        }
        let text = std::str::from_utf8(&self.bytes[start..self.at]).expect("it is ASCII");
        let value: f64 = text.parse().expect("JSON numbers are valid in Rust");
        if value.is_infinite() {
            self.has_huge_number.get_or_insert(start);
        }
        Ok(())
    }

    /// Skips digits, at least one.
    fn digits(&mut self) -> Result<(), String> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected("a digit")) } else { Ok(()) }
    }

    fn skip(&mut self, byte: u8) -> bool {
        let matches = self.peek() == Some(byte);
        self.at += usize::from(matches);
        matches
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn unexpected(&self, expected: &str) -> String {
        match self.peek() {
            Some(_) => format!("expected {expected} (offset {})", self.at),
            None => format!("expected {expected}, not the end of the file"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The results of `json.Unmarshal` in Go 1.26.8.
    #[test]
    fn objects_are_those_of_go() {
        let accepted: &[&[u8]] = &[
            b"{}",
            b"null",
            b" \t\r\n{ } \n",
            br#"{"a":1,"a":2,"":[]}"#,
            br#"{"a":[{},[],[1, 2],{"b":{"c":null}}],"d":false}"#,
            br#"{"\ud800":1,"\udc00a":1,"\ud800\u0041":1,"\uD800\uDBFF":1}"#,
            br#"{"a":"\ud800"}"#,
            b"{\"a\":\"\xff\",\"\xed\xa0\x80\":1,\"b\":\"\x7f\"}",
            br#"{"a":"\"\\\/\b\f\n\r\t\u0000"}"#,
            br#"{"a":-0,"b":0.5,"c":1e5,"d":1E-400,"e":0e999999,"f":1e308,"g":12345678901234567890123}"#,
        ];
        for bytes in accepted {
            assert_eq!(check_object(bytes), Ok(()), "{}", bytes.escape_ascii());
        }
        let refused: &[&[u8]] = &[
            b"",
            b" ",
            b"[]",
            b"1",
            b"true",
            b"\"a\"",
            b"nul",
            b"{",
            b"{} {}",
            b"{}\0",
            b"\xef\xbb\xbf{}",
            b"\x0b{}",
            b"{\"a\":1,}",
            b"{\"a\":[1,]}",
            b"{\"a\":[1}",
            b"{\"a\":{]}",
            b"{,}",
            b"{a:1}",
            b"{'a':1}",
            b"{1:1}",
            b"{\"a\" 1}",
            b"{\"a\":1 \"b\":2}",
            b"{\"a\":}",
            b"{\"a\":01}",
            b"{\"a\":1.}",
            b"{\"a\":.5}",
            b"{\"a\":+1}",
            b"{\"a\":-}",
            b"{\"a\":1e}",
            b"{\"a\":NaN}",
            b"{\"a\":1}//",
            b"{\"a\":\"\n\"}",
            b"{\"a\":\"\x01\"}",
            b"{\"a\":\"",
            b"{\"a\":\"\\x\"}",
            b"{\"a\":\"\\u12\"}",
            b"{\"a\":\"\\u00zz\"}",
            b"{\"a\":1e999}",
            b"{\"a\":-1e400}",
            b"{\"a\":[{\"b\":1E+309}]}",
        ];
        for bytes in refused {
            assert!(check_object(bytes).is_err(), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn nesting_ends_where_it_does_in_go() {
        let nested = |depth: usize| {
            let (open, close) = ("[".repeat(depth - 1), "]".repeat(depth - 1));
            check_object(format!("{{\"a\":{open}{close}}}").as_bytes())
        };
        assert_eq!(nested(10_000), Ok(()));
        assert_eq!(nested(10_001), Err("nested deeper than 10000 levels".to_owned()));
    }
}
