//! What makes the tool at home in a shell: completions and man pages, both from the definition of the command line.
//!
//! `packages` answers the scripts when they need what only v1 knows: names of packages and revisions. Not for
//! parsing a command line: that is clap's.

pub(super) mod completions;
pub(super) mod man_pages;
pub(super) mod packages;

use clap::{Arg, Command, ValueHint};

/// The exit codes in the help of `completions` and `man-pages`.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    success
  2    invalid command line
  3    could not complete";

/// Returns the definition with what each path is: a file or a folder, by the name of its value.
pub(super) fn hinted(command: Command) -> Command {
    let command = command.mut_args(|arg| match value_name(&arg).as_deref() {
        Some("FILE" | "JSON") => arg.value_hint(ValueHint::FilePath),
        Some("DIR" | "EXPORT_DIR" | "PART_DIR" | "SIGNATURE_DIR" | "V1_REPO") => {
            arg.value_hint(ValueHint::DirPath)
        }
        Some("PLACE" | "FILE|FOLDER|URL") => arg.value_hint(ValueHint::AnyPath),
        _ => arg,
    });
    command.mut_subcommands(hinted)
}

fn value_name(arg: &Arg) -> Option<String> {
    let names = arg.get_value_names()?;
    names.first().map(ToString::to_string)
}

/// Whether the values of a flag or an argument are names of packages or revisions, or globs over them.
fn takes_packages(arg: &Arg) -> bool {
    ["subject", "include", "exclude"].contains(&arg.get_id().as_str())
}

/// Returns each command below `command`, and itself, with its words after the program's name.
fn commands(command: &Command) -> Vec<(Vec<&str>, &Command)> {
    let mut found = vec![(Vec::new(), command)];
    for below in command.get_subcommands() {
        let inner = commands(below).into_iter();
        found.extend(inner.map(|(words, inner)| {
            (std::iter::once(below.get_name()).chain(words).collect(), inner)
        }));
    }
    found
}
