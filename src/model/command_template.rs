//! A command line with placeholders, split into words once and run without a shell.
//!
//! What a placeholder stands for is always part of one argument, whatever characters it has. Which
//! placeholders there are is up to the command.

use std::ffi::{OsStr, OsString};

/// A program and its arguments, with placeholders in the arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandTemplate {
    text: String,
    words: Vec<String>,
}

impl CommandTemplate {
    /// Splits a template as a POSIX shell splits words.
    ///
    /// # Errors
    /// An open quote or backslash, no program, or one of `placeholders` in the program's name.
    pub fn parse(text: &str, placeholders: &[&str]) -> Result<Self, &'static str> {
        let words = shlex::split(text).ok_or("a quote or a backslash is left open")?;
        let Some(program) = words.first() else {
            return Err("it names no program");
        };
        if placeholders.iter().any(|placeholder| program.contains(placeholder)) {
            return Err("it begins with a placeholder, not with a program");
        }
        Ok(CommandTemplate { text: text.to_owned(), words })
    }

    /// The template as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The program, as the template names it.
    pub fn program(&self) -> &str {
        &self.words[0]
    }

    /// Reports whether an argument has the placeholder.
    pub fn has(&self, placeholder: &str) -> bool {
        self.words[1..].iter().any(|word| word.contains(placeholder))
    }

    /// The arguments with values in place of their placeholders; a value is never searched for
    /// placeholders itself.
    pub fn arguments(&self, values: &[(&str, &OsStr)]) -> Vec<OsString> {
        self.words[1..].iter().map(|word| fill(word, values)).collect()
    }
}

fn fill(word: &str, values: &[(&str, &OsStr)]) -> OsString {
    let mut filled = OsString::new();
    let mut rest = word;
    loop {
        let next = values
            .iter()
            .filter_map(|(name, value)| Some((rest.find(name)?, name.len(), value)))
            .min_by_key(|(at, ..)| *at);
        let Some((at, name_len, value)) = next else {
            filled.push(rest);
            return filled;
        };
        filled.push(&rest[..at]);
        filled.push(value);
        rest = &rest[at + name_len..];
    }
}
