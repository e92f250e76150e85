//! Any bytes as a page of a store's list: no panic, and a page that is cut off is never a shorter list.

#![no_main]

use libfuzzer_sys::fuzz_target;
use package_storage_migrate::v2::store::bucket::answers::{
    GcsObject, Page, PageError, azure_page, gcs_page, s3_page,
};

/// Parses a page of one of the stores.
type Parse = fn(&[u8]) -> Result<Page, PageError>;

fuzz_target!(|bytes: &[u8]| {
    let _ = GcsObject::parse(bytes);
    let parsers: [Parse; 3] = [gcs_page, s3_page, azure_page];
    for parse in parsers {
        let Ok(page) = parse(bytes) else { continue };
        assert!(page.next.as_ref().is_none_or(|token| !token.is_empty()));
        // What follows the page is white space, comments and the like; the shortest text with a page needs all of it.
        let end = bytes.iter().rposition(|byte| matches!(byte, b'>' | b'}'));
        let end = end.expect("a page ends with a tag or an object");
        // The list is never longer when a part is missing.
        if let Ok(part) = parse(&bytes[..end]) {
            assert_eq!(part, page, "only what follows the page is missing");
        }
    }
});
