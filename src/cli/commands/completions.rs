//! `completions`: prints the script that completes command lines in a shell.

use clap::Command;

use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::shell;
use crate::cli::shell::completions::{CompletedShell, script};
use crate::cli::terminal;

/// Print a completion script for a shell: commands, flags, values and names of packages
#[derive(Debug, clap::Args)]
#[command(after_help = shell::EXIT_CODES)]
pub(in crate::cli) struct CompletionsArgs {
    /// The shell: bash, zsh, fish or powershell
    #[arg(hide_possible_values = true)]
    shell: CompletedShell,
}

impl CompletionsArgs {
    /// Prints the script of the command line that `definition` defines.
    pub(in crate::cli) fn run(self, definition: Command) -> Result<ExitStatus, Failure> {
        terminal::data(&script(self.shell, definition))?;
        Ok(ExitStatus::Done)
    }
}
