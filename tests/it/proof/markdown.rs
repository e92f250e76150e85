//! The Markdown report as parsed by a Markdown parser: bounded, and no name becomes markup.

use package_storage_migrate::model::mismatch::MismatchKind;
use package_storage_migrate::report::text::AllFindings;
use package_storage_migrate::report::verify::markdown::render;
use pulldown_cmark::{Event, Tag, TagEnd};

use super::literal::{everything, outcome, request, result};
use crate::report::markup::parse;

/// Returns headings and table rows as parsed.
fn outline(markdown: &str) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), None::<String>);
    for event in parse(markdown) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                line = Some(format!("{} ", "#".repeat(level as usize)));
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => line = Some(String::new()),
            Event::Start(Tag::TableCell) => *line.as_mut().expect("a row") += "| ",
            Event::Text(text) | Event::Code(text) => {
                // The parser replaces quotation marks with typographic ones.
                let text = text.replace(['“', '”'], "\"").replace(['‘', '’'], "'");
                line.iter_mut().for_each(|line| *line += &text);
            }
            Event::End(TagEnd::Heading(_) | TagEnd::TableHead | TagEnd::TableRow) => {
                lines.push(line.take().expect("its start was seen"));
            }
            Event::Start(
                Tag::Paragraph | Tag::Strong | Tag::List(None) | Tag::Table(_) | Tag::Item,
            )
            | Event::End(_)
            | Event::Rule
            | Event::SoftBreak => {}
            other => panic!("{other:?} in\n{markdown}"),
        }
    }
    lines
}

#[test]
fn no_name_becomes_markup() {
    let lines = outline(&render(&everything(), &AllFindings::Nowhere));
    let headings: Vec<&str> = lines
        .iter()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.split(" (").next().unwrap())
        .collect();
    assert_eq!(
        headings,
        [
            "# v1 against v2",
            "## Mismatches",
            "### archive-entry",
            "### archive-missing",
            "### archive-unreadable",
            "### base-entry-lost",
            "### cache-control-differs",
            "### content-type-differs",
            "### cursor-missing",
            "### cursor-stale",
            "### cursor-unreadable",
            "### delta-differs",
            "### delta-unreadable",
            "### duplicate-entry",
            "### endpoint-differs",
            "### endpoint-missing",
            "### endpoint-refused",
            "### entry-differs",
            "### entry-duplicate",
            "### entry-extra",
            "### entry-missing",
            "### entry-order",
            "### entry-signature",
            "### entry-unreadable",
            "### file-differs",
            "### file-extra",
            "### file-missing",
            "### header-disagreement",
            "### index-missing",
            "### index-unreadable",
            "### other-copy",
            "### plan-disagreement",
            "### signature-bad",
            "### signature-key-expired",
            "### signature-key-revoked",
            "### signature-malformed",
            "### signature-missing",
            "### signature-orphan",
            "### signature-stale",
            "### signature-unknown-key",
            "### static-case",
            "### static-content-type",
            "### static-differs",
            "### static-missing",
            "### static-not-a-file",
            "### static-size",
            "### stray-bytes",
            "### unsafe-entry",
            "### unsupported-compression",
            "### wrong-root",
            "## Not checked",
            "### archive-unreachable",
            "### endpoint-unreachable",
            "### index-unreachable",
            "### not-checkable",
            "### static-unreachable",
            "## Information",
            "### archive-extra",
            "### signature-good",
            "### static-extra",
            "## What was compared",
        ]
    );
    let shown = r##"a|b `c` <d> & "e" 'f' ]]> %0A 50% g: h, i ::error::j ##[error]k \u{1}\u{1b}[31m\n\r\t\u{85}\u{202e}FFFEé😀"##
        .replace("FFFE", "\u{fffe}");
    for row in [
        format!("| {shown}.zip| | v1 has no such revision"),
        format!("| aws-1.2.7.zip| {shown}| v1 has the file, the archive does not"),
        format!("| aws-1.2.4.zip| | not a valid ZIP archive: {shown}"),
    ] {
        assert!(lines.contains(&row), "{row}\nis not in\n{}", lines.join("\n"));
    }
}

#[test]
fn the_report_on_ten_thousand_mismatches_is_short() {
    let revisions = (0..10_000).map(|index| {
        result(&format!("aws-1.0.{index}"), 0, [(None, MismatchKind::ArchiveMissing)])
    });
    let outcome = outcome(request(), 10_000, revisions.collect(), vec![]);
    let text = render(&outcome, &AllFindings::File("all.json".to_owned()));
    assert!(text.lines().count() < 50, "{text}");
    assert!(text.contains("\n### archive-missing (10,000)\n"), "{text}");
    assert!(text.contains("\n… and 9,995 more: all are in all.json.\n"), "{text}");
}
