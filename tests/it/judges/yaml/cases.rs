//! YAML that readers are likely to read differently, selected and random.
//!
//! Random cases combine scalars, pieces of syntax, and small manifests with a little damage. No case is near
//! our bounds of length and depth, which are not compared.

use crate::judges::draw::Draw;

/// Scalars, plain and quoted, and with properties before them.
#[rustfmt::skip]
const SCALARS: &[&str] = &[
    // Null and bools.
    "", "~", "null", "Null", "NULL", "nULL", "y", "Y", "n", "N", "yes", "Yes", "YES", "yEs", "no",
    "No", "NO", "on", "On", "ON", "off", "OFF", "true", "True", "TRUE", "tRUE", "false", "FALSE",
    "t", "f",
    // Integers.
    "0", "-0", "+0", "00", "1", "+1", "-1", "01", "010", "08", "09", "0o10", "0O17", "0o8", "-0o10",
    "0x1F", "0X1f", "-0x1f", "+0xF", "0xg", "0x", "0b101", "0B11", "-0b11", "+0b11", "0b2", "0b",
    "-0b", "0b-1", "0b_1", "1_000", "1__0", "_1", "1_", "+_1", "0_1", "0x_1", "0x1_F", "-1_0",
    "0o_7", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "-9223372036854775809", "18446744073709551615", "18446744073709551616", "+18446744073709551615",
    "0xffffffffffffffff", "0x8000000000000000", "-0x8000000000000000", "01777777777777777777777",
    "99999999999999999999999", "0b1111111111111111111111111111111111111111111111111111111111111111",
    "1:20", "190:20:30", "-1:20", "1:20.5", "01:02", "--1", "+-1", "1-", "1+1", "- 1",
    // Floats.
    "1.", "1.0", "1.10", "-1.0", "+1.5", ".5", "-.5", "+.5", ".", "..", "1.2.3", "1e3", "1E3",
    "1e+3", "1e-3", "1.e3", ".5e3", "1e", "1e+", "e3", "1e400", "-1e400", "1e-400", "0.1",
    "0.30000000000000004", "123456.7", "1234567.0", "1e5", "1e6", "1e20", "1e21", "1e22", "1e-4",
    "1e-5", "0.00001", "1_0.5", "1._5", "._5", ".5_", "1e1_0", "0x1p4", "0x1.8p1", "-0.0", "0.0",
    "1e0", "01.5", "00.5", "010e1", ".inf", ".Inf", ".INF", ".iNF", "-.inf", "+.inf", "+.INF",
    "-.Inf", ".nan", ".NaN", ".NAN", ".Nan", "-.nan", "inf", "Inf", "NaN", "nan", "infinity",
    ".infinity", ".e1", ".1e", "5e-324", "1.7976931348623157e308", "1.7976931348623159e308",
    "4.9e-324", "2.5e-324", "9007199254740993", "9007199254740993.0", "0.1e-6", "100000.0",
    "1000000.5", "3.4028235e38", "..5", "+.", "-.", "+", "-", "0e0", "0e", "1d3",
    // Dates and times.
    "2020-01-31", "2020-1-2", "2020-13-01", "2020-02-30", "2020-01-31T10:00:00Z",
    "2020-01-31t10:00:00Z", "2020-01-31 10:00:00", "2020-01-31 10:00:00.123",
    "2020-01-31T10:00:00+02:00", "2020-01-31T25:00:00Z", "2020-01-31 10:00:00 -5", "20200131",
    "2020-01", "0000-00-00", "12:30", "12:30:45",
    // Others.
    "a", "a b", "a#b", "a #b", "a: b", "a:b", "a:", ":a", "::", "-a", "-", "?", "?a", "? a", "[a",
    "a]", "{a", "a}", "a,b", ",a", ",", "%a", "@a", "`a", "&", "*", "!", "|a", ">a", "'", "\"",
    "#a", "=", "<<", "<<x", "<", "a\tb", "a\t", "a\t#b", "a\t: b", "a :", "${a}", "{{a}}",
    "{{ a }}", "^8.0.0", "~8", "1.0.0-SNAPSHOT", "/a/b", "\\n", "\\", "é", "日本", "😀", "a\u{a0}b",
    "\u{200b}", "\u{feff}", "a\u{feff}", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "\u{85}",
    "\u{2028}", "\u{e000}", "\u{fffd}", "\u{fffe}", "\u{ffff}", "\u{80}", "\u{9f}", "\u{7f}",
    "\u{1}", "\u{0}", "\u{b}", "\u{c}", "\u{1b}", "\u{10ffff}",
    // Quoted.
    "''", "\"\"", "'a'", "\"a\"", "'a''b'", "'a\\nb'", "'1'", "\"1\"", "'no'", "\"~\"", "'a: b'",
    "'a #b'", "\"a\"b", "'a'b", "\"a\"#c", "\"a\" #c", "'a' 'b'", "'a\n  b'", "'a\n\n  b'",
    "\"a\n  b\"", "\"a\n\n  b\"", "\"a\\\n  b\"", "\"a \\\n  b\"", "\"a\n  \\ b\"", "\" a \"",
    "' a '", "'a\nb'", "\"a\nb\"", "'\ta'", "\"\ta\"", "\"a\t\n\tb\"", "'\n'", "\"\n\"", "'\n\n'",
    "\"a\\\"b\"", "'\u{85}'", "\"a\u{85}b\"", "'a\u{2028}b'", "\"a\u{2028} b\"", "'a \u{2029} b'",
    "'a\u{feff}b'", "\"\u{feff}\"", "'---'", "\"\n---\n\"", "'\n...\n'", "'<<'",
    // Escapes.
    "\"\\0\"", "\"\\a\"", "\"\\b\"", "\"\\t\"", "\"\\\t\"", "\"\\n\"", "\"\\v\"", "\"\\f\"",
    "\"\\r\"", "\"\\e\"", "\"\\ \"", "\"\\/\"", "\"\\\\\"", "\"\\N\"", "\"\\_\"", "\"\\L\"",
    "\"\\P\"", "\"\\'\"", "\"\\x41\"", "\"\\x4\"", "\"\\xff\"", "\"\\u00e9\"", "\"\\u12\"",
    "\"\\U0001F600\"", "\"\\U00110000\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"\\c\"", "\"\\q\"",
    "\"\\x0\"", "\"\\u0000\"", "\"\\uFFFE\"", "\"\\U0010FFFF\"", "\"\\x2e\"", "\"\\xZZ\"", "\"\\\"",
    // Tags.
    "!!str 1", "!!str", "!!str ~", "!!str [a]", "!!int 1", "!!int '1'", "!!int x", "!!int 1.0",
    "!!int 1.5", "!!int", "!!float 1", "!!float x", "!!float '1.5'", "!!float .inf", "!!bool yes",
    "!!bool 'no'", "!!bool x", "!!null", "!!null ~", "!!null ''", "!!null x", "!!binary aGk=",
    "!!binary /w==", "!!binary x", "!!binary \"aGk=\"", "!!binary", "!!binary |\n  aGk=\n",
    "!!timestamp 2020-01-31", "!!timestamp x", "!!timestamp '2020-01-31'", "!!map {a: b}",
    "!!seq [a]", "!!seq {a: b}", "!!map [a]", "!!map x", "!!set {a, b}", "!!omap [a: b]",
    "!!pairs [a: b]", "!!merge <<", "!!x y", "!x y", "!x 1", "! 1", "! a", "!",
    "!<tag:yaml.org,2002:int> 1", "!<tag:yaml.org,2002:str> 1", "!<x> 1", "!<!x> 1", "!<> 1",
    "!!int 0x10", "!!int 010", "!e!x 1", "!!str &a 1", "&a !!str 1", "!!int ~", "!!float 0x10",
    "!!float 1_0", "!!bool 1", "!!python/object:x y", "!a%20b 1", "!!st%72 1",
    "!!int 18446744073709551616", "!!float 18446744073709551615", "!!int 9223372036854775808",
    "!local [1]", "!local {a: 1}", "!!value =", "!!yaml x", "!x,y 1", "!x[ 1", "![x] 1",
    // Anchors and aliases.
    "&a 1", "&a", "*a", "&a [1, *a]", "&a {b: *a}", "&a-b 1", "&a.b 1", "&é 1", "&a: 1", "&a &b 1",
    "&a *a", "*a b", "*a: 1", "&a{b} 1", "&a, 1", "& 1", "* ", "&a_1 1",
    // Flow.
    "[]", "{}", "[a, b]", "[a, b,]", "[,]", "[a,,b]", "[a b]", "[a: b]", "[a: b, c]", "[: b]",
    "[? a : b]", "[? a]", "[?a]", "[? ]", "{a}", "{a, b}", "{a: b}", "{a: b,}", "{,}", "{a:b}",
    "{a: }", "{: a}", "{a : b}", "{'a':b}", "{\"a\":b}", "{\"a\": b}", "[\"a\":b]",
    "{a: [b, {c: d}]}", "{? a : b}", "{?a: b}", "{? : a}", "{a: b, a: c}", "{[a]: b}",
    "{{a: b}: c}", "[[a], b]: c", "[a, #x\n  b]", "{a: 1 #x\n  }", "[a\n  , b]", "[a\n, b]",
    "{a\n  : b}", "{a:\n  b}", "[a]b", "[a] #b", "{a: b}c", "[a#b]", "[a, -b]", "[-]", "[- a]",
    "[a:b]", "[:a]", "[a::b]", "[http://a/b]", "{a: http://b}", "{http://a: b}", "{a: :b}",
    "{a: b:}", "{a: b: c}", "{a::b}", "[a?b]", "[a?]", "[*a]", "[&a b, *a]", "[!!str 1, !x]",
    "[!!str, a]", "{!!str a: b}", "{&a a: *a}", "{<<: {a: b}}", "{1: a}", "{~: a}", "{1.5: a}",
    "{yes: a}", "[ a ]", "[\ta]", "[a\t,b]", "{\ta: b}", "[\n\ta]", "[%a]", "[a%]", "[@a]",
    "[a @b]", "[|a]", "[a, |\n  b]", "['a' : b]", "[\"a\n  b\"]", "[a\n\n  b]", "{a: 'b'c}",
    "[---]", "[--- a]", "[\n--- a]", "[\n...]", "{a: *a}", "{*a : b}", "{*a: b}", "[a]:b",
    "{a, b: c, }", "[{a: b}, c: d]", "{a: ?b}", "{a: -}", "{-: a}", "{- a}", "{a: - b}", "[a, ]",
    "[[]]", "[{}]", "{a: [}", "[}", "{]",
    // Blocks.
    "|\n  a\n", "|\n  a\n  b\n", "|\n  a\n\n  b\n\n", "|-\n  a\n\n", "|+\n  a\n\n", ">\n  a\n  b\n",
    ">\n  a\n\n  b\n", ">\n  a\n   b\n  c\n", ">-\n  a\n  b\n", ">+\n  a\n\n", "|2\n  a\n",
    "|1\n  a\n", "|2\n   a\n", "|9\n  a\n", "|0\n  a\n", "|2-\n  a\n", "|-2\n  a\n", "|+1\n  a\n",
    "|10\n  a\n", "|--\n  a\n", "|- #x\n  a\n", "|#x\n  a\n", "| x\n  a\n", "|\n", "|", ">", "|-",
    "|+\n\n\n", "|\n\n  a\n", "|\n    \n  a\n", "|\n   \n  a\n", "|\n \n  a\n", "|\n\ta\n",
    "|\n  \ta\n", "|\n  a\t\n", "|\n  a\n b\n", "|\n a\n  b\n", "|\n  a\n# x\n", "|\n  a\n  # x\n",
    "|\n  a\u{85}  b\n", "|\n  a\u{2028}  b\n", "|\n  a\u{2029}b\n", ">\n  a\u{85}  b\n",
    ">\n  a\u{2028}  b\n", ">\n  a\r\n  b\r\n", "|\r\n  a\r\n", "|\r  a\r  b\r", "|\n  a", ">\n  a",
    "|\n  a\n  ", ">\n  a\n\n\n   b\n\n  c\n", ">\n\n  a\n", ">\n  \ta\n  b\n", ">2\n    a\n  b\n",
    "|\n  ---\n", "|\n---\n", "|\n  a\n...\n", "| \n  a\n", "|\t\n  a\n", "|- \t#x\n  a\n",
    "!!str |\n  a\n", "&a |\n  a\n", "| &a\n  a\n", ">\n  a \n  b\n", ">-\n  a\n\n  b \n",
    "|\n  é\n", "|\n  \u{feff}a\n", "|2\n\n  a\n", "|1\n \n  a\n",
];

