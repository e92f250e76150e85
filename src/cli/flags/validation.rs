//! The flags that select a validator.

use crate::cli::flags::signing::PASSPHRASE_VARIABLE;
use crate::error::Error;
use crate::model::validation::{TimeLimit, ValidateCommand, ValidationSettings};
use crate::ops::validate::Validator;

/// How packages are validated.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ValidationArgs {
    /// Validate each revision with a program, without a shell, for example 'elastic-package lint'; its
    /// working folder is an unpacked copy ({dir}), and {archive} is the path of the archive
    #[arg(long, value_name = "TEMPLATE")]
    validate_command: Option<ValidateCommand>,

    /// Time limit of the validator for each revision: a number with ms, s, m or h
    #[arg(long, value_name = "DURATION", default_value = "60s", requires = "validate_command")]
    validate_timeout: TimeLimit,

    /// Block revisions that do not pass validation
    #[arg(long, requires = "validate_command")]
    validate_fail_on_error: bool,
}

impl ValidationArgs {
    /// Finds the validator; returns `None` without a command.
    ///
    /// # Errors
    /// [`Error::Validator`] if the program does not exist or cannot be run.
    pub(in crate::cli) fn find(self) -> Result<Option<Validator>, Error> {
        let ValidationArgs { validate_command, validate_timeout, validate_fail_on_error } = self;
        let find = |command| {
            let settings = ValidationSettings {
                command,
                timeout: validate_timeout,
                fail_on_error: validate_fail_on_error,
            };
            Validator::find(settings, &[PASSPHRASE_VARIABLE])
        };
        validate_command.map(find).transpose()
    }
}
