//! Any bytes as a Git tree, and its names as paths.

#![no_main]

// The parser is private, so it is compiled here a second time.
#[allow(dead_code, unreachable_pub)]
#[path = "../../src/v1/tree.rs"]
mod tree;

use libfuzzer_sys::fuzz_target;
use package_storage_migrate::model;
use package_storage_migrate::model::content::{self, EntryPath};

/// Minimum length of an entry without its name: a digit, a space, a NUL and an id.
const MIN_FRAME_LEN: usize = 1 + 1 + 1 + 20;

fuzz_target!(|bytes: &[u8]| {
    check_path(bytes);
    let Ok(entries) = tree::parse(bytes) else { return };
    let min_len: usize = entries.iter().map(|entry| entry.name.len() + MIN_FRAME_LEN).sum();
    assert!(min_len <= bytes.len(), "{} entries in {} bytes", entries.len(), bytes.len());
    for entry in &entries {
        assert!(!entry.name.contains(&0));
        check_path(entry.name);
    }
    let names: Vec<&[u8]> = entries.iter().map(|entry| entry.name).collect();
    let are_safe = names.iter().all(|name| EntryPath::parse(name).is_ok());
    let joined = names.join(&b'/');
    check_path(&joined);
    // A drive letter is rejected only at the start, so a path of safe names is safe.
    if are_safe && !names.is_empty() && joined.len() <= EntryPath::MAX_LEN {
        assert!(EntryPath::parse(&joined).is_ok(), "{}", joined.escape_ascii());
    }
});

/// Checks that an accepted path stays below its folder, on any system, and is displayed unchanged.
fn check_path(bytes: &[u8]) {
    let shown = content::escape(bytes);
    assert!(!shown.contains(|c: char| c.is_control() || content::is_hidden(c)));
    let Ok(path) = EntryPath::parse(bytes) else { return };
    let text = path.as_str();
    assert_eq!(text.as_bytes(), bytes);
    assert!(text.len() <= EntryPath::MAX_LEN);
    assert!(!text.starts_with('/'));
    assert!(!text.contains('\\') && !text.contains(char::is_control), "{text:?}");
    for component in text.split('/') {
        assert!(!matches!(component, "" | "." | ".."), "{text:?}");
        assert!(!component.eq_ignore_ascii_case(".git"), "{text:?}");
    }
    for folder in path.folders() {
        assert!(EntryPath::parse(folder.as_bytes()).is_ok(), "{folder:?} of {text:?}");
    }
}
