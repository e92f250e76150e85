//! Flags that several commands share, for input and output, and the parsers of their values. A group of flags with a
//! subject of its own has a file, also if only one command takes it.

pub(super) mod access;
#[cfg(feature = "stores")]
pub(super) mod against;
pub(super) mod endpoint;
pub(super) mod index;
pub(super) mod registry;
pub(super) mod resources;
pub(super) mod signing;
pub(super) mod validation;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::cli::named_values::{NamedValues, named};
use crate::cli::outputs::{Outputs, ReportFormat, Target};
use crate::model::finding::Severity;
use crate::model::package::Stage;
use crate::model::scope::{RevisionGlob, Scope, Unpromoted};
use crate::v1::stages::StageRequest;

/// Which branches to read.
#[derive(Debug, clap::Args)]
pub(super) struct StagesArgs {
    /// Stages to read, in order of precedence; pin one with <stage>=<git revision>
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "production,staging,snapshot",
        value_parser = NamedValues::new(&["production", "staging", "snapshot"], parse_stage),
        hide_possible_values = true
    )]
    pub(super) stages: Vec<StageRequest>,

    /// Remote to read a branch from if there is no local branch
    #[arg(long, value_name = "NAME", default_value = "origin")]
    pub(super) remote: String,
}

/// Which revisions to include.
#[derive(Debug, clap::Args)]
pub(super) struct ScopeArgs {
    /// Include only the packages (<name>) or revisions (<name>-<version>) that match; repeatable
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    include: Vec<RevisionGlob>,

    /// Exclude the packages or revisions that match, even if --include matches too; repeatable
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    exclude: Vec<RevisionGlob>,

    /// Include or exclude revisions that are missing from the first stage
    #[arg(
        long,
        value_name = "CHOICE",
        default_value = "include",
        value_parser = named::<Unpromoted>(&["include", "exclude"]),
        hide_possible_values = true
    )]
    unpromoted: Unpromoted,
}

impl From<ScopeArgs> for Scope {
    fn from(args: ScopeArgs) -> Self {
        Scope {
            include: args.include.into_iter().collect(),
            exclude: args.exclude.into_iter().collect(),
            unpromoted: args.unpromoted,
        }
    }
}

/// The number of worker threads.
#[derive(Debug, clap::Args)]
pub(super) struct JobsArgs {
    /// Number of worker threads [default: number of processors]
    #[arg(short, long, value_name = "N", value_parser = parse_jobs)]
    jobs: Option<usize>,
}

/// Which findings make a run end with exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailOn {
    /// Those of this severity and above.
    Severity(Severity),
    /// None.
    Never,
}

impl FromStr for FailOn {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "never" => Ok(FailOn::Never),
            _ => text
                .parse()
                .map(FailOn::Severity)
                .map_err(|_| "expected info, warning, conflict, blocker or never"),
        }
    }
}

impl FailOn {
    /// Its names on the command line.
    pub(super) const NAMES: &[&str] = &["info", "warning", "conflict", "blocker", "never"];

    /// Reports whether a run fails, given whether a severity or a higher one was found.
    pub(super) fn fails(self, reaches: impl FnOnce(Severity) -> bool) -> bool {
        match self {
            FailOn::Severity(threshold) => reaches(threshold),
            FailOn::Never => false,
        }
    }
}

/// What a command writes, and which findings make it fail.
#[derive(Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// Exit with code 1 if a finding is at least this severe: info, warning, conflict, blocker; or never
    #[arg(
        long,
        value_name = "SEVERITY",
        default_value = "blocker",
        value_parser = named::<FailOn>(FailOn::NAMES),
        hide_possible_values = true
    )]
    pub(super) fail_on: FailOn,

    /// Write the plan to this file, or - for stdout [default: <DIR>/plan.json]
    #[arg(long, value_name = "FILE")]
    pub(super) plan: Option<PathBuf>,

    /// Write the report to this file (.json, .md or .html), or - for JSON on stdout; repeatable
    /// [default: <DIR>/report.json and <DIR>/report.md]
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    pub(super) report: Vec<(Target, ReportFormat)>,

    /// Hide progress and summary; errors are always shown
    #[arg(short, long)]
    pub(super) quiet: bool,
}

