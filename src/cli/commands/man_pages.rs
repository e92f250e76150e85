//! `man-pages`: writes a man page for each command.

use std::path::PathBuf;

use clap::Command;

use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::shell;
use crate::cli::shell::man_pages::pages;
use crate::v2::folder::{make_folder, replace_file};

/// Write a man page for each command
#[derive(Debug, clap::Args)]
#[command(after_help = shell::EXIT_CODES)]
pub(in crate::cli) struct ManPagesArgs {
    /// The folder to write <command>.1 to; existing pages of these names are replaced
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl ManPagesArgs {
    /// Writes the pages of the command line that `definition` defines.
    pub(in crate::cli) fn run(self, definition: &Command) -> Result<ExitStatus, Failure> {
        make_folder(&self.folder)?;
        for page in pages(definition) {
            // A name of another version's page: the folder of man pages belongs to the one that is installed.
            replace_file(&self.folder.join(page.file_name), &page.text)?;
        }
        Ok(ExitStatus::Done)
    }
}
