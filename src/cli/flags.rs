//! Flags that several commands share: what is read, what is told, and how texts are parsed.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::outputs::{Outputs, ReportFormat, Target};
use crate::model::finding::Severity;
use crate::model::package::Stage;
use crate::model::scope::{RevisionGlob, Scope, Unpromoted};
use crate::v1::stages::StageRequest;

/// Which branches are read.
#[derive(Debug, clap::Args)]
pub(super) struct StagesArgs {
    /// The stages to read, the most trusted first; pin one with <stage>=<git revision>
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "production,staging,snapshot",
        value_parser = parse_stage
    )]
    pub(super) stages: Vec<StageRequest>,

    /// The remote whose branches are read where there is no local branch
    #[arg(long, value_name = "NAME", default_value = "origin")]
    pub(super) remote: String,
}

/// Which revisions are taken.
#[derive(Debug, clap::Args)]
pub(super) struct ScopeArgs {
    /// Take only what a glob fits: a package name, or <name>-<version>; repeatable
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    include: Vec<RevisionGlob>,

    /// Leave out what a glob fits, even where --include fits too; repeatable
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    exclude: Vec<RevisionGlob>,

    /// Include or exclude revisions that the first stage does not have
    #[arg(long, value_name = "CHOICE", default_value = "include")]
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

/// How many hands there are.
#[derive(Debug, clap::Args)]
pub(super) struct JobsArgs {
    /// Number of worker threads [default: the number of processors]
    #[arg(short, long, value_name = "N", value_parser = parse_jobs)]
    jobs: Option<usize>,
}

/// What a command tells, to whom, and how loudly.
#[derive(Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// End with exit code 1 when a finding is at least this severe: info, warning, conflict, blocker
    #[arg(long, value_name = "SEVERITY", default_value = "blocker")]
    pub(super) fail_on: Severity,

    /// Write the plan to this file, - for stdout [default: <DIR>/plan.json]
    #[arg(long, value_name = "FILE")]
    pub(super) plan: Option<PathBuf>,

    /// Write the report to this file (.json or .md), - for JSON on stdout; repeatable
    /// [default: <DIR>/report.json and <DIR>/report.md]
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    pub(super) report: Vec<(Target, ReportFormat)>,

    /// Show neither progress nor summary; errors are always shown
    #[arg(short, long)]
    pub(super) quiet: bool,
}

impl StagesArgs {
    /// Refuses a stage that is named twice.
    pub(super) fn check(self) -> Result<Self, String> {
        for (index, request) in self.stages.iter().enumerate() {
            if self.stages[..index].iter().any(|earlier| earlier.stage == request.stage) {
                return Err(format!("--stages names {} twice", request.stage));
            }
        }
        Ok(self)
    }
}

impl JobsArgs {
    /// Number of worker threads.
    pub(super) fn count(&self) -> usize {
        self.jobs.unwrap_or_else(processor_count)
    }
}

/// The number of processors, as far as it is known.
pub(super) fn processor_count() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

impl OutputArgs {
    /// What is to be written: what the flags name, else the usual files in `folder`.
    pub(super) fn outputs(
        self,
        folder: Option<&Path>,
        skeleton: Option<Target>,
    ) -> Result<Outputs, String> {
        let usual = folder.map(default_outputs);
        let (plan, reports) = usual.map_or((None, Vec::new()), |usual| (usual.plan, usual.reports));
        distinct_outputs(Outputs {
            plan: self.plan.map(Target::from).or(plan),
            reports: if self.report.is_empty() { reports } else { self.report },
            skeleton,
            junit: None,
        })
    }
}

/// The usual files in an output folder.
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

/// Refuses two outputs that go to one place.
pub(super) fn distinct_outputs(outputs: Outputs) -> Result<Outputs, String> {
    let targets: Vec<&Target> = outputs.targets().collect();
    let places: Vec<Target> = targets.iter().map(|target| target.canonical()).collect();
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

pub(super) fn parse_report(text: &str) -> Result<(Target, ReportFormat), String> {
    let path = PathBuf::from(text);
    let format = match path.extension().and_then(|extension| extension.to_str()) {
        _ if text == "-" => ReportFormat::Json,
        Some("json") => ReportFormat::Json,
        Some("md") => ReportFormat::Markdown,
        _ => return Err("a report file ends in .json or .md".to_owned()),
    };
    Ok((Target::from(path), format))
}

pub(super) fn parse_jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=1024) => Ok(jobs),
        _ => Err("the number of worker threads is 1 to 1024".to_owned()),
    }
}
