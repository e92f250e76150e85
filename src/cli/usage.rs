//! Errors of the command line, without what should not be shown: clap repeats the values that it rejects.
//!
//! A URL may have a password before its host, or a signature in its query.

use std::ffi::OsString;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, Error};

/// Parses the command line of this process, or exits.
pub(super) fn parse<P: Parser>() -> P {
    parse_from(std::env::args_os()).unwrap_or_else(|error| error.exit())
}

fn parse_from<P: Parser>(args: impl IntoIterator<Item = OsString>) -> Result<P, Error> {
    P::try_parse_from(args).map_err(|mut error| {
        let shown: Vec<(ContextKind, ContextValue)> =
            error.context().map(|(kind, value)| (kind, masked(value))).collect();
        for (kind, value) in shown {
            error.insert(kind, value);
        }
        error
    })
}

fn masked(value: &ContextValue) -> ContextValue {
    match value {
        ContextValue::String(text) => ContextValue::String(without_secrets(text)),
        ContextValue::Strings(texts) => {
            ContextValue::Strings(texts.iter().map(|text| without_secrets(text)).collect())
        }
        other => other.clone(),
    }
}

/// Cuts off what follows the scheme of a URL with credentials, a query or a fragment.
fn without_secrets(text: &str) -> String {
    match text.split_once("://") {
        Some((before, rest)) if rest.contains(['@', '?', '#']) => format!("{before}://…"),
        Some(_) | None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_secret_is_cut_off() {
        let rows = [
            ("https://user:secret@host/", "https://…"),
            ("--to=az://bkt?sig=secret", "--to=az://…"),
            ("gs://bkt#secret", "gs://…"),
            ("https://host/path", "https://host/path"),
            ("user@host", "user@host"),
            ("what?", "what?"),
        ];
        for (text, expected) in rows {
            assert_eq!(without_secrets(text), expected);
        }
    }
}
