//! The flags of `verify-signatures`.

use std::path::PathBuf;

use super::commands::verify_signatures::VerifySignaturesCommand;
use super::flags::{JobsArgs, outputs_apart, parse_report};
use super::outputs::{Outputs, ReportFormat, Target};

/// The end of the command's help.
const EXIT_CODES: &str = "\
Exit codes:
  0    every archive, planned or found, has a good signature, and there is no other signature
  1    done, and that is not so
  2    wrong command line
  3    could not finish
  130  interrupted";

/// Tell how each archive stands with its signature
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct VerifySignaturesArgs {
    /// The output folder of `migrate`; also one without a plan
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Check with the public keys in this file; repeatable
    #[arg(long, value_name = "FILE", required = true)]
    public_key: Vec<PathBuf>,

    /// Write the report to this file (.json or .md), - for JSON on stdout; repeatable
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    report: Vec<(Target, ReportFormat)>,

    #[command(flatten)]
    jobs: JobsArgs,

    /// Show neither progress nor summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

impl VerifySignaturesArgs {
    pub(super) fn into_command(self) -> Result<VerifySignaturesCommand, String> {
        let outputs = Outputs { reports: self.report, ..Outputs::default() };
        Ok(VerifySignaturesCommand {
            folder: self.folder,
            public_keys: self.public_key,
            jobs: self.jobs.count(),
            outputs: outputs_apart(outputs)?,
            quiet: self.quiet,
        })
    }
}
