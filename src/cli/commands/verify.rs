//! `verify`: compares v2 with v1 and reports mismatches.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::migrate::read_resolutions;
use crate::cli::exit_status::{ExitStatus, Failure};
use crate::cli::flags::access::AccessArgs;
use crate::cli::flags::endpoint::{EndpointArgs, EndpointUrl};
use crate::cli::flags::registry::RegistryArgs;
use crate::cli::flags::resources::VerifiedArgs;
use crate::cli::flags::{ScopeArgs, StagesArgs};
use crate::cli::flags::{distinct_outputs, parse_jobs, parse_report, processor_count};
use crate::cli::interrupt::interrupt_flag;
use crate::cli::keys;
use crate::cli::named_values::named;
use crate::cli::outputs::{Outputs, ReportFormat, Target};
use crate::cli::previous_run::OF_MIGRATE;
use crate::cli::summary::verify as summary;
use crate::cli::terminal;
use crate::cli::terminal::progress::Progress;
use crate::cli::verify_outputs::{self, GitHubStep};
use crate::digest::Sha256;
use crate::error::Error;
use crate::model::mismatch::Extras;
use crate::model::plan::Plan;
use crate::model::resources::Resource;
use crate::model::shard::Shard;
use crate::model::verification::{Depth, PlaceName};
use crate::ops::verify::{Options, RegistryOptions, verify, verify_registry};
use crate::v2::registry::Registry;
use crate::v2::store::folder::Folder;
use crate::v2::store::http::{BaseUrl, Limits};
use crate::v2::store::{Access, Place, PlaceArg, PlaceKind, open_place};

/// The exit codes in the help.
const EXIT_CODES: &str = "\
Exit codes:
  0    v1 and v2 match
  1    they do not match, or the match is not proven
  2    invalid command line
  3    could not complete
  130  interrupted";

/// The default number of concurrent requests; higher than the number of processors, because a request
/// mostly waits.
const CONCURRENT_REQUESTS: usize = 16;

/// The default number of static resources that are compared at a URL or a registry, where each takes a request.
const STATIC_SAMPLE: usize = 500;

/// Verify that v2 holds the content of v1, whichever tool wrote the archives, or that a running registry serves it
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
#[command(group(clap::ArgGroup::new("place").required(true)))]
pub(in crate::cli) struct VerifyArgs {
    /// The v1 repository: bare, a work tree, or a .git folder
    v1_repo: PathBuf,

    /// The location of v2: a folder that contains artifacts/packages/, a flat folder of archives, the
    /// http(s) URL under which artifacts/packages/ is served, or a bucket (gs://, s3:// or az://, with an
    /// optional prefix)
    #[arg(long, value_name = "PLACE", group = "place")]
    v2: Option<OsString>,

    #[command(flatten)]
    registry: RegistryArgs,

    #[command(flatten)]
    stages: StagesArgs,

    #[command(flatten)]
    scope: ScopeArgs,

    #[command(flatten)]
    verified: VerifiedArgs,

    #[command(flatten)]
    endpoint: EndpointArgs,

    /// Apply the decisions in this file (YAML)
    #[arg(long, value_name = "FILE")]
    resolutions: Option<PathBuf>,

    /// Fail if v2 holds anything that v1 does not
    #[arg(long)]
    exact: bool,

    /// What to compare: listing (existence, and sizes of static resources), entries (names, sizes and
    /// CRC-32 in each archive's central directory, content types in a bucket or at a URL), content (every byte)
    /// [default: content for a folder, listing for a registry, which has no entries, entries elsewhere]
    #[arg(
        long,
        value_name = "DEPTH",
        value_parser = named::<Depth>(&["listing", "entries", "content"]),
        hide_possible_values = true
    )]
    depth: Option<Depth>,

    /// Check only one of N slices of the revisions; a revision is always in the same slice
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE, hide_default_value = true)]
    sample: Shard,

    /// Also compare sizes and digests with this plan
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,

    /// Also compare Cache-Control with the value that upload --cache-control was given, and that of the cursor with
    /// no-cache [default: not compared, since it is not in the plan]
    #[arg(long, value_name = "VALUE", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    cache_control: Option<String>,

    /// Check every archive's signature with the public keys in this file; requires --depth content;
    /// repeatable
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,

    /// Write a JUnit XML report to this file, or - for stdout
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// Write the report to this file (.json, .md or .html), or - for JSON on stdout; repeatable
    #[arg(long, value_name = "FILE", value_parser = parse_report)]
    report: Vec<(Target, ReportFormat)>,

    /// Number of worker threads, and of concurrent requests [default: number of processors for a folder,
    /// 16 elsewhere]
    #[arg(short, long, value_name = "N", value_parser = parse_jobs)]
    jobs: Option<usize>,

    #[command(flatten)]
    access: AccessArgs,

    /// Hide progress and summary; errors are always shown
    #[arg(short, long)]
    quiet: bool,
}

