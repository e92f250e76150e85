//! Reading by items has the same result as parsing the whole text, for any text.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::rules::registry::Facts;

/// Returns the facts about a file that is parsed as a whole.
fn whole(role: Role, text: &str) -> Facts {
    let document = Document::parse(text.as_bytes());
    match role {
        Role::Fields => Facts::Fields(FieldsFacts::of(&document)),
        _ => Facts::Pipeline(PipelineFacts::of_yaml(&document)),
    }
}

/// Returns the facts from a second reading, with the items of the first in the cache.
fn by_items(role: Role, text: &str) -> Facts {
    let known_items = KnownItems::default();
    Facts::read(role, text.as_bytes(), &known_items);
    Facts::read(role, text.as_bytes(), &known_items)
}

/// Returns the number of cached items after reading a text.
fn remembered_count(role: Role, text: &str) -> usize {
    let known_items = KnownItems::default();
    Facts::read(role, text.as_bytes(), &known_items);
    known_items.lock().len()
}

/// Texts, with the number of their items that are cached as items of fields and of pipelines.
const ROWS: &[(&str, usize, usize)] = &[
    ("- name: a\n  type: keyword\n- name: b\n  type: group\n  fields:\n  - name: c\n", 2, 0),
    ("# Fields.\n\n- name: a\n\n# The other one.\n- name: b", 2, 0),
    ("---\n- name: a\n- name: a\n", 2, 0),
    // Required fields, in each order.
    ("- name: a\n- name: '@timestamp'\n  type: date\n- name: '@timestamp'\n", 1, 0),
    ("- name: data_stream\n  fields:\n  - {name: type, type: constant_keyword}\n- name: b\n", 1, 0),
    ("- name: data_stream\n  fields: odd\n- name: data_stream\n", 0, 0),
    // An entry without a name, which stops the searches, before and after others.
    ("- name: a\n- type: long\n- name: data_stream.type\n  type: long\n", 1, 0),
    ("- name: data_stream.type\n  type: long\n- type: long\n- ~\n", 0, 0),
    // Mappings of lists.
    ("---\ndescription: A.\nprocessors:\n  - set:\n      field: a\n  - drop: {}\n", 0, 2),
    (
        "processors:\n\n  # A.\n  - a\n# B.\n  - b\non_failure:\n    - a\n    - b\nversion: 1\n",
        0,
        4,
    ),
    ("description: >-\n  processors:\n    - a\nprocessors: \n - b", 0, 1),
    ("a:\n  - >\n   b\n\n  - |1+\n   - c\n\n\nb:\n  - d\n", 0, 3),
    ("on_failure:\n", 0, 0),
    // A list that is not the value of a key, or of another key.
    ("a: b\n  - c\n", 0, 0),
    ("a: b\nc: >\n  - d\n", 0, 0),
    ("a:\n  b:\n  - c\n", 0, 0),
    ("a: &x\n  - b\n", 0, 0),
    ("a: |\n  - b\nb:\n  - c\n", 0, 1),
    ("a\n", 0, 0),
    ("a:\n  - b\nc\n", 0, 1),
    ("a:\n  - b\n - c\n", 0, 0),
    ("a:\n  - b\nc:\n - d\n  - e\n", 0, 2),
    ("a:\n- b\n", 0, 0),
    ("a:\n  - b\n- c\n", 0, 0),
    ("- a\nb:\n  - c\n", 0, 0),
    // Items are read separately until one is invalid; then the text is parsed as a whole.
    ("- name: a\n- name: \"b\n- name: c\"\n", 1, 0),
    ("- name: a\n- name: [b,\n- c]\n", 1, 0),
    ("- name: &n a\n- name: *n\n", 1, 0),
    ("- name: a\n- b\n", 1, 0),
    ("- name: a\n name: b\n", 0, 0),
    ("a:\n  - b\n  - \"c\nd:\n  - e\"\n", 0, 1),
    ("a: \"b\nc:\n  - d\"\n", 0, 0),
    ("a: {b: c,\nd:\n  - e}\n", 0, 0),
    // The end of a block scalar, and lines that only look like items.
    ("- name: a\n  description: |\n    - name: b\n\n- name: c\n", 2, 0),
    ("- name: a\n  description: |1-\n\n   - b\n  \n- name: c\n", 2, 0),
    ("- name: a\n  fields:\n- name: b\n", 2, 0),
    ("- name: a\n  description: b\n   - c\n- name: d\n", 2, 0),
    // Parsed as a whole from the start.
    ("- name: a\r\n- name: b\r\n", 0, 0),
    ("--- # A.\n- name: a\n", 0, 0),
    ("- name: a\n---\n- name: b\n", 0, 0),
    ("- name: a\n...\n- name: b\n", 0, 0),
    ("a:\n  - b\n---\na:\n  - c\n", 0, 0),
    ("--- |\na:\n  - b\n", 0, 0),
    ("text\n- name: a\n", 0, 0),
    ("%TAG ! tag:a,b:\n- name: a\n", 0, 0),
    ("%YAML 1.2\n---\na:\n  - b\n", 0, 0),
    ("[]\n", 0, 0),
    ("", 0, 0),
];

