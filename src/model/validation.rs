//! Validation of packages by an external program: the settings and the counts.
//!
//! The settings are part of the plan and the report, the counts only of the report. `ops/validate` runs
//! the program; what it reports becomes a finding.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::command_template::CommandTemplate;

/// The placeholder for the folder with the unpacked package.
pub const DIR: &str = "{dir}";

/// The placeholder for the archive.
pub const ARCHIVE: &str = "{archive}";

/// The command line of a validator, such as `elastic-package lint` or `validate {archive}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ValidateCommand(CommandTemplate);

impl ValidateCommand {
    /// Returns the program as written in the template.
    pub fn program(&self) -> &str {
        self.0.program()
    }

    /// Returns the arguments for one package.
    pub fn arguments(&self, dir: &Path, archive: &Path) -> Vec<OsString> {
        let values: [(&str, &OsStr); 2] = [(DIR, dir.as_os_str()), (ARCHIVE, archive.as_os_str())];
        self.0.arguments(&values)
    }
}

impl FromStr for ValidateCommand {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        CommandTemplate::parse(text, &[DIR, ARCHIVE]).map(ValidateCommand)
    }
}

impl TryFrom<String> for ValidateCommand {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ValidateCommand> for String {
    fn from(command: ValidateCommand) -> Self {
        command.to_string()
    }
}

impl fmt::Display for ValidateCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// The time limit of a validator for one package: 1 ms to 24 h.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeLimit {
    milliseconds: u64,
}

/// The units of a [`TimeLimit`], each with its length in milliseconds.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

const LONGEST_MILLISECONDS: u64 = 24 * 3_600_000;

impl TimeLimit {
    /// Returns the limit as a duration.
    pub fn duration(self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }
}

impl FromStr for TimeLimit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a whole number with ms, s, m or h, such as 90s";
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or(EXPECTED)?;
        let (number, unit) = text.split_at(unit_at);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or(EXPECTED)?;
        let number: u64 = number.parse().map_err(|_| EXPECTED)?;
        match number.checked_mul(*factor) {
            Some(milliseconds @ 1..=LONGEST_MILLISECONDS) => Ok(TimeLimit { milliseconds }),
            _ => Err("expected 1ms to 24h"),
        }
    }
}

impl TryFrom<String> for TimeLimit {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TimeLimit> for String {
    fn from(limit: TimeLimit) -> Self {
        limit.to_string()
    }
}

impl fmt::Display for TimeLimit {
    /// Writes whole seconds if possible, otherwise milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.milliseconds {
            whole if whole.is_multiple_of(1000) => write!(f, "{}s", whole / 1000),
            milliseconds => write!(f, "{milliseconds}ms"),
        }
    }
}

/// The settings of a validation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationSettings {
    /// The command line.
    pub command: ValidateCommand,
    /// The time limit for one package.
    pub timeout: TimeLimit,
    /// Whether a revision that does not pass is blocked.
    pub fail_on_error: bool,
}

/// The number of revisions by result of their validation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationCounts {
    /// The validator exited with code 0.
    pub passed: u64,
    /// The validator exited with another code.
    pub failed: u64,
    /// The validator was killed, or could not be run on the package.
    pub not_validated: u64,
}

impl ValidationCounts {
    /// Returns the number of revisions that should have been validated.
    pub fn total(&self) -> u64 {
        self.passed + self.failed + self.not_validated
    }

    /// Adds the counts of other revisions.
    pub fn add(&mut self, other: &ValidationCounts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.not_validated += other.not_validated;
    }
}

/// The validation of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// The settings.
    pub settings: ValidationSettings,
    /// The results.
    pub counts: ValidationCounts,
}
