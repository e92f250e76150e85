//! The command line: flags in, a command run, an exit code out.
//!
//! Checks what can be checked without a repository, so that a wrong command line ends before any
//! work. The only user of clap. Called by `main`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::migrate::{MigrateCommand, ReportFormat, Target};
use crate::commands::{ExitStatus, terminal};
use crate::error::Error;
use crate::finding::Severity;
use crate::package::Stage;
use crate::v1::git::StageRequest;

/// Moves an Elastic-style package storage from v1 (a Git repository) to v2 (a flat object bucket)
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Migrate(MigrateArgs),
}

/// Make v2's archives, the upload plan and the report from a v1 repository
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes:
  0    done, and no finding at or above --fail-on
  1    done, and findings at or above --fail-on
  2    wrong command line
  3    could not finish, or an archive is already there with other bytes
  130  interrupted")]
struct MigrateArgs {
    /// The v1 repository: bare, a work tree, or a .git folder
    v1_repo: PathBuf,

    /// The folder that mirrors the v2 bucket; plan and report go there too
    #[arg(short, long, value_name = "DIR", required_unless_present = "dry_run")]
    output: Option<PathBuf>,

    /// Do everything but keep archives; write only what --plan and --report name
    #[arg(long)]
    dry_run: bool,

    /// The stages to read, the most trusted first; pin one with <stage>=<git revision>
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "production,staging,snapshot",
        value_parser = parse_stage
    )]
    stages: Vec<StageRequest>,

    /// The remote whose branches are read where there is no local branch
    #[arg(long, value_name = "NAME", default_value = "origin")]
    remote: String,

    /// Number of worker threads [default: the number of processors]
    #[arg(short, long, value_name = "N", value_parser = parse_jobs)]
    jobs: Option<usize>,

    /// End with exit code 1 when a finding is at least this severe: info, warning, conflict, blocker
    #[arg(long, value_name = "SEVERITY", default_value = "blocker", value_parser = parse_severity)]
    fail_on: Severity,

    /// Write the plan to this file, - for stdout [default: <DIR>/plan.json]
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,

    /// Write the report to this file (.json or .md), - for JSON on stdout; repeatable
    /// [default: <DIR>/report.json and <DIR>/report.md]
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    report: Vec<(Target, ReportFormat)>,

    /// Show neither progress nor summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let Command::Migrate(args) = cli.command;
    let command = args.into_command().unwrap_or_else(|message| {
        let mut command = Cli::command();
        command.build();
        let migrate = command.find_subcommand_mut("migrate").expect("there is a migrate command");
        migrate.error(ErrorKind::ValueValidation, message).exit()
    });
    let status = match command.run() {
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

impl MigrateArgs {
    /// Checks what flags say together.
    fn into_command(self) -> Result<MigrateCommand, String> {
        for (index, request) in self.stages.iter().enumerate() {
            if self.stages[..index].iter().any(|earlier| earlier.stage == request.stage) {
                return Err(format!("--stages names {} twice", request.stage));
            }
        }
        let plan = self.plan.map(Target::from);
        let mut targets: Vec<&Target> = self.report.iter().map(|(target, _)| target).collect();
        targets.extend(&plan);
        for (index, target) in targets.iter().enumerate() {
            if targets[..index].contains(target) {
                return Err(format!("two outputs go to {target}"));
            }
        }
        let kept_in = self.output.as_ref().filter(|_| !self.dry_run);
        let plan = plan.or_else(|| kept_in.map(|dir| Target::File(dir.join("plan.json"))));
        let reports = match kept_in {
            Some(dir) if self.report.is_empty() => vec![
                (Target::File(dir.join("report.json")), ReportFormat::Json),
                (Target::File(dir.join("report.md")), ReportFormat::Markdown),
            ],
            _ => self.report,
        };
        Ok(MigrateCommand {
            v1_repo: self.v1_repo,
            output: self.output,
            keeps_archives: !self.dry_run,
            stages: self.stages,
            remote: self.remote,
            jobs: self.jobs.unwrap_or_else(|| {
                std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
            }),
            fail_on: self.fail_on,
            plan,
            reports,
            quiet: self.quiet,
        })
    }
}

fn parse_stage(text: &str) -> Result<StageRequest, String> {
    let (stage, pinned) = match text.split_once('=') {
        Some((_, "")) => return Err("a pinned stage needs a revision after =".to_owned()),
        Some((stage, revision)) => (stage, Some(revision.to_owned())),
        None => (text, None),
    };
    let stage = Stage::from_str(stage).map_err(|error| error.to_string())?;
    Ok(StageRequest { stage, pinned })
}

fn parse_jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=1024) => Ok(jobs),
        _ => Err("the number of worker threads is 1 to 1024".to_owned()),
    }
}

fn parse_severity(text: &str) -> Result<Severity, String> {
    Severity::WORST_FIRST
        .into_iter()
        .find(|severity| severity.as_str() == text)
        .ok_or_else(|| "a severity is info, warning, conflict or blocker".to_owned())
}

fn parse_report(text: &str) -> Result<(Target, ReportFormat), String> {
    let path = PathBuf::from(text);
    let format = match path.extension().and_then(|extension| extension.to_str()) {
        _ if text == "-" => ReportFormat::Json,
        Some("json") => ReportFormat::Json,
        Some("md") => ReportFormat::Markdown,
        _ => return Err("a report file ends in .json or .md".to_owned()),
    };
    Ok((Target::from(path), format))
}
