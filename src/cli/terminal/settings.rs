//! How the program talks: colours, the form of messages, progress. The same flags for every command.
//!
//! Errors of the command line obey them, too: they are looked for before the command line is parsed. They are kept
//! for the process, as its streams are.

use std::ffi::{OsStr, OsString};
use std::str::FromStr;
use std::sync::OnceLock;

use anstream::ColorChoice;

use crate::cli::named_values::named;

/// The flags of every command.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(in crate::cli) struct TerminalArgs {
    /// Colours: auto (on a terminal, unless NO_COLOR, CLICOLOR_FORCE or TERM say otherwise), always or never
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        default_value = "auto",
        value_parser = named::<ColorWhen>(&["auto", "always", "never"]),
        hide_possible_values = true
    )]
    color: ColorWhen,

    /// Messages on stderr: text, or json (one event a line)
    #[arg(
        long,
        value_name = "FORMAT",
        global = true,
        default_value = "text",
        value_parser = named::<LogFormat>(&["text", "json"]),
        hide_possible_values = true
    )]
    log_format: LogFormat,

    /// Progress: auto (bars on a terminal, otherwise a line every few seconds), plain (lines) or none
    #[arg(
        long,
        value_name = "FORM",
        global = true,
        default_value = "auto",
        value_parser = named::<ProgressForm>(&["auto", "plain", "none"]),
        hide_possible_values = true
    )]
    progress: ProgressForm,
}

/// Whether text is in colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

/// The form of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LogFormat {
    #[default]
    Text,
    Json,
}

/// The form of progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ProgressForm {
    #[default]
    Auto,
    Plain,
    Nothing,
}

impl FromStr for ColorWhen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "auto" => Ok(ColorWhen::Auto),
            "always" => Ok(ColorWhen::Always),
            "never" => Ok(ColorWhen::Never),
            _ => Err("expected auto, always or never"),
        }
    }
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("expected text or json"),
        }
    }
}

impl FromStr for ProgressForm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "auto" => Ok(ProgressForm::Auto),
            "plain" => Ok(ProgressForm::Plain),
            "none" => Ok(ProgressForm::Nothing),
            _ => Err("expected auto, plain or none"),
        }
    }
}

/// What the flags say, but for colours, which are the stream's.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Settings {
    pub(super) log_format: LogFormat,
    pub(super) progress: ProgressForm,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// Returns the settings of this process; the defaults before [`apply`].
pub(super) fn settings() -> Settings {
    SETTINGS.get().copied().unwrap_or_default()
}

/// Applies the flags in `args`, which need not be a valid command line; the last of each counts. A value that is not
/// valid is left to the parser.
pub(in crate::cli) fn apply(args: impl IntoIterator<Item = OsString>) {
    let mut color = ColorWhen::default();
    let mut settings = Settings::default();
    let mut args = args.into_iter().take_while(|arg| arg != "--");
    while let Some(arg) = args.next() {
        let Some(arg) = arg.to_str() else { continue };
        let (flag, value) = match arg.split_once('=') {
            Some((flag, value)) => (flag, Some(OsString::from(value))),
            None => (arg, None),
        };
        let mut value = || value.clone().or_else(|| args.next());
        match flag {
            "--color" => set(&mut color, value()),
            "--log-format" => set(&mut settings.log_format, value()),
            "--progress" => set(&mut settings.progress, value()),
            _ => {}
        }
    }
    match color {
        ColorWhen::Auto => {}
        ColorWhen::Always => ColorChoice::Always.write_global(),
        ColorWhen::Never => ColorChoice::Never.write_global(),
    }
    SETTINGS.get_or_init(|| settings);
}

fn set<T: FromStr>(setting: &mut T, value: Option<OsString>) {
    if let Some(Ok(value)) = value.as_deref().and_then(OsStr::to_str).map(str::parse) {
        *setting = value;
    }
}
