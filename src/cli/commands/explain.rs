//! `explain`: shows what became of a package or a revision.

use std::ffi::OsString;
use std::path::PathBuf;

use super::migrate::read_resolutions;
use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::access::AccessArgs;
use crate::cli::flags::resources::IndexPlaceArgs;
use crate::cli::flags::{JobsArgs, StagesArgs};
use crate::cli::interrupt::interrupt_flag;
use crate::cli::named_values::named;
use crate::cli::summary::explain as summary;
use crate::cli::terminal;
use crate::cli::terminal::progress::Progress;
use crate::error::Error;
use crate::model::package::{PackageName, PackageVersion, RevisionId};
use crate::model::registry_release::RegistryRelease;
use crate::model::verification::Depth;
use crate::ops::explain::{Options, V2, explain};
use crate::report::explain::{StorySubject, json};
use crate::v2::store::folder::Folder;
use crate::v2::store::{PlaceArg, PlaceKind, open_place};

/// The exit codes in the help.
const EXIT_CODES: &str = "\
Exit codes:
  0    explained, even if it is gone, blocked or different in v2
  2    invalid command line
  3    could not complete, or no stage has ever had it
  130  interrupted";

/// Explain what became of a package or a revision: its history, which copy wins and why, its findings and its archive
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct ExplainArgs {
    /// The v1 repository: bare, a work tree, or a .git folder, with its full history
    v1_repo: PathBuf,

    /// The package, or the revision as <name>-<version>
    #[arg(value_name = "NAME[-VERSION]", value_parser = parse_subject)]
    subject: StorySubject,

    /// Also compare its archives, static resources and index entries in v2: a folder that contains artifacts/packages/, a flat folder of archives, an
    /// http(s) URL, or a bucket (gs://, s3:// or az://, with an optional prefix)
    #[arg(long, value_name = "PLACE")]
    v2: Option<OsString>,

    #[command(flatten)]
    index: IndexPlaceArgs,

    #[command(flatten)]
    stages: StagesArgs,

    /// Apply the decisions in this file (YAML)
    #[arg(long, value_name = "FILE")]
    resolutions: Option<PathBuf>,

    /// Release of package-registry that must be able to load the packages, 1.10.0 or newer
    #[arg(long, value_name = "VERSION", default_value_t = RegistryRelease::NEWEST)]
    registry: RegistryRelease,

    /// Output format: text or json
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        value_parser = named::<StoryFormat>(&["text", "json"]),
        hide_possible_values = true
    )]
    format: StoryFormat,

    #[command(flatten)]
    jobs: JobsArgs,

    #[command(flatten)]
    access: AccessArgs,

    /// Hide progress; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

/// The format of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StoryFormat {
    Text,
    Json,
}

impl std::str::FromStr for StoryFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "text" => Ok(StoryFormat::Text),
            "json" => Ok(StoryFormat::Json),
            _ => Err("expected text or json"),
        }
    }
}

impl ExplainArgs {
    pub(in crate::cli) fn run(mut self) -> Result<ExitStatus, Failure> {
        let StagesArgs { stages, remote } = self.stages.check()?;
        let v2 = self.v2.map(PlaceArg::try_from).transpose();
        let v2 = v2.map_err(|error| format!("--v2: {error}"))?;
        if v2.is_none() && self.index.is_given() {
            return Err(Failure::Usage("--index requires --v2".to_owned()));
        }
        let jobs = self.jobs.count();
        let options = Options {
            stages,
            remote,
            resolutions: read_resolutions(self.resolutions.as_deref())?,
            registry: self.registry,
            jobs,
        };
        let access = self.access.into();
        let opened = match v2 {
            Some(PlaceArg { name, kind }) => {
                let holds = Holds::of(&kind, &self.subject)?;
                Some((name, open_place(&kind, access)?, holds, depth(&kind)))
            }
            None => None,
        };
        let mut index = self.index.open(access)?;
        let v2 = opened.as_ref().map(|(name, place, holds, depth)| V2 {
            place: &**place,
            name: name.clone(),
            has_statics: holds.statics,
            may_have_index: holds.index,
            index: index.take(),
            depth: *depth,
            jobs,
        });
        let interrupt = interrupt_flag();
        // A log needs no lines about work that takes a second.
        let progress = Progress::on_terminal(self.quiet);
        let story =
            explain(&self.v1_repo, self.subject, &options, v2.as_ref(), &progress, &interrupt)?;
        drop(progress);
        match self.format {
            StoryFormat::Text => terminal::show(&summary::render(&story))?,
            StoryFormat::Json => {
                let text = json::render(&story);
                terminal::data(&text.map_err(|source| Error::Json { what: "the story", source })?)?;
            }
        }
        Ok(ExitStatus::Done)
    }
}

/// What a place can have besides archives.
struct Holds {
    statics: bool,
    index: bool,
}

impl Holds {
    /// As in `verify`: a flat folder has only archives, and behind a URL there is no index. Nothing can be listed there,
    /// so that static resources are compared only for a single revision, with a request for each.
    fn of(kind: &PlaceKind, subject: &StorySubject) -> Result<Self, Error> {
        Ok(match kind {
            PlaceKind::Folder(path) => {
                let is_mirror = Folder::open(path)?.mirrors_bucket();
                Holds { statics: is_mirror, index: is_mirror }
            }
            PlaceKind::Url(_) => Holds { statics: subject.version.is_some(), index: false },
            PlaceKind::Bucket(_) => Holds { statics: true, index: true },
        })
    }
}

/// Returns how much is compared: every byte in a folder, central directories elsewhere, as `verify` does.
fn depth(kind: &PlaceKind) -> Depth {
    match kind {
        PlaceKind::Folder(_) => Depth::Content,
        PlaceKind::Url(_) | PlaceKind::Bucket(_) => Depth::Entries,
    }
}

fn parse_subject(text: &str) -> Result<StorySubject, String> {
    // The name of a package has no dash.
    let (name, version) = match text.split_once('-') {
        Some((name, version)) => (name, Some(version)),
        None => (text, None),
    };
    let name: PackageName = name.parse().map_err(|error| format!("{error}"))?;
    let version: Option<PackageVersion> =
        version.map(str::parse).transpose().map_err(|error| format!("{error}"))?;
    if let Some(version) = &version {
        RevisionId::new(name.clone(), version.clone()).map_err(|error| error.to_string())?;
    }
    Ok(StorySubject { name, version })
}
