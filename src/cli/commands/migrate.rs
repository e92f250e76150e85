//! `migrate`: runs the engine with an output folder or as a dry run, and writes plan and report at the end.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::EXIT_CODES;
use crate::cli::exit_status::{ExitStatus, Failure};
#[cfg(feature = "stores")]
use crate::cli::flags::against::AgainstFlags;
use crate::cli::flags::index::IndexFlags;
use crate::cli::flags::resources::ResourcesArgs;
use crate::cli::flags::signing::SigningArgs;
use crate::cli::flags::validation::ValidationArgs;
use crate::cli::flags::{JobsArgs, OutputArgs, ScopeArgs, StagesArgs};
use crate::cli::interrupt::interrupt_flag;
use crate::cli::outputs::Target;
use crate::cli::terminal;
use crate::cli::terminal::progress::Progress;
use crate::cli::{keys, summary};
use crate::error::Error;
use crate::model::package::{ARCHIVE_PREFIX, ObjectKey, STATIC_PREFIX};
use crate::model::registry_release::RegistryRelease;
use crate::model::resources::Resource;
use crate::model::shard::Shard;
use crate::ops::migrate::{GoneNames, Options, UnwrittenIndex, migrate};
use crate::ops::sign::{self, Signed, sign};
use crate::rules::constraint::Version;
use crate::rules::decisions::{DecisionFault, Resolutions};
use crate::rules::visibility::KNOWN_KIBANA_VERSIONS;
use crate::v2::folder::{OutputFolder, Preview, Sink, unplanned_archives, unplanned_statics};
#[cfg(feature = "stores")]
use crate::v2::index::ChangedEntries;

/// Create the v2 archives, the upload plan and the report from a v1 repository
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct MigrateArgs {
    /// The v1 repository: a bare repository, a work tree, or a .git folder
    v1_repo: PathBuf,

    /// Output folder: a mirror of the v2 bucket, with the plan and the report
    #[arg(short, long, value_name = "DIR", required_unless_present = "dry_run")]
    output: Option<PathBuf>,

    /// Do not write archives; write only the files given by --plan and --report
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    stages: StagesArgs,

    #[command(flatten)]
    scope: ScopeArgs,

    #[command(flatten)]
    resources: ResourcesArgs,

    /// Apply the decisions in this file (YAML)
    #[arg(long, value_name = "FILE")]
    resolutions: Option<PathBuf>,

    /// Write a template for --resolutions to this file, with an entry for each open finding
    #[arg(long, value_name = "FILE")]
    write_resolutions: Option<PathBuf>,

    /// Migrate only shard I of N of the packages; combine the plans and reports with merge-plans
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE, hide_default_value = true)]
    shard: Shard,

    /// Release of package-registry that must be able to load the packages, 1.10.0 or newer
    #[arg(long, value_name = "VERSION", default_value_t = RegistryRelease::NEWEST)]
    registry: RegistryRelease,

    /// Report what users of this version of Kibana will see; repeatable
    #[arg(long, value_name = "VERSION", default_values = KNOWN_KIBANA_VERSIONS)]
    kibana_version: Vec<Version>,

    #[command(flatten)]
    index: IndexFlags,

    #[cfg(feature = "stores")]
    #[command(flatten)]
    against: AgainstFlags,

    #[command(flatten)]
    validation: ValidationArgs,

    #[command(flatten)]
    signing: SigningArgs,

    #[command(flatten)]
    jobs: JobsArgs,

    #[command(flatten)]
    output_args: OutputArgs,
}

