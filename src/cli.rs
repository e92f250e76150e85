//! The command line: flags in, a command run, an exit code out.
//!
//! Checks what can be checked without a repository, so that a wrong command line ends before any
//! work. The only user of clap. Called by `main`.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::audit_history;
use crate::commands::ExitStatus;
use crate::commands::audit_history::AuditHistoryCommand;
use crate::commands::merge_plans::MergePlansCommand;
use crate::commands::migrate::MigrateCommand;
use crate::commands::outputs::{Outputs, ReportFormat, Target};
use crate::error::Error;
use crate::finding::Severity;
use crate::migrate;
use crate::package::Stage;
use crate::resolutions::Resolutions;
use crate::scope::{RevisionGlob, Scope, Unpromoted};
use crate::shard::Shard;
use crate::terminal;
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
    MergePlans(MergePlansArgs),
    AuditHistory(AuditHistoryArgs),
}

/// The end of every command's help.
const EXIT_CODES: &str = "\
Exit codes:
  0    done, and no finding at or above --fail-on
  1    done, and findings at or above --fail-on
  2    wrong command line
  3    could not finish, or an archive is already there with other bytes
  130  interrupted";

/// Make v2's archives, the upload plan and the report from a v1 repository
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
struct MigrateArgs {
    /// The v1 repository: bare, a work tree, or a .git folder
    v1_repo: PathBuf,

    /// The folder that mirrors the v2 bucket; plan and report go there too
    #[arg(short, long, value_name = "DIR", required_unless_present = "dry_run")]
    output: Option<PathBuf>,

    /// Do everything but keep archives; write only what --plan and --report name
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    stages: StagesArgs,

    /// Migrate only what a glob fits: a package name, or <name>-<version>; repeatable
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    include: Vec<RevisionGlob>,

    /// Leave out what a glob fits, even where --include fits too; repeatable
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    exclude: Vec<RevisionGlob>,

    /// Include or exclude revisions that the first stage does not have
    #[arg(long, value_name = "CHOICE", default_value = "include")]
    unpromoted: Unpromoted,

    /// Apply the decisions in this file (YAML)
    #[arg(long, value_name = "FILE")]
    resolutions: Option<PathBuf>,

    /// Write a skeleton of decisions to this file: everything that is open, ready to be filled in
    #[arg(long, value_name = "FILE")]
    write_resolutions: Option<PathBuf>,

    /// Migrate only one of N shares of the packages; join what they tell with merge-plans
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE, hide_default_value = true)]
    shard: Shard,

    /// Number of worker threads [default: the number of processors]
    #[arg(short, long, value_name = "N", value_parser = parse_jobs)]
    jobs: Option<usize>,

    #[command(flatten)]
    tell: TellArgs,
}

/// Join the plans and reports of all shards into those of the whole run
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
struct MergePlansArgs {
    /// The output folders of the shards' runs, with plan.json and report.json in each
    #[arg(required = true, value_name = "PART_DIR")]
    parts: Vec<PathBuf>,

    /// The folder that plan and report go to
    #[arg(short, long, value_name = "DIR", required_unless_present_any = ["plan", "report"])]
    output: Option<PathBuf>,

    #[command(flatten)]
    tell: TellArgs,
}

/// Tell which revisions v1 once served and serves no more, and which changed after they were served
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
struct AuditHistoryArgs {
    /// The v1 repository: bare, a work tree, or a .git folder, with its whole history
    v1_repo: PathBuf,

    #[command(flatten)]
    stages: StagesArgs,

    /// End with exit code 1 when a finding is at least this severe: info, warning, conflict, blocker
    #[arg(long, value_name = "SEVERITY", default_value = "blocker", value_parser = parse_severity)]
    fail_on: Severity,

    /// Write the report to this file (.json or .md), - for JSON on stdout; repeatable
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    report: Vec<(Target, ReportFormat)>,