impl VerifyArgs {
    pub(in crate::cli) fn run(self) -> Result<ExitStatus, Failure> {
        let StagesArgs { stages, remote } = self.stages.check()?;
        let v2 = self.v2.map(PlaceArg::try_from).transpose();
        let v2 = v2.map_err(|error| format!("--v2: {error}"))?;
        let endpoint = self.endpoint.check()?;
        let compared = match (v2, self.registry.check()?) {
            (Some(v2), _) => Compared::Place(v2),
            (None, Some((base, url, asked))) => {
                self.verified.check_for_registry()?;
                if endpoint.is_some() {
                    let text = "--endpoint requires --v2: a registry reads from its own endpoint";
                    return Err(Failure::Usage(text.to_owned()));
                }
                Compared::Registry { base, name: PlaceName::new(&url), asked }
            }
            (None, None) => unreachable!("clap requires one of them"),
        };
        if self.cache_control.is_some()
            && matches!(compared.place(), None | Some(PlaceKind::Folder(_)))
        {
            let text = "--cache-control requires a bucket or a URL: neither a folder nor a registry states that of objects";
            return Err(Failure::Usage(text.to_owned()));
        }
        let checks_signatures = !self.public_key.is_empty();
        let depth = match (self.depth, compared.place()) {
            (Some(Depth::Entries), None) => {
                let text = "--registry-url: --depth is listing or content";
                return Err(Failure::Usage(text.to_owned()));
            }
            (None, None) => Depth::Listing,
            (Some(Depth::Listing | Depth::Entries), _) if checks_signatures => {
                let text = "--public-key requires --depth content: a signature covers every byte";
                return Err(Failure::Usage(text.to_owned()));
            }
            (Some(depth), _) => depth,
            (None, Some(PlaceKind::Url(_) | PlaceKind::Bucket(_))) if !checks_signatures => {
                Depth::Entries
            }
            (None, Some(PlaceKind::Folder(_) | PlaceKind::Url(_) | PlaceKind::Bucket(_))) => {
                Depth::Content
            }
        };
        let is_remote = !matches!(compared.place(), Some(PlaceKind::Folder(_)));
        let jobs = self.jobs.unwrap_or_else(|| match is_remote {
            false => processor_count(),
            true => CONCURRENT_REQUESTS,
        });
        let outputs = distinct_outputs(Outputs {
            reports: self.report,
            junit: self.junit.map(Target::from),
            ..Outputs::default()
        })?;
        let plan = self.plan.as_deref().map(read_plan).transpose()?;
        let resolutions = read_resolutions(self.resolutions.as_deref())?;
        let public_keys = checks_signatures
            .then(|| keys::load_public(&self.public_key, SystemTime::now()))
            .transpose()?;
        let access = self.access.into();
        let (place_name, place) = Opened::open(compared, access)?;
        let static_sample = match self.verified.static_sample {
            Some(sample) => sample.max(),
            None => place.is_sampled().then_some(STATIC_SAMPLE),
        };
        let planned = plan.as_ref().map(|(plan, _)| &plan.resources.statics);
        let mut verified = self.verified;
        let (index, base_index) = verified.index_places(access)?;
        let mut default_kinds = place.default_kinds().to_vec();
        default_kinds.extend(index.iter().map(|_| Resource::Index));
        let (kinds, statics) = verified.selection(&default_kinds, planned)?;
        place.check(&kinds, index.is_some())?;
        let has_index = kinds.contains(&Resource::Index) || matches!(place, Opened::Registry(..));
        if !has_index && (index.is_some() || base_index.is_some()) {
            let text = "--index and --base-index require index in --resources";
            return Err(Failure::Usage(text.to_owned()));
        }
        let endpoint = endpoint.map(EndpointUrl::open).transpose()?;
        let options = Options {
            stages,
            remote,
            scope: self.scope.into(),
            kinds,
            statics,
            static_sample,
            index,
            base_index,
            endpoint,
            cache_control: self.cache_control,
            resolutions,
            extras: if self.exact { Extras::Refused } else { Extras::Allowed },
            depth,
            sample: self.sample,
            plan,
            public_keys,
            place_name,
            jobs,
        };
        let interrupt = interrupt_flag();
        let progress = Progress::on_stderr(self.quiet);
        let (v1, options) = (&self.v1_repo, &options);
        let outcome = match &place {
            Opened::Folder(place) => verify(v1, options, place, &progress, &interrupt)?,
            Opened::Url(place) | Opened::Bucket(place) => {
                verify(v1, options, &**place, &progress, &interrupt)?
            }
            Opened::Registry(registry, asked) => {
                verify_registry(v1, (options, asked), registry, &progress, &interrupt)?
            }
        };
        drop(progress);

        verify_outputs::write(&outputs, &GitHubStep::from_environment(), &outcome)?;
        if !self.quiet {
            terminal::summary(summary::render(&outcome, &outputs));
        }
        Ok(ExitStatus::of_proof(&outcome))
    }
}

