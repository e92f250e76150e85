//! The flags of `sign`.

use std::path::PathBuf;

use super::EXIT_CODES;
use super::commands::sign::SignDirCommand;
use super::flags::{JobsArgs, usual_outputs};
use super::keys::SignerChoice;
use super::signing_flags::{KEY_VARIABLE, SigningArgs};

/// Sign what a former run left unsigned
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct SignArgs {
    /// The output folder of `migrate`, with plan.json and report.json
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    #[command(flatten)]
    signing: SigningArgs,

    #[command(flatten)]
    jobs: JobsArgs,

    /// Show neither progress nor summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

impl SignArgs {
    pub(super) fn into_command(self) -> Result<SignDirCommand, String> {
        let signing = self.signing.check()?;
        if let SignerChoice::Nobody = signing.signer {
            return Err(format!(
                "name a key with --sign-key or {KEY_VARIABLE}, or a program with --sign-command"
            ));
        }
        Ok(SignDirCommand {
            outputs: usual_outputs(&self.folder),
            folder: self.folder,
            signing,
            jobs: self.jobs.count(),
            quiet: self.quiet,
        })
    }
}
