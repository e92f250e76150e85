//! The command line interface: parses flags, runs a command and returns an exit code.
//!
//! `commands` has one file per command, with its flags and its `run`; `flags` has the flags that
//! several commands share. Everything that can be checked without a repository is checked first, so
//! that an invalid command line fails before any work is done.

mod commands;
mod exit_status;
mod flags;
mod interrupt;
mod keys;
mod named_values;
mod outputs;
mod own_index;
mod previous_run;
mod shell;
mod suggestions;
mod summary;
mod terminal;
mod usage;
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
use terminal::settings::{self, TerminalArgs};

/// Migrate an Elastic-style package storage from v1 (a Git repository) to v2 (a flat object bucket)
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten, next_help_heading = "Global options")]
    terminal: TerminalArgs,
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
    settings::apply(std::env::args_os().skip(1));
    terminal::panics::end_the_process();
    let (cli, name) = usage::parse::<Cli>();
    terminal::start(&name);
    let ran = match cli.command {
        Command::Migrate(args) => args.run(),
        Command::Sign(args) => args.run(),
        Command::Signatures(args) => args.run(),
        Command::VerifySignatures(args) => args.run(),
        Command::MergePlans(args) => args.run(),
        Command::AuditHistory(args) => args.run(),
        Command::Explain(args) => args.run(),
        Command::Index(args) => args.run(),
        #[cfg(feature = "stores")]
        Command::Upload(args) => args.run(),
        Command::Verify(args) => args.run(),
        Command::Report(args) => args.run(),
        Command::Completions(args) => args.run(shell::hinted(Cli::command())),
        Command::ManPages(args) => args.run(&Cli::command()),
    };
    let status = match ran {
        Ok(status) => status,
        Err(Failure::Usage(message)) => exit_with_usage(&name, message),
        Err(Failure::Error(Error::Interrupted)) => {
            terminal::notice(
                "interrupted: finished files are kept, and no file is left half-written",
            );
            ExitStatus::Interrupted
        }
        Err(Failure::Error(error)) => {
            let exit_code = ExitStatus::CouldNotFinish.code();
            terminal::error(&error, exit_code);
            return ExitCode::from(exit_code);
        }
    };
    terminal::outcome(status.name(), status.code());
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

/// Exits with clap's usage error for the command of these words.
fn exit_with_usage(words: &str, message: String) -> ! {
    let mut cli = Cli::command();
    cli.build();
    let command = words.split(' ').fold(&mut cli, |command, word| {
        command.find_subcommand_mut(word).expect("it was just parsed")
    });
    usage::exit(&command.error(ErrorKind::ValueValidation, message))
}