/// Keys, and other starts of a pair in a mapping.
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "a", "b", "a.b", "a.c", "a.b.c", "b.a", "a.0", "a.1", "0", "1", "'0'", "'1'", "0.a", "'01'",
    "'0x1'", "'-1'", "-1", "a.", ".a", ".", "a..b", "''", "\"\"", "~", "'~'", "null", "no", "yes",
    "y", "'y'", "1.5", ".inf", "2020-01-31", "a b", "'a'", "\"a\"", "\"\\x61\"", "a#b", "a:b", "<<",
    "'<<'", "!!str <<", "!!merge <<", "!!str a", "!!str 1", "!!int '1'", "!!int 1", "!x a", "!x 1",
    "&k a", "*a", "*a ", "*k ", "? a\n", "? ", "? |\n  a\n", "[a]", "{a: b}", "a\tb", "a\t", "a ",
    "é", "=", "a'b", "\"a\nb\"", "'a\n  b'", "a\n  b", "!!binary YQ==", "!!null ''", "!!null a",
    "%a", "@a", "-", "-a", "?a", "? a", "name", "version", "a.01", "a.-1", "a.b.", "0.1", "a.1024",
    "a.1025", "[a].b", "'[a.b]'",
];

/// Pieces of syntax.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "\n", "\n", "\n", "\n  ", "\n  ", "\n    ", " ", "  ", "\t", "\n\t", "\n \t", "\n  \t", "\r",
    "\r\n", "\u{85}", "\u{2028}", "\u{2029}", "\u{feff}", ": ", ": ", ": ", ":", ":\n", ":\n  ",
    ":\t", " :", "\t:", "- ", "- ", "-", "-\t", "-\n", "- - ", "- ? ", "? ", "?\n", "?\t", "? - ",
    ",", ", ", "[", "]", "{", "}", "#", " #", " # x", "\n# x\n", "\t#x", "'", "\"", "\\", "|", ">",
    "&a ", "*a", "*a ", "!!str ", "!!int ", "!x ", "! ", "<<: ", "<<: *a", "<<: [*a, {c: d}]",
    "<<: {a: b}", "<<: [{a: b}, {a: c}]", "<<: [[a]]", "<<: a", "<<: ~", "<<: []", "<<: {}",
    "---\n", "--- ", "---", "---\t", "---a", "\n---\n", "\n--- ", "\n--- |\n", "\n--- >\n",
    "--- !!str ", "--- &a ", "--- [", "--- a: b\n", "...\n", "...", "\n...\n", "... a\n", "...\t\n",
    "... #x\n", "...a", "%YAML 1.1\n---\n", "%YAML 1.2\n---\n", "%YAML 1.0\n---\n",
    "%YAML 2.0\n---\n", "%YAML 1.1\n", "%YAML 1\n---\n", "%YAML\n---\n", "%YAML 1.1 x\n---\n",
    "%YAML 1.1 #x\n---\n", "%YAML 1.1\n%YAML 1.1\n---\n", "%YAML 1.10\n---\n",
    "%TAG ! tag:yaml.org,2002:\n---\n", "%TAG !e! tag:yaml.org,2002:\n---\n!e!str 1",
    "%TAG !! x\n---\n!!int 1", "%TAG !e! x\n%TAG !e! y\n---\n", "%TAG !e!\n---\n",
    "%TAG e x\n---\n", "%x y\n---\n", "%\n---\n", "%x\n", "...\n%YAML 1.1\n---\n", "\n%a\n", " %a",
    " ---", " ...", "\n- ", "\n  - ", "\na: ", "\n  b: ", "\n c: ", "\u{0}", "\u{7f}", "\u{1}",
    "\u{a0}", "x",
];

