//! The HTML reports: they are well-formed, complete, load nothing, and no text from a repository becomes markup.
//!
//! [`Page`] is a strict reader of what our templates write, not of HTML in general: it fails at anything that it does
//! not expect. `.ci/browser` checks in a browser what the pages do.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use package_storage_migrate::digest::Sha256;
use serde_json::Value;

use crate::support::fixture;
use crate::support::tool::Tool;
use crate::support::v1_repo::{RevisionDraft, V1Repo};
use crate::support::v2;

/// A page as a reader sees it.
pub(crate) struct Page {
    /// The texts between tags, and the values of attributes, decoded.
    pub(crate) texts: Vec<String>,
    /// All values of `id`.
    pub(crate) ids: BTreeSet<String>,
    style: String,
    script: String,
    policy: String,
}

/// Elements without an end tag.
const VOID: [&str; 2] = ["input", "meta"];
/// All elements that the templates use.
const ELEMENTS: &[&str] = &[
    "a",
    "b",
    "body",
    "button",
    "circle",
    "code",
    "datalist",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "input",
    "label",
    "li",
    "line",
    "main",
    "meta",
    "nav",
    "option",
    "output",
    "p",
    "path",
    "pre",
    "rect",
    "script",
    "section",
    "select",
    "span",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "title",
    "tr",
    "tspan",
    "ul",
];
/// All attributes that the templates use: none that runs, loads or styles anything.
const ATTRIBUTES: &[&str] = &[
    "aria-hidden",
    "aria-label",
    "aria-labelledby",
    "aria-live",
    "autocomplete",
    "charset",
    "class",
    "colspan",
    "content",
    "cx",
    "cy",
    "d",
    "data-filters",
    "data-key",
    "data-name",
    "data-package",
    "data-rank",
    "data-script",
    "data-stages",
    "dx",
    "dy",
    "height",
    "hidden",
    "href",
    "http-equiv",
    "id",
    "lang",
    "list",
    "name",
    "open",
    "preserveAspectRatio",
    "r",
    "role",
    "rx",
    "scope",
    "spellcheck",
    "tabindex",
    "type",
    "value",
    "viewBox",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
];

impl Page {
    /// Reads a page.
    #[track_caller]
    pub(crate) fn read(html: &str) -> Self {
        let mut rest = html.strip_prefix("<!doctype html>\n").expect("a document type");
        let mut page = Page {
            texts: Vec::new(),
            ids: BTreeSet::new(),
            style: String::new(),
            script: String::new(),
            policy: String::new(),
        };
        let (mut open, mut links) = (Vec::new(), Vec::new());
        while let Some(at) = rest.find('<') {
            page.add_text(&rest[..at]);
            let end = rest[at..].find('>').expect("the end of a tag") + at;
            let tag = &rest[at + 1..end];
            rest = &rest[end + 1..];
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(
                    open.pop().as_deref(),
                    Some(name),
                    "</{name}> after {:?}",
                    page.texts.last()
                );
                continue;
            }
            let (tag, is_closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            assert!(ELEMENTS.contains(&name), "<{tag}>");
            page.add_attributes(tag, attributes, &mut links);
            if name == "style" || name == "script" {
                let (raw, after) = rest.split_once(&format!("</{name}>")).expect("its end");
                let to = if name == "style" { &mut page.style } else { &mut page.script };
                assert!(to.is_empty() && attributes.is_empty(), "a second <{name}>");
                raw.clone_into(to);
                rest = after;
            } else if !is_closed && !VOID.contains(&name) {
                open.push(name.to_owned());
            }
        }
        page.add_text(rest);
        assert!(open.is_empty(), "still open: {open:?}");
        for link in links {
            assert!(page.ids.contains(&link), "nothing has the id {link}");
        }
        page
    }

    fn add_text(&mut self, text: &str) {
        let text = decoded(text);
        if !text.trim().is_empty() {
            self.texts.push(text.trim().to_owned());
        }
    }

    fn add_attributes(&mut self, tag: &str, attributes: &str, links: &mut Vec<String>) {
        let mut rest = attributes;
        while !rest.is_empty() {
            let name = &rest[..rest.find(['=', ' ']).unwrap_or(rest.len())];
            assert!(ATTRIBUTES.contains(&name), "{name} in <{tag}>");
            rest = &rest[name.len()..];
            let mut value = String::new();
            if let Some(quoted) = rest.strip_prefix("=\"") {
                let (raw, after) = quoted.split_once('"').expect("the end of a value");
                value = decoded(raw);
                rest = after;
            }
            rest = rest.strip_prefix(' ').unwrap_or_else(|| {
                assert!(rest.is_empty(), "{rest} in <{tag}>");
                rest
            });
            match name {
                "id" => assert!(self.ids.insert(value.clone()), "the id {value} appears twice"),
                "href" => {
                    links.push(value.strip_prefix('#').expect("a link inside the page").to_owned());
                }
                "aria-labelledby" | "aria-controls" | "data-filters" => links.push(value.clone()),
                "content" if tag.contains("Content-Security-Policy") => {
                    self.policy.clone_from(&value);
                }
                _ => {}
            }
            self.texts.push(value);
        }
    }

