//! The exact output for the fixture: plan, report as JSON and as Markdown, summary.
//!
//! The golden files in `tests/golden` are regenerated with `REFRESH_GOLDEN=1 cargo test`, and reviewed as
//! a diff. `migrate` and `findings` test that the output is correct; this file tests that it does not
//! change unnoticed, and that no name from a repository becomes markup.

#![allow(clippy::unwrap_used)]

pub(crate) mod counts;
pub(crate) mod html;
pub(crate) mod markup;
mod verdict;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use crate::support::fixture;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

#[test]
fn plan_reports_and_summary_match_the_golden_files() {
    let dir = tempfile::tempdir().unwrap();
    let tool = Tool::migrate(fixture::folder()).output("v2").current_dir(dir.path());
    let ran = tool.run().expect_code(1, "fixture");
    for name in ["plan.json", "report.json", "report.md"] {
        assert_golden(name, &fs::read_to_string(dir.path().join("v2").join(name)).unwrap());
    }
    assert_golden("summary.txt", &ran.stderr);

    let preview = Tool::migrate(fixture::folder()).arg("--dry-run").run();
    assert_golden("summary-dry-run.txt", &preview.expect_code(1, "dry run").stderr);
}

#[test]
fn history_reports_and_summary_match_the_golden_files() {
    let dir = tempfile::tempdir().unwrap();
    let tool = Tool::audit_history(fixture::folder()).current_dir(dir.path());
    let ran = tool.args("--report history.json --report history.md").run();
    assert_golden("history.txt", &ran.expect_code(0, "fixture").stderr);
    for name in ["history.json", "history.md"] {
        assert_golden(name, &fs::read_to_string(dir.path().join(name)).unwrap());
    }
}

#[test]
fn every_finding_has_a_message_and_advice() {
    let ran = Tool::migrate(fixture::folder()).args("--dry-run --quiet --report -").run();
    let report = ran.json();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), v2::findings(&report).len());
    for finding in findings {
        for field in ["message", "advice"] {
            assert!(!finding[field].as_str().unwrap().is_empty(), "{field} of {finding}");
        }
    }
}

/// Everything that has a meaning in Markdown or HTML, without line breaks.
const MARKUP: &str = "a|b [c](d) `e` <f> *g* _h_ ~i~ &amp; #j";
const ESCAPED: &str = r"a\|b \[c\](d) \`e\` \<f\> \*g\* \_h\_ \~i\~ \&amp; \#j";