/// Small manifests, similar to those of packages.
const MANIFESTS: &[&str] = &[
    "format_version: 1.0.0\nname: buoy\ntitle: \"Buoy\"\nversion: 1.0.0\nlicense: basic\ndescription: >-\n  Collects what buoys\n  have to say.\ntype: integration\ncategories: [network, security]\nrelease: ga\nconditions:\n  kibana.version: '^7.14.0 || ^8.0.0'\nicons:\n  - src: /img/buoy.svg\n    title: Buoy\n    size: 32x32\n    type: image/svg+xml\nowner:\n  github: elastic/sea\n",
    "title: Logs\ntype: logs\nstreams:\n- input: logfile\n  vars:\n  - name: paths\n    type: text\n    multi: true\n    default:\n    - /var/log/*.log\n    - 'C:\\logs\\*.log'\n  - name: port\n    default: 514\n    show_user: no\nelasticsearch:\n  index_template.settings:\n    index.mapping.total_fields.limit: 5000\n",
    "---\ndescription: Pipeline\nprocessors:\n  - set:\n      field: event.ingested\n      value: \"{{_ingest.timestamp}}\"\n  - grok:\n      field: message\n      patterns:\n        - '^%{IP:source.ip} \"%{DATA}\" \\[%{NUMBER}\\]$'\n      if: \"ctx?.a != null && !ctx.b.contains('x')\"\n  - script:\n      lang: painless\n      source: |\n        // a comment\n        if (ctx.a == 1) {\n          ctx.b = 2;\n        }\non_failure:\n  - set: {field: error.message, value: '{{ _ingest.on_failure_message }}'}\n",
    "- name: data_stream.type\n  type: constant_keyword\n  description: Type.\n- name: '@timestamp'\n  type: date\n- name: sea\n  type: group\n  fields:\n    - name: depth\n      type: long\n      metric_type: gauge\n      unit: m\n",
    "a: &a\n  b: 1\n  c: [x, y]\nd:\n  <<: *a\n  c: ~\ne: *a\nf.g: 1\nf.h: 2.50\n",
];

