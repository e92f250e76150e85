//! Holds the documents to the tool: README, MIGRATION, CONTRIBUTING, CHANGELOG and every page in `docs`.
//!
//! Every `console` block is run and must show exactly that output; every flag in a command must exist;
//! every link must lead somewhere. `docs/cli.md` is the help of all commands: `REFRESH_GOLDEN=1` rewrites
//! it. Pages are read at run time, so that a change of a page needs no build.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::report::assert_golden_file;
use crate::support::fixture;
use crate::support::keys::{self, forge, year};
use crate::support::tool::{Ran, Tool};

/// The command of this tool in a document.
const NAME: &str = "package-storage-migrate ";

/// The README's first command; `.ci/run` runs it as well.
const FIRST: &str = "cargo run -- migrate fixtures/v1-repo --output target/v2 --fail-on never";

/// The command that ends with another exit code than 0: one signature is missing, one is bad.
const FAILING: (&str, i32) = ("package-storage-migrate signatures import", 1);

/// The repository whose output is shown with the date and the commits it was made at, and not run.
const PUBLIC: &str = "package-storage.git";
const PUBLIC_COMMITS: [&str; 3] = ["5df4ae7dbfa2", "681a1fdcb708", "27144a9f3caa"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page by its path in the checkout.
pub(crate) fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every page with its path in the checkout.
fn pages() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for folder in ["", "docs/"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                paths.push(format!("{folder}{name}"));
            }
        }
    }
    paths.sort();
    assert!(paths.len() > 10, "{paths:?}");
    paths.into_iter().map(|path| (path.clone(), page(&path))).collect()
}

/// The code blocks of a page, each with its language.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut language = None;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                language = Some(info.to_string());
                blocks.push((info.to_string(), String::new()));
            }
            Event::Text(part) if language.is_some() => blocks.last_mut().unwrap().1 += &part,
            Event::End(TagEnd::CodeBlock) => language = None,
            _ => {}
        }
    }
    blocks
}

/// The commands of a `console` block, each with its output.
fn commands(block: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((_, output))) => *output += &format!("{line}\n"),
            (None, None) => panic!("output before a command: {line}"),
        }
    }
    commands
}

/// Where the commands of one page are run, one after the other.
struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(keys::secret("ed25519"), folder.path().join("signer.asc")).unwrap();
        fs::copy(keys::public("ed25519"), folder.path().join("signer.pub.asc")).unwrap();
        Scratch { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, command: &str) -> Ran {
        if command.starts_with(FAILING.0) {
            self.sign_elsewhere();
        }
        let words = command.replace("cargo run -- ", NAME);
        let words = words.strip_prefix(NAME).unwrap_or_else(|| panic!("{command}: not this tool"));
        let words = shlex::split(words).expect("words of a command");
        let tool = words.iter().fold(Tool::bare(), |tool, word| match word.as_str() {
            "fixtures/v1-repo" => tool.arg(fixture::folder()),
            word => tool.arg(word),
        });
        tool.current_dir(self.path()).run()
    }

    /// Plays a signing service that loses one archive, and whose signature of another is old and over other
    /// bytes.
    fn sign_elsewhere(&self) {
        let folder = self.path().join("to-sign");
        let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        for path in names.filter(|path| path.extension().is_some_and(|end| end == "zip")) {
            let name = path.file_name().unwrap().to_str().unwrap();
            let mut bytes = fs::read(&path).unwrap();
            match name.split('-').next() {
                Some("buoy") => continue,
                Some("harbor_log") => bytes.push(0),
                _ => {}
            }
            let armor = forge("ed25519", &bytes, year(2023));
            fs::write(folder.join(format!("{name}.asc")), armor).unwrap();
        }
    }
}

#[test]
fn every_console_block_shows_what_the_tool_does() {
    let (mut run_count, mut public_count) = (0, 0);
    for (path, text) in pages() {
        let scratch = Scratch::new();
        for (_, block) in blocks(&text).iter().filter(|(language, _)| language == "console") {
            for (command, output) in commands(block) {
                if command.contains(PUBLIC) {
                    let is_dated = PUBLIC_COMMITS.iter().all(|commit| text.contains(commit))
                        && text.contains("on 2026-");
                    assert!(is_dated, "{path}: {command} needs its date and commits");
                    public_count += 1;
                    continue;
                }
                let (failing, code) = FAILING;
                let code = if command.starts_with(failing) { code } else { 0 };
                let row = format!("{path}: {command}");
                let ran = scratch.run(&command).expect_code(code, &row);
                let shown = String::from_utf8(ran.stdout).unwrap() + &ran.stderr;
                assert!(shown == output, "{row}\nshows\n{output}\nand not\n{shown}");
                run_count += 1;
            }
        }
    }
    assert!(run_count >= 8 && public_count >= 2, "{run_count} run, {public_count} public");
}

#[test]
fn the_readme_is_short_and_begins_with_a_run_that_ends_with_0() {
    let readme = page("README.md");
    assert!(readme.lines().count() <= 150, "{} lines", readme.lines().count());
    let blocks = blocks(&readme);
    let (_, first) = blocks.iter().find(|(language, _)| language == "console").unwrap();
    assert_eq!(commands(first)[0].0, FIRST);
    let summary = include_str!("../golden/summary.txt").replace("in v2 ", "in target/v2 ");
    let summary = summary.replace(" v2/", " target/v2/");
    assert!(first.contains(&summary), "the first run is not the golden one");
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    let ending = "migrate fixtures/v1-repo --output \"$work/fixture\" --fail-on never";
    assert!(ci.contains(ending), ".ci/run does not run the README's first command");
}

