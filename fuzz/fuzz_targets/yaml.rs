//! Any bytes as YAML: what is read keeps within its bounds, and a text's parts say what the whole says.

#![no_main]

use libfuzzer_sys::fuzz_target;
use package_storage_migrate::yaml::{Data, Document, MAX_NODES, Node, Resolved, parts};
use package_storage_migrate_fuzz::Lines;

/// Nodes that are looked at: with aliases there may be a million.
const MAX_VISITS: usize = 10_000;

fuzz_target!(|bytes: &[u8]| {
    let lines = Lines::of(bytes);
    let whole = Document::parse(bytes);
    match &whole {
        Ok(document) => {
            assert!((1..=MAX_NODES).contains(&document.node_count()));
            hold_nodes(document.root(), &lines);
        }
        Err(error) => error.place.iter().for_each(|place| lines.hold(*place)),
    }
    let Some(parts) = std::str::from_utf8(bytes).ok().and_then(parts) else { return };
    let texts: String = parts.iter().map(|part| part.text()).collect();
    assert_eq!(texts.as_bytes(), bytes, "parts leave nothing out");
    if parts.iter().all(|part| part.parse().is_some()) {
        assert!(whole.is_ok(), "all parts are documents, and the whole is none");
    }
});

/// Every node begins in the text, and every key is a scalar.
fn hold_nodes(root: Node<'_>, lines: &Lines) {
    let mut open = vec![root];
    for _ in 0..MAX_VISITS {
        let Some(node) = open.pop() else { return };
        lines.hold(node.place());
        match node.data() {
            Data::Scalar(scalar) => {
                let _ = Resolved::of(scalar.text);
            }
            Data::Sequence(items) => open.extend(items.iter()),
            Data::Mapping(pairs) => {
                for (key, value) in pairs.iter() {
                    assert!(matches!(key.data(), Data::Scalar(_)), "a key is a text");
                    open.extend([key, value]);
                }
            }
        }
    }
}