    /// Asserts that a text is one of the page's.
    #[track_caller]
    pub(crate) fn assert_has(&self, text: &str) {
        assert!(
            self.texts.iter().any(|found| found == text),
            "{text}\nis not in\n{:#?}",
            self.texts
        );
    }
}

/// Decodes the references that Askama writes, and no other.
#[track_caller]
fn decoded(text: &str) -> String {
    assert!(!text.contains(['<', '>']), "{text}");
    let mut parts = text.split('&');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').unwrap_or_else(|| panic!("&{part}"));
        decoded.push(match name {
            "#34" | "quot" => '"',
            "#38" | "amp" => '&',
            "#39" => '\'',
            "#60" | "lt" => '<',
            "#62" | "gt" => '>',
            _ => panic!("&{name};"),
        });
        decoded += rest;
    }
    decoded
}

fn read(path: &Path) -> Page {
    Page::read(&fs::read_to_string(path).unwrap())
}

/// Runs a command with a report as a page, and returns it.
fn page_of(tool: Tool, code: i32, row: &str) -> Page {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.html");
    tool.args("--quiet --report").arg(&file).run().expect_code(code, row);
    read(&file)
}

#[test]
fn the_page_of_the_fixture_is_complete() {
    let dir = tempfile::tempdir().unwrap();
    let flags = "--dry-run --plan plan.json --report report.html --report report.json";
    let tool = Tool::migrate(fixture::folder()).args(flags).current_dir(dir.path());
    tool.run().expect_code(1, "fixture");
    let page = read(&dir.path().join("report.html"));
    page.assert_has("Not ready");
    page.assert_has("open decision");
    assert!(!page.texts.iter().any(|text| text == "open decisions"), "there is one");
    let (plan, report) =
        (v2::json(&dir.path().join("plan.json")), v2::json(&dir.path().join("report.json")));
    for finding in report["findings"].as_array().unwrap() {
        for field in ["message", "advice", "package", "version", "path"] {
            if let Some(text) = finding[field].as_str() {
                page.assert_has(text);
            }
        }
        let id = format!(
            "{}-{}",
            finding["severity"].as_str().unwrap(),
            finding["code"].as_str().unwrap()
        );
        assert!(page.ids.contains(&id), "{id}");
    }
    for upload in plan["uploads"].as_array().unwrap().iter().filter(|one| one["kind"] == "archive")
    {
        page.assert_has(upload["package"].as_str().unwrap());
        page.assert_has(upload["version"].as_str().unwrap());
    }
    for line in ["-title: Arrivals", "+title: Arrivals by day", "@@ -1,2 +1,2 @@", "NOTICE.txt"] {
        page.assert_has(line);
    }
    // The balance of each stage, as the picture has it.
    for title in [
        "6 from production: to v2",
        "1 from staging: to v2",
        "3 from staging: duplicates",
        "1 from staging: excluded",
        "1 from staging: blocked",
        "2 from snapshot: to v2",
        "2 from snapshot: duplicates",
        "1 from snapshot: excluded",
        "1 from snapshot: blocked",
    ] {
        page.assert_has(title);
    }
}

#[test]
fn packages_show_what_became_of_each_revision() {
    let dir = tempfile::tempdir().unwrap();
    let open = dir.path().join("open.yml");
    let first = Tool::migrate(fixture::folder()).args("--dry-run --fail-on never");
    let page = page_of(first.arg("--write-resolutions").arg(&open), 0, "open");
    for text in ["blocked", "excluded: a marker", "missing", "archived"] {
        page.assert_has(text);
    }
    let text = fs::read_to_string(&open).unwrap();
    let text =
        text.replace("decision:\n", "decision: skip\n").replace("reason:\n", "reason: <b>old\n");
    fs::write(&open, text).unwrap();
    let second = Tool::migrate(fixture::folder()).args("--dry-run --sign-key");
    let second =
        second.arg(crate::support::keys::secret("ed25519")).arg("--resolutions").arg(&open);
    let page = page_of(second, 0, "skipped");
    for text in ["Ready", "excluded: skipped by a decision", "pending", "skip. <b>old"] {
        page.assert_has(text);
    }
    assert!(!page.texts.iter().any(|text| text == "blocked" || text == "missing"));
    assert!(page.ids.contains("settled-conflict-content-conflict"), "{:?}", page.ids);
}