    /// Show neither progress nor summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

/// Which branches are read.
#[derive(Debug, clap::Args)]
struct StagesArgs {
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
}

/// What a command tells, to whom, and how loudly.
#[derive(Debug, clap::Args)]
struct TellArgs {
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
    let ran = match Cli::parse().command {
        Command::Migrate(args) => {
            args.into_command().unwrap_or_else(|text| usage("migrate", text)).run()
        }
        Command::MergePlans(args) => {
            args.into_command().unwrap_or_else(|text| usage("merge-plans", text)).run()
        }
        Command::AuditHistory(args) => {
            args.into_command().unwrap_or_else(|text| usage("audit-history", text)).run()
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

impl MigrateArgs {
    /// Checks what flags say together.
    fn into_command(self) -> Result<MigrateCommand, String> {
        let StagesArgs { stages, remote } = self.stages.check()?;
        let available = || std::thread::available_parallelism().map_or(1, NonZero::get);
        let (fail_on, quiet) = (self.tell.fail_on, self.tell.quiet);
        Ok(MigrateCommand {
            v1_repo: self.v1_repo,
            options: migrate::Options {
                stages,
                remote,
                shard: self.shard,
                scope: Scope {
                    include: self.include.into_iter().collect(),
                    exclude: self.exclude.into_iter().collect(),
                    unpromoted: self.unpromoted,
                },
                resolutions: Resolutions::default(),
                jobs: self.jobs.unwrap_or_else(available),
            },
            resolutions: self.resolutions,
            outputs: self.tell.outputs(
                self.output.as_deref().filter(|_| !self.dry_run),
                self.write_resolutions.map(Target::from),
            )?,
            folder: self.output,
            keeps_archives: !self.dry_run,
            fail_on,
            quiet,
        })
    }
}

impl MergePlansArgs {
    fn into_command(self) -> Result<MergePlansCommand, String> {
        let (fail_on, quiet) = (self.tell.fail_on, self.tell.quiet);
        let outputs = self.tell.outputs(self.output.as_deref(), None)?;
        Ok(MergePlansCommand { parts: self.parts, folder: self.output, outputs, fail_on, quiet })
    }
}

impl AuditHistoryArgs {
    fn into_command(self) -> Result<AuditHistoryCommand, String> {
        let StagesArgs { stages, remote } = self.stages.check()?;
        let outputs = Outputs { plan: None, reports: self.report, skeleton: None };
        Ok(AuditHistoryCommand {
            v1_repo: self.v1_repo,
            options: audit_history::Options { stages, remote },
            outputs: outputs_apart(outputs)?,
            fail_on: self.fail_on,
            quiet: self.quiet,
        })
    }
}

impl StagesArgs {
    /// Refuses a stage that is named twice.
    fn check(self) -> Result<Self, String> {
        for (index, request) in self.stages.iter().enumerate() {
            if self.stages[..index].iter().any(|earlier| earlier.stage == request.stage) {
                return Err(format!("--stages names {} twice", request.stage));
            }
        }
        Ok(self)
    }
}

impl TellArgs {
    /// What is to be written: what the flags name, else the usual files in `folder`.
    fn outputs(self, folder: Option<&Path>, skeleton: Option<Target>) -> Result<Outputs, String> {
        let file = |name: &str| folder.map(|folder| Target::File(folder.join(name)));
        let mut reports = self.report;
        if reports.is_empty() {
            reports.extend(file("report.json").map(|target| (target, ReportFormat::Json)));
            reports.extend(file("report.md").map(|target| (target, ReportFormat::Markdown)));
        }
        let plan = self.plan.map(Target::from).or_else(|| file("plan.json"));
        outputs_apart(Outputs { plan, reports, skeleton })
    }
}

/// Refuses two outputs that go to one place.
fn outputs_apart(outputs: Outputs) -> Result<Outputs, String> {
    let targets: Vec<&Target> = outputs.targets().collect();
    let places: Vec<Target> = targets.iter().map(|target| target.place()).collect();
    for (index, place) in places.iter().enumerate() {
        if places[..index].contains(place) {
            return Err(format!("two outputs go to {}", targets[index]));
        }
    }
    Ok(outputs)
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
