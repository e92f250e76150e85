//! `upload`: creates the objects of a plan in a store, and never replaces one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::access::AccessArgs;
use crate::cli::flags::endpoint::{EndpointArgs, EndpointUrl};
use crate::cli::flags::{distinct_outputs, parse_jobs, parse_report};
use crate::cli::interrupt::interrupt_flag;
use crate::cli::named_values::NamedValues;
use crate::cli::outputs::{Outputs, ReportFormat, Target};
use crate::cli::previous_run::read_checked_part;
use crate::cli::summary::upload as summary;
use crate::cli::terminal;
use crate::cli::terminal::progress::Progress;
use crate::digest::Sha256;
use crate::error::Error;
use crate::model::finding::Severity;
use crate::model::upload::{Layout, UploadConclusion, UploadOutcome};
use crate::model::verification::PlaceName;
use crate::ops::merge_plans::Part;
use crate::ops::upload::{Allowed, Options, Stores, check, upload};
use crate::report::upload::{html, json, markdown};
use crate::v2::store::bucket::{Bucket, Environment};
use crate::v2::store::http::Limits;
use crate::v2::store::{Access, BucketUrl, PlaceArg, PlaceKind};

/// The exit codes in the help.
const EXIT_CODES: &str = "\
Exit codes:
  0    every object is in the store
  1    conflicts with other objects, which were not replaced, or objects that
       --endpoint does not serve
  2    invalid command line
  3    could not complete: some objects are not in the store
  130  interrupted";

/// Upload the objects of a plan to a bucket, without ever replacing one
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct UploadArgs {
    /// The output folder of `migrate`, with plan.json and report.json; with --plan, the folders that have
    /// the files
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,

    /// The bucket, with an optional prefix: gs://, s3:// or az://
    #[arg(long, value_name = "STORE", value_parser = parse_bucket)]
    to: (PlaceName, BucketUrl),

    /// The bucket for the search index and its cursor [default: that of --to]
    #[arg(long, value_name = "STORE", value_parser = parse_bucket)]
    internal: Option<(PlaceName, BucketUrl)>,

    /// Upload this plan, such as that of `merge-plans`, with its report.json beside it
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,

    /// Write nothing, and report what would be created, what is there, and what conflicts
    #[arg(long)]
    dry_run: bool,

    /// The keys: bucket (those of the plan), or queue (archives and signatures by their file names, for a job
    /// that publishes them; all must be signed)
    #[arg(
        long,
        value_name = "LAYOUT",
        default_value = "bucket",
        value_parser = NamedValues::new(&["bucket", "queue"], parse_layout),
        hide_possible_values = true
    )]
    layout: Layout,

    /// The Cache-Control of archives, signatures and static resources
    #[arg(long, value_name = "VALUE", value_parser = parse_header)]
    cache_control: Option<String>,

    /// Compare the SHA-256 of all files with the plan before the first request; without it, each file is
    /// checked while it is sent
    #[arg(long)]
    check_files: bool,

    /// Upload a plan with signatures that do not exist yet, without these
    #[arg(long)]
    allow_pending: bool,

    /// Keep the published signature of an archive that is there already, instead of reporting a conflict: a new
    /// signature of the same archive has other bytes
    #[arg(long)]
    keep_signatures: bool,

    /// Upload a plan whose report has open blockers
    #[arg(long)]
    allow_blockers: bool,

    /// Upload the plan of a shard, which has no index
    #[arg(long)]
    allow_shard: bool,

    /// Exit with code 1 on conflicts (conflict), or not (never); failures always exit with 3
    #[arg(
        long,
        value_name = "OUTCOME",
        default_value = "conflict",
        value_parser = NamedValues::new(&["conflict", "never"], parse_fail_on),
        hide_possible_values = true
    )]
    fail_on: FailOn,

    /// Write the report to this file (.json, .md or .html), or - for JSON on stdout; repeatable
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    report: Vec<(Target, ReportFormat)>,

    /// Number of concurrent requests [default: 16, and up to 64 for a distant store]
    #[arg(short, long, value_name = "N", value_parser = parse_jobs)]
    jobs: Option<usize>,

    /// Start at most this number of requests per second
    #[arg(long, value_name = "N/s", value_parser = parse_rate)]
    rate: Option<Duration>,

    #[command(flatten)]
    endpoint: EndpointArgs,

    #[command(flatten)]
    access: AccessArgs,

    /// Hide progress and summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

/// Which outcomes make a run end with exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FailOn {
    Conflict,
    Never,
}

