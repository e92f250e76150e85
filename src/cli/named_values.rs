//! Values of a flag that are one of several names.
//!
//! Completions list the names, and a mistyped one gets a suggestion. Each type parses its own names; the help
//! lists them in the flag's text.

use std::ffi::OsStr;
use std::fmt::Display;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command, Error};

use crate::rules::similar_names::similar_names;

/// A parser of a type's names.
#[derive(Clone)]
pub(super) struct NamedValues<T> {
    names: &'static [&'static str],
    parse: fn(&str) -> Result<T, String>,
}

/// Returns a parser of the names that a type parses itself.
pub(super) fn named<T>(names: &'static [&'static str]) -> NamedValues<T>
where
    T: std::str::FromStr<Err: Display>,
{
    NamedValues { names, parse: |text| text.parse().map_err(|error: T::Err| error.to_string()) }
}

impl<T> NamedValues<T> {
    /// Returns a parser of names, and of what else `parse` accepts.
    pub(super) fn new(
        names: &'static [&'static str],
        parse: fn(&str) -> Result<T, String>,
    ) -> Self {
        NamedValues { names, parse }
    }
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for NamedValues<T> {
    type Value = T;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, Error> {
        TypedValueParser::parse_ref(&self.parse, cmd, arg, value).map_err(|mut error| {
            let names = self.names.iter().map(|name| (*name).to_owned());
            let similar = similar_names(&value.to_string_lossy(), names);
            if let Some(name) = similar.into_iter().next() {
                error.insert(ContextKind::SuggestedValue, ContextValue::String(name));
            }
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.names.iter().map(PossibleValue::new)))
    }
}
