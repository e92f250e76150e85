//! Messages as JSON: one event a line on stderr, with `--log-format json`.
//!
//! `docs/shell.md` and `docs/schemas/log-event.schema.json` define the events and their fields, whose names are
//! stable; `message`, `hint` and `lines` are text for people and may change. A run begins with `start` and ends with
//! `outcome` or `error`. Findings are no events: they are in the reports.

use std::io::{self, Write};
use std::mem;
use std::time::{SystemTime, UNIX_EPOCH};

use anstream::adapter::strip_str;
use serde::Serialize;

/// The version of the events; it rises when a reader must change.
const SCHEMA_VERSION: u64 = 1;

/// An event.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(in crate::cli) enum LogEvent<'a> {
    /// A command begins. Its flags are not shown: a URL may have a password.
    Start { schema_version: u64, tool: &'a str, version: &'a str, command: &'a str },
    /// A phase began, goes on, or ended.
    Progress(ProgressEvent<'a>),
    /// The result, line by line, as text shows it.
    Summary { lines: Vec<String> },
    /// Something that is good to know.
    Notice { message: String },
    /// Something that should be looked at.
    Warning { message: String },
    /// Something that is wrong, and after which the run went on.
    Fault { message: String },
    /// What to do about the warning or the fault before.
    Hint { message: String },
    /// The command could not complete: the last event.
    Error {
        code: &'a str,
        message: String,
        causes: Vec<String>,
        hint: String,
        similar: Vec<String>,
        exit_code: u8,
    },
    /// The command has ended otherwise: the last event.
    Outcome { outcome: &'a str, exit_code: u8 },
}

/// The progress of a phase.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ProgressEvent<'a> {
    pub(in crate::cli) phase: &'a str,
    pub(in crate::cli) state: &'a str,
    /// What is counted.
    pub(in crate::cli) unit: &'a str,
    pub(in crate::cli) done: u64,
    pub(in crate::cli) total: u64,
    pub(in crate::cli) bytes: u64,
    /// `None` if it is unknown.
    pub(in crate::cli) total_bytes: Option<u64>,
    pub(in crate::cli) bytes_per_second: u64,
    /// `None` if it cannot be estimated.
    pub(in crate::cli) seconds_left: Option<u64>,
}

impl<'a> LogEvent<'a> {
    /// Returns the first event of a command.
    pub(in crate::cli) fn start(command: &'a str) -> Self {
        let (tool, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        LogEvent::Start { schema_version: SCHEMA_VERSION, tool, version, command }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    #[serde(flatten)]
    event: &'a LogEvent<'a>,
}

/// Writes the last event. Nothing follows it: this thread keeps stderr until the process ends, and the others wait.
pub(in crate::cli) fn emit_last(event: &LogEvent<'_>) {
    mem::forget(io::stderr().lock());
    emit(event);
}

/// Writes an event.
pub(in crate::cli) fn emit(event: &LogEvent<'_>) {
    let line = Line { time: now(), event };
    let mut text = serde_json::to_string(&line).expect("an event has a JSON form");
    text.push('\n');
    // If stderr is closed, the error cannot be reported anywhere. In one call, so that lines stay whole.
    io::stderr().lock().write_all(text.as_bytes()).unwrap_or_default();
}

/// Returns a text without the codes of colours.
pub(super) fn plain(text: &str) -> String {
    strip_str(text).to_string()
}

/// Returns the time in UTC as RFC 3339, in milliseconds.
fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = i64::try_from(since.as_millis()).unwrap_or_default();
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    format!("{time:.3}")
}
