//! The command line interface: parses flags, runs a command and returns an exit code.
//!
//! `commands` has one file per command, with its flags and its `run`; `flags` has the flags that
//! several commands share. Everything that can be checked without a repository is checked first, so
//! that an invalid command line fails before any work is done.

mod access_flags;
#[cfg(feature = "stores")]
mod against_flags;
mod commands;
mod endpoint_flag;
mod exit_status;
mod flags;
mod index_flags;
mod interrupt;
mod keys;
mod named_values;
mod outputs;
mod own_index;
mod previous_run;
mod progress;
mod registry_flags;
mod resource_flags;
mod shell;
mod signing_flags;
mod summary;
mod terminal;
mod usage;
mod validation_flags;
mod verify_outputs;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::error::Error;

use commands::audit_history::AuditHistoryArgs;
use commands::completions::CompletionsArgs;
use commands::explain::ExplainArgs;
use commands::index::IndexArgs;
use commands::man_pages::ManPagesArgs;
use commands::merge_plans::MergePlansArgs;
use commands::migrate::MigrateArgs;
use commands::report::ReportArgs;
use commands::sign::SignArgs;
use commands::signatures::SignaturesArgs;
#[cfg(feature = "stores")]
use commands::upload::UploadArgs;
use commands::verify::VerifyArgs;
use commands::verify_signatures::VerifySignaturesArgs;
use exit_status::{ExitStatus, Failure};

/// Migrate an Elastic-style package storage from v1 (a Git repository) to v2 (a flat object bucket)
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Migrate(Box<MigrateArgs>),
    Sign(SignArgs),
    Signatures(SignaturesArgs),
    VerifySignatures(VerifySignaturesArgs),
    MergePlans(MergePlansArgs),
    AuditHistory(AuditHistoryArgs),
    Explain(ExplainArgs),
    Index(IndexArgs),
    #[cfg(feature = "stores")]
    Upload(Box<UploadArgs>),
    Verify(Box<VerifyArgs>),
    Report(ReportArgs),
    Completions(CompletionsArgs),
    ManPages(ManPagesArgs),
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    if let Some(words) = words_to_complete() {
        print_completions(&words);
        return ExitCode::from(ExitStatus::Done.code());
    }
    let (name, ran) = match usage::parse::<Cli>().command {
        Command::Migrate(args) => ("migrate", args.run()),
        Command::Sign(args) => ("sign", args.run()),
        Command::Signatures(args) => ("signatures", args.run()),
        Command::VerifySignatures(args) => ("verify-signatures", args.run()),
        Command::MergePlans(args) => ("merge-plans", args.run()),
        Command::AuditHistory(args) => ("audit-history", args.run()),
        Command::Explain(args) => ("explain", args.run()),
        Command::Index(args) => ("index", args.run()),
        #[cfg(feature = "stores")]
        Command::Upload(args) => ("upload", args.run()),
        Command::Verify(args) => ("verify", args.run()),
        Command::Report(args) => ("report", args.run()),
        Command::Completions(args) => ("completions", args.run(shell::hinted(Cli::command()))),
        Command::ManPages(args) => ("man-pages", args.run(&Cli::command())),
    };
    let status = match ran {
        Ok(status) => status,
        Err(Failure::Usage(message)) => exit_with_usage(name, message),
        Err(Failure::Error(Error::Interrupted)) => {
            terminal::say("interrupted: finished files are kept, and no file is left half-written");
            ExitStatus::Interrupted
        }
        Err(Failure::Error(error)) => {
            terminal::error(&error);
            ExitStatus::CouldNotFinish
        }
    };
    ExitCode::from(status.code())
}

/// Returns the words of the command line that a shell's script wants completed.
fn words_to_complete() -> Option<Vec<String>> {
    let mut words = std::env::args_os().skip(1);
    words.next().filter(|word| word == shell::packages::COMMAND)?;
    // Names are UTF-8, and a path that is not cannot be given back to a script.
    Some(words.map(|word| word.to_string_lossy().into_owned()).collect())
}

/// Prints the names that complete the last word. A script has no use for an error.
fn print_completions(words: &[String]) {
    terminal::data(&shell::packages::complete(&Cli::command(), words)).unwrap_or_default();
}

/// Exits with clap's usage error for `command`.
fn exit_with_usage(command: &str, message: String) -> ! {
    let mut cli = Cli::command();
    cli.build();
    let command = cli.find_subcommand_mut(command).expect("it was just parsed");
    command.error(ErrorKind::ValueValidation, message).exit()
}
