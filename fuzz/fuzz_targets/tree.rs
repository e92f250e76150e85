//! Any bytes as a Git tree, and its names as paths.

#![no_main]

// The parser is private, and stays so: it is compiled in here once more.
#[allow(dead_code, unreachable_pub)]
#[path = "../../src/v1/tree.rs"]
mod tree;

use libfuzzer_sys::fuzz_target;
use package_storage_migrate::model;
use package_storage_migrate::model::content::{self, EntryPath};

/// The least an entry takes beside its name: a digit, a space, a NUL and an id.
const LEAST_FRAME: usize = 1 + 1 + 1 + 20;

fuzz_target!(|bytes: &[u8]| {
    hold_path(bytes);
    let Ok(entries) = tree::parse(bytes) else { return };
    let least: usize = entries.iter().map(|entry| entry.name.len() + LEAST_FRAME).sum();
    assert!(least <= bytes.len(), "{} entries say more than there is", entries.len());
    for entry in &entries {
        assert!(!entry.name.contains(&0));
        hold_path(entry.name);
    }
    let names: Vec<&[u8]> = entries.iter().map(|entry| entry.name).collect();
    let are_safe = names.iter().all(|name| EntryPath::parse(name).is_ok());
    let joined = names.join(&b'/');
    hold_path(&joined);
    // A drive letter is told at the beginning only, so a path of safe names is safe.
    if are_safe && !names.is_empty() && joined.len() <= EntryPath::MAX_LEN {
        assert!(EntryPath::parse(&joined).is_ok(), "{}", joined.escape_ascii());
    }
});

/// A path that is accepted stays below its folder, on any system, and shows as it is stored.
fn hold_path(bytes: &[u8]) {
    let shown = content::escape(bytes);
    assert!(!shown.contains(|letter: char| letter.is_control() || content::is_hidden(letter)));
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
