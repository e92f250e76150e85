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

/// Returns whether the npm package `isbinaryfile` classifies it as binary: by its signature, by a NUL byte, or if more
/// than a tenth of its first bytes are neither text nor UTF-8.
fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD_LEN)];
    let texts: [&[u8]; 5] = [
        b"\xef\xbb\xbf",
        b"\x00\x00\xfe\xff",
        b"\xff\xfe\x00\x00",
        b"\x84\x31\x95\x33",
        b"\xff\xfe",
    ];
    if texts.iter().any(|mark| head.starts_with(mark)) || head.starts_with(b"\xfe\xff") {
        return false;
    }
    if head.starts_with(b"%PDF-") || head.contains(&0) {
        return true;
    }
    let is_trailing = |at: usize| head.get(at).is_some_and(|byte| (0x80..0xc0).contains(byte));
    let (mut at, mut binary_count) = (0, 0);
    while at < head.len() {
        let byte = head[at];
        let is_text = matches!(byte, 7..=14 | 32..=127);
        if !is_text {
            let len = match byte {
                0xc0..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf7 => 4,
                _ => 1,
            };
            if len > 1 && (1..len).all(|offset| is_trailing(at + offset)) {
                at += len;
                continue;
            }
            binary_count += 1;
        }
        at += 1;
    }
    binary_count * 100 / head.len() > 10
}