const ROLES: [Role; 2] = [Role::Fields, Role::YamlPipeline];

#[test]
fn rows_are_read_by_items_as_they_are_whole() {
    for (text, fields, pipelines) in ROWS {
        for (role, remembered) in ROLES.into_iter().zip([fields, pipelines]) {
            assert_eq!(by_items(role, text), whole(role, text), "{role:?}\n{text}");
            assert_eq!(remembered_count(role, text), *remembered, "{role:?}\n{text}");
        }
    }
}

#[test]
fn bounds_are_those_of_the_whole() {
    // Each item alone is small enough.
    let times = |item: &str, count: usize| item.repeat(count);
    let aliases = times("*x,", 700);
    let item = format!("  - {{name: &x [{}], b: [{aliases}]}}\n", times("a,", 700));
    let too_many_nodes = times(&item, 3);
    let item = format!("  - {{name: {}}}\n", "a".repeat(10_000));
    let too_long = times(&item, MAX_LEN / item.len() + 1);
    let too_deep = format!("  {}\n", "- ".repeat(10_001));
    for items in [too_many_nodes, too_long, too_deep] {
        let pipeline = format!("processors:\n{items}");
        let expected = whole(Role::YamlPipeline, &pipeline);
        assert_ne!(expected, Facts::Pipeline(PipelineFacts(Ok(()))));
        assert_eq!(by_items(Role::YamlPipeline, &pipeline), expected);
        let fields = items.replace("  - ", "- ");
        assert_eq!(by_items(Role::Fields, &fields), whole(Role::Fields, &fields));
    }
}

/// Pieces of YAML, including those that open something without closing it.
const PIECES: &[&str] = &[
    "processors:\n",
    "b: c\n",
    "d:\n  - e\n",
    "  - f\n",
    " - g\n",
    "- name: a\n",
    "- name: data_stream.type\n  type: constant_keyword\n",
    "- name: data_stream\n  fields:\n    - name: type\n      type: keyword\n",
    "- type: b\n",
    "- ",
    "-\n",
    "  - ",
    "name: ",
    "  name: c\n",
    "  fields:\n",
    "a",
    "\n",
    "\n\n",
    " ",
    "\t",
    "\"",
    "'",
    "\\",
    "[",
    "]",
    "{",
    "}",
    ",",
    ": ",
    "? ",
    "#",
    " # b\n",
    "|\n",
    ">-\n",
    "|1+\n",
    "&x ",
    "*x",
    "!!str ",
    "~",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "\r",
    "\u{feff}",
    "\u{85}",
    "\u{1}",
    "é",
];

/// Generates texts of many shapes.
const SOUND: &[&str] = &[
    "# A.\n\n- name: a\n  type: group\n  fields:\n  - name: b\n    type: date\n\n# B.\n- name: 'c'\n  \
     description: >-\n    D\n    - e\n\n- {name: '@timestamp', type: [date]}\n- name: \"f\"\n  g: h\n   i\n",
    "---\ndescription: A.\nprocessors:\n  - set:\n      field: a\n      value: '{{b}}'\n  # C.\n  - script:\n      \
     source: |-\n        - d\n\n        e\n      params: {f: [1,\n        2]}\n  - foreach: \"g\n      h\"\n\
     on_failure:\n    - i: j\n    - k\nversion: 1\n",
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_read_by_items_as_it_is_whole(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24),
    ) {
        hold(&pieces.concat());
    }

    #[test]
    fn any_damaged_text_is_read_by_items_as_it_is_whole(
        sound in prop::sample::select(SOUND),
        damage in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(PIECES)), 0..4),
    ) {
        let mut text = sound.to_owned();
        for (index, piece) in damage {
            let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            text.insert_str(*index.get(&starts), piece);
        }
        hold(&text);
    }
}

fn hold(text: &str) {
    for role in ROLES {
        assert_eq!(by_items(role, text), whole(role, text), "{role:?}\n{text:?}");
    }
}
