//! How long a file is to Kibana, which stores each as a text of bounded length.

/// No shorter file can be too long: in base64, its characters are the fewest that are too many.
const CANDIDATE_LEN: usize = 3 << 20;

/// Bytes at the start by which a binary file is known.
const HEAD_LEN: usize = 512;

/// The length in UTF-16 units of a file that is text, and of the base64 of any other; none for files that are short.
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

/// Whether the package `isbinaryfile` calls it binary: by its mark, by a NUL, or when more than a tenth of its first
/// bytes are neither text nor UTF-8.
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
    let (mut at, mut odd_count) = (0, 0);
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
            odd_count += 1;
        }
        at += 1;
    }
    odd_count * 100 / head.len() > 10
}