#[test]
fn the_balance_of_the_stages_adds_up_to_the_balance() {
    let ran = Tool::migrate(fixture::folder()).args("--dry-run --quiet --report -").run();
    let report = ran.json();
    let stages = report["balance_by_stage"].as_object().unwrap();
    let of = |stage: &str| {
        let balance: Vec<u64> = ["copies", "archived", "duplicates", "blocked"]
            .map(|name| stages[stage][name].as_u64().unwrap())
            .into();
        balance
    };
    assert_eq!(of("production"), [6, 6, 0, 0]);
    assert_eq!(of("staging"), [6, 1, 3, 1]);
    assert_eq!(of("snapshot"), [6, 2, 2, 1]);
    for name in ["copies", "archived", "duplicates", "blocked"] {
        let sum: u64 = stages.values().map(|balance| balance[name].as_u64().unwrap()).sum();
        assert_eq!(report["balance"][name], sum, "{name}");
    }
    let markers: Vec<&Value> =
        stages.values().map(|balance| &balance["excluded"]["marker"]).collect();
    assert_eq!(markers, [0, 1, 1]);
}

/// The digests in the policy are those of the style and the script, and nothing else is allowed.
#[test]
fn the_policy_allows_only_what_is_in_the_page() {
    let tool = Tool::migrate(fixture::folder()).args("--dry-run --fail-on never");
    let page = page_of(tool, 0, "fixture");
    let digest = |text: &str| Sha256::of(text.as_bytes()).to_base64();
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(&page.style),
        digest(&page.script)
    );
    assert_eq!(page.policy, policy);
    for text in
        ["http:", "https:", "@import", "url(", "fetch(", "XMLHttp", "import(", "eval(", "innerHTML"]
    {
        assert!(!page.style.contains(text) && !page.script.contains(text), "{text}");
    }
}

/// Only the style and the script, which are ours, are inserted as they are.
#[test]
fn templates_escape_everything_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut unescaped = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().filter(|line| line.contains("|safe") || line.contains("escape"));
        let name = path.file_name().unwrap().to_str().unwrap();
        unescaped.extend(lines.map(|line| format!("{name}: {line}")));
    }
    unescaped.sort();
    assert_eq!(
        unescaped,
        [
            "page.html: <script>{{ page.script()|safe }}</script>",
            "page.html: <style>{{ page.style()|safe }}</style>",
        ]
    );
}

/// Texts that would run, load or restyle something, or end their element or attribute.
const HOSTILE: [&str; 8] = [
    "<img src=x onerror=hit=1>",
    "\"><svg onload=hit=1>",
    "'><script>hit=1<",
    "<a href=javascript:hit=1>",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- ",
    "]]>&lt;b&gt;",
    "a|b `c` *d* _e_",
];

#[test]
fn no_name_from_a_repository_becomes_markup() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1"))
        .stage("production", |s| {
            HOSTILE.into_iter().enumerate().fold(s, |s, (index, text)| {
                s.file(format!("packages/{text}/1.0.0/manifest.yml"), "")
                    .file(format!("packages/buoy/{text}/manifest.yml"), "")
                    .file(format!("packages/{text}.txt"), "")
                    .revision("port", "1.0.0", |r| r.manifest().file(text, "1"))
                    .revision(&format!("pier_{index}"), "1.0.0", |r| {
                        let name = format!("</pre></script>{text}\u{202e}").replace('"', "\\\"");
                        r.manifest()
                            .file("manifest.yml", format!("version: 1.0.0\nname: \"{name}\"\n"))
                    })
                    .revision(&format!("quay_{index}"), "1.0.0", |r| {
                        r.manifest_with(&format!("release: {text:?}\n")).symlink(text, "x")
                    })
            })
        })
        .stage("staging", |s| {
            let lines = HOSTILE.join("\n");
            s.revision("port", "1.0.0", |r| {
                r.manifest().file("new.txt", lines.as_str()).file("fields.yml", lines.as_str())
            })
        });
    let repo = repo.stage_at("production", 1, &[], |s| {
        s.revision("port", "1.0.0", |r| r.file("fields.yml", "2\n</pre><b>\n"))
    });
    let stages = "--stages production,staging";
    let tool = Tool::migrate(repo.path()).args("--dry-run").args(stages);
    let page = page_of(tool, 1, "migrate");
    for text in HOSTILE {
        page.assert_has(text);
        page.assert_has(&format!("{text}.txt"));
        page.assert_has(format!("+{text}").trim_end());
    }
    page.assert_has("-</pre><b>");
    assert!(page.texts.iter().any(|text| text.contains("</pre></script><!-- \\u{202e}")));
    assert!(!page.texts.iter().any(|text| text.contains('\u{202e}')));

    let output = dir.path().join("v2");
    Tool::migrate(repo.path()).args(stages).output(&output).run().expect_code(1, "an output");
    let tool = Tool::on("verify", repo.path()).arg("--v2").arg(&output).args(stages);
    let page = page_of(tool, 1, "verify");
    assert!(HOSTILE.iter().any(|text| page.texts.iter().any(|found| found.contains(text))));

    let page = page_of(Tool::audit_history(repo.path()).args(stages), 0, "audit-history");
    for text in HOSTILE {
        page.assert_has(&format!("{text}.txt"));
    }
    page.assert_has("production");
    assert!(page.texts.iter().any(|text| text.starts_with("1 changed from ")), "{:#?}", page.texts);
}

