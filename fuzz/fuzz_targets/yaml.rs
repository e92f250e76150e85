//! Any bytes as YAML: documents stay within the bounds, and a text's parts are equivalent to the whole.

#![no_main]

use libfuzzer_sys::fuzz_target;
use package_storage_migrate::yaml::{Data, Document, MAX_NODES, Node, Resolved, parts};
use package_storage_migrate_fuzz::Lines;

/// Maximum number of visited nodes: with aliases there may be a million.
const MAX_VISITS: usize = 10_000;

fuzz_target!(|bytes: &[u8]| {
    let lines = Lines::of(bytes);
    let whole = Document::parse(bytes);
    match &whole {
        Ok(document) => {
            assert!((1..=MAX_NODES).contains(&document.node_count()));
            check_nodes(document.root(), &lines);
        }
        Err(error) => error.place.iter().for_each(|place| lines.check(*place)),
    }
    let Some(parts) = std::str::from_utf8(bytes).ok().and_then(parts) else { return };
    let texts: String = parts.iter().map(|part| part.text()).collect();
    assert_eq!(texts.as_bytes(), bytes, "parts cover the whole text");
    if parts.iter().all(|part| part.parse().is_some()) {
        assert!(whole.is_ok(), "all parts are documents, but the whole is not");
    }
});

/// Checks that every node starts within the text, and that every key is a scalar.
fn check_nodes(root: Node<'_>, lines: &Lines) {
    let mut open = vec![root];
    for _ in 0..MAX_VISITS {
        let Some(node) = open.pop() else { return };
        lines.check(node.place());
        match node.data() {
            Data::Scalar(scalar) => {
                let _ = Resolved::of(scalar.text);
            }
            Data::Sequence(items) => open.extend(items.iter()),
            Data::Mapping(pairs) => {
                for (key, value) in pairs.iter() {
                    assert!(matches!(key.data(), Data::Scalar(_)), "a key is a scalar");
                    open.extend([key, value]);
                }
            }
        }
    }
}