impl MigrateArgs {
    pub(in crate::cli) fn run(self) -> Result<ExitStatus, Failure> {
        let StagesArgs { stages, remote } = self.stages.check()?;
        let (fail_on, quiet, jobs) =
            (self.output_args.fail_on, self.output_args.quiet, self.jobs.count());
        let folder = self.output.as_deref();
        let outputs = self
            .output_args
            .outputs(folder.filter(|_| !self.dry_run), self.write_resolutions.map(Target::from))?;
        #[cfg(feature = "stores")]
        let against = self.against.open(self.dry_run, self.index.access.into())?;
        let keys = self.signing.load(SystemTime::now())?;
        let interrupt = interrupt_flag();
        let resources = self.resources.resources()?;
        let base = self.index.base(&resources, &interrupt)?;
        let options = Options {
            stages,
            remote,
            shard: self.shard,
            scope: self.scope.into(),
            resources,
            resolutions: read_resolutions(self.resolutions.as_deref())?,
            validator: self.validation.find()?,
            registry: self.registry,
            kibana_versions: distinct(self.kibana_version)?,
            // A first run has no stale names: someone is there to correct them.
            gone_names: match &base {
                Some(_) => GoneNames::Reported,
                None => GoneNames::Refused,
            },
            base,
            cursor: self.index.cursor,
            jobs,
        };
        // Kept until the end of the run because it holds the folder's lock.
        let sink: Box<dyn Sink> = match folder {
            Some(folder) if !self.dry_run => Box::new(OutputFolder::open(folder)?),
            folder => Box::new(Preview::new(folder.map(Path::to_owned))),
        };
        let progress = Progress::on_stderr(quiet);
        let mut outcome = migrate(&self.v1_repo, &options, &*sink, &progress, &interrupt)?;
        let signed = match folder {
            None => Signed::without_folder(&outcome.plan, keys.signer.is_some()),
            Some(folder) => {
                let options = sign::Options {
                    folder,
                    maker: keys.maker((!self.dry_run).then_some(&*sink)),
                    public_keys: &keys.public_keys(),
                    read: &outcome.read,
                    refused: &outcome.deliveries.refused,
                    jobs,
                };
                sign(&outcome.plan, &options, &progress, &interrupt)?
            }
        };
        outcome.report.signatures = signed.coverage.clone();
        outcome.plan = outcome.plan.with_signatures(signed.uploads.clone());
        #[cfg(feature = "stores")]
        let mut changed = ChangedEntries::default();
        if let Some(UnwrittenIndex { entries, cursor }) = outcome.index.take() {
            #[cfg(feature = "stores")]
            if against.is_some() {
                changed = entries.changed(&outcome.plan);
            }
            let base = options.base.as_ref().map(|base| base.index.clone());
            let folder = folder.filter(|_| !self.dry_run);
            outcome.plan = entries.write(outcome.plan, cursor, base, folder, &interrupt)?;
            outcome.report.index.clone_from(&outcome.plan.index);
        }
        #[cfg(feature = "stores")]
        if let Some(against) = &against {
            let compared = against.compare(&outcome.plan, changed, &progress, &interrupt)?;
            outcome.report.against = Some(compared);
        }
        drop(progress);

        let (mut refused, mut unplanned) = (Vec::new(), Vec::new());
        if let Some(folder) = folder {
            let (resources, uploads) = (&outcome.plan.resources, &outcome.plan.uploads);
            // Other kinds of object may come from another run.
            if resources.has(Resource::Archives) {
                unplanned.push((ARCHIVE_PREFIX, unplanned_archives(folder, uploads)?));
            }
            if resources.has(Resource::Static) {
                unplanned.push((STATIC_PREFIX, unplanned_statics(folder, uploads)?));
            }
            refused.extend(&outcome.deliveries.refused);
            refused.extend(&outcome.statics.refused);
        }
        outputs.write_skeleton(&outcome.report, &outcome.open)?;
        outputs.write(&outcome.plan, &outcome.report)?;

        if !quiet {
            let objects = summary::delivered(&outcome, !self.dry_run, folder);
            let signed = keys.summary_text(&signed);
            terminal::summary(summary::render(&outcome.report, &objects, &signed, &outputs));
        }
        if let Some(folder) = folder {
            keys::show_faults(&signed, folder);
            let is_partial = outcome.report.is_partial();
            show_folder_faults(&refused, folder, &unplanned, is_partial);
        }
        let status = match refused.is_empty() && signed.refused.is_empty() {
            true => ExitStatus::of_findings(&outcome.report, fail_on),
            false => ExitStatus::CouldNotFinish,
        };
        Ok(match &outcome.report.against {
            Some(comparison) => status.and_compared(comparison, fail_on),
            None => status,
        })
    }
}

/// Fails if a version is given twice.
fn distinct(versions: Vec<Version>) -> Result<Vec<Version>, String> {
    for (index, version) in versions.iter().enumerate() {
        if versions[..index].contains(version) {
            return Err(format!("--kibana-version is given twice for {version}"));
        }
    }
    Ok(versions)
}

/// Prints problems with the output folder, even with `--quiet`.
fn show_folder_faults(
    refused: &[&ObjectKey],
    folder: &Path,
    unplanned: &[(&str, Vec<String>)],
    is_partial: bool,
) {
    const MAX_REFUSED: usize = 20;
    const SHOWN: usize = 5;
    for key in refused.iter().take(MAX_REFUSED) {
        terminal::other_bytes(&folder.join(key.as_str()));
    }
    if let Some(more @ 1..) = refused.len().checked_sub(MAX_REFUSED) {
        terminal::fault(format_args!("{more} more files exist with other bytes"));
    }
    if !refused.is_empty() {
        terminal::hint(
            "check where the file comes from; move it away if the object of this run is the right one, then run again",
        );
    }
    let mut is_left_over = false;
    for (prefix, names) in unplanned.iter().filter(|(_, names)| !names.is_empty()) {
        let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = match names.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        terminal::warning(format_args!(
            "not in this plan, but in {}: {shown}{more}",
            folder.join(prefix).display()
        ));
        is_left_over = true;
    }
    if !is_left_over {
        return;
    }
    let whose = match is_partial {
        true => {
            "the plan is partial, so they may belong to another shard or to excluded revisions; "
        }
        false => "",
    };
    terminal::hint(format_args!(
        "{whose}a tool that copies the whole folder would publish them too"
    ));
}

/// Reads the decisions file; without a file, there are no decisions.
pub(super) fn read_resolutions(path: Option<&Path>) -> Result<Resolutions, Error> {
    let Some(path) = path else { return Ok(Resolutions::default()) };
    let bytes = fs::read(path).map_err(Error::file("read the decisions in", path))?;
    Resolutions::parse(&bytes).map_err(|faults| Error::Resolutions {
        faults: faults.iter().map(DecisionFault::to_string).collect(),
    })
}
