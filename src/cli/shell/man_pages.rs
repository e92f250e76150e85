//! Man pages, one per command.
//!
//! Sections are clap's, but for the exit status, which the help has at its end, and the pages to see next. No date:
//! pages of one version have the same bytes.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

/// The first lines of a page by `roff`: an apostrophe that is one in every renderer.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// What the help has before the exit codes.
const EXIT_CODES: &str = "Exit codes:\n";

/// The exit codes of the program: of commands in general, and of those that only have commands below them.
const GENERAL: &str = "\
Exit codes:
  0    success
  1    completed, and something remains to be looked at
  2    invalid command line
  3    could not complete
  130  interrupted";

/// A page: its file name and its text.
pub(in crate::cli) struct Page {
    pub(in crate::cli) file_name: String,
    pub(in crate::cli) text: String,
}

/// Returns the pages of a command and of all commands below it.
pub(in crate::cli) fn pages(command: &Command) -> Vec<Page> {
    let mut root = command.clone();
    root.build();
    let version = root.get_version().unwrap_or_default();
    let source = format!("{} {version}", root.get_name());
    let mut pages = Vec::new();
    add(&mut pages, &root, None, &source);
    pages
}

fn add(pages: &mut Vec<Page>, command: &Command, above: Option<&str>, source: &str) {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    pages.push(Page { file_name: format!("{name}.1"), text: page(command, above, source) });
    for below in command.get_subcommands() {
        add(pages, below, Some(&name), source);
    }
}

fn page(command: &Command, above: Option<&str>, source: &str) -> String {
    let bytes = sections(command, above, source).expect("memory can be written to");
    let text = String::from_utf8(bytes).expect("the definition is UTF-8");
    // Each section comes with the lines that define an apostrophe, and with spaces at the end of the synopsis.
    let lines = text.replace(PREAMBLE, "");
    let lines: Vec<&str> = lines.lines().map(str::trim_end).collect();
    format!("{PREAMBLE}{}\n", lines.join("\n"))
}

fn sections(command: &Command, above: Option<&str>, source: &str) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone());
    let name = command.get_display_name().unwrap_or(command.get_name());
    // `Man` leaves out an empty date, and then the source would be the date.
    let title = format!(".TH {} 1 \"\" \"{source}\" \"User Commands\"\n", name.to_uppercase());
    let mut page = title.into_bytes();
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let below: Vec<&str> = command.get_subcommands().flat_map(Command::get_display_name).collect();
    if !below.is_empty() {
        man.render_subcommands_section(&mut page)?;
    }
    exit_status(command).to_writer(&mut page)?;
    see_also(above.into_iter().chain(below)).to_writer(&mut page)?;
    Ok(page)
}

/// Returns the section that the end of the help is made into.
fn exit_status(command: &Command) -> Roff {
    let help = command.get_after_help().map(ToString::to_string);
    let codes = help.as_deref().and_then(|help| help.strip_prefix(EXIT_CODES));
    let codes = codes.or(GENERAL.strip_prefix(EXIT_CODES)).expect("it begins with these words");
    let mut section = Roff::new();
    section.control("SH", ["EXIT STATUS"]);
    for line in codes.lines() {
        match line.trim_start().split_once("  ") {
            Some((code, text)) if code.bytes().all(|byte| byte.is_ascii_digit()) => {
                section.control("TP", []);
                section.text([bold(code)]);
                section.text([roman(text.trim_start())]);
            }
            // The text goes on.
            _ => {
                section.text([roman(line.trim_start())]);
            }
        }
    }
    section
}

fn see_also<'a>(names: impl Iterator<Item = &'a str>) -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["SEE ALSO"]);
    let mut line = Vec::new();
    for name in names {
        if !line.is_empty() {
            line.push(roman(", "));
        }
        line.extend([bold(name), roman("(1)")]);
    }
    section.text(line);
    section
}