impl StagesArgs {
    /// Fails if a stage is listed twice.
    pub(super) fn check(self) -> Result<Self, String> {
        for (index, request) in self.stages.iter().enumerate() {
            if self.stages[..index].iter().any(|earlier| earlier.stage == request.stage) {
                return Err(format!("--stages lists {} twice", request.stage));
            }
        }
        Ok(self)
    }
}

impl JobsArgs {
    /// Returns the number of worker threads.
    pub(super) fn count(&self) -> usize {
        self.jobs.unwrap_or_else(processor_count)
    }
}

/// Returns the number of processors, or 1 if it is unknown.
pub(super) fn processor_count() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

impl OutputArgs {
    /// Returns the outputs that the flags name; those not named default to files in `folder`.
    pub(super) fn outputs(
        self,
        folder: Option<&Path>,
        skeleton: Option<Target>,
    ) -> Result<Outputs, String> {
        let (plan, reports) = folder
            .map(default_outputs)
            .map_or((None, Vec::new()), |outputs| (outputs.plan, outputs.reports));
        distinct_outputs(Outputs {
            plan: self.plan.map(Target::from).or(plan),
            reports: if self.report.is_empty() { reports } else { self.report },
            skeleton,
            junit: None,
        })
    }
}

/// Returns the default outputs of a run into `folder`.
pub(super) fn default_outputs(folder: &Path) -> Outputs {
    let file = |name: &str| Target::File(folder.join(name));
    Outputs {
        plan: Some(file("plan.json")),
        reports: vec![
            (file("report.json"), ReportFormat::Json),
            (file("report.md"), ReportFormat::Markdown),
        ],
        ..Outputs::default()
    }
}

/// Fails if two outputs have the same target.
pub(super) fn distinct_outputs(outputs: Outputs) -> Result<Outputs, String> {
    let targets: Vec<&Target> = outputs.targets().collect();
    let canonical: Vec<Target> = targets.iter().map(|target| target.canonical()).collect();
    for (index, target) in canonical.iter().enumerate() {
        if canonical[..index].contains(target) {
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

/// Parses the file of a report, whose name selects the format.
pub(super) fn parse_report(text: &str) -> Result<(Target, ReportFormat), String> {
    let report = |format| Ok((Target::from(PathBuf::from(text)), format));
    match Path::new(text).extension().and_then(|extension| extension.to_str()) {
        _ if text == "-" => report(ReportFormat::Json),
        Some("json") => report(ReportFormat::Json),
        Some("md") => report(ReportFormat::Markdown),
        Some("html") => report(ReportFormat::Html),
        _ => Err("expected a file name that ends in .json, .md or .html".to_owned()),
    }
}

/// Parses the file of a report that has no HTML form.
pub(super) fn parse_text_report(text: &str) -> Result<(Target, ReportFormat), String> {
    match parse_report(text) {
        Ok((target, format @ (ReportFormat::Json | ReportFormat::Markdown))) => {
            Ok((target, format))
        }
        Ok((_, ReportFormat::Html)) | Err(_) => {
            Err("expected a file name that ends in .json or .md".to_owned())
        }
    }
}

/// Parses the file of a report that has only an HTML form.
pub(super) fn parse_page(text: &str) -> Result<Target, String> {
    match parse_report(text) {
        Ok((target, ReportFormat::Html)) => Ok(target),
        Ok((_, ReportFormat::Json | ReportFormat::Markdown)) | Err(_) => {
            Err("expected a file name that ends in .html".to_owned())
        }
    }
}

pub(super) fn parse_jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=1024) => Ok(jobs),
        _ => Err("expected a number from 1 to 1024".to_owned()),
    }
}
