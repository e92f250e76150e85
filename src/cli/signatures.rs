//! The flags of `signatures export` and `signatures import`.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::commands::signatures::{ExportCommand, ImportCommand};
use super::exit_status::ExitStatus;
use super::flags::{JobsArgs, usual_outputs};
use crate::error::Error;
use crate::ops::sign::export::Layout;

/// The end of the help of `export`.
const EXPORT_CODES: &str = "\
Exit codes:
  0    done
  2    wrong command line
  3    could not finish, or a file is already there with other bytes
  130  interrupted";

/// The end of the help of `import`.
const IMPORT_CODES: &str = "\
Exit codes:
  0    every archive has a good signature, and everything that came back was taken
  1    done, and signatures are missing, bad or foreign
  2    wrong command line
  3    could not finish, or a signature that is there is not to be published
  130  interrupted";

/// Have archives signed elsewhere: lay out what is unsigned, take back what was signed
#[derive(Debug, clap::Args)]
pub(super) struct SignaturesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Export(ExportArgs),
    Import(ImportArgs),
}

/// Lay out the archives without a signature, with manifest.json and SHA256SUMS
#[derive(Debug, clap::Args)]
#[command(after_help = EXPORT_CODES)]
struct ExportArgs {
    /// The output folder of `migrate`, with plan.json
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The folder to lay out
    #[arg(long, value_name = "DIR2")]
    to: PathBuf,

    /// Write manifest.json and SHA256SUMS only, for a service that has the archives
    #[arg(long)]
    digests_only: bool,

    #[command(flatten)]
    jobs: JobsArgs,

    /// Show neither progress nor summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

/// Take <archive>.asc or <archive>.sig, armored or binary, check each, and put it in its place
#[derive(Debug, clap::Args)]
#[command(after_help = IMPORT_CODES)]
struct ImportArgs {
    /// The output folder of `migrate`, with plan.json and report.json
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The folder with the signatures
    #[arg(long, value_name = "DIR2")]
    from: PathBuf,

    /// Check with the public keys in this file; repeatable
    #[arg(long, value_name = "FILE", required = true)]
    public_key: Vec<PathBuf>,

    #[command(flatten)]
    jobs: JobsArgs,

    /// Show neither progress nor summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

/// One of the two, checked.
pub(super) enum SignaturesCommand {
    Export(ExportCommand),
    Import(ImportCommand),
}

impl SignaturesArgs {
    pub(super) fn into_command(self) -> Result<SignaturesCommand, String> {
        match self.action {
            Action::Export(args) => args.into_command().map(SignaturesCommand::Export),
            Action::Import(args) => Ok(SignaturesCommand::Import(args.into_command())),
        }
    }
}

impl SignaturesCommand {
    pub(super) fn run(self) -> Result<ExitStatus, Error> {
        match self {
            SignaturesCommand::Export(command) => command.run(),
            SignaturesCommand::Import(command) => command.run(),
        }
    }
}

impl ExportArgs {
    fn into_command(self) -> Result<ExportCommand, String> {
        if is_below(&self.to, &self.folder.join("artifacts")) {
            return Err("--to names a folder of what is to be published: name another".to_owned());
        }
        let layout = if self.digests_only { Layout::Digests } else { Layout::Archives };
        Ok(ExportCommand {
            folder: self.folder,
            to: self.to,
            layout,
            jobs: self.jobs.count(),
            quiet: self.quiet,
        })
    }
}

impl ImportArgs {
    fn into_command(self) -> ImportCommand {
        ImportCommand {
            outputs: usual_outputs(&self.folder),
            folder: self.folder,
            from: self.from,
            public_keys: self.public_key,
            jobs: self.jobs.count(),
            quiet: self.quiet,
        }
    }
}

/// Tells whether a path is a folder or in it; a path that is not there yet is judged by the nearest
/// folder above it that is.
fn is_below(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute
        .ancestors()
        .find_map(|above| above.canonicalize().ok())
        .is_some_and(|there| there.starts_with(folder))
}
