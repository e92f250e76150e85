//! YAML as a tree: what is kept of a text, what is refused and where, and that nothing takes long.

#![allow(clippy::unwrap_used)]

use std::time::Instant;

use package_storage_migrate::yaml::{Data, Document, MAX_LEN, Mark, Node};
use proptest::prelude::*;

/// A tree in a line: `{a: b}`, `[a]`, scalars that a reader may take for a number as `<a>`.
fn show(node: Node<'_>) -> String {
    match node.data() {
        Data::Scalar(scalar) if scalar.is_plain => format!("<{}>", scalar.text),
        Data::Scalar(scalar) => scalar.text.to_owned(),
        Data::Sequence(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        Data::Mapping(pairs) => {
            let pair = |(key, value)| format!("{}: {}", show(key), show(value));
            format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn what_is_kept() {
    let rows = [
        ("", "<>"),
        ("# nothing\n", "<>"),
        ("---\n...\n", "<>"),
        ("a", "<a>"),
        (
            "a: 1.10\nb: '1.10'\nc: \"\\x41\"\nd: |\n  x\n",
            "{<a>: <1.10>, <b>: 1.10, <c>: A, <d>: x\n}",
        ),
        ("a:\nb: ~\nc: ''\n", "{<a>: <>, <b>: <~>, <c>: }"),
        ("a: 1\na: 2\n", "{<a>: <1>, <a>: <2>}"),
        ("a: &x [1, {b: 2}]\nc: *x\n", "{<a>: [<1>, {<b>: <2>}], <c>: [<1>, {<b>: <2>}]}"),
        ("&k a: 1\n*k : 2\n", "{<a>: <1>, <a>: <2>}"),
        ("<<: {a: 1}\n", "{<<<>: {<a>: <1>}}"),
        ("- !!str 1\n- !!int '1'\n- !own 1\n", "[1, <1>, 1]"),
        ("\u{feff}a: b\r\nc: d\r\n", "{<a>: <b>, <c>: <d>}"),
        ("%YAML 1.1\n---\na: b\n---\n[\n", "{<a>: <b>}"),
        ("a: |\n  x", "{<a>: x}"),
        ("a: x: y", "!"),
        ("a: 'x\n y'\nb: x\n y\n", "{<a>: x y, <b>: <x y>}"),
    ];
    for (text, expected) in rows {
        let shown = match Document::parse(text.as_bytes()) {
            Ok(document) => show(document.root()),
            Err(_) => "!".to_owned(),
        };
        assert_eq!(shown, expected, "{text:?}");
    }
}

#[test]
fn places_count_from_1() {
    let document = Document::parse("a:\n  - b\n  - ü: c\n".as_bytes()).unwrap();
    let Data::Mapping(pairs) = document.root().data() else { panic!() };
    let [(key, list)] = pairs.iter().collect::<Vec<_>>()[..] else { panic!() };
    let Data::Sequence(items) = list.data() else { panic!() };
    let [first, second] = items.iter().collect::<Vec<_>>()[..] else { panic!() };
    let Data::Mapping(inner) = second.data() else { panic!() };
    let [(inner_key, inner_value)] = inner.iter().collect::<Vec<_>>()[..] else { panic!() };
    let places = [key, first, inner_key, inner_value].map(Node::place);
    let expected = [(1, 1), (2, 5), (3, 5), (3, 8)].map(|(line, column)| Mark { line, column });
    assert_eq!(places, expected);
}

#[test]
fn what_is_refused() {
    let rows: &[(&[u8], &str, (u64, u64))] = &[
        (b"a: [1\nb: 2\n", "illegal placement of ':' indicator", (2, 2)),
        (b"a:\n\tb: 1\n", "tabs disallowed within this context (block indentation)", (2, 2)),
        (b"\xff", "it is not UTF-8", (1, 1)),
        (b"a: 1\nb\xc3\xbc: \xc3", "it is not UTF-8", (2, 5)),
        (b"a: \0", "control characters are not allowed", (1, 4)),
        (b"a: 1\rb: 2\r\nc: \0", "control characters are not allowed", (3, 4)),
        (b"? [a]\n: 1\n", "a key is no text", (1, 3)),
        (b"a: &x [1]\n*x : 1\n", "a key is no text", (2, 1)),
        (b"a: 1\n: 2\n", "a key is empty", (2, 1)),
        (b"? \n: 2\n", "a key is empty", (2, 1)),
        (b"a: &x [*x]\n", "an anchor contains itself", (1, 8)),
        (b"a: *x\n", "while parsing node, found unknown anchor", (1, 4)),
    ];
    for (bytes, detail, place) in rows {
        let error = Document::parse(bytes).unwrap_err();
        let Mark { line, column } = error.place.unwrap();
        assert_eq!((error.detail.as_str(), (line, column)), (*detail, *place), "{bytes:?}");
    }
}

#[test]
fn bounds_are_kept_quickly() {
    let start = Instant::now();
    let parse = |text: &str| Document::parse(text.as_bytes()).map(drop);
    assert!(parse(&"#".repeat(MAX_LEN)).is_ok());
    assert!(parse(&"#".repeat(MAX_LEN + 1)).is_err());
    assert!(parse(&format!("[{}]", "a,".repeat(999_999))).is_ok());
    assert!(parse(&format!("[{}]", "a,".repeat(1_000_000))).is_err());
    // 2000 aliases to 1000 nodes each.
    let flat = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(999), "*a,".repeat(2000));
    assert!(parse(&flat).is_err());
    for (open, deepest) in [("[", 255), ("- ", 255), ("{a: ", 255), ("? ", 255)] {
        assert!(parse(&open.repeat(deepest + 1)).is_err(), "{open}");
        assert!(parse(&open.repeat(1 << 20)).is_err(), "{open}");
    }
    let nested = format!("{}{}", "[".repeat(255), "]".repeat(255));
    assert!(parse(&nested).is_ok());
    assert!(start.elapsed().as_secs() < 60);
}

proptest! {
    #[test]
    fn nothing_panics(parts in proptest::collection::vec(
        proptest::sample::select(vec![
            "a", "b", ": ", ":", "- ", "\n", "\n  ", "\n    ", " ", "\t", "'", "\"", "[", "]", "{", "}",
            ",", "&a ", "*a", "!!int ", "|", ">", "|2", "-", "? ", "#", "%", "---\n", "...\n", "<<", "\\",
            "\u{feff}", "\u{85}", "\r", "~", "1.10",
        ]),
        0..60,
    )) {
        if let Ok(document) = Document::parse(parts.concat().as_bytes()) {
            show(document.root());
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(document) = Document::parse(&bytes) {
            show(document.root());
        }
    }
}
