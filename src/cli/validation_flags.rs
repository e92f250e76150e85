//! The flags that name a validator, and the validator that they name.

use super::signing_flags::PASSPHRASE_VARIABLE;
use crate::error::Error;
use crate::model::validation::{TimeLimit, ValidateCommand, ValidationSettings};
use crate::ops::validate::Validator;

/// How packages are validated.
#[derive(Debug, clap::Args)]
pub(super) struct ValidationArgs {
    /// Validate each revision with a program, without a shell: in an unpacked copy, its working folder
    /// ({dir}), or on the archive ({archive}); such as 'elastic-package lint'
    #[arg(long, value_name = "TEMPLATE")]
    validate_command: Option<ValidateCommand>,

    /// How long the validator may run for one revision: a number with ms, s, m or h
    #[arg(long, value_name = "DURATION", default_value = "60s", requires = "validate_command")]
    validate_timeout: TimeLimit,

    /// Block a revision that the validator does not pass
    #[arg(long, requires = "validate_command")]
    validate_fail_on_error: bool,
}

impl ValidationArgs {
    /// Finds the validator; none without a command.
    ///
    /// # Errors
    /// [`Error::Validator`] when the program is not there or cannot be run.
    pub(super) fn find(self) -> Result<Option<Validator>, Error> {
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
