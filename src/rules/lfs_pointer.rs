//! Git LFS pointers: small files that refer to large files stored elsewhere.
//!
//! Parsed as git-lfs does on checkout (`lfs/pointer.go` of git-lfs 3.3.0), which is less strict than its
//! specification: whitespace around the text, empty lines and CRLF are accepted. The file that a pointer
//! refers to is not searched for.

use std::collections::{BTreeMap, BTreeSet};

/// A pointer is shorter than this, in bytes.
const MAX_LEN: usize = 1024;

/// The first line of current pointers, and of pointers by git-lfs before its first release.
const VERSIONS: [&str; 3] = [
    "version https://git-lfs.github.com/spec/v1",
    "version https://hawser.github.com/spec/v1",
    "version http://git-media.io/v/2",
];

/// Returns the size in bytes that a pointer states, or `None` if the bytes are not a pointer.
pub fn claimed_size(bytes: &[u8]) -> Option<u64> {
    // Fast path: almost no file is a pointer.
    if bytes.len() >= MAX_LEN || !bytes.trim_ascii_start().starts_with(b"version ") {
        return None;
    }
    let mut lines = std::str::from_utf8(bytes).ok()?.trim().lines().filter(|line| !line.is_empty());
    if !VERSIONS.contains(&lines.next()?) {
        return None;
    }
    let mut extensions = BTreeMap::new();
    let mut oid = None;
    let size = loop {
        let (key, value) = lines.next()?.split_once(' ')?;
        match (key, oid) {
            ("oid", None) => oid = Some(value),
            ("size", Some(_)) => break value,
            _ => drop(extensions.insert(extension_priority(key)?, value)),
        }
    };
    let priorities: BTreeSet<u32> = extensions.keys().map(|(priority, _)| *priority).collect();
    let are_ids = extensions.values().copied().chain(oid).all(is_sha256);
    if lines.next().is_some() || !are_ids || priorities.len() < extensions.len() {
        return None;
    }
    size.parse::<i64>().ok().and_then(|size| u64::try_from(size).ok())
}

/// Parses the priority in `ext-<priority>-<name>`, and returns it with the key itself.
fn extension_priority(key: &str) -> Option<(u32, &str)> {
    let (digit, name) = key.strip_prefix("ext-")?.split_once('-')?;
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let is_digit = digit.len() == 1 && digit.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digit || !name.starts_with(is_word) {
        return None;
    }
    Some((digit.parse().ok()?, key))
}

fn is_sha256(value: &str) -> bool {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    value.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && hex.bytes().all(is_hex))
}