/// Returns the handwritten cases.
pub(in crate::judges) fn picked() -> Vec<Vec<u8>> {
    let picked: Vec<String> = serde_json::from_str(include_str!("picked.json")).expect("JSON");
    picked.into_iter().map(String::into_bytes).collect()
}

/// Returns a random case, which may be invalid YAML.
pub(in crate::judges) fn draw(draw: &mut Draw) -> Vec<u8> {
    let text = match draw.below(10) {
        0..3 => pieces(draw),
        3..5 => block(draw, 0),
        5 => format!("{}{}", draw.one(&["a: ", "- ", "", "[", "--- "]), draw.one(SCALARS)),
        6 => format!(
            "{}: {}\n{}: {}\n",
            draw.one(KEYS),
            draw.one(SCALARS),
            draw.one(KEYS),
            draw.one(SCALARS)
        ),
        _ => damaged(draw),
    };
    encoded(draw, text)
}

/// Returns random pieces in random order.
fn pieces(draw: &mut Draw) -> String {
    (0..=draw.below(8))
        .map(|_| match draw.below(5) {
            0 => draw.one(SCALARS),
            1 => draw.one(KEYS),
            _ => draw.one(PIECES),
        })
        .collect()
}

/// Returns a mapping or a list that is well-formed, except for its scalars.
fn block(draw: &mut Draw, indent: usize) -> String {
    let is_list = draw.happens(1, 3);
    let mut text = String::new();
    for _ in 0..=draw.below(3) {
        text += &" ".repeat(indent);
        match is_list {
            true => text += "-",
            false => text = text + draw.one(KEYS) + ":",
        }
        if indent < 6 && draw.happens(1, 4) {
            text = text + "\n" + &block(draw, indent + 2);
        } else {
            // Continuation lines of a scalar are below their key.
            let lines = draw.one(SCALARS).replace('\n', &format!("\n{}", " ".repeat(indent)));
            text = text + " " + &lines + draw.one(&["\n", "\n", "\n", " # x\n", "\r\n", "\n\n"]);
        }
    }
    text
}

