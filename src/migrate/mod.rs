//! The engine: from a v1 repository to archives in a sink, a plan and a report.
//!
//! Lists all copies, then works package by package: reads the copies' files, decides, reads and
//! deflates each distinct blob once, assembles all archives of the package from the ready pieces,
//! and drops them. Knows no terminal and no command line; called by `commands`.

mod job;
mod workers;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::archive;
use crate::error::Error;
use crate::event::{Event, Observer};
use crate::finding::Finding;
use crate::output::{ArchiveSink, Delivery};
use crate::package::{ObjectKey, PackageName, Stage};
use crate::plan::{ArchiveEngine, Plan, SCHEMA_VERSION, Source, SourceStage, Tool, Upload};
use crate::report::Report;
use crate::resolve::Balance;
use crate::shard::Shard;
use crate::v1::git::{StageCommit, StageRequest, V1Repository};
use crate::v1::listing::{ListedPackage, Listing};

use job::PackageJob;
use workers::{Gate, Workers};

/// What to migrate, and with how many hands.
#[derive(Clone, Debug)]
pub struct Options {
    /// The stages, in their precedence.
    pub stages: Vec<StageRequest>,
    /// The remote whose branches stand in for local ones.
    pub remote: String,
    /// The packages to migrate.
    pub shard: Shard,
    /// Number of worker threads, at least 1.
    pub jobs: usize,
}

/// What a run found and made.
#[derive(Debug)]
pub struct Outcome {
    /// All uploads.
    pub plan: Plan,
    /// Everything a person should know of v1.
    pub report: Report,
    /// What became of the archives in the sink.
    pub deliveries: Deliveries,
}

/// What became of the archives in the sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// Number of archives that were written.
    pub written_count: u64,
    /// Number of archives that were there already.
    pub kept_count: u64,
    /// Number of archives that a sink which keeps nothing does not have.
    pub discarded_count: u64,
    /// Archives that are there with other bytes, sorted.
    pub refused: Vec<ObjectKey>,
}

/// Migrates the repository at `path` into `sink`.
///
/// Stops soon after `interrupt` becomes true.
///
/// # Errors
/// Whatever keeps the answer from being found or the archives from being kept; defects of v1 are
/// findings in the report.
pub fn migrate(
    path: &Path,
    options: &Options,
    sink: &dyn ArchiveSink,
    observer: &dyn Observer,
    interrupt: &AtomicBool,
) -> Result<Outcome, Error> {
    let repository = V1Repository::open(path)?;
    let stages = repository.find_stages(&options.stages, &options.remote)?;

    observer.observe(Event::ListingStarted { stage_count: stages.len() as u64 });
    let listing = Listing::read(&repository.reader()?, &stages, options.shard, || {
        observer.observe(Event::StageListed);
    })?;
    observer.observe(Event::ListingFinished);

    let revision_count = listing.packages.values().map(|package| package.revisions.len() as u64);
    observer.observe(Event::ArchivingStarted { revision_count: revision_count.sum() });
    let precedence: Vec<Stage> = stages.iter().map(|stage| stage.stage).collect();
    let run = Run {
        precedence,
        workers: Workers::new(&repository),
        sink,
        observer,
        interrupt,
        failed: AtomicBool::new(false),
        state: Mutex::new(State::Working(Tally::default())),
    };
    run.all_packages(listing.packages, options.jobs)?;
    observer.observe(Event::ArchivingFinished);

    let mut tally = run.finish()?;
    tally.balance.copies = listing.copy_count;
    tally.balance.excluded += listing.excluded_count;
    tally.balance.blocked += listing.blocked_count;
    tally.balance.check()?;
    tally.findings.extend(listing.findings);
    Finding::sort(&mut tally.findings);
    tally.uploads.sort_by(|a, b| a.key.cmp(&b.key));
    tally.deliveries.refused.sort();
    Ok(Outcome {
        plan: Plan {
            schema_version: SCHEMA_VERSION,
            tool: Tool::this(),
            source: source(&stages, |stage| &stage.home_ref),
            shard: options.shard,
            archive_engine: ArchiveEngine { fingerprint: archive::FINGERPRINT.to_owned() },
            uploads: tally.uploads,
        },
        report: Report {
            tool: Tool::this(),
            source: source(&stages, |stage| &stage.read_ref),
            shard: options.shard,
            balance: tally.balance,
            findings: tally.findings,
        },
        deliveries: tally.deliveries,
    })
}

fn source(stages: &[StageCommit], reference: impl Fn(&StageCommit) -> &String) -> Source {
    let stages = stages.iter().map(|stage| SourceStage {
        stage: stage.stage,
        reference: reference(stage).clone(),
        commit: stage.commit_id.to_string(),
    });
    Source { stages: stages.collect() }
}

/// What all workers of one run share.
struct Run<'a> {
    precedence: Vec<Stage>,
    workers: Workers<'a>,
    sink: &'a dyn ArchiveSink,
    observer: &'a dyn Observer,
    interrupt: &'a AtomicBool,
    failed: AtomicBool,
    state: Mutex<State>,
}

enum State {
    Working(Tally),
    Failed(Error),
}

/// What the workers have found and made so far, in no order.
#[derive(Default)]
struct Tally {
    uploads: Vec<Upload>,
    findings: Vec<Finding>,
    balance: Balance,
    deliveries: Deliveries,
}

impl Tally {
    fn deliver(&mut self, upload: Upload, delivery: Delivery) {
        match delivery {
            Delivery::Written => self.deliveries.written_count += 1,
            Delivery::Kept => self.deliveries.kept_count += 1,
            Delivery::Discarded => self.deliveries.discarded_count += 1,
            Delivery::Refused => self.deliveries.refused.push(upload.key.clone()),
        }
        self.uploads.push(upload);
    }
}

impl Run<'_> {
    /// Works through the packages: as many at once as there are workers, so that memory is bounded
    /// by the largest packages; those with the most revisions first, so that none comes last.
    fn all_packages(
        &self,
        packages: std::collections::BTreeMap<PackageName, ListedPackage>,
        jobs: usize,
    ) -> Result<(), Error> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .build()
            .map_err(|source| Error::Workers { jobs, source: source.into() })?;
        let mut packages: Vec<ListedPackage> = packages.into_values().collect();
        packages.sort_by_key(|package| std::cmp::Reverse(package.revisions.len()));
        let gate = Gate::new(jobs);
        pool.in_place_scope(|scope| {
            for package in packages {
                let permit = gate.enter();
                if self.is_stopped() {
                    break;
                }
                scope.spawn(|scope| PackageJob::start(self, scope, package, permit));
            }
        });
        Ok(())
    }

    /// Tells whether the rest of the work is in vain.
    fn is_stopped(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }

    /// Adds to what was found; on an error, keeps the first and stops the run.
    fn record(&self, result: Result<impl FnOnce(&mut Tally), Error>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match (&mut *state, result) {
            (State::Working(tally), Ok(add)) => add(tally),
            (State::Working(_), Err(error)) => {
                *state = State::Failed(error);
                self.failed.store(true, Ordering::Relaxed);
            }
            (State::Failed(_), _) => {}
        }
    }

    fn finish(self) -> Result<Tally, Error> {
        if self.interrupt.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        match self.state.into_inner().unwrap_or_else(PoisonError::into_inner) {
            State::Working(tally) => Ok(tally),
            State::Failed(error) => Err(error),
        }
    }
}