#[test]
fn no_name_from_a_repository_becomes_markup() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1"))
        .stage("production", |s| {
            s.revision("buoy", "1.0.0", |r| {
                r.manifest().symlink(MARKUP, "x").symlink("a\u{202e}b", "x")
            })
            .revision("port", "1.0.0", |r| r.manifest().file(MARKUP, "1").file("fields.yml", "a\n"))
            .revision("pier", "1.0.0", |r| {
                let name = format!("{MARKUP}\n| new row");
                r.manifest().file("manifest.yml", format!("version: \u{200b}1\nname: {name:?}\n"))
            })
            .file(format!("packages/{MARKUP}/1.0.0/manifest.yml"), "")
            .file(format!("packages/{MARKUP}.txt"), "")
            .file("packages/a\n| new row", "")
        })
        .stage("staging", |s| {
            s.revision("port", "1.0.0", |r| r.manifest().file("fields.yml", "`````\n\u{202e}\n"))
        });
    let report = dir.path().join("r.md");
    let tool = Tool::migrate(repo.path()).args("--dry-run --stages production,staging --report");
    tool.arg(&report).run().expect_code(1, "markup");
    let text = fs::read_to_string(&report).unwrap();
    let lines = [
        format!("| buoy 1.0.0 | production | {ESCAPED} | a symlink, which cannot be represented in an archive |"),
        format!("- removed: {ESCAPED}"),
        r"| buoy 1.0.0 | production | a\\xe2\\x80\\xaeb | a symlink, which cannot be represented in an archive |".to_owned(),
        "``````diff".to_owned(),
        "+`````".to_owned(),
        r"+\u{202e}".to_owned(),
        "``````".to_owned(),
        format!("| pier 1.0.0 | production | manifest.yml | manifest.yml has {ESCAPED}\\\\n\\| new row \\\\u{{200b}}1, which differs from the folder names |"),
        format!("| {ESCAPED} 1.0.0 | production |  | a package name consists of a-z, 0-9 and \\_ |"),
        format!("| – | production | {ESCAPED}.txt | a file where only folders are allowed: not migrated |"),
        r"| – | production | a\\n\| new row | a file where only folders are allowed: not migrated |".to_owned(),
    ];
    for line in lines {
        assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
    }
    assert_eq!(
        outline(&text),
        [
            "1 Migration report",
            "2 What needs a decision",
            "3 invalid-name (blocker, 1)",
            "| revision | stages | path | finding",
            &format!(
                "| {MARKUP} 1.0.0 | production |  | a package name consists of a-z, 0-9 and _"
            ),
            "3 manifest-mismatch (blocker, 1)",
            "| revision | stages | path | finding",
            &format!(
                "| pier 1.0.0 | production | manifest.yml | manifest.yml has {MARKUP}\\n| new row \\u{{200b}}1, which differs from the folder names"
            ),
            "3 not-loadable (blocker, 1)",
            "| revision | stages | path | finding",
            r"| pier 1.0.0 | production | manifest.yml | breaks rule 8 of the registry (since 1.10.0), which applies always: version is read as `\u{200b}1`",
            "3 unsupported-entry (blocker, 2)",
            "| revision | stages | path | finding",
            r"| buoy 1.0.0 | production | a\xe2\x80\xaeb | a symlink, which cannot be represented in an archive",
            &format!(
                "| buoy 1.0.0 | production | {MARKUP} | a symlink, which cannot be represented in an archive"
            ),
            "3 content-conflict (conflict, 1)",
            "| revision | stages | path | finding",
            "| port 1.0.0 | staging |  | differs from the copy in production, which wins: 0 added, 1 removed, 1 changed; the package may behave differently",
            &format!("- removed: {MARKUP}"),
            "- changed: fields.yml",
            "```diff\n--- production/fields.yml\n+++ staging/fields.yml\n@@ -1 +1,2 @@\n-a\n+`````\n+\\u{202e}\n",
            "2 Everything else",
            "3 not-loadable (warning, 3)",
            "| revision | stages | path | finding",
            "| pier 1.0.0 | production | manifest.yml | breaks rule 21 of the registry (since 1.10.0), which applies with validation: format_version is missing",
            "| pier 1.0.0 | production | manifest.yml | breaks rule 22 of the registry (since 1.10.0), which applies with validation: title is missing",
            "| pier 1.0.0 | production | manifest.yml | breaks rule 23 of the registry (since 1.10.0), which applies with validation: description is missing",
            "3 stray-entry (warning, 2)",
            "| revision | stages | path | finding",
            "| – | production | a\\n| new row | a file where only folders are allowed: not migrated",
            &format!(
                "| – | production | {MARKUP}.txt | a file where only folders are allowed: not migrated"
            ),
            "3 unportable-path (warning, 1)",
            "| revision | stages | path | finding",
            &format!(
                "| port 1.0.0 | production | {MARKUP} | the path is not portable: it has a character that Windows forbids"
            ),
            "2 What users will see",
            "2 Signatures",
            "2 What was read",
        ]
    );
}

/// Returns the headings, list items, code and rows of tables with findings, as parsed by a Markdown
/// parser.
fn outline(markdown: &str) -> Vec<String> {
    let (mut outline, mut line) = (Vec::new(), None::<String>);
    for event in markup::parse(markdown) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => line = Some(format!("{} ", level as usize)),
            Event::Start(Tag::TableHead | Tag::TableRow) => line = Some(String::new()),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                line = Some(format!("```{language}\n"));
            }
            Event::Start(Tag::Item) => line = Some("- ".to_owned()),
            Event::Start(Tag::TableCell) => {
                let line = line.as_mut().expect("a cell is in a row");
                *line += if line.is_empty() { "| " } else { " | " };
            }
            Event::Text(text) | Event::Code(text) => {
                line.iter_mut().for_each(|line| *line += &text);
            }
            Event::End(
                TagEnd::Heading(_)
                | TagEnd::TableHead
                | TagEnd::TableRow
                | TagEnd::Item
                | TagEnd::CodeBlock,
            ) => outline.push(line.take().expect("its start was seen")),
            Event::Start(Tag::Paragraph | Tag::Strong | Tag::List(None) | Tag::Table(_))
            | Event::End(_)
            | Event::Rule
            | Event::SoftBreak => {}
            other => panic!("{other:?} in\n{markdown}"),
        }
    }
    outline.retain(|line| !line.starts_with("| ") || line.matches(" | ").count() >= 3);
    outline.retain(|line| !line.starts_with("| copies") && !line.contains("| 5 | 1 |"));
    let views = ["| query", "| plain", "| prerelease=true", "| experimental=true"];
    outline.retain(|line| !views.iter().any(|start| line.starts_with(start)));
    outline
}

