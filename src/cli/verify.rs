//! The flags of `verify`.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;

use super::commands::verify::VerifyCommand;
use super::flags::{ScopeArgs, StagesArgs, outputs_apart, parse_jobs, parse_report};
use super::outputs::{Outputs, ReportFormat, Target};
use crate::model::mismatch::Extras;
use crate::model::shard::Shard;
use crate::model::verification::{Depth, PlaceName};
use crate::ops::verify;
use crate::rules::decisions::Resolutions;
use crate::v2::store::PlaceArg;

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
pub(super) struct VerifyArgs {
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
    pub(super) fn into_command(self) -> Result<VerifyCommand, String> {
        let StagesArgs { stages, remote } = self.stages.check()?;
        let available = || std::thread::available_parallelism().map_or(1, NonZero::get);
        // Only what is no UTF-8 is shown otherwise than it was given.
        let place_name = PlaceName::new(&self.v2.to_string_lossy());
        let v2 = PlaceArg::try_from(self.v2).map_err(|error| format!("--v2: {error}"))?;
        let checks_signatures = !self.public_key.is_empty();
        let depth = match (self.depth, &v2) {
            (Some(Depth::Listing | Depth::Entries), _) if checks_signatures => {
                return Err(
                    "a signature is over every byte: --public-key needs --depth content".to_owned()
                );
            }
            (Some(depth), _) => depth,
            (None, PlaceArg::Url(_)) if !checks_signatures => Depth::Entries,
            (None, PlaceArg::Folder(_) | PlaceArg::Url(_)) => Depth::Content,
        };
        let jobs = match (self.jobs, &v2) {
            (Some(jobs), _) => jobs,
            (None, PlaceArg::Folder(_)) => available(),
            (None, PlaceArg::Url(_)) => REQUESTS_AT_A_TIME,
        };
        let outputs = Outputs {
            reports: self.report,
            junit: self.junit.map(Target::from),
            ..Outputs::default()
        };
        Ok(VerifyCommand {
            v1_repo: self.v1_repo,
            v2,
            options: verify::Options {
                stages,
                remote,
                scope: self.scope.into(),
                resolutions: Resolutions::default(),
                extras: if self.exact { Extras::Refused } else { Extras::Allowed },
                depth,
                sample: self.sample,
                plan: None,
                public_keys: None,
                place_name,
                jobs,
            },
            resolutions: self.resolutions,
            plan: self.plan,
            public_keys: self.public_key,
            outputs: outputs_apart(outputs)?,
            quiet: self.quiet,
        })
    }
}
