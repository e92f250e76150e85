//! Output streams: data goes to stdout, everything else to stderr. A closed pipe is not an error.

use std::error::Error as _;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};

use crate::error::Error;

/// Bold red.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Yellow.
pub(crate) const ODD: Style = AnsiColor::Yellow.on_default();
/// Bold green.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Bold.
pub(crate) const STRONG: Style = Style::new().bold();

/// Prints one or more lines to stderr.
pub(crate) fn say(text: impl Display) {
    // If stderr is closed, the error cannot be reported anywhere.
    writeln!(anstream::stderr().lock(), "{text}").unwrap_or_default();
}

/// Prints one line as an error.
pub(crate) fn fault(text: impl Display) {
    say(format_args!("{BAD}error{BAD:#}: {text}"));
}

/// Prints that an existing file with different content was not replaced.
pub(crate) fn other_bytes(path: &Path) {
    let path = path.display();
    fault(format_args!("{path} already exists with different content, and was not replaced"));
}

/// Prints one line as a warning.
pub(crate) fn warning(text: impl Display) {
    say(format_args!("{ODD}warning{ODD:#}: {text}"));
}

/// Prints one line as a hint.
pub(crate) fn hint(text: impl Display) {
    say(format_args!("  {STRONG}hint{STRONG:#}: {text}"));
}

/// Prints an error, each of its causes on a separate line, and its hint.
pub(crate) fn error(error: &Error) {
    fault(error);
    let mut cause = error.source();
    while let Some(error) = cause {
        say(format_args!("  because: {error}"));
        cause = error.source();
    }
    if let Some(hint) = error.hint() {
        self::hint(hint);
    }
}

/// Prints warnings, one per line.
pub(crate) fn warn(warnings: impl IntoIterator<Item = String>) {
    for warning in warnings {
        say(format_args!("{ODD}warning{ODD:#}: {warning}"));
    }
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
