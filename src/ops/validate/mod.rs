//! Validates packages with an external program, one package at a time, each in a separate folder.
//!
//! The program gets an unpacked copy and the archive; its result becomes a finding. This module makes no
//! decision about the migration and is independent of the format of packages. The caller decides how
//! many run in parallel.

mod output;
mod process;
mod program;
mod workspace;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::model::finding::{FindingKind, NoVerdict};
use crate::model::package::RevisionId;
use crate::model::validation::ValidationSettings;
use crate::v2::unpack::{UnpackFault, unpack};

use output::Placeholders;
use process::{Ended, How};
use workspace::Workspace;

/// A validator whose program exists.
#[derive(Clone, Debug)]
pub struct Validator {
    settings: ValidationSettings,
    program: PathBuf,
    /// Variables that the program does not get.
    withheld: Vec<OsString>,
}

impl Validator {
    /// Finds the program of the settings. It inherits the environment except for the variables `withheld`.
    ///
    /// # Errors
    /// [`Error::Validator`] if the program does not exist or is not executable.
    pub fn find(settings: ValidationSettings, withheld: &[&str]) -> Result<Self, Error> {
        let name = settings.command.program();
        let program = program::find(name)
            .map_err(|source| Error::Validator { program: name.to_owned(), source })?;
        let withheld = withheld.iter().map(OsString::from).collect();
        Ok(Validator { settings, program, withheld })
    }

    /// Returns the settings.
    pub fn settings(&self) -> &ValidationSettings {
        &self.settings
    }

    /// Validates a package, whose archive is read from `archive`; returns `None` if it passes.
    ///
    /// Stops soon after `is_stopped` is set. The temporary folder is always removed.
    ///
    /// # Errors
    /// [`Error::File`] on the temporary folder; [`Error::Validator`]; [`Error::Interrupted`].
    pub fn validate(
        &self,
        revision: &RevisionId,
        archive: &mut dyn Read,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Option<FindingKind>, Error> {
        let workspace = Workspace::create(&revision.to_string())?;
        let found = self.validate_in(&workspace, archive, is_stopped);
        let removed = workspace.remove();
        let found = found?;
        removed.map(|()| found)
    }

    fn validate_in(
        &self,
        workspace: &Workspace,
        archive: &mut dyn Read,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Option<FindingKind>, Error> {
        let fail_on_error = self.settings.fail_on_error;
        let not_validated =
            |cause, output| Some(FindingKind::NotValidated { cause, output, fail_on_error });
        File::create_new(&workspace.archive)
            .and_then(|mut file| io::copy(archive, &mut file))
            .map_err(Error::file("write", &workspace.archive))?;
        match unpack(&workspace.archive, workspace.root()) {
            Ok(()) => {}
            Err(UnpackFault::Failed(error)) => return Err(error),
            Err(UnpackFault::Path { name, source }) => {
                let detail = format!("{}: {source}", output::printable(name.as_bytes()));
                return Ok(not_validated(NoVerdict::NotUnpacked(detail), String::new()));
            }
        }
        let limit = self.settings.timeout;
        let Ended { how, output } =
            process::run(self.command(workspace), limit.duration(), is_stopped).map_err(
                |source| Error::Validator {
                    program: self.settings.command.program().to_owned(),
                    source,
                },
            )?;
        let kept = || output::kept(&output, &Placeholders::of(workspace));
        Ok(match how {
            How::Stopped => return Err(Error::Interrupted),
            How::Exit(0) => None,
            How::Exit(exit_code) => {
                Some(FindingKind::ValidationFailed { exit_code, output: kept(), fail_on_error })
            }
            How::Signal(signal) => not_validated(NoVerdict::Signal(signal), kept()),
            How::TimedOut => not_validated(NoVerdict::TimedOut(limit), kept()),
        })
    }

    fn command(&self, workspace: &Workspace) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(self.settings.command.arguments(&workspace.dir, &workspace.archive))
            .current_dir(&workspace.dir);
        for name in &self.withheld {
            command.env_remove(name);
        }
        command
    }
}
