//! Any number and any text comes out of an entry as it went into a manifest.

use package_storage_migrate::rules::index::{RevisionFiles, entry, line};
use package_storage_migrate::rules::registry::{Facts, KnownItems, MANIFEST_PATH, Role};
use proptest::prelude::*;
use serde_json::Value;

use super::manifest;

/// The line of a package with one variable, whose default is this YAML.
fn line_with(default: &str) -> String {
    let vars = format!("vars: [{{name: a, default: {default}}}]\n");
    let manifest = manifest("buoy", "1.0.0", &vars);
    let facts = Facts::read(Role::Manifest, manifest.as_bytes(), &KnownItems::default());
    let files = [(MANIFEST_PATH, Some(&facts))];
    let files =
        RevisionFiles { root: "buoy-1.0.0", files: &files, listed_depth: 1, is_signed: false };
    String::from_utf8(line(&entry(files).expect("an entry"))).expect("UTF-8")
}

fn default_of(line: &str) -> Value {
    let entry: Value = serde_json::from_str(line).expect("JSON");
    entry["package_manifest"]["vars"][0]["default"].clone()
}

proptest! {
    #[test]
    fn floats_keep_their_value(value in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
        let line = line_with(&format!("{value:e}"));
        // Not by serde_json, which is off by a bit at times.
        let (_, rest) = line.split_once("\"default\":").expect("a default");
        let (number, _) = rest.split_once('}').expect("the end of the variable");
        prop_assert_eq!(number.parse(), Ok(value));
    }

    #[test]
    fn integers_keep_their_digits(value in any::<i64>(), large in any::<u64>()) {
        for text in [value.to_string(), large.to_string()] {
            let line = line_with(&text);
            prop_assert!(line.contains(&format!("\"default\":{text}}}")), "{}", line);
        }
    }

    #[test]
    fn texts_keep_their_letters(text in "[ -~\u{a0}-\u{d7ff}\t\n]{0,40}") {
        // JSON's escapes are those of YAML as far as they are used.
        let line = line_with(&serde_json::to_string(&text).expect("JSON"));
        prop_assert!(!line.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\n']), "{}", line);
        prop_assert_eq!(default_of(&line), Value::from(text));
    }
}