impl UploadArgs {
    pub(in crate::cli) fn run(self) -> Result<ExitStatus, Failure> {
        let outputs = distinct_outputs(Outputs { reports: self.report, ..Outputs::default() })?;
        let endpoint = self.endpoint.check()?;
        if endpoint.is_some() && (self.dry_run || self.layout == Layout::Queue) {
            let text = "--endpoint reads what was uploaded for registries: not with --dry-run or --layout queue";
            return Err(Failure::Usage(text.to_owned()));
        }
        let plan_folder = match (&self.plan, self.folders.as_slice()) {
            (Some(plan), _) => folder_of(plan)?,
            (None, [folder]) => folder.clone(),
            (None, _) => {
                let text =
                    "several folders need --plan: the plan that `merge-plans` made of theirs";
                return Err(Failure::Usage(text.to_owned()));
            }
        };
        let plan_path = self.plan.unwrap_or_else(|| plan_folder.join("plan.json"));
        let Part { plan, report, .. } = read_checked_part(&plan_folder)?;
        let bytes = fs::read(&plan_path).map_err(Error::file("read", &plan_path))?;
        let is_blocker = |severity| severity == Severity::Blocker;
        let blockers = report.open().filter(|finding| is_blocker(finding.kind.severity()));
        let mut folders = vec![plan_folder];
        folders.extend(self.folders);
        let mut options = Options {
            folders,
            plan_path,
            plan_digest: Sha256::of(&bytes),
            blocker_count: blockers.count() as u64,
            allowed: Allowed {
                pending: self.allow_pending,
                blockers: self.allow_blockers,
                shard: self.allow_shard,
            },
            layout: self.layout,
            cache_control: self.cache_control,
            checks_files: self.check_files,
            keeps_signatures: self.keep_signatures,
            is_dry_run: self.dry_run,
            jobs: self.jobs,
            to: self.to.0,
            internal: self.internal.as_ref().map(|(name, _)| name.clone()),
            endpoint: None,
        };
        let interrupt = interrupt_flag();
        let progress = Progress::on_stderr(self.quiet);
        let checked = check(&plan, &options, &progress, &interrupt)?;

        let limits = Limits { spacing: self.rate.unwrap_or_default(), ..Limits::default() };
        let access: Access = self.access.into();
        let environment = Environment::of_process();
        let open = |url: &BucketUrl| Bucket::open(url, &environment, access, limits);
        let to = open(&self.to.1)?;
        let internal_url = self.internal.map_or(self.to.1, |(_, url)| url);
        let internal = match &options.internal {
            Some(_) => Some(open(&internal_url)?),
            None => None,
        };
        options.endpoint = endpoint.map(EndpointUrl::open).transpose()?;
        let stores = Stores {
            to: &to,
            internal: internal.as_ref().unwrap_or(&to),
            internal_kind: internal_url.kind(),
        };
        let outcome = upload(&checked, &options, stores, &progress, &interrupt)?;
        drop(progress);

        let all = outputs.all_findings();
        outputs.write_reports(
            || json::render(&outcome),
            || markdown::render(&outcome, &all),
            Some(&|| html::render(&outcome)),
        )?;
        if !self.quiet {
            terminal::summary(summary::render(&outcome, &outputs));
        }
        Ok(status(&outcome, self.fail_on))
    }
}

fn status(outcome: &UploadOutcome, fail_on: FailOn) -> ExitStatus {
    match outcome.conclusion() {
        UploadConclusion::Complete => ExitStatus::Done,
        UploadConclusion::NotServed => ExitStatus::Findings,
        UploadConclusion::Conflicts if fail_on == FailOn::Conflict || !outcome.is_served() => {
            ExitStatus::Findings
        }
        UploadConclusion::Conflicts => ExitStatus::Done,
        UploadConclusion::Failed => ExitStatus::CouldNotFinish,
    }
}

/// Returns the folder of a plan, which must have the usual name.
fn folder_of(plan: &Path) -> Result<PathBuf, String> {
    let parent = plan.parent().filter(|parent| !parent.as_os_str().is_empty());
    match plan.file_name().is_some_and(|name| name == "plan.json") {
        true => Ok(parent.unwrap_or(Path::new(".")).to_owned()),
        false => {
            Err("--plan: expected a file named plan.json, with report.json beside it".to_owned())
        }
    }
}

fn parse_bucket(text: &str) -> Result<(PlaceName, BucketUrl), String> {
    match text.parse::<PlaceArg>() {
        Ok(PlaceArg { name, kind: PlaceKind::Bucket(url) }) => Ok((name, url)),
        Ok(_) => Err("expected gs://, s3:// or az://".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn parse_layout(text: &str) -> Result<Layout, String> {
    match text {
        "bucket" => Ok(Layout::Bucket),
        "queue" => Ok(Layout::Queue),
        _ => Err("expected bucket or queue".to_owned()),
    }
}

fn parse_fail_on(text: &str) -> Result<FailOn, String> {
    match text {
        "conflict" => Ok(FailOn::Conflict),
        "never" => Ok(FailOn::Never),
        _ => Err("expected conflict or never".to_owned()),
    }
}

fn parse_header(text: &str) -> Result<String, String> {
    let is_line = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    match is_line && !text.is_empty() && text.trim() == text {
        true => Ok(text.to_owned()),
        false => Err("expected one line of ASCII".to_owned()),
    }
}

fn parse_rate(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    match number.parse::<u32>() {
        Ok(rate @ 1..=100_000) => Ok(Duration::from_secs(1) / rate),
        _ => {
            Err("expected a number of requests per second from 1 to 100000, such as 50/s"
                .to_owned())
        }
    }
}
