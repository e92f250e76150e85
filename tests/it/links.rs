//! Relative links and images of Markdown documents.
//!
//! Targets of images are what `new URL(destination, 'http://example.com').pathname` is in Node 22, decoded, as Kibana
//! resolves them; those of links what a browser opens beside the document.

use package_storage_migrate::rules::links::{RelativeLink, is_document, relative_links};

#[test]
fn documents_are_markdown_files_directly_in_docs() {
    for (path, expected) in [
        ("docs/README.md", true),
        ("docs/a b.md", true),
        ("docs/.md", true),
        ("README.md", false),
        ("docs/README.MD", false),
        ("docs/a/README.md", false),
        ("docs/README.md.txt", false),
        ("Docs/README.md", false),
        ("data_stream/docs/README.md", false),
    ] {
        assert_eq!(is_document(path), expected, "{path}");
    }
}

/// Markdown, and the destinations found in it; images begin with `!`.
const DOCUMENTS: [(&str, &[&str]); 14] = [
    ("", &[]),
    ("[a](b.md)", &["b.md"]),
    ("![a](b.png 'title')", &["!b.png"]),
    ("[a](b.md) [c](b.md) ![d](b.md)", &["b.md", "!b.md"]),
    ("[![a](b.png)](c.md)", &["c.md", "!b.png"]),
    ("[a][r]\n\n[r]: <b c.md> 'd'", &["b c.md"]),
    ("[a](#b) [c](?d) [e]()", &[]),
    ("[a](b.md?c#d)", &["b.md?c#d"]),
    ("[a](https://b/c) [d](mailto:e@f) ![g](data:image/png;base64,AA) <http://h>", &[]),
    ("[a](//b/c) ![d](//e/f)", &[]),
    ("[a](/b) ![c](/d)", &["!/d"]),
    ("[a](b:c/d) [e](./b:c/d) [f](1b:c)", &["./b:c/d", "1b:c"]),
    ("`[a](b)`\n\n    [a](b)\n\n```\n[a](b)\n```\n", &[]),
    ("<img src=\"b.png\"> <a href=\"c\">d</a>", &[]),
];

#[test]
fn relative_destinations_are_found() {
    for (markdown, expected) in DOCUMENTS {
        let found: Vec<String> = relative_links(markdown)
            .into_iter()
            .map(|link| format!("{}{}", if link.is_image { "!" } else { "" }, link.destination))
            .collect();
        assert_eq!(found, expected, "{markdown:?}");
    }
}

/// Destinations (images begin with `!`), and their targets from `docs/README.md`.
const TARGETS: [(&str, Option<&str>); 20] = [
    ("!../img/a.png", Some("img/a.png")),
    ("!img/a.png", Some("img/a.png")),
    ("!./img/a.png", Some("img/a.png")),
    ("!/img/a.png", Some("img/a.png")),
    ("!../../../img/a.png", Some("img/a.png")),
    ("!../img/a.png?raw=true", Some("img/a.png")),
    ("!../img/a.png#b?c", Some("img/a.png")),
    ("!../img/a%20b.png", Some("img/a b.png")),
    ("!../img/a b.png", Some("img/a b.png")),
    ("!img/b/../a.png", Some("img/a.png")),
    ("a.md", Some("docs/a.md")),
    ("./a.md", Some("docs/a.md")),
    ("../LICENSE.txt", Some("LICENSE.txt")),
    ("..", Some("")),
    ("../..", None),
    ("../../a/b", None),
    ("../img//a.png", Some("img/a.png")),
    ("a.md?b=../c", Some("docs/a.md")),
    ("a%2Fb.md", Some("docs/a/b.md")),
    ("caf%C3%A9.md", Some("docs/caf\u{e9}.md")),
];

#[test]
fn destinations_have_targets() {
    for (text, expected) in TARGETS {
        let is_image = text.starts_with('!');
        let destination = text.trim_start_matches('!').to_owned();
        let link = RelativeLink { destination, is_image };
        assert_eq!(link.target("docs/README.md").as_deref(), expected, "{text}");
    }
}
