//! A command line with placeholders, split into words once and run without a shell.
//!
//! The value of a placeholder is always part of a single argument, even if it has spaces or quotes. The
//! command defines its placeholders.

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
    /// An unclosed quote, a trailing backslash, no program, or one of `placeholders` in the program's name.
    pub fn parse(text: &str, placeholders: &[&str]) -> Result<Self, &'static str> {
        let words = shlex::split(text).ok_or("unclosed quote or trailing backslash")?;
        let Some(program) = words.first() else {
            return Err("missing program");
        };
        if placeholders.iter().any(|placeholder| program.contains(placeholder)) {
            return Err("the program contains a placeholder");
        }
        Ok(CommandTemplate { text: text.to_owned(), words })
    }

    /// Returns the template as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the program as written in the template.
    pub fn program(&self) -> &str {
        &self.words[0]
    }

    /// Returns whether an argument has the placeholder.
    pub fn has(&self, placeholder: &str) -> bool {
        self.words[1..].iter().any(|word| word.contains(placeholder))
    }

    /// Returns the arguments with placeholders replaced by their values; values are not searched for
    /// placeholders.
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