/// What to compare with v1.
enum Compared {
    Place(PlaceArg),
    Registry { base: BaseUrl, name: PlaceName, asked: RegistryOptions },
}

impl Compared {
    /// Returns the location of v2; `None` for a registry.
    fn place(&self) -> Option<&PlaceKind> {
        match self {
            Compared::Place(place) => Some(&place.kind),
            Compared::Registry { .. } => None,
        }
    }
}

/// The opened location of v2, or a registry.
enum Opened {
    Folder(Folder),
    Url(Box<dyn Place>),
    Bucket(Box<dyn Place>),
    Registry(Box<Registry>, RegistryOptions),
}

impl Opened {
    /// Opens it; also returns its name.
    fn open(compared: Compared, access: Access) -> Result<(PlaceName, Self), Error> {
        Ok(match compared {
            Compared::Place(PlaceArg { name, kind }) => {
                let place = match &kind {
                    PlaceKind::Folder(path) => Opened::Folder(Folder::open(path)?),
                    PlaceKind::Url(_) => Opened::Url(open_place(&kind, access)?),
                    PlaceKind::Bucket(_) => Opened::Bucket(open_place(&kind, access)?),
                };
                (name, place)
            }
            Compared::Registry { base, name, asked } => {
                let registry = Registry::open(base, Limits::default())?;
                (name, Opened::Registry(Box::new(registry), asked))
            }
        })
    }

    /// Returns whether only a sample of the static resources is compared by default.
    fn is_sampled(&self) -> bool {
        matches!(self, Opened::Url(_) | Opened::Registry(..))
    }

    /// Returns the kinds of object that are compared by default.
    fn default_kinds(&self) -> &'static [Resource] {
        match self {
            Opened::Folder(folder) if folder.mirrors_bucket() => Resource::ALL,
            Opened::Folder(_) => &[Resource::Archives],
            Opened::Url(_) | Opened::Registry(..) => &[Resource::Archives, Resource::Static],
            Opened::Bucket(_) => Resource::ALL,
        }
    }

    /// Checks that the place can have these kinds of object.
    fn check(&self, kinds: &BTreeSet<Resource>, has_index: bool) -> Result<(), String> {
        let needs_index = kinds.contains(&Resource::Index) && !has_index;
        match self {
            Opened::Folder(folder)
                if !folder.mirrors_bucket() && kinds.contains(&Resource::Static) =>
            {
                Err("a flat folder has no static resources: name the folder that contains artifacts/".to_owned())
            }
            Opened::Folder(folder) if !folder.mirrors_bucket() && needs_index => {
                Err("a flat folder has no index: name its place with --index".to_owned())
            }
            Opened::Url(_) if needs_index => {
                Err("the index lies in another bucket: name its place with --index".to_owned())
            }
            Opened::Folder(_) | Opened::Url(_) | Opened::Bucket(_) | Opened::Registry(..) => Ok(()),
        }
    }
}

fn read_plan(path: &Path) -> Result<(Plan, Sha256), Error> {
    let text = fs::read_to_string(path).map_err(Error::file("read the plan in", path))?;
    let plan = Plan::from_json(&text).map_err(|source| Error::Parse {
        path: path.to_owned(),
        hint: OF_MIGRATE,
        source,
    })?;
    Ok((plan, Sha256::of(text.as_bytes())))
}
