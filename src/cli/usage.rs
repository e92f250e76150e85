//! Errors of the command line, without what should not be shown: clap repeats the values that it rejects.
//!
//! A URL may have a password before its host, or a signature in its query. In a log of events, an error is one.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{ArgMatches, CommandFactory, FromArgMatches};

use super::terminal;
use super::terminal::log::LogEvent;

/// The exit code of an invalid command line, which is clap's.
const EXIT_CODE: u8 = 2;

/// Parses the command line of this process, or exits; also returns the words of the command.
pub(super) fn parse<P: CommandFactory + FromArgMatches>() -> (P, String) {
    parse_from(std::env::args_os()).unwrap_or_else(|error| exit(&error))
}

/// Exits with an error of the command line, or with the help that was asked for.
pub(super) fn exit(error: &Error) -> ! {
    if error.use_stderr() && terminal::is_json() {
        terminal::log::emit_last(&event(error));
        std::process::exit(EXIT_CODE.into());
    }
    error.exit()
}

fn parse_from<P: CommandFactory + FromArgMatches>(
    args: impl IntoIterator<Item = OsString>,
) -> Result<(P, String), Error> {
    let mut command = P::command();
    let parsed = command.try_get_matches_from_mut(args).and_then(|mut matches| {
        let words = words(&matches).join(" ");
        let parsed = P::from_arg_matches_mut(&mut matches);
        Ok((parsed.map_err(|error| error.format(&mut command))?, words))
    });
    parsed.map_err(|mut error| {
        let shown: Vec<(ContextKind, ContextValue)> =
            error.context().map(|(kind, value)| (kind, masked(value))).collect();
        for (kind, value) in shown {
            error.insert(kind, value);
        }
        error
    })
}

/// Returns the words of the command.
fn words(matches: &ArgMatches) -> Vec<&str> {
    match matches.subcommand() {
        Some((word, below)) => [&[word], words(below).as_slice()].concat(),
        None => Vec::new(),
    }
}

/// Returns the event of an error: the first paragraph of clap's text, and what clap suggests.
fn event(error: &Error) -> LogEvent<'static> {
    let text = match error.kind() {
        // clap's text is the whole help.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a command is missing".to_owned(),
        _ => error.render().to_string(),
    };
    let mut paragraphs = text.split("\n\n");
    let message = one_line(paragraphs.next().unwrap_or_default());
    let tips: Vec<&str> = text.lines().flat_map(|line| line.trim().strip_prefix("tip: ")).collect();
    let hint = if tips.is_empty() { "try '--help'".to_owned() } else { tips.join("; ") };
    let suggestions =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let similar = suggestions.into_iter().flat_map(|kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        // clap has the most similar one last.
        Some(ContextValue::Strings(texts)) => texts.iter().rev().cloned().collect(),
        _ => Vec::new(),
    });
    LogEvent::Error {
        code: "usage",
        message: message.strip_prefix("error: ").unwrap_or(&message).to_owned(),
        causes: Vec::new(),
        hint,
        similar: similar.collect(),
        exit_code: EXIT_CODE,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