#[test]
fn three_thousand_findings_of_one_code_are_one_section() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1")).stage("production", |s| {
        let s = s.revision("buoy", "1.0.0", RevisionDraft::manifest);
        (0..3000).fold(s, |s, index| s.file(format!("packages/note-{index:04}.txt"), ""))
    });
    let run = |flags: &str| {
        let flags = format!("--dry-run --stages production {flags}");
        Tool::migrate(repo.path()).args(&flags).current_dir(dir.path()).run().expect_code(0, &flags)
    };
    let rows = [
        ("--report r.md --report all.json", "all are in all.json"),
        ("--report r.md --report -", "all are in the JSON report on stdout"),
        ("--report r.md", "use --report FILE.json to list all"),
    ];
    for (flags, where_all) in rows {
        let ran = run(flags);
        assert!(ran.stderr.lines().count() < 17, "{flags}: {ran}");
        assert!(ran.stderr.contains("warning   3,000  stray-entry\n"), "{flags}: {ran}");
        let text = fs::read_to_string(dir.path().join("r.md")).unwrap();
        assert!(text.lines().count() < 62, "{flags}: {text}");
        assert!(text.contains("\n### stray-entry (warning, 3,000)\n"), "{flags}: {text}");
        let examples: Vec<&str> = text.lines().filter(|line| line.contains("note-")).collect();
        let named = (0..5).map(|index| format!("note-000{index}.txt"));
        assert_eq!(examples.len(), 5, "{flags}: {text}");
        for (example, name) in examples.iter().zip(named) {
            assert!(example.contains(&name), "{flags}: {example}");
        }
        assert!(text.contains(&format!("\n\n… and 2,995 more: {where_all}.\n")), "{flags}: {text}");
    }
    let all = v2::json(&dir.path().join("all.json"));
    assert_eq!(all["findings"].as_array().unwrap().len(), 3000);
    let ran = run("");
    let said =
        "\n          --report FILE.md lists the findings, --report FILE.json without shortening\n";
    assert!(ran.stderr.contains(said), "{ran}");
}

#[test]
fn six_examples_are_shown_rather_than_five_and_a_line_about_the_sixth() {
    for (count, shown) in [(5, 5), (6, 6), (7, 5)] {
        let dir = tempfile::tempdir().unwrap();
        let paths = |count| (0..count).map(|index| format!("docs/{index}.md"));
        let repo = V1Repo::create(&dir.path().join("v1"))
            .stage("production", |s| {
                s.revision("buoy", "1.0.0", |r| {
                    paths(count).fold(r.manifest(), |r, path| r.file(path, "1"))
                })
            })
            .stage("staging", |s| s.revision("buoy", "1.0.0", |r| r.manifest().file("new", "")));
        let flags = "--dry-run --stages production,staging --report";
        let report = dir.path().join("r.md");
        Tool::migrate(repo.path()).args(flags).arg(&report).run().expect_code(0, "a conflict");
        let text = fs::read_to_string(&report).unwrap();
        let of = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!(of("- removed: docs/"), shown, "{text}");
        assert_eq!(of("- … and 2 more: "), usize::from(shown < count), "{text}");
        assert_eq!(of("- added: new"), 1, "{text}");
    }
}

/// Compares with a file in `tests/golden`; writes it first if `REFRESH_GOLDEN` is `1`.
#[track_caller]
pub(crate) fn assert_golden(name: &str, text: &str) {
    assert_golden_file(&format!("tests/golden/{name}"), text);
}

/// The same for any file, by its path in the checkout.
pub(crate) fn assert_golden_file(path: &str, text: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var_os("REFRESH_GOLDEN").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().unwrap()).and_then(|()| fs::write(&path, text)).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == golden,
        "{} does not match the output; run `REFRESH_GOLDEN=1 cargo test` and review the diff\n{text}",
        path.display()
    );
}
