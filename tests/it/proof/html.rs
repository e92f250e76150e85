//! The page of `verify` from literal outcomes: every mismatch, whatever its texts.

use package_storage_migrate::report::verify::html::render;

use super::literal::{HOSTILE, everything, good};
use crate::report::html::Page;

#[test]
fn every_mismatch_is_in_the_page() {
    let outcome = everything();
    let page = Page::read(&render(&outcome));
    page.assert_has("Mismatch");
    for group in outcome.by_code() {
        let rank: &str = group.class.into();
        let id = format!("{rank}-{}", group.code);
        assert!(page.ids.contains(&id), "{id} is not in {:?}", page.ids);
        for (_, mismatch) in group.mismatches {
            assert!(page.texts.iter().any(|text| text == mismatch.kind.advice()), "{mismatch:?}");
        }
    }
    let visible =
        "]]> %0A 50% g: h, i ::error::j ##[error]k \\u{1}\\u{1b}[31m\\n\\r\t\\u{85}\\u{202e}";
    assert!(HOSTILE.contains("\u{202e}"));
    assert!(page.texts.iter().any(|text| text.contains(visible)), "{:#?}", page.texts);
}

#[test]
fn the_page_of_a_match_has_no_mismatches() {
    let page = Page::read(&render(&good()));
    page.assert_has("Match");
    page.assert_has("There are none.");
}
