//! Output streams: data goes to stdout, everything else to stderr. A closed pipe is not an error.
//!
//! With `--log-format json`, each message is an event of `log`, and nothing else is on stderr.

pub(super) mod log;
pub(super) mod panics;
pub(super) mod progress;
pub(super) mod settings;

use std::error::Error as _;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};

use super::suggestions;
use crate::error::Error;
use log::{LogEvent, emit, emit_last, plain};
use settings::{LogFormat, settings};

/// Bold red.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Yellow.
pub(crate) const ODD: Style = AnsiColor::Yellow.on_default();
/// Bold green.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Bold.
pub(crate) const STRONG: Style = Style::new().bold();

/// Prints that a command begins, in a log of events.
pub(crate) fn start(command: &str) {
    if is_json() {
        emit(&LogEvent::start(command));
    }
}

/// Prints how a command ended, in a log of events.
pub(crate) fn outcome(outcome: &str, exit_code: u8) {
    if is_json() {
        emit_last(&LogEvent::Outcome { outcome, exit_code });
    }
}

/// Prints the result of a command.
pub(crate) fn summary(text: impl Display) {
    say(text, |text| LogEvent::Summary { lines: text.lines().map(str::to_owned).collect() });
}

/// Prints what is good to know.
pub(crate) fn notice(text: impl Display) {
    say(text, |message| LogEvent::Notice { message });
}

/// Prints lines for a program that reads a log of text; they are no events.
pub(crate) fn annotations(text: &str) {
    if !is_json() && !text.is_empty() {
        print(text);
    }
}

/// Prints one line as an error.
pub(crate) fn fault(text: impl Display) {
    say_as(format_args!("{BAD}error{BAD:#}: "), text, |message| LogEvent::Fault { message });
}

/// Prints that an existing file with different content was not replaced.
pub(crate) fn other_bytes(path: &Path) {
    let path = path.display();
    fault(format_args!("{path} already exists with different content, and was not replaced"));
}

/// Prints one line as a warning.
pub(crate) fn warning(text: impl Display) {
    say_as(format_args!("{ODD}warning{ODD:#}: "), text, |message| LogEvent::Warning { message });
}

/// Prints one line as a hint.
pub(crate) fn hint(text: impl Display) {
    say_as(format_args!("  {STRONG}hint{STRONG:#}: "), text, |message| LogEvent::Hint { message });
}

/// Prints warnings, one per line.
pub(crate) fn warn(warnings: impl IntoIterator<Item = String>) {
    warnings.into_iter().for_each(warning);
}

/// Prints the error that ended a command: each of its causes on a separate line, and its hint.
pub(crate) fn error(error: &Error, exit_code: u8) {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    if is_json() {
        emit_last(&LogEvent::Error {
            code: error.code(),
            message: error.to_string(),
            causes,
            hint: suggestions::hint(error),
            similar: suggestions::similar(error),
            exit_code,
        });
        return;
    }
    fault(error);
    for cause in causes {
        print(format_args!("  because: {cause}"));
    }
    hint(suggestions::hint(error));
}

/// Returns whether messages are events.
pub(crate) fn is_json() -> bool {
    settings().log_format == LogFormat::Json
}

/// Writes a text for people to stdout, in colour if it is a terminal.
pub(crate) fn show(text: &str) -> Result<(), Error> {
    let mut stdout = anstream::stdout().lock();
    unless_closed(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// Writes data to stdout.
pub(crate) fn data(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    unless_closed(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

fn unless_closed(written: io::Result<()>) -> Result<(), Error> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::file("write to", "stdout")(error))
        }
        _ => Ok(()),
    }
}

/// Prints a message, or its event.
fn say(text: impl Display, event: impl FnOnce(String) -> LogEvent<'static>) {
    say_as("", text, event);
}

/// Prints a message after what it begins with, or its event, which says the same by its name.
fn say_as(
    start: impl Display,
    text: impl Display,
    event: impl FnOnce(String) -> LogEvent<'static>,
) {
    match settings().log_format {
        LogFormat::Json => emit(&event(plain(&text.to_string()))),
        LogFormat::Text => print(format_args!("{start}{text}")),
    }
}

/// Prints one or more lines to stderr.
fn print(text: impl Display) {
    // If stderr is closed, the error cannot be reported anywhere.
    writeln!(anstream::stderr().lock(), "{text}").unwrap_or_default();
}