/// Dates of commits may be anything; the picture must not fail.
#[test]
fn forged_dates_have_a_place_in_the_timeline() {
    let dir = tempfile::tempdir().unwrap();
    let repo = [-100_000_000_000_000, 100_000_000_000_000, 1].into_iter().enumerate().fold(
        V1Repo::create(&dir.path().join("v1")),
        |repo, (index, day)| {
            repo.stage_at("production", day, &[], |s| {
                s.revision(&format!("buoy_{index}"), "1.0.0", RevisionDraft::manifest)
            })
        },
    );
    let page = page_of(Tool::audit_history(repo.path()).args("--stages production"), 0, "dates");
    page.assert_has("Timeline");
}

#[test]
fn all_of_three_thousand_findings_are_in_the_page() {
    let dir = tempfile::tempdir().unwrap();
    let repo = V1Repo::create(&dir.path().join("v1")).stage("production", |s| {
        let s = s.revision("buoy", "1.0.0", RevisionDraft::manifest);
        (0..3000).fold(s, |s, index| s.file(format!("packages/note-{index:04}.txt"), ""))
    });
    let page = page_of(Tool::migrate(repo.path()).args("--dry-run --stages production"), 0, "many");
    let notes = page.texts.iter().filter(|text| text.starts_with("note-"));
    assert_eq!(notes.count(), 3000);
    page.assert_has("3,000 items");
}

#[test]
fn commands_with_a_page_accept_it_and_others_refuse_it() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let fixture = || Tool::migrate(fixture::folder()).args("--fail-on never --quiet");
    fixture().output(at("v2")).arg("--report").arg(at("m.html")).run().expect_code(0, "migrate");
    for part in ["1/2", "2/2"] {
        let folder = at(&part.replace('/', "-"));
        fixture().args("--shard").arg(part).output(folder).run().expect_code(0, part);
    }
    let merge = Tool::on("merge-plans", at("1-2")).arg(at("2-2")).args("--fail-on never --quiet");
    merge.arg("--report").arg(at("p.html")).run().expect_code(0, "merge-plans");
    let verify = || Tool::on("verify", fixture::folder()).arg("--v2").arg(at("v2")).arg("--quiet");
    verify().arg("--report").arg(at("v.html")).run().expect_code(1, "verify");
    let history = || Tool::audit_history(fixture::folder()).arg("--quiet");
    history().arg("--report").arg(at("h.html")).run().expect_code(0, "audit-history");
    for name in ["m.html", "p.html", "v.html", "h.html"] {
        read(&at(name));
    }
    // A single run and merged shards have the same page.
    assert_eq!(
        fs::read_to_string(at("m.html")).unwrap(),
        fs::read_to_string(at("p.html")).unwrap()
    );
    let key = crate::support::keys::public("ed25519");
    let signatures = Tool::on("verify-signatures", at("v2")).arg("--public-key").arg(key);
    let ran =
        signatures.arg("--report").arg(at("s.html")).run().expect_code(2, "verify-signatures");
    assert!(ran.stderr.contains("expected a file name that ends in .json or .md"), "{ran}");
    assert!(!at("s.html").exists());
    for tool in [fixture().arg("--dry-run"), verify(), history()] {
        let ran = tool.args("--report x.HTM").run().expect_code(2, "another name");
        assert!(
            ran.stderr.contains("expected a file name that ends in .json, .md or .html"),
            "{ran}"
        );
    }
}
