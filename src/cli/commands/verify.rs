//! `verify`: compares v2 with v1 and tells what does not match.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::migrate::read_resolutions;
use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::{ScopeArgs, StagesArgs};
use crate::cli::flags::{distinct_outputs, parse_jobs, parse_report, processor_count};
use crate::cli::interrupt::interrupt_flag;
use crate::cli::keys;
use crate::cli::outputs::{Outputs, ReportFormat, Target};
use crate::cli::progress::Progress;
use crate::cli::summary::verify as summary;
use crate::cli::terminal;
use crate::cli::verify_outputs::{self, GitHubStep};
use crate::digest::Sha256;
use crate::error::Error;
use crate::model::mismatch::Extras;
use crate::model::plan::Plan;
use crate::model::shard::Shard;
use crate::model::verification::Depth;
use crate::ops::verify::{Options, verify};
use crate::v2::store::folder::Folder;
use crate::v2::store::http::{HttpPlace, Limits};
use crate::v2::store::{Place, PlaceArg, PlaceKind};

/// The end of the help.
const EXIT_CODES: &str = "\
Exit codes:
  0    v1 and v2 match
  1    they do not match, or it is not proven
  2    wrong command line
  3    could not finish
  130  interrupted";

/// How many requests are made at a time by default: each mostly waits.
const REQUESTS_AT_A_TIME: usize = 16;

/// Prove that v2 holds what v1 holds, whoever made its archives
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct VerifyArgs {
    /// The v1 repository: bare, a work tree, or a .git folder
    v1_repo: PathBuf,

    /// Where v2 is: a folder with artifacts/packages/ in it, a folder of archives, or the http(s)
    /// URL that artifacts/packages/ is served below
    #[arg(long, value_name = "PLACE")]
    v2: OsString,

    #[command(flatten)]
    stages: StagesArgs,

    #[command(flatten)]
    scope: ScopeArgs,

    /// Apply the decisions in this file (YAML)
    #[arg(long, value_name = "FILE")]
    resolutions: Option<PathBuf>,

    /// Fail when v2 holds anything that v1 does not have
    #[arg(long)]
    exact: bool,

    /// How deep to look: listing (is it there?), entries (names, sizes and CRC-32, by each
    /// archive's directory), content (every byte) [default: content of a folder, entries of a URL]
    #[arg(long, value_name = "DEPTH")]
    depth: Option<Depth>,

    /// Look only at one of N stable slices of the revisions
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE, hide_default_value = true)]
    sample: Shard,

    /// Compare sizes and digests with this plan as well
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,

    /// Check every archive's signature with the keys in this file; needs --depth content;
    /// repeatable
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,

    /// Write a report for CI to this file (JUnit's XML), - for stdout
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// Write the report to this file (.json or .md), - for JSON on stdout; repeatable
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    report: Vec<(Target, ReportFormat)>,

    /// Number of worker threads, and with a URL of requests at a time [default: the number of
    /// processors; 16 with a URL]
    #[arg(short, long, value_name = "N", value_parser = parse_jobs)]
    jobs: Option<usize>,

    /// Show neither progress nor summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

impl VerifyArgs {
    pub(in crate::cli) fn run(self) -> Result<ExitStatus, Failure> {
        let StagesArgs { stages, remote } = self.stages.check()?;
        let v2 = PlaceArg::try_from(self.v2).map_err(|error| format!("--v2: {error}"))?;
        let checks_signatures = !self.public_key.is_empty();
        let depth = match (self.depth, &v2.kind) {
            (Some(Depth::Listing | Depth::Entries), _) if checks_signatures => {
                let text = "a signature is over every byte: --public-key needs --depth content";
                return Err(Failure::Usage(text.to_owned()));
            }
            (Some(depth), _) => depth,
            (None, PlaceKind::Url(_)) if !checks_signatures => Depth::Entries,
            (None, PlaceKind::Folder(_) | PlaceKind::Url(_)) => Depth::Content,
        };
        let jobs = self.jobs.unwrap_or_else(|| match &v2.kind {
            PlaceKind::Folder(_) => processor_count(),
            PlaceKind::Url(_) => REQUESTS_AT_A_TIME,
        });
        let outputs = distinct_outputs(Outputs {
            reports: self.report,
            junit: self.junit.map(Target::from),
            ..Outputs::default()
        })?;
        let options = Options {
            stages,
            remote,
            scope: self.scope.into(),
            resolutions: read_resolutions(self.resolutions.as_deref())?,
            extras: if self.exact { Extras::Refused } else { Extras::Allowed },
            depth,
            sample: self.sample,
            plan: self.plan.as_deref().map(read_plan).transpose()?,
            public_keys: checks_signatures
                .then(|| keys::load_public(&self.public_key, SystemTime::now()))
                .transpose()?,
            place_name: v2.name,
            jobs,
        };
        let interrupt = interrupt_flag();
        let place: Box<dyn Place> = match v2.kind {
            PlaceKind::Folder(path) => Box::new(Folder::open(&path)?),
            PlaceKind::Url(base) => Box::new(HttpPlace::open(base, Limits::default())?),
        };
        let progress = Progress::on_stderr(self.quiet);
        let outcome = verify(&self.v1_repo, &options, &*place, &progress, &interrupt)?;
        drop(progress);

        verify_outputs::write(&outputs, &GitHubStep::from_environment(), &outcome)?;
        if !self.quiet {
            terminal::say(summary::render(&outcome, &outputs));
        }
        Ok(ExitStatus::of_proof(&outcome))
    }
}

fn read_plan(path: &Path) -> Result<(Plan, Sha256), Error> {
    let text = fs::read_to_string(path).map_err(Error::file("read the plan in", path))?;
    let plan =
        Plan::from_json(&text).map_err(|source| Error::Parse { path: path.to_owned(), source })?;
    Ok((plan, Sha256::of(text.as_bytes())))
}
