//! No text from a repository becomes markup, according to a Markdown parser with GitHub's extensions.

use package_storage_migrate::report::text::{fenced, inline};
use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

pub(crate) fn parse(markdown: &str) -> Vec<Event<'_>> {
    Parser::new_ext(markdown, Options::all()).collect()
}

/// Generates texts from tokens with a meaning in Markdown, HTML or a terminal, and from other characters.
fn texts() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        "`",
        "``",
        "*",
        "**",
        "_",
        "[",
        "](x)",
        "![",
        "<b>",
        "<!--",
        "-->",
        "|",
        "\\",
        "\\|",
        "#",
        "~~",
        "&amp;",
        "&#124;",
        "$",
        "$$",
        "\n",
        "\r",
        "\n\n",
        "\n# ",
        "\n- ",
        "\t",
        "    ",
        "> ",
        "1. ",
        "---",
        "===",
        "http://x",
        "www.x",
        "^",
        ":-:",
        "[^1]",
        "\u{202e}",
        "\u{200b}",
        "\0",
        "\u{1b}[31m",
        "{#id}",
        "x",
        "é",
        " ",
        "= ",
        "'",
        "\"",
        "...",
        "--",
        "%%",
        "||",
        "[[",
        "]]",
    ]);
    prop::collection::vec(
        prop_oneof![4 => marks.prop_map(str::to_owned), 1 => "[ -~à-ÿΑ-ω一-丐]{0,3}"],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

/// Returns a text as a reader should see it.
fn visible(text: &str) -> String {
    let is_invisible =
        |c: char| c.is_control() || "\u{200b}\u{200e}\u{200f}\u{202e}\u{feff}".contains(c);
    text.chars()
        .flat_map(|c| {
            match is_invisible(c) {
                true => c.escape_default().collect::<String>(),
                false => c.to_string(),
            }
            .chars()
            .collect::<Vec<_>>()
        })
        .collect()
}

/// Returns the texts of the events outside the frame; panics if another event is not text.
fn only_text(events: &[Event<'_>], is_frame: impl Fn(&Event<'_>) -> bool) -> String {
    let inner = events.iter().filter(|event| !is_frame(event));
    inner
        .map(|event| match event {
            Event::Text(text) => text.as_ref(),
            markup => panic!("{markup:?} in {events:?}"),
        })
        .collect()
}

proptest! {
    #[test]
    fn a_text_stays_a_text(text in texts()) {
        // Smart punctuation only changes how quotes and dashes look.
        let options = Options::all() - Options::ENABLE_SMART_PUNCTUATION;
        let parsed = |markdown: &str, frames: &[TagEnd]| {
            let events: Vec<_> = Parser::new_ext(markdown, options).collect();
            only_text(&events, |event| match event {
                Event::Start(tag) => frames.contains(&tag.to_end()),
                Event::End(end) => frames.contains(end),
                _ => false,
            })
        };
        let (escaped, seen) = (inline(&text), visible(&text));
        prop_assume!(!escaped.contains("more characters"));
        let paragraph = parsed(&format!("x{escaped}x"), &[TagEnd::Paragraph]);
        prop_assert_eq!(&paragraph, &format!("x{seen}x"));
        let item = parsed(&format!("- x: {escaped}x\n"), &[TagEnd::List(false), TagEnd::Item]);
        prop_assert_eq!(&item, &format!("x: {seen}x"));
        let table = format!("| a | b |\n|---|---|\n| x{escaped}x | y |\n");
        let frames = [TagEnd::Table, TagEnd::TableHead, TagEnd::TableRow, TagEnd::TableCell];
        prop_assert_eq!(&parsed(&table, &frames), &format!("abx{seen}xy"));
    }

    #[test]
    fn a_fenced_block_can_contain_any_text(text in texts()) {
        let block = format!("before\n\n{}\n\nafter\n", fenced("diff", &text));
        let events = parse(&block);
        let is_start = |event: &Event<'_>| matches!(
            event,
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if &**language == "diff"
        );
        let start = events.iter().position(is_start).expect("a code block");
        let end = events.iter().position(|event| *event == Event::End(TagEnd::CodeBlock));
        let end = end.expect("its end");
        let held = only_text(&events[start + 1..end], |_| false);
        let lines: Vec<String> = text.split('\n').map(|line| {
            line.split('\t').map(visible).collect::<Vec<_>>().join("\t")
        }).collect();
        let shown = lines.join("\n");
        prop_assert_eq!(held.trim_end_matches('\n'), shown.trim_end_matches('\n'));
        prop_assert_eq!(only_text(&events[end + 1..], |event| !matches!(event, Event::Text(_))), "after");
        prop_assert_eq!((start, events.len() - end), (3, 4), "there is nothing else");
    }
}

#[test]
fn links_and_invisible_characters_are_escaped() {
    let rows = [
        ("manifest.yml: at line 5", "manifest.yml: at line 5"),
        ("see http://x.y/z", r"see http\://x.y/z"),
        ("see www.x.y", r"see www\.x.y"),
        ("WWW.x", r"WWW\.x"),
        ("ü.x", "ü.x"),
        ("a\u{202e}b", r"a\\u{202e}b"),
        ("a\nb\t", r"a\\nb\\t"),
        ("\u{1b}[1m", r"\\u{1b}\[1m"),
        ("", ""),
    ];
    for (text, expected) in rows {
        assert_eq!(inline(text), expected, "{text:?}");
    }
}

#[test]
fn a_long_text_is_truncated_with_a_count() {
    assert_eq!(inline(&"é".repeat(400)), "é".repeat(400));
    assert_eq!(inline(&"é".repeat(2401)), "é".repeat(400) + "… (2,001 more characters)");
}
