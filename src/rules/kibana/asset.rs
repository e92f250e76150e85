//! The length of a file in Kibana, which stores each file as a text of limited length.

/// Shorter files cannot exceed the limit: base64 has the most characters per byte, and reaches the limit at this
/// length.
const CANDIDATE_LEN: usize = 3 << 20;

/// Number of bytes at the start that are examined to detect binary files.
const HEAD_LEN: usize = 512;

/// Returns the length of a text file in UTF-16 units, or the length of the base64 of a binary file; `None` for short
/// files.
pub fn asset_len(bytes: &[u8]) -> Option<u64> {
    if bytes.len() <= CANDIDATE_LEN {
        return None;
    }
    let len = match is_binary(bytes) {
        true => bytes.len().div_ceil(3) * 4,
        false => String::from_utf8_lossy(bytes).chars().map(char::len_utf16).sum(),
    };
    Some(len as u64)
}

/// Returns whether the npm package `isbinaryfile` 4.0.2 classifies it as binary: by its signature, by a NUL byte, or if
/// more than a tenth of its first bytes are suspicious. Characters of four bytes are, in UTF-8.
///
/// Version 5 also detects Protocol Buffers in files with a few suspicious bytes, which is not modelled.
fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD_LEN)];
    let texts: [&[u8]; 5] =
        [b"\xef\xbb\xbf", b"\x00\x00\xfe\xff", b"\x84\x31\x95\x33", b"\xff\xfe", b"\xfe\xff"];
    if texts.iter().any(|mark| head.starts_with(mark)) {
        return false;
    }
    if head.starts_with(b"%PDF-") || head.contains(&0) {
        return true;
    }
    let mut suspicious_count = 0;
    let mut rest = head;
    while let [first, after @ ..] = rest {
        let (is_text, len) = match (first, after) {
            (7..=14 | 32..=127, _) => (true, 1),
            (0xc2..=0xdf, [second, ..]) => (is_continuation(*second), 2),
            (0xe0..=0xef, [second, third, ..]) => {
                match is_continuation(*second) && is_continuation(*third) {
                    true => (true, 3),
                    // Only the second byte is skipped.
                    false => (false, 2),
                }
            }
            _ => (false, 1),
        };
        suspicious_count += usize::from(!is_text);
        rest = &rest[len..];
    }
    suspicious_count * 100 > head.len() * 10
}

fn is_continuation(byte: u8) -> bool {
    (0x80..0xc0).contains(&byte)
}
