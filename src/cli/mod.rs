//! The command line: flags in, a command run, an exit code out.
//!
//! One file per command, with its flags and what they say together; `flags` has those that
//! commands share. Checks what can be checked without a repository, so that a wrong command line
//! ends before any work. The only user of clap. Called by `main`.

mod audit_history;
mod commands;
mod exit_status;
mod flags;
mod former_run;
mod interrupt;
mod keys;
mod merge_plans;
mod migrate;
mod outputs;
mod progress;
mod sign;
mod signatures;
mod signing_flags;
mod summary;
mod terminal;
mod verify;
mod verify_outputs;
mod verify_signatures;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use self::exit_status::ExitStatus;
use crate::error::Error;

use audit_history::AuditHistoryArgs;
use merge_plans::MergePlansArgs;
use migrate::MigrateArgs;
use sign::SignArgs;
use signatures::SignaturesArgs;
use verify::VerifyArgs;
use verify_signatures::VerifySignaturesArgs;

/// Moves an Elastic-style package storage from v1 (a Git repository) to v2 (a flat object bucket)
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, disable_help_subcommand = true)]
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
    Verify(VerifyArgs),
}

/// The end of every command's help.
const EXIT_CODES: &str = "\
Exit codes:
  0    done, and no finding at or above --fail-on
  1    done, and findings at or above --fail-on
  2    wrong command line
  3    could not finish, or an archive or signature that is there is not the right one
  130  interrupted";

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let ran = match Cli::parse().command {
        Command::Migrate(args) => {
            args.into_command().unwrap_or_else(|text| usage("migrate", text)).run()
        }
        Command::Sign(args) => args.into_command().unwrap_or_else(|text| usage("sign", text)).run(),
        Command::Signatures(args) => {
            args.into_command().unwrap_or_else(|text| usage("signatures", text)).run()
        }
        Command::VerifySignatures(args) => {
            args.into_command().unwrap_or_else(|text| usage("verify-signatures", text)).run()
        }
        Command::MergePlans(args) => {
            args.into_command().unwrap_or_else(|text| usage("merge-plans", text)).run()
        }
        Command::AuditHistory(args) => {
            args.into_command().unwrap_or_else(|text| usage("audit-history", text)).run()
        }
        Command::Verify(args) => {
            args.into_command().unwrap_or_else(|text| usage("verify", text)).run()
        }
    };
    let status = match ran {
        Ok(status) => status,
        Err(Error::Interrupted) => {
            terminal::say("interrupted: what is done is kept, and no file is half-written");
            ExitStatus::Interrupted
        }
        Err(error) => {
            terminal::error(&error);
            ExitStatus::CouldNotFinish
        }
    };
    ExitCode::from(status.code())
}

/// Ends the process like any other wrong command line.
fn usage(command: &str, message: String) -> ! {
    let mut cli = Cli::command();
    cli.build();
    let command = cli.find_subcommand_mut(command).expect("it was just parsed");
    command.error(ErrorKind::ValueValidation, message).exit()
}
