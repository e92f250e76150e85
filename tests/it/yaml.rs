//! YAML as a tree: the parsed content, rejected texts with their positions, and bounded time.

#![allow(clippy::unwrap_used)]

use std::time::Instant;

use package_storage_migrate::yaml::{Data, Document, MAX_LEN, Mark, Node};
use proptest::prelude::*;

/// Formats a tree as a line: `{a: b}`, `[a]`, plain scalars as `<a>`.
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
fn documents_are_parsed() {
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

/// What go-yaml v2.4.0 does for each kind of text on which readers differ, in the order of its own stages: texts that
/// it accepts, with their values, and texts that it rejects (`!`). The values are its results (`tests/judges/go`).
#[rustfmt::skip]
const KINDS: &[(&str, &[(&str, &str)])] = &[
    ("only the first root node is parsed, and one token after it", &[
        ("'' x", ""), ("'a' 'b'", "a"), ("[]]", "[]"), ("{}[", "{}"), ("a #x\nb", "<a>"), ("a\n... x", "<a>"),
        ("{}: 1", "{}"), ("[]: 1", "[]"), ("a: 1\n%YAML 1.1\n---\nb", "{<a>: <1>}"), ("a: 1\n---\n[", "{<a>: <1>}"),
        ("...", "!"), ("...\na", "!"), ("'' '", "!"), ("a\n'", "<a '>"), ("a: 1\n%x", "!"), ("[a]: b", "!"), ("a: 1\nb", "!"),
    ]),
    ("characters", &[
        ("a: 1\n---\n\u{9f}", "!"), ("a: \u{7f}", "!"), ("a: \u{fffe}", "!"), ("a: \u{85}", "{<a>: <>}"),
        ("a: \u{a0}", "{<a>: <\u{a0}>}"), ("\u{feff}a: 1", "{<a>: <1>}"), ("\n\u{feff}a: 1", "{<\u{feff}a>: <1>}"),
        ("#x\n\u{feff}a: 1", "{<\u{feff}a>: <1>}"),
    ]),
    ("U+0085, U+2028 and U+2029 end lines", &[
        ("a\u{85}", "<a>"), ("a: b\u{85}c: d", "{<a>: <b>, <c>: <d>}"), ("a: b #x\u{85}c: d", "{<a>: <b>, <c>: <d>}"),
        ("a: |\n  b\u{85}  c\n", "{<a>: b\nc\n}"), ("a: >\n  b\u{85}  c\n", "{<a>: b c\n}"),
        ("a: >\n  b\u{2028}  c\n", "{<a>: b\u{2028}c\n}"), ("a: 'b\u{85}c'", "{<a>: b c}"),
        ("a: \"b\u{2029}c\"", "{<a>: b\u{2029}c}"), ("a:\u{2029}- b", "{<a>: [<b>]}"), ("[a,\u{85}b]", "[<a>, <b>]"),
        ("a:\u{85}a", "!"), ("-\u{2028}a", "!"),
    ]),
    ("a line with only a tab", &[("a: b\n\t\n", "!"), ("a: b\n  \n", "{<a>: <b>}")]),
    ("a tab before a comment line", &[("a: b\n\t# x\nc: d", "!"), ("a: b\n  # x\nc: d", "{<a>: <b>, <c>: <d>}")]),
    ("a tab before a key", &[("\ta: b", "!"), ("a:\n \tb", "!"), ("a:\n  b", "{<a>: <b>}")]),
    ("a tab after `-`", &[("-\ta", "!"), ("- \ta", "!"), ("- a\t", "[<a>]")]),
    ("a tab after `?`", &[("?\ta", "!"), ("? a\t", "{<a>: <>}")]),
    ("a tab after the `:` of a `?`", &[("? a\n:\tb", "!"), ("? a\n: b", "{<a>: <b>}")]),
    ("a tab as the whole text", &[("\t", "!"), (" ", "<>")]),
    ("a tab after a key's `:`", &[("a:\t1", "{<a>: <1>}"), ("a:\t- b", "!"), ("a:\tb: c", "!")]),
    ("a tab before a comment", &[("x: 1\t# c", "{<x>: <1>}"), ("a: b # x\n\t# y\nc: d", "!")]),
    ("a tab inside a scalar", &[("a: b\tc", "{<a>: <b\tc>}"), ("a: b\n\tc: d", "!"), ("a: b\tc: d", "!")]),
    ("a tab at the start of a block scalar", &[
        ("a: |\n  \tb", "!"), ("|\n \t", "!"), ("a: |1\n \tb\n", "{<a>: \tb\n}"), ("a: |\n  b\n  \tc\n", "{<a>: b\n\tc\n}"),
    ]),
    ("a tab at the start of a line in brackets", &[
        ("a: [\n\tb]", "{<a>: [<b>]}"), ("a: {\n\tb: c\n}", "{<a>: {<b>: <c>}}"),
        ("a: [\n\tb]\n\tc: d", "!"), ("[\n\ta]\n\tb: c", "!"),
    ]),
    ("`?` in brackets", &[
        ("[?c]", "[{<c>: <>}]"), ("{?a}", "{<a>: <>}"), ("{?}", "{<>: <>}"), ("a?b", "<a?b>"),
        ("[a?b]", "!"), ("[a ?b]", "!"), ("[a?]", "!"), ("[?]", "!"), ("{a?b: c}", "!"), ("{a: ?}", "!"),
    ]),
    ("`:` in brackets", &[
        ("{a:}", "{<a:>: <>}"), ("[a:]", "[<a:>]"), ("{a: b:}", "{<a>: <b:>}"), ("[a:b]", "[<a:b>]"), ("{'a':b}", "{a: <b>}"),
        ("[:a]", "!"), ("{:a}", "!"), ("{a: :b}", "!"),
    ]),
    ("`-` in brackets", &[("[-]", "[<->]"), ("[a, -]", "[<a>, <->]"), ("{a: -}", "{<a>: <->}"), ("[- a]", "!")]),
    ("a key in brackets and its `:` on two lines", &[
        ("{a\n: b}", "!"), ("{'a'\n: b}", "!"), ("{a:\n b}", "{<a>: <b>}"), ("{a\n b: c}", "!"), ("{? a\n: b}", "{<a>: <b>}"),
    ]),
    ("block scalars without indentation", &[("|\na", ""), ("|\n a", "a"), ("|\n   \n  a\n", ""), ("|2\n a", ""), ("|\n%", "!")]),
    ("empty lines that are kept", &[("a: |+\n\n\nc: d", "{<a>: \n\n, <c>: <d>}"), ("a:\n|", "{<a>: }"), ("a: |0\n", "!")]),
    ("a comment directly after something", &[
        ("\"1.0.0\"#c", "1.0.0"), ("a: 'b'#c", "{<a>: b}"), ("[a]#b", "[<a>]"), ("{}#x", "{}"), ("|#x\n a", "a"),
        ("a#b", "<a#b>"), ("| x\n a", "!"),
    ]),
    ("escapes", &[
        (r#""\'""#, "'"), (r#""\x41\u00e9\U0001F600""#, "Aé😀"), ("\"a\\\n  b\"", "ab"), (r#""\N\_\L\P""#, "\u{85}\u{a0}\u{2028}\u{2029}"),
        (r#""a\/b""#, "!"), (r#""\ud83d\ude00""#, "!"), (r#""\U00110000""#, "!"), (r#""\q""#, "!"), (r#""\x4""#, "!"),
    ]),
    ("directives", &[
        ("%YAML 1.1\n---\na", "<a>"), ("%YAML 1.1 #x\n---\na", "<a>"), ("%TAG !e! tag:yaml.org,2002:\n---\n!e!str 1", "1"),
        ("%YAML 1.2\n---\na", "!"), ("%YAML 1.0\n---\na", "!"), ("%YAML 1.1\n%YAML 1.1\n---\na", "!"), ("%x\n---\na", "!"),
        ("%YAML 1.1\na", "!"), ("%YAML 1\n---\na", "!"), ("%YAML 1.001\n---\na", "!"), ("%TAG !e! x\n%TAG !e! y\n---\na", "!"),
    ]),
    ("anchors and aliases", &[
        ("&a-1_b 1", "<1>"), ("&a: 1", "{<>: <1>}"), ("a: &x 1\n*x: b", "{<a>: <1>, <1>: <b>}"), ("&a &b 1", "<>"),
        ("a: &a:", "!"), ("&a.b 1", "!"), ("&é 1", "!"), ("&a{}", "!"), ("& 1", "!"), ("*a", "!"), ("[&a [*a]]", "!"),
    ]),
    ("characters of tags", &[
        ("!a,b 1", "1"), ("!a[b 1", "1"), ("![ 1", "1"), ("!!!x 1", "1"), ("!!st%72 1", "1"), ("!<x> 1", "1"),
        ("[!!str, a]", "[a]"), ("[!!str]", "!"), ("!a#b c", "!"), ("!e!x 1", "!"), ("!<> 1", "!"), ("!!%zz 1", "!"), ("! 1", "1"),
    ]),
    ("!!int", &[("!!int 1", "<1>"), ("!!int '0x10'", "<0x10>"), ("!!int a", "!"), ("!!int", "!"), ("!!int 1.0", "!"), ("!!int yes", "!")]),
    ("!!float", &[
        ("!!float 1.5", "<1.5>"), ("!!float 9223372036854775807", "<9.223372036854776e18>"), ("!!float .inf", "<.inf>"),
        ("!!float a", "!"), ("!!float ~", "!"), ("!!float 18446744073709551615", "!"),
    ]),
    ("!!bool", &[("!!bool yes", "<yes>"), ("!!bool 'no'", "<no>"), ("!!bool a", "!"), ("!!bool 1", "!")]),
    ("!!null", &[("!!null ~", "<~>"), ("!!null ''", "<>"), ("!!null a", "!"), ("!!null 0", "!")]),
    ("!!timestamp", &[("!!timestamp 2020-01-31", "<2020-01-31>"), ("!!timestamp 2020-13-01", "!"), ("!!timestamp 1", "!")]),
    ("!!binary", &[
        ("!!binary YQ==", "a"), ("!!binary |\n  YQ\n  ==\n", "a"), ("!!binary YQ==: 1", "{a: <1>}"),
        ("!!binary '???'", "!"), ("!!binary YQ", "!"),
    ]),
    ("merges", &[
        ("<<: {a: 1}", "{<<<>: {<a>: <1>}}"), ("!!merge '<<': {a: 1}", "{<<<>: {<a>: <1>}}"), ("! <<: {a: 1}", "{<<<>: {<a>: <1>}}"),
        ("'<<': 1", "{<<: <1>}"), ("!!str <<: 1", "{<<: <1>}"), ("<<: []", "{<<<>: []}"), ("<<: [{a: 1}]", "{<<<>: [{<a>: <1>}]}"),
        ("a: &a {b: c}\n<<: [*a]", "{<a>: {<b>: <c>}, <<<>: [{<b>: <c>}]}"),
        ("<<: ~", "!"), ("<<: ''", "!"), ("<<: [~]", "!"), ("<<: [[{a: 1}]]", "!"), ("- <<: 1", "!"),
        ("a: &a [{b: c}]\n<<: *a", "!"), ("a: &a 1\n<<: *a", "!"),
    ]),
    ("keys", &[
        ("?", "{<>: <>}"), ("{? }", "{<>: <>}"), ("!!null '': 1", "{<>: <1>}"), ("&a :", "{<>: <>}"), ("a: 1\na: 2", "{<a>: <1>, <a>: <2>}"),
        ("? [a]", "!"), ("{[a]: b}", "!"), ("a: &a {}\n*a : 1", "!"),
    ]),
];

#[test]
fn texts_are_parsed_like_go_yaml_does() {
    let mut wrong = Vec::new();
    for (kind, rows) in KINDS {
        for (text, expected) in *rows {
            let shown = match Document::parse(text.as_bytes()) {
                Ok(document) => show(document.root()),
                Err(_) => "!".to_owned(),
            };
            if shown != *expected {
                wrong.push(format!("{kind}: {text:?} is {shown:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Encodes a text as UTF-16, with a byte order mark.
fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(to_bytes).collect()
}

#[test]
fn utf_16_is_text_with_a_byte_order_mark() {
    for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let read = |bytes: &[u8]| Document::parse(bytes).map(|document| show(document.root()));
        assert_eq!(
            read(&utf16("a: é😀\r\nb: 1.10", to_bytes)).unwrap(),
            "{<a>: <é😀>, <b>: <1.10>}"
        );
        assert_eq!(read(&utf16("", to_bytes)).unwrap(), "<>");
        let control = read(&utf16("a: b\nc: \u{1}", to_bytes)).unwrap_err();
        assert_eq!(control.place, Some(Mark { line: 2, column: 4 }));
        let odd = [utf16("a: b", to_bytes), vec![0]].concat();
        assert_eq!(read(&odd).unwrap_err().detail, "it is not UTF-16");
        let half = [utf16("a: ", to_bytes), to_bytes(0xd83d).to_vec()].concat();
        assert_eq!(read(&half).unwrap_err().detail, "it is not UTF-16");
        assert!(read(&utf16("a: b", to_bytes)[2..]).is_err());
    }
}

#[test]
fn bytes_after_the_first_document_count_as_far_as_go_yaml_decodes_them() {
    // It decodes 512 bytes at a time.
    let is_accepted = |len: usize, bytes: &[u8]| {
        let comments = "#".repeat(len - "a: 1\n---\n".len());
        Document::parse(&[b"a: 1\n---\n", comments.as_bytes(), bytes].concat()).is_ok()
    };
    for bytes in [&b"\x01"[..], b"\xff", b"\xc2\x80"] {
        assert!(!is_accepted(510, bytes) && is_accepted(512, bytes), "{bytes:?}");
    }
    // A character that crosses the boundary is decoded with the next bytes.
    assert!(!is_accepted(510, "\u{80}".as_bytes()) && is_accepted(511, "\u{80}".as_bytes()));
    assert!(is_accepted(100, b"\xc3"));
}

#[test]
fn aliases_are_limited_to_a_share_of_the_nodes() {
    let parse = |own: usize, aliases: usize| {
        let list = |item: &str, count: usize| vec![item; count].join(",");
        let [own, target, aliases] = [list("x", own), list("x", 1000), list("*b", aliases)];
        let text = format!("a: [{own}]\nb: &b [{target}]\nc: [{aliases}]\n");
        Document::parse(text.as_bytes()).map(drop)
    };
    // go-yaml decodes about 1,000 nodes here, and 1,002 for each alias, of which 1,001 come from the alias: the limit
    // is 99 %.
    assert!(parse(1, 90).is_ok());
    let error = parse(1, 200).unwrap_err();
    assert_eq!(error.detail, "excessive aliasing");
    assert!(parse(2000, 200).is_ok());
    // Above 400,000 nodes, the limit is lower.
    assert!(parse(10_000, 500).is_err());
}

#[test]
fn positions_count_from_1() {
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
fn invalid_texts_are_rejected_with_their_position() {
    let rows: &[(&[u8], &str, (u64, u64))] = &[
        (b"a: [1\nb: 2\n", "illegal placement of ':' indicator", (2, 2)),
        (b"a:\n\tb: 1\n", "tabs disallowed within this context (block indentation)", (2, 2)),
        (b"\xff", "it is not UTF-8", (1, 1)),
        (b"a: 1\nb\xc3\xbc: \xc3", "it is not UTF-8", (2, 5)),
        (b"a: \0", "control characters are not allowed", (1, 4)),
        (b"a: 1\rb: 2\r\nc: \0", "control characters are not allowed", (3, 4)),
        (b"? [a]\n: 1\n", "a key must be a scalar", (1, 3)),
        (b"a: &x [1]\n*x : 1\n", "a key must be a scalar", (2, 1)),
        (b"a: 1\n: 2\n", "a key is empty", (2, 1)),
        (b"a: {b: c\n", "unclosed bracket '{'", (1, 4)),
        (b"a: 'b\n", "unclosed quote", (1, 4)),
        (b"a: b\n\t\n", "tabs disallowed within this context (block indentation)", (2, 2)),
        (b"%YAML 1.2\n---\na: 1\n", "the registry reads YAML 1.1 only", (1, 1)),
        (b"a: !!int b\n", "!!int on a value that the registry reads as !!str", (1, 4)),
        (b"a:\xc2\x85  b: c: d\n", "a value is not allowed here", (2, 7)),
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
fn bounds_are_enforced_quickly() {
    let start = Instant::now();
    let parse = |text: &str| Document::parse(text.as_bytes()).map(drop);
    assert!(parse(&"#".repeat(MAX_LEN)).is_ok());
    assert!(parse(&"#".repeat(MAX_LEN + 1)).is_err());
    assert!(parse(&format!("[{}]", "a,".repeat(999_999))).is_ok());
    assert!(parse(&format!("[{}]", "a,".repeat(1_000_000))).is_err());
    // 2000 aliases to 1000 nodes each.
    let flat = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(999), "*a,".repeat(2000));
    assert!(parse(&flat).is_err());
    for (open, deepest) in [("[", 10_000), ("- ", 10_000), ("{a: ", 10_000), ("? ", 10_000)] {
        assert!(parse(&open.repeat(deepest + 1)).is_err(), "{open}");
        assert!(parse(&open.repeat(1 << 20)).is_err(), "{open}");
    }
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let nested = |depth| format!("{}{}", open.repeat(depth), close.repeat(depth));
        assert!(parse(&nested(300)).is_ok() && parse(&nested(10_000)).is_ok(), "{open}");
        assert!(parse(&nested(10_001)).is_err(), "{open}");
    }
    assert!(parse(&format!("{}a", "- ".repeat(10_000))).is_ok());
    assert!(start.elapsed().as_secs() < 240);
}

proptest! {
    #[test]
    fn random_texts_do_not_panic(parts in proptest::collection::vec(
        proptest::sample::select(vec![
            "a", "b", ": ", ":", "- ", "\n", "\n  ", "\n    ", " ", "\t", "'", "\"", "[", "]", "{", "}",
            ",", "&a ", "*a", "!!int ", "|", ">", "|2", "-", "? ", "#", "%", "---\n", "...\n", "<<", "\\",
            "\u{feff}", "\u{85}", "\u{2028}", "\r", "~", "1.10", "!<", "%TAG ", "%YAML 1.1\n", "!!binary ", "<<: ", "%41",
        ]),
        0..60,
    )) {
        if let Ok(document) = Document::parse(parts.concat().as_bytes()) {
            show(document.root());
        }
    }

    #[test]
    fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for mark in [&b""[..], b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"] {
            if let Ok(document) = Document::parse(&[mark, &bytes].concat()) {
                show(document.root());
            }
        }
    }
}