#[test]
fn the_page_of_commands_is_the_help() {
    let mut text = "# Command line\n\n\
        The help of every command, as `--help` prints it. This page is generated: \
        `REFRESH_GOLDEN=1 cargo test --test it documents` rewrites it.\n"
        .to_owned();
    add_help(&mut text, "");
    assert_golden_file("docs/cli.md", &text);
}

/// clap breaks a line of the exit codes that is too long for the terminal, and does not indent what follows.
#[test]
fn exit_codes_in_the_help_fit_into_a_terminal() {
    let help = page("docs/cli.md");
    let mut count = 0;
    for part in help.split("\nExit codes:\n").skip(1) {
        for line in part.lines().take_while(|line| *line != "```") {
            assert!(line.len() <= 80 && line.starts_with("  "), "{line}");
            count += 1;
        }
    }
    assert!(count > 40, "only {count} lines were found");
}

/// Adds the help of a command and of each command below it.
fn add_help(text: &mut String, command: &str) {
    let ran = Tool::bare().args(command).arg("--help").run().expect_code(0, command);
    let help = String::from_utf8(ran.stdout).unwrap();
    *text += &format!("\n## {NAME}{command}").trim_end().replace("\n## ", "\n## `");
    *text += &format!("`\n\n```text\n{}\n```\n", help.trim_end());
    let Some((_, below)) = help.split_once("\nCommands:\n") else { return };
    for line in below.lines().take_while(|line| !line.is_empty()) {
        // A line that goes on with the text of the one before is indented further.
        if let Some(name) = line.strip_prefix("  ").filter(|line| !line.starts_with(' ')) {
            add_help(text, format!("{command} {}", name.split(' ').next().unwrap()).trim());
        }
    }
}

/// The flags of each command by the help.
fn flags_by_command() -> BTreeMap<String, BTreeSet<String>> {
    let help = page("docs/cli.md");
    let heading = format!("\n## `{NAME}");
    help.split(&heading)
        .skip(1)
        .map(|section| {
            let (command, text) = section.split_once('`').unwrap();
            let flags = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
            let flags = flags.filter(|word| word.starts_with("--")).map(str::to_owned);
            (command.to_owned(), flags.collect())
        })
        .collect()
}

#[test]
fn every_command_in_the_documents_exists() {
    let known = flags_by_command();
    let mut count = 0;
    let examples = ["examples/nightly-sync.sh", "examples/nightly-sync.yml"].map(|path| {
        let commands: Vec<String> = page(path).lines().map(str::trim).map(str::to_owned).collect();
        (path.to_owned(), format!("```sh\n{}\n```\n", commands.join("\n")))
    });
    let pages = pages().into_iter().filter(|(path, _)| path != "docs/cli.md").chain(examples);
    for (path, text) in pages {
        for (_, block) in blocks(&text) {
            let block = block.replace("\\\n", " ").replace("cargo run -- ", NAME);
            for line in block.lines() {
                for command in line.split(NAME).skip(1) {
                    let command = command.split([';', '|', '&']).next().unwrap();
                    let words: Vec<&str> = command.split_whitespace().take(2).collect();
                    let found = known.get(&words.join(" ")).or_else(|| known.get(words[0]));
                    let flags = found.unwrap_or_else(|| panic!("{path}: no command in {line}"));
                    // What stands in quotes is for another program.
                    let own = command.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
                    for flag in own.split_whitespace().filter(|word| word.starts_with("--")) {
                        let flag = flag.split('=').next().unwrap();
                        assert!(flags.contains(flag), "{path}: {} has no {flag}", words[0]);
                        count += 1;
                    }
                }
            }
        }
    }
    assert!(count > 30, "only {count} flags were found");
}

#[test]
fn every_link_leads_somewhere() {
    let pages: BTreeMap<String, String> = pages().into_iter().collect();
    let mut count = 0;
    for (path, text) in &pages {
        for event in Parser::new(text) {
            let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
            if dest_url.contains("://") {
                continue;
            }
            count += 1;
            let (file, anchor) = dest_url.split_once('#').unwrap_or((&dest_url, ""));
            let folder = Path::new(path).parent().unwrap();
            let target = if file.is_empty() { path.into() } else { normal(&folder.join(file)) };
            assert!(root().join(&target).exists(), "{path}: no {dest_url}");
            if !anchor.is_empty() {
                let page = &pages[target.to_str().unwrap()];
                assert!(anchors(page).contains(anchor), "{path}: no {dest_url}");
            }
        }
    }
    assert!(count > 40, "only {count} links were found");
}

/// A path without `..`.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, part| {
        if part.as_os_str() == ".." {
            path.pop();
        } else {
            path.push(part);
        }
        path
    })
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new(text) {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { .. }), _) => heading = Some(String::new()),
            (Event::End(TagEnd::Heading(_)), Some(text)) => {
                let kept = text.to_lowercase();
                let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
                anchors.insert(kept.collect::<String>().replace(' ', "-"));
                heading = None;
            }
            (Event::Text(part) | Event::Code(part), Some(text)) => *text += &part,
            _ => {}
        }
    }
    anchors
}