/// Returns a manifest with a few changes.
fn damaged(draw: &mut Draw) -> String {
    let mut text = draw.one(MANIFESTS).to_owned();
    for _ in 0..=draw.below(3) {
        let places: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let at = draw.one(&places);
        match draw.below(6) {
            0 => text.insert_str(at, draw.one(PIECES)),
            1 => text.insert_str(at, draw.one(SCALARS)),
            2 => {
                let end = places.iter().copied().find(|end| *end >= at + 1 + draw.below(8));
                text.replace_range(at..end.unwrap_or(text.len()), "");
            }
            3 => {
                let end = places.iter().copied().find(|end| *end > at);
                text.replace_range(at..end.unwrap_or(text.len()), draw.one(PIECES));
            }
            4 => value(draw, &mut text),
            _ => lines(draw, &mut text),
        }
    }
    text
}

/// Replaces the value of a key.
fn value(draw: &mut Draw, text: &mut String) {
    let colons: Vec<usize> = text.match_indices(": ").map(|(at, _)| at).collect();
    if colons.is_empty() {
        return;
    }
    let start = draw.one(&colons) + 2;
    let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
    text.replace_range(start..end, draw.one(SCALARS));
}

/// Repeats, removes, moves or re-indents a line.
fn lines(draw: &mut Draw, text: &mut String) {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    if lines.is_empty() {
        return;
    }
    let (at, to) = (draw.below(lines.len()), draw.below(lines.len()));
    let indented = format!(" {}", lines[at]);
    match draw.below(5) {
        0 => lines.insert(to, lines[at]),
        1 => drop(lines.remove(at)),
        2 => lines.swap(at, to),
        3 => lines[at] = lines[at].strip_prefix(' ').unwrap_or(lines[at]),
        _ => lines[at] = &indented,
    }
    *text = lines.concat();
}

/// Encodes the text: usually in UTF-8, sometimes with a byte order mark, rarely broken.
fn encoded(draw: &mut Draw, text: String) -> Vec<u8> {
    match draw.below(60) {
        0 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        1 => {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            [0xff, 0xfe].into_iter().chain(units).collect()
        }
        2 => {
            let units = text.encode_utf16().flat_map(u16::to_be_bytes);
            [0xfe, 0xff].into_iter().chain(units).collect()
        }
        3 => {
            let mut bytes = text.into_bytes();
            let at = draw.below(bytes.len() + 1);
            let broken: &[u8] = draw.one(&[
                &b"\xff"[..],
                b"\xc3",
                b"\xed\xa0\x80",
                b"\xc0\x80",
                b"\xf4\x90\x80\x80",
            ]);
            bytes.splice(at..at, broken.iter().copied());
            bytes
        }
        _ => text.into_bytes(),
    }
}
