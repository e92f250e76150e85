//! Names of packages and revisions for a command line that is being typed, and the next value of a list.
//!
//! A script of `completions` calls the program with [`COMMAND`] and the words up to the cursor; each name goes
//! to stdout on a line of its own. Whatever is wrong, there are no names and no message: it would end up in the
//! line that the user types. The stages are those of the default flags.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Arg, Command};

use super::takes_packages;
use crate::error::Error;
use crate::model::package::{PackageName, Stage};
use crate::v1::names::{package_names, versions_of};
use crate::v1::repository::V1Repository;
use crate::v1::stages::StageRequest;

/// The word that a script calls the program with. It is no command of the definition, so that nobody sees it in
/// the help, a man page or a completion, and that no word after it is taken for a flag.
pub(in crate::cli) const COMMAND: &str = "complete-packages";

/// The remote whose branches are read in a clone without local ones, as by default.
const REMOTE: &str = "origin";

/// Returns the words that complete the last one, each on a line; nothing if it is not the place of a name or of a list,
/// or if v1 cannot be read.
pub(in crate::cli) fn complete(command: &Command, words: &[String]) -> String {
    let words = joined(words);
    let Some((last, typed)) = words.split_last() else { return String::new() };
    let mut line = Line { command, positionals: Vec::new(), open: None, only_positionals: false };
    typed.iter().for_each(|word| line.read(word));
    let Some((arg, value)) = line.completed(last) else { return String::new() };
    // The values before the last one, with their commas, belong to the same word.
    let start = match arg.get_value_delimiter() {
        Some(delimiter) => value.rsplit(delimiter).next().unwrap_or(value),
        None => value,
    };
    let earlier = &value[..value.len() - start.len()];
    let names = match line.repository() {
        Some(repository) if takes_packages(arg) => {
            Wanted { repository, start: start.to_owned() }.names().unwrap_or_default()
        }
        // The scripts know the values themselves, but only as whole words.
        _ if !earlier.is_empty() => values(arg, start, earlier),
        _ => BTreeSet::new(),
    };
    names.into_iter().map(|name| format!("{earlier}{name}\n")).collect()
}

/// Returns the fixed values that go on with a list.
fn values(arg: &Arg, start: &str, earlier: &str) -> BTreeSet<String> {
    let values = arg.get_possible_values().into_iter().map(|value| value.get_name().to_owned());
    let is_new = |value: &String| !earlier.split(',').any(|other| other == value);
    values.filter(|value| value.starts_with(start)).filter(is_new).collect()
}

/// The names that are to be completed.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    repository: PathBuf,
    /// The beginning of a name.
    start: String,
}

impl Wanted {
    /// Returns the names of packages, or those of one package's revisions after its name and a dash.
    fn names(&self) -> Result<BTreeSet<String>, Error> {
        let repository = V1Repository::open(&self.repository)?;
        let reader = repository.reader()?;
        let package: Option<PackageName> =
            self.start.split_once('-').and_then(|(name, _)| name.parse().ok());
        let mut names = BTreeSet::new();
        for stage in Stage::ALL {
            // A stage that is missing or damaged has no names; the others may have some.
            let request = StageRequest { stage, pinned: None };
            let Ok(found) = repository.find_stages(&[request], REMOTE) else { continue };
            for at in &found {
                let of_stage = match &package {
                    None => package_names(&reader, at)
                        .map(|names| names.into_iter().map(|name| name.to_string()).collect()),
                    Some(name) => versions_of(&reader, at, name).map(|versions| {
                        versions.into_iter().map(|version| format!("{name}-{version}")).collect()
                    }),
                };
                let of_stage: Vec<String> = of_stage.unwrap_or_default();
                names.extend(of_stage.into_iter().filter(|name| name.starts_with(&self.start)));
            }
        }
        Ok(names)
    }
}

/// The words so far, as clap would take them.
struct Line<'a> {
    command: &'a Command,
    positionals: Vec<String>,
    /// The flag that takes the next word.
    open: Option<&'a Arg>,
    /// Whether `--` was given.
    only_positionals: bool,
}

impl<'a> Line<'a> {
    fn read(&mut self, word: &str) {
        if self.open.take().is_some() {
            return;
        }
        if self.only_positionals || word == "-" || !word.starts_with('-') {
            match self.command.find_subcommand(word).filter(|_| self.positionals.is_empty()) {
                Some(below) => self.command = below,
                None => self.positionals.push(word.to_owned()),
            }
            return;
        }
        if word == "--" {
            self.only_positionals = true;
            return;
        }
        self.open = match word.strip_prefix("--") {
            Some(flag) if flag.contains('=') => None,
            Some(flag) => self.flag(|arg| arg.get_long() == Some(flag)),
            // In a group of short flags, only the last one can take the next word.
            None => {
                let mut letters = word.chars().skip(1);
                let valued =
                    letters.find_map(|letter| self.flag(|arg| arg.get_short() == Some(letter)));
                valued.filter(|_| letters.next().is_none())
            }
        };
    }

    /// Returns the flag that takes a value, if it is one.
    fn flag(&self, is_it: impl Fn(&Arg) -> bool) -> Option<&'a Arg> {
        let flag = self.command.get_arguments().find(|arg| !arg.is_positional() && is_it(arg))?;
        flag.get_action().takes_values().then_some(flag)
    }

    /// Returns the v1 repository, if the words have it.
    fn repository(&self) -> Option<PathBuf> {
        let mut positionals = self.command.get_positionals();
        let place = positionals.position(|arg| arg.get_id() == "v1_repo")?;
        self.positionals.get(place).map(|path| expanded(path))
    }

    /// Returns what the last word is a value of, and the value so far.
    fn completed<'w>(&self, word: &'w str) -> Option<(&'a Arg, &'w str)> {
        if let Some(flag) = self.open {
            return Some((flag, word));
        }
        if !self.only_positionals && word.starts_with('-') {
            let (flag, value) = word.strip_prefix("--")?.split_once('=')?;
            return Some((self.flag(|arg| arg.get_long() == Some(flag))?, value));
        }
        let arg = self.command.get_positionals().nth(self.positionals.len())?;
        Some((arg, word))
    }
}

/// Joins `--flag`, `=` and a value, which bash gives as separate words.
fn joined(words: &[String]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    for word in words {
        match joined.last_mut() {
            Some(flag) if word == "=" && flag.starts_with("--") => flag.push('='),
            Some(flag) if flag.starts_with("--") && flag.ends_with('=') => flag.push_str(word),
            _ => joined.push(word.clone()),
        }
    }
    joined
}

/// Expands `~/`, which shells give as it was typed.
fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}
