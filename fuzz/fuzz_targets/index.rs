//! Any bytes as a published index.

#![no_main]

use libfuzzer_sys::fuzz_target;
use package_storage_migrate::rules::index::{
    Comparison, as_line, compare, identify, with_signature,
};
use package_storage_migrate::v2::index::{IndexFault, parse_cursor, read_index};
use serde_json::Value;

fuzz_target!(|text: &[u8]| {
    if let Ok(cursor) = parse_cursor(text) {
        assert_eq!(parse_cursor(cursor.to_json().as_bytes()).expect("its own text"), cursor);
    }
    let mut end = 0;
    let mut entries = Vec::new();
    let read = read_index::<IndexFault>(text, &mut |offset, entry| {
        let start = usize::try_from(offset).expect("an offset in memory");
        assert!(start > end && text[start..].starts_with(entry), "entries are parts of the text");
        end = start + entry.len() - 1;
        entries.push(entry.to_vec());
        Ok(())
    });
    for entry in &entries {
        check_entry(entry);
    }
    // The reference reads all of it at once.
    if let Ok(whole) = serde_json::from_slice::<Value>(text)
        && let (Ok(read), Some(packages)) = (read, whole["packages"].as_array())
    {
        assert_eq!(read.entry_count, packages.len() as u64);
        for (entry, expected) in entries.iter().zip(packages) {
            assert_eq!(serde_json::from_slice::<Value>(entry).expect("JSON"), *expected);
        }
    }
});

/// Checks what is done with an entry that can be identified.
fn check_entry(entry: &[u8]) {
    let Ok(identity) = identify(entry) else { return };
    let line = as_line(entry);
    assert!(!line.contains(&b'\n'));
    assert_eq!(identify(&line).expect("the same entry"), identity);
    assert_eq!(compare(&line, &line), Comparison::Same);
    let signed = with_signature(&line, Some("/s"));
    let found = identify(&signed).expect("a signed entry");
    assert!(found.is_signed && found.id == identity.id);
    let unsigned = with_signature(&signed, None);
    assert!(!identify(&unsigned).expect("an unsigned entry").is_signed);
    assert_eq!(with_signature(&unsigned, Some("/s")), with_signature(&signed, Some("/s")));
}
